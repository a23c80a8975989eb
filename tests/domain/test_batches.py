from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.batches import (
    CHUNK,
    BatchStatus,
    RowResult,
    RowStatus,
    chunk_of,
    faults_of_repetition,
)
from shared.domain.progress import Progress, progress_of
from tests.builders import CONTOSO, a_document, a_row, a_user


def test_the_same_rows_have_the_same_digest_whoever_asks() -> None:
    mine = a_document(a_row(), requested_by="portal")
    yours = a_document(a_row(), requested_by="somebody else")

    assert mine.digest() == yours.digest()


def test_a_digest_stays_what_it_is_between_releases() -> None:
    """Batches that were accepted yesterday are recognised tomorrow."""
    assert a_document(a_row()).digest() == (
        "e6c74c3550e2237e3f84bfa618234d4fa1366ff1d5f9f628ac4590bc846f342d"
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_document(a_row(), customer=CONTOSO[:-1] + "2"), id="another customer"),
        pytest.param(a_document(a_row(plan="manager")), id="another plan"),
        pytest.param(a_document(a_row(name="alex@contoso.com")), id="another person"),
        pytest.param(a_document(a_row(2)), id="another row"),
        pytest.param(a_document(a_row(), a_row(2, "alex@contoso.com")), id="one more row"),
        pytest.param(a_document(), id="no row"),
        *(
            pytest.param(
                a_document(replace(a_row(), user=replace(a_user(), **{field: "other"}))), id=field
            )
            for field in ("display_name", "usage_location", "given_name", "surname")
        ),
        *(
            pytest.param(
                a_document(replace(a_row(), user=replace(a_user(), **{field: "other"}))), id=field
            )
            for field in ("job_title", "department")
        ),
    ],
)
def test_anything_else_has_another_digest(other: object) -> None:
    assert other.digest() != a_document(a_row()).digest()  # type: ignore[attr-defined]


def test_texts_that_join_to_the_same_words_have_different_digests() -> None:
    one = replace(a_row(), user=replace(a_user(), given_name="Ada,King", surname=""))
    two = replace(a_row(), user=replace(a_user(), given_name="Ada", surname="King"))

    assert a_document(one).digest() != a_document(two).digest()


def test_a_user_name_that_stands_twice_is_named_at_its_later_row() -> None:
    rows = [
        a_row(1, "Adele@contoso.com"),
        a_row(2, "alex@contoso.com"),
        a_row(3, "adele@CONTOSO.com"),
    ]

    (fault,) = faults_of_repetition(rows)

    assert str(fault) == "row 3, userPrincipalName: the same user name stands in row 1"
    assert fault.pointer == "/rows/2/userPrincipalName"


def test_a_third_time_points_at_the_first() -> None:
    rows = [a_row(number) for number in (1, 2, 3)]

    assert [f.detail[-1] for f in faults_of_repetition(rows)] == ["1", "1"]


def test_rows_without_a_user_name_do_not_repeat_each_other() -> None:
    assert faults_of_repetition([a_row(1, ""), a_row(2, "")]) == []


@given(st.integers(1, 50_000))
def test_every_row_is_in_a_chunk_of_a_hundred(rows: int) -> None:
    assert chunk_of(rows) * CHUNK - rows in range(CHUNK)


@pytest.mark.parametrize(("row", "chunk"), [(1, 1), (100, 1), (101, 2), (200, 2), (201, 3)])
def test_chunks_count_from_one(row: int, chunk: int) -> None:
    assert chunk_of(row) == chunk


def test_progress_counts_every_row_where_it_stands() -> None:
    statuses = [*RowStatus, RowStatus.DONE]

    progress = progress_of(RowResult(a_row(n), status) for n, status in enumerate(statuses, 1))

    assert progress == Progress(waiting=1, begun=1, created=1, waiting_for_seat=1, done=2, failed=1)
    assert (progress.total, progress.is_complete) == (7, False)


def test_progress_is_complete_when_every_row_has_ended() -> None:
    assert Progress(done=2, failed=1).is_complete
    assert not Progress(done=2, created=1).is_complete


def test_some_ends_are_final() -> None:
    assert [s for s in RowStatus if s.is_final] == [RowStatus.DONE, RowStatus.FAILED]
    assert [s for s in BatchStatus if s.is_final] == [
        BatchStatus.DONE,
        BatchStatus.REFUSED,
        BatchStatus.REVIEW,
        BatchStatus.CANCELLED,
    ]

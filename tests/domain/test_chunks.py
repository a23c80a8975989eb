import pytest

from shared.domain.batches import RowResult, RowStatus
from shared.domain.chunks import (
    Chunk,
    SeatTally,
    Tally,
    chunked,
    progress_in,
    seats_in,
    skus_in,
    tally_of,
)
from shared.domain.progress import Progress
from tests.builders import E3, E5, a_row


def a_result(number: int, status: RowStatus = RowStatus.WAITING, *, user: str = "") -> RowResult:
    return RowResult(a_row(number), status, user_id=user, takes=(E3,))


def test_a_document_is_cut_into_chunks_of_a_hundred_rows() -> None:
    chunks = list(chunked([a_result(n) for n in range(1, 251)]))

    assert [(c.number, len(c.rows)) for c in chunks] == [(1, 100), (2, 100), (3, 50)]
    assert [r.row.number for c in chunks for r in c.rows] == list(range(1, 251))


def test_a_chunk_is_open_while_a_row_of_it_has_not_ended() -> None:
    chunk = Chunk(1, (a_result(1, RowStatus.DONE), a_result(2, RowStatus.WAITING_FOR_SEAT)))

    assert chunk.is_open
    assert not chunk.having([a_result(2, RowStatus.FAILED)]).is_open


def test_rows_that_changed_take_the_place_of_what_they_were() -> None:
    chunk = Chunk(1, (a_result(1), a_result(2), a_result(3)))

    changed = chunk.having([a_result(2, RowStatus.DONE)])

    statuses = [r.status for r in changed.rows]
    assert statuses == [RowStatus.WAITING, RowStatus.DONE, RowStatus.WAITING]
    assert changed.row(2) == a_result(2, RowStatus.DONE)
    assert changed.row(9) is None


@pytest.mark.parametrize(
    ("status", "tally"),
    [
        *((s, SeatTally(open=1)) for s in RowStatus if not s.is_final),
        (RowStatus.DONE, SeatTally(done=1)),
        (RowStatus.FAILED, SeatTally(failed=1)),
    ],
)
def test_a_row_counts_for_each_sku_that_it_takes(status: RowStatus, tally: SeatTally) -> None:
    both = RowResult(a_row(1), status, takes=(E3, E5))
    neither = RowResult(a_row(2), status)

    assert tally_of(Chunk(1, (both, neither))).seats == {E3: tally, E5: tally}


def test_a_password_counts_from_the_account_to_the_acknowledgement() -> None:
    made = a_result(1, RowStatus.CREATED, user="u1")
    told = RowResult(a_row(2), RowStatus.DONE, user_id="u2", acknowledged=True)

    assert tally_of(Chunk(1, (made, told, a_result(3)))).passwords == 1


def test_tallies_add_up_to_the_batch() -> None:
    tallies = [
        Tally(1, Progress(waiting=1, done=2), {E3: SeatTally(open=1, done=2)}),
        Tally(2, Progress(failed=3), {E3: SeatTally(failed=1), E5: SeatTally(failed=2)}),
    ]

    assert progress_in(tallies) == Progress(waiting=1, done=2, failed=3)
    assert seats_in(tallies, E3) == SeatTally(open=1, done=2, failed=1)
    assert skus_in(tallies) == [E3, E5]
    assert [t.is_open for t in tallies] == [True, False]

import json
from collections.abc import Hashable
from dataclasses import dataclass, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, cast, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.batches import Batch
from shared.domain.billing import Transaction
from shared.domain.catalog import CatalogEntry
from shared.domain.chunks import Chunk, Tally
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.operations import Operation
from shared.domain.passwords import Secret
from shared.domain.plans import UserPlan
from shared.domain.policies import Policy
from shared.domain.runs import CustomerRun, Run
from shared.domain.seats import Growth, Reservation
from shared.domain.subscriptions import Subscription
from shared.storage.codec import annotations_of, bare, is_optional
from shared.storage.idempotency import Claim
from shared.storage.rows import PIECE, from_row, to_row
from shared.workflows.ports import AuditEntry, StoredAnswer
from tests.storage.nouns import NOON, a_connection, an_operation

if TYPE_CHECKING:
    from enum import Enum

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 (the strategy adds the zone)
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)
SIMPLE: dict[object, st.SearchStrategy[object]] = {
    str: TEXTS,
    int: st.integers(),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    datetime: MOMENTS,
}


def anything_of(annotation: Hashable) -> st.SearchStrategy[object]:
    """Every value that a field of a noun could hold."""
    kind = bare(annotation)
    if is_optional(annotation):
        return st.none() | anything_of(kind)
    if get_origin(kind) is tuple:
        return st.lists(anything_of(get_args(kind)[0]), max_size=2).map(tuple)
    if get_origin(kind) is not None:
        key, value = get_args(kind)
        return st.dictionaries(anything_of(key), anything_of(value), max_size=2)
    if is_dataclass(kind):
        hints = annotations_of(cast("type", kind))
        return st.builds(kind, **{name: anything_of(hint) for name, hint in hints.items()})
    return SIMPLE[kind] if kind in SIMPLE else st.sampled_from(list(cast("type[Enum]", kind)))


NOUNS = [
    AuditEntry,
    Batch,
    CatalogEntry,
    Chunk,
    Claim,
    Connection,
    Customer,
    CustomerRun,
    Growth,
    Operation,
    Policy,
    Reservation,
    Run,
    Subscription,
    Tally,
    Transaction,
    UserPlan,
]


@pytest.mark.parametrize("kind", NOUNS, ids=lambda kind: kind.__name__)
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_noun_comes_back_from_its_row_as_it_went(kind: type[Run], data: st.DataObject) -> None:
    noun = cast("Run", data.draw(anything_of(cast("Hashable", kind))))

    row = to_row(noun, "partition", "row")
    sent_and_read = {**json.loads(json.dumps(row)), "etag": getattr(noun, "etag", "")}

    assert from_row(kind, sent_and_read) == noun


def test_business_time_is_kept_as_utc_text() -> None:
    there = timezone(timedelta(hours=2))

    row = to_row(replace(a_connection(), created_at=NOON.astimezone(there)), "p", "r")

    assert row["created_at"] == "2026-03-01T12:00:00+00:00"


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = replace(a_connection(), created_at=NOON.replace(tzinfo=None))

    with pytest.raises(ValueError, match="time zone"):
        to_row(naive, "p", "r")


def test_a_long_text_is_split_over_properties_and_joined_again() -> None:
    answer = StoredAnswer(200, "é🎉" * PIECE)

    row = to_row(answer, "p", "r")

    assert all(len(str(value).encode("utf-16-le")) <= 64 * 1024 for value in row.values())
    assert from_row(StoredAnswer, row) == answer


def test_fields_that_an_older_version_did_not_write_take_their_defaults() -> None:
    row = to_row(an_operation(), "p", "r")
    del row["acknowledged"], row["resource"]

    assert from_row(Operation, row) == an_operation()


def test_properties_that_a_newer_version_wrote_are_passed_over() -> None:
    row = to_row(an_operation(), "p", "r") | {"mood": "sunny"}

    assert from_row(Operation, row) == an_operation()


@dataclass(frozen=True)
class Careless:
    password: Secret


def test_a_secret_is_never_laid_out() -> None:
    with pytest.raises(TypeError, match="secret"):
        to_row(Careless(Secret("x")), "p", "r")

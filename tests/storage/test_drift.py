"""Open differences are found in the order in which they are tried, decided ones forgotten."""

from dataclasses import replace

import pytest

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRule, DriftRules, DriftState
from shared.domain.mirror import SyncState
from shared.domain.spells import Settled
from shared.storage import keys
from shared.storage.drift import DriftTable
from shared.storage.tables import Tables
from shared.storage.users import UserTable
from shared.workflows.ports import Drift
from tests.builders import CONTOSO, NOW, days

LICENCES = DriftField.LICENCES


def taken(name: str, *, ago: float = 1, what: DriftField = LICENCES) -> DriftEntry:
    rules = DriftRules(CONTOSO)
    return rules.entry((DriftKind.USER, name), what, "base", "", NOW - days(ago))


@pytest.fixture
def drift(tables: Tables) -> Drift:
    return DriftTable(tables)


async def names(drift: Drift, most: int = 9) -> list[str]:
    return [entry.subject for entry in await drift.open_ones(CONTOSO, LICENCES, most)]


async def test_those_never_tried_come_first_and_then_those_tried_the_longest_ago(
    drift: Drift,
) -> None:
    # Given two that could not be put back, and one that nobody has tried
    for name, ago in (("ada", 9), ("bob", 8), ("cyd", 7)):
        await drift.add(taken(name, ago=ago))
    by_name = {e.subject: e for e in await drift.open_ones(CONTOSO, LICENCES, 9)}
    await drift.tried(by_name["bob"], "No seat.", NOW - days(2))
    await drift.tried(by_name["ada"], "Blocked.", NOW - days(1))

    # When they are looked for
    found = await drift.open_ones(CONTOSO, LICENCES, 9)

    # Then each is there once, with the reason
    assert [(e.subject, e.reason) for e in found] == [
        ("cyd", ""),
        ("bob", "No seat."),
        ("ada", "Blocked."),
    ]
    assert await names(drift, most=1) == ["cyd"]


async def test_one_that_is_tried_twice_in_a_second_stays(drift: Drift) -> None:
    await drift.add(taken("ada"))
    for _ in range(2):
        [entry] = await drift.open_ones(CONTOSO, LICENCES, 9)
        await drift.tried(entry, "No seat.", NOW)

    assert await names(drift) == ["ada"]


async def test_what_is_decided_by_a_rule_or_a_person_and_other_fields_are_not_among_them(
    drift: Drift,
) -> None:
    adopts = DriftRules(CONTOSO, {LICENCES: DriftRule.ADOPT})
    await drift.add(adopts.entry((DriftKind.USER, "eve"), LICENCES, "base", "", NOW))
    await drift.add(taken("bob", what=DriftField.BLOCKED))
    await drift.add(taken("ada"))
    [entry] = await drift.open_ones(CONTOSO, LICENCES, 9)

    await drift.save(entry.decided(DriftState.RESOLVED, "operator", NOW))

    assert await names(drift) == []


async def test_a_mark_that_outlived_its_entry_is_taken_away(tables: Tables, drift: Drift) -> None:
    await drift.add(taken("ada"))
    entry = await drift.get(CONTOSO, taken("ada").id)
    decided = entry.decided(DriftState.RESOLVED, "operator", NOW)
    await drift.save(decided)
    partition, mark = keys.customer(CONTOSO), keys.open_drift(decided)
    await tables["users"].upsert({"PartitionKey": partition, "RowKey": mark})

    assert await names(drift) == []
    assert await tables["users"].get(partition, mark) is None


async def test_what_a_page_of_people_told_is_found_and_so_is_what_was_kept_without_a_mark(
    tables: Tables, drift: Drift
) -> None:
    # Given an entry that came with people, and one of an older version
    people = UserTable(tables)
    await people.save(SyncState(CONTOSO), Settled(drift=(taken("ada"),)))
    await drift.add(taken("bob"))
    await tables["users"].delete(keys.customer(CONTOSO), keys.open_drift(taken("bob")))
    assert await names(drift) == ["ada"]

    # When they are put in order
    await drift.index(CONTOSO)

    assert {*await names(drift)} == {"ada", "bob"}


async def test_what_was_decided_long_ago_is_forgotten_and_what_is_open_is_not(
    drift: Drift,
) -> None:
    # Given entries of long ago: one open, one decided then, one decided lately
    for name in ("open", "then", "lately"):
        await drift.add(taken(name, ago=500))
    for name, ago in (("then", 450), ("lately", 3)):
        entry = await drift.get(CONTOSO, taken(name, ago=500).id)
        await drift.save(entry.decided(DriftState.ADOPTED, "operator", NOW - days(ago)))
    await drift.add(replace(taken("new"), state=DriftState.ADOPTED, decided_at=NOW))

    assert await drift.purge(CONTOSO, NOW - days(400), 9) == 1

    left = (await drift.page(CONTOSO, None, 9)).items
    assert {entry.subject for entry in left} == {"open", "lately", "new"}
    assert await drift.purge(CONTOSO, NOW - days(400), 9) == 0

"""A page of people and the counts that follow from it are on record together, or not at all."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.fitting import Doubt
from shared.domain.ids import BatchId, PlanId
from shared.domain.mirror import Headcount, MirroredUser, Move, SyncState
from shared.domain.spells import Settled, Spell, Touch
from shared.storage import keys
from shared.storage.tables import Tables
from shared.storage.users import UserTable
from shared.workflows.ports import PEOPLE_WRITES, PeopleMirror
from tests.builders import CONTOSO, E3, E5, NOW, days, minutes

ADA = MirroredUser("ada", 1, direct={E3: ()}, aliases=2)
BOB = MirroredUser("bob", 1, enabled=False)


def came(*users: MirroredUser) -> Settled:
    return Settled(tuple(Move(None, user) for user in users))


def left(*users: MirroredUser) -> Settled:
    return Settled(tuple(Move(user, None) for user in users))


@pytest.fixture
async def people(azurite: str, prefix: str) -> AsyncIterator[PeopleMirror]:
    tables = Tables(azurite, prefix=prefix)
    yield UserTable(tables)
    await tables.close()


async def test_people_and_their_count_come_back_as_they_were_kept(people: PeopleMirror) -> None:
    begun = replace(SyncState(CONTOSO).started_over(), building=Headcount(2, {E3: 1}))

    saved = await people.save(begun, came(ADA, BOB))

    assert await people.state(CONTOSO) == saved
    assert await people.known(CONTOSO, ["bob", "ada", "nobody"]) == {"ada": ADA, "bob": BOB}
    assert list((await people.page(CONTOSO, None, 9)).items) == [ADA, BOB]


async def test_a_row_that_knew_the_groups_licences_alone_is_read(
    azurite: str, prefix: str, people: PeopleMirror
) -> None:
    # Given a person as an older version has kept them
    await people.save(SyncState(CONTOSO), came(replace(ADA, by_group={E5: ()})))
    tables = Tables(azurite, prefix=prefix)
    old = {"PartitionKey": keys.customer(CONTOSO), "RowKey": keys.user("ada")}
    await tables["users"].merge({**old, "by_group": f'["{E5}"]'})
    await tables.close()

    [ada] = (await people.page(CONTOSO, None, 9)).items

    assert ada == replace(ADA, by_group={E5: None})


async def test_who_read_an_older_state_writes_nobody(people: PeopleMirror) -> None:
    first = await people.save(SyncState(CONTOSO), came(ADA))
    await people.save(first, left(ADA))

    for late in (first, SyncState(CONTOSO)):
        with pytest.raises(ChangedMeanwhile):
            await people.save(late, came(BOB))

    assert (await people.page(CONTOSO, None, 9)).items == []


async def test_who_is_said_to_be_new_and_is_not_stops_the_whole_page(people: PeopleMirror) -> None:
    state = await people.save(SyncState(CONTOSO), came(ADA))

    with pytest.raises(AlreadyExists):
        await people.save(replace(state, link="/next"), came(BOB, ADA), new=True)

    assert await people.state(CONTOSO) == state
    assert list(await people.known(CONTOSO, ["ada", "bob"])) == ["ada"]


async def test_a_block_of_people_fits_into_one_transaction(people: PeopleMirror) -> None:
    crowd = [MirroredUser(f"user-{n:03}", 1) for n in range(PEOPLE_WRITES)]

    state = await people.save(SyncState(CONTOSO), came(*crowd), new=True)
    await people.save(state, left(*crowd))

    assert (await people.page(CONTOSO, None, 9)).items == []


async def test_a_period_has_what_ended_in_it_and_what_goes_on(people: PeopleMirror) -> None:
    # Given a plan that ended before, one that ended in time, one that goes on, and nobody's
    plan = PlanId("office")
    early = Spell("ada", plan, NOW - days(90), until=NOW - days(1))
    late = Spell("ada", plan, NOW - days(1), until=NOW)
    eve = MirroredUser("eve", 1, plan=plan, plan_since=NOW, plan_by="outside")
    settled = replace(came(eve, BOB), ended=(early, late))
    await people.save(SyncState(CONTOSO), settled)

    # When a period is asked for
    page = await people.spells(CONTOSO, NOW, None, 9)

    # Then two of them are told
    assert list(page.items) == [(late,), (Spell("eve", plan, NOW),)]


async def test_spells_are_paged_person_by_person_whoever_is_gone(people: PeopleMirror) -> None:
    # Given people who came back, stay, are gone, or have no plan
    plan = PlanId("office")
    past = {
        name: [Spell(name, plan, NOW + days(n), until=NOW + days(n + 0.5)) for n in range(count)]
        for name, count in {"user-1": 3, "user-10": 1, "user-2": 0, "zoe": 2}.items()
    }
    stay = [
        MirroredUser(name, 1, plan=plan, plan_since=NOW + days(9), plan_by="outside")
        for name in ("user-1", "user-10-a", "user-2")
    ]
    ended = tuple(spell for spells in past.values() for spell in spells)
    await people.save(SyncState(CONTOSO), replace(came(*stay, BOB), ended=ended))

    # When they are read in pages of any size
    for size in (1, 2, 3, 99):
        told: list[Sequence[Spell]] = []
        cursor, largest = None, 0
        while True:
            page = await people.spells(CONTOSO, NOW, cursor, size)
            told += page.items
            largest = max(largest, len(page.items))
            if (cursor := page.cursor) is None:
                break

        # Then everybody stands there once, with all that they had
        assert [(spells[0].user_id, len(spells)) for spells in told] == [
            ("user-1", 4),
            ("user-10", 1),
            ("user-10-a", 1),
            ("user-2", 1),
            ("zoe", 2),
        ]
        assert largest <= size


async def test_the_last_work_of_ours_on_a_person_is_found_without_looking_at_the_others(
    people: PeopleMirror,
) -> None:
    first, second = BatchId("first"), BatchId("second")
    crowd = [f"user-{n:03}" for n in range(250)]
    await people.note_ours(CONTOSO, first, [*crowd, "ada"], NOW - days(40))
    await people.note_ours(CONTOSO, second, ["ada"], NOW)

    found = await people.touches(CONTOSO, ["ada", "user-249", "nobody"])

    assert found == {
        "ada": Touch("ada", second, NOW),
        "user-249": Touch("user-249", first, NOW - days(40)),
    }


async def test_a_night_finds_whom_it_gave_licences_and_forgets_those_of_nights_long_ago(
    people: PeopleMirror,
) -> None:
    tonight, other = BatchId("night-2|contoso"), BatchId("night-1|contoso")
    await people.note_given(CONTOSO, other, ["eve"], NOW - days(3))
    await people.note_given(CONTOSO, other, ["bob"], NOW)
    await people.note_given(CONTOSO, tonight, ["ada"], NOW)
    await people.note_given(CONTOSO, tonight, ["ada", "cyd"], NOW)

    assert await people.given(CONTOSO, tonight, NOW - minutes(9)) == {"ada", "cyd"}
    assert await people.given(CONTOSO, other, NOW - days(9)) == {"bob"}


async def test_a_doubt_is_listed_until_it_is_over(people: PeopleMirror) -> None:
    doubtful = replace(ADA, doubt=Doubt.TIE, doubt_plans=(PlanId("a"), PlanId("b")))

    state = await people.save(SyncState(CONTOSO), came(doubtful, BOB))
    listed = await people.doubts(CONTOSO, None, 9)
    await people.save(state, Settled((Move(doubtful, ADA),)))

    assert list(listed.items) == [doubtful]
    assert (await people.doubts(CONTOSO, None, 9)).items == []

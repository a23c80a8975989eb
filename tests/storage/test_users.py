"""A page of people and the counts that follow from it are on record together, or not at all."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.mirror import Headcount, MirroredUser, SyncState
from shared.storage.tables import Tables
from shared.storage.users import UserTable
from shared.workflows.ports import PEOPLE_AT_ONCE, PeopleMirror
from tests.builders import CONTOSO, E3

ADA = MirroredUser("ada", 1, direct={E3: ()}, aliases=2)
BOB = MirroredUser("bob", 1, enabled=False)


@pytest.fixture
async def people(azurite: str, prefix: str) -> AsyncIterator[PeopleMirror]:
    tables = Tables(azurite, prefix=prefix)
    yield UserTable(tables)
    await tables.close()


async def test_people_and_their_count_come_back_as_they_were_kept(people: PeopleMirror) -> None:
    begun = replace(SyncState(CONTOSO).started_over(), building=Headcount(2, {E3: 1}))

    saved = await people.save(begun, [ADA, BOB])

    assert await people.state(CONTOSO) == saved
    assert await people.known(CONTOSO, ["bob", "ada", "nobody"]) == {"ada": ADA, "bob": BOB}
    assert list((await people.page(CONTOSO, None, 9)).items) == [ADA, BOB]


async def test_who_read_an_older_state_writes_nobody(people: PeopleMirror) -> None:
    first = await people.save(SyncState(CONTOSO), [ADA])
    await people.save(first, removed=[ADA])

    for late in (first, SyncState(CONTOSO)):
        with pytest.raises(ChangedMeanwhile):
            await people.save(late, [BOB])

    assert (await people.page(CONTOSO, None, 9)).items == []


async def test_who_is_said_to_be_new_and_is_not_stops_the_whole_page(people: PeopleMirror) -> None:
    state = await people.save(SyncState(CONTOSO), [ADA])

    with pytest.raises(AlreadyExists):
        await people.save(replace(state, link="/next"), [BOB, ADA], new=True)

    assert await people.state(CONTOSO) == state
    assert list(await people.known(CONTOSO, ["ada", "bob"])) == ["ada"]


async def test_a_block_of_people_fits_into_one_transaction(people: PeopleMirror) -> None:
    crowd = [MirroredUser(f"user-{n:03}", 1) for n in range(PEOPLE_AT_ONCE)]

    state = await people.save(SyncState(CONTOSO), crowd, new=True)
    await people.save(state, removed=crowd)

    assert (await people.page(CONTOSO, None, 9)).items == []

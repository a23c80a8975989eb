"""Hold claims of people to the store: one holder, and nobody lets go of another's."""

import pytest

from shared.domain.claims import Claim
from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import BatchId
from shared.storage.claims import ClaimTable
from shared.workflows import ports
from tests.builders import CONTOSO, E3, NOW, days
from tests.storage.conftest import Stores

NORTH, SOUTH = BatchId("north"), BatchId("south")


def a_claim(name: str, batch: BatchId = NORTH) -> Claim:
    return Claim(f"{name}@contoso.com", batch, 1, NOW, (E3,))


@pytest.fixture
def claims(stores: Stores) -> ports.Claims:
    return ClaimTable(stores.tables)


async def test_who_comes_second_learns_who_holds_which_seats(claims: ports.Claims) -> None:
    assert await claims.take(CONTOSO, [a_claim("ada"), a_claim("grace")]) == ()

    held = await claims.take(CONTOSO, [a_claim("ada", SOUTH), a_claim("alan", SOUTH)])

    assert held == [a_claim("ada")]
    assert await claims.take(CONTOSO, [a_claim("alan")]) == [a_claim("alan", SOUTH)]


async def test_a_batch_that_claims_again_finds_its_own(claims: ports.Claims) -> None:
    await claims.take(CONTOSO, [a_claim("ada")])

    assert list(await claims.take(CONTOSO, [a_claim("ada"), a_claim("grace")])) == []


async def test_one_of_two_takes_over_what_nobody_needs(claims: ports.Claims) -> None:
    await claims.take(CONTOSO, [a_claim("ada")])
    [held] = await claims.take(CONTOSO, [a_claim("ada", SOUTH)])

    await claims.take_over(CONTOSO, a_claim("ada", SOUTH), held)

    with pytest.raises(ChangedMeanwhile):
        await claims.take_over(CONTOSO, a_claim("ada", BatchId("east")), held)


async def test_what_others_hold_stays_when_a_batch_lets_go(claims: ports.Claims) -> None:
    await claims.take(CONTOSO, [a_claim("ada")])
    await claims.take(CONTOSO, [a_claim("grace", SOUTH)])

    names = ["ada@contoso.com", "grace@contoso.com", "nobody@contoso.com"]
    await claims.drop(CONTOSO, NORTH, names)

    held = await claims.take(CONTOSO, [a_claim(n, BatchId("east")) for n in ("ada", "grace")])
    assert held == [a_claim("grace", SOUTH)]


async def test_claims_of_long_ago_are_purged(claims: ports.Claims) -> None:
    await claims.take(CONTOSO, [a_claim("ada")])

    assert await claims.purge(NOW + days(1), 10) == 1
    assert await claims.take(CONTOSO, [a_claim("ada", SOUTH)]) == ()

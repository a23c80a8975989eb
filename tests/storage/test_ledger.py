"""The seat ledger: one worker at a time, and nothing written by one who lost the lease."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import ChangedMeanwhile, SeatsBusy
from shared.domain.ids import CustomerId, SkuId, SubscriptionId
from shared.domain.seats import Growth, GrowthStatus, Reservation
from shared.storage.ledger import LEASE_FOR
from shared.workflows.ports import Lease, LedgerPage
from tests.storage.conftest import Stores
from tests.storage.nouns import CONTOSO, E3, NOON, SUBSCRIPTION

MINE = Reservation("batch-1", 5, consumed_before=20)
GROWTH = Growth(SUBSCRIPTION, "batch-1", base=25, target=30, request_id="r-1", intended_at=NOON)


async def taken(stores: Stores, owner: str = "batch-1") -> Lease:
    return await stores.ledger.lease(CONTOSO, E3, owner)


async def test_of_two_workers_one_holds_the_lease(stores: Stores, elsewhere: Stores) -> None:
    claims = [taken(host, "batch-1") for host in (stores, elsewhere, stores, elsewhere)]

    ends = await asyncio.gather(*claims, return_exceptions=True)

    assert sum(isinstance(end, Lease) for end in ends) == 1
    assert sum(isinstance(end, SeatsBusy) for end in ends) == 3


async def test_another_sku_and_another_customer_have_leases_of_their_own(stores: Stores) -> None:
    await taken(stores)

    await stores.ledger.lease(CONTOSO, SkuId("f5"), "batch-1")
    await stores.ledger.lease(CustomerId("another"), E3, "batch-1")


async def test_the_case_of_an_id_makes_no_second_lease(stores: Stores) -> None:
    await taken(stores)

    with pytest.raises(SeatsBusy):
        await stores.ledger.lease(CustomerId(CONTOSO.upper()), SkuId(E3.upper()), "batch-2")


async def test_a_released_lease_is_free_at_once(stores: Stores) -> None:
    await stores.ledger.release(await taken(stores))

    assert (await taken(stores, "batch-2")).owner == "batch-2"


async def test_whoever_kept_an_earlier_lease_still_releases_the_renewed_one(
    stores: Stores,
) -> None:
    lease = await taken(stores)
    await stores.ledger.promise(lease, MINE, [GROWTH])

    await stores.ledger.release(lease)

    assert (await taken(stores, "batch-2")).owner == "batch-2"


async def test_an_expired_lease_is_taken_by_one_worker(stores: Stores, elsewhere: Stores) -> None:
    await taken(stores)
    stores.clock.advance(LEASE_FOR)

    claims = [taken(host, "batch-2") for host in (stores, elsewhere, stores)]
    ends = await asyncio.gather(*claims, return_exceptions=True)

    assert sum(isinstance(end, Lease) for end in ends) == 1


@pytest.mark.parametrize("next_owner", ["batch-2", "batch-1"])
async def test_who_lost_the_lease_can_neither_renew_nor_write(
    stores: Stores, elsewhere: Stores, next_owner: str
) -> None:
    lost = await taken(stores)
    stores.clock.advance(LEASE_FOR)
    await taken(elsewhere, next_owner)

    with pytest.raises(SeatsBusy):
        await stores.ledger.renew(lost)
    with pytest.raises(SeatsBusy):
        await stores.ledger.promise(lost, MINE, [GROWTH])
    with pytest.raises(SeatsBusy):
        await stores.ledger.write_growth(lost, GROWTH, 30)
    with pytest.raises(SeatsBusy):
        await stores.ledger.write_head(lost, SUBSCRIPTION, 30)

    assert await stores.ledger.read(CONTOSO, E3) == LedgerPage()


async def test_who_lost_the_lease_does_not_release_the_next_owners(
    stores: Stores, elsewhere: Stores
) -> None:
    lost = await taken(stores)
    stores.clock.advance(LEASE_FOR)
    theirs = await taken(elsewhere, "batch-2")

    await stores.ledger.release(lost)

    await elsewhere.ledger.renew(theirs)
    with pytest.raises(SeatsBusy):
        await taken(stores, "batch-3")


async def test_a_lease_that_is_gone_can_be_released_again(stores: Stores) -> None:
    lease = await taken(stores)
    await stores.ledger.release(lease)

    await stores.ledger.release(lease)


async def test_a_renewal_starts_the_time_again(stores: Stores, elsewhere: Stores) -> None:
    lease = await taken(stores)
    stores.clock.advance(timedelta(minutes=10))
    assert stores.ledger.time_left(lease) == timedelta(minutes=5)

    renewed = await stores.ledger.renew(lease)
    stores.clock.advance(timedelta(minutes=10))

    assert stores.ledger.time_left(renewed) == timedelta(minutes=5)
    assert stores.ledger.time_left(lease) == timedelta(0)
    with pytest.raises(SeatsBusy):
        await taken(elsewhere, "batch-2")


async def test_the_stores_latency_counts_against_the_lease(stores: Stores) -> None:
    asked_at = stores.clock.monotonic()

    async def meanwhile() -> None:
        await asyncio.sleep(0)
        stores.clock.advance(timedelta(seconds=3))

    lease, _ = await asyncio.gather(taken(stores), meanwhile())

    assert lease.expires == asked_at + LEASE_FOR.total_seconds()
    assert stores.ledger.time_left(lease) == LEASE_FOR - timedelta(seconds=3)


async def test_a_promise_and_its_growths_are_written_together(stores: Stores) -> None:
    await stores.ledger.promise(await taken(stores), MINE, [GROWTH])

    page = await stores.ledger.read(CONTOSO, E3)

    assert page == LedgerPage(reservations=(MINE,), growths=(GROWTH,))
    assert page.of("batch-1") == (GROWTH,)


async def test_a_promise_that_is_delivered_twice_changes_nothing(stores: Stores) -> None:
    lease = await stores.ledger.promise(await taken(stores), MINE, [GROWTH])

    with pytest.raises(ChangedMeanwhile):
        await stores.ledger.promise(lease, replace(MINE, seats=9), [replace(GROWTH, target=99)])

    page = await stores.ledger.read(CONTOSO, E3)
    assert page == LedgerPage(reservations=(MINE,), growths=(GROWTH,))


async def test_a_growth_on_record_stops_the_whole_promise(stores: Stores) -> None:
    lease = await stores.ledger.promise(await taken(stores), MINE, [GROWTH])
    await stores.ledger.drop_reservation(CONTOSO, E3, MINE.holder)

    with pytest.raises(ChangedMeanwhile):
        await stores.ledger.promise(lease, MINE, [GROWTH])

    assert (await stores.ledger.read(CONTOSO, E3)).reservations == ()


async def test_a_growths_end_and_the_quantity_we_left_are_written_together(
    stores: Stores,
) -> None:
    lease = await stores.ledger.promise(await taken(stores), MINE, [GROWTH])
    applied = replace(GROWTH, status=GrowthStatus.APPLIED)

    lease = await stores.ledger.write_growth(lease, applied, 30)
    again = await stores.ledger.write_growth(lease, applied, 30)

    page = await stores.ledger.read(CONTOSO, E3)
    assert page.growths == (applied,)
    assert page.heads == {SUBSCRIPTION: 30}
    assert again.etag != lease.etag


async def test_a_refused_growth_leaves_no_quantity(stores: Stores) -> None:
    lease = await stores.ledger.promise(await taken(stores), MINE, [GROWTH])

    await stores.ledger.write_growth(lease, replace(GROWTH, status=GrowthStatus.REFUSED), None)

    assert (await stores.ledger.read(CONTOSO, E3)).heads == {}


async def test_heads_of_several_subscriptions_stand_side_by_side(stores: Stores) -> None:
    lease = await taken(stores)
    other = SubscriptionId("5d2fe4a0-0000-4000-8000-00000000000b")

    lease = await stores.ledger.write_head(lease, SUBSCRIPTION, 30)
    await stores.ledger.write_head(lease, other, 7)

    assert (await stores.ledger.read(CONTOSO, E3)).heads == {SUBSCRIPTION: 30, other: 7}


async def test_reservations_are_saved_and_dropped_without_a_lease(stores: Stores) -> None:
    settling = replace(MINE, seats=0, assigned=5, settles_by=NOON)
    odd = Reservation("batch/2 #?'|\\ 日本", 1)

    await stores.ledger.save_reservation(CONTOSO, E3, MINE)
    await stores.ledger.save_reservation(CONTOSO, E3, settling)
    await stores.ledger.save_reservation(CONTOSO, E3, odd)
    assert set((await stores.ledger.read(CONTOSO, E3)).reservations) == {settling, odd}

    await stores.ledger.drop_reservation(CONTOSO, E3, MINE.holder)
    await stores.ledger.drop_reservation(CONTOSO, E3, MINE.holder)
    assert (await stores.ledger.read(CONTOSO, E3)).reservations == (odd,)


async def test_many_growths_of_one_piece_of_work_are_one_transaction(stores: Stores) -> None:
    growths = [
        replace(GROWTH, subscription_id=SubscriptionId(f"s-{number:02d}")) for number in range(98)
    ]

    await stores.ledger.promise(await taken(stores), MINE, growths)

    assert list((await stores.ledger.read(CONTOSO, E3)).growths) == growths


async def test_a_purge_takes_how_old_growths_ended_and_no_promise_or_intent(
    stores: Stores,
) -> None:
    lease = await taken(stores)
    other = replace(GROWTH, subscription_id=SubscriptionId("open"))
    lease = await stores.ledger.promise(lease, MINE, [GROWTH, other])
    lease = await stores.ledger.write_growth(
        lease, replace(GROWTH, status=GrowthStatus.APPLIED), 30
    )

    too_soon = await stores.ledger.purge(NOON, 100)
    gone = await stores.ledger.purge(NOON + timedelta(seconds=1), 100)

    page = await stores.ledger.read(CONTOSO, E3)
    assert (too_soon, gone) == (0, 1)
    assert [g.subscription_id for g in page.growths] == ["open"]
    assert page.reservations
    assert page.heads == {SUBSCRIPTION: 30}

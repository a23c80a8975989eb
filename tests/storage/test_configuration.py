"""Connections, customers, plans, the catalog, subscriptions and policies."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.ceilings import ApprovalMode, ApprovalRule, BatchPolicy, Ceilings
from shared.domain.errors import (
    AlreadyExists,
    ChangedMeanwhile,
    ConnectionNotFound,
    CustomerNotFound,
    MalformedRequest,
    UserPlanNotFound,
)
from shared.domain.ids import ConnectionId, CustomerId, OfferId, PlanId
from shared.domain.money import Money
from shared.domain.policies import GiveBackMode, Policy
from shared.storage import keys
from shared.storage.cursors import to_cursor
from tests.storage.conftest import Stores
from tests.storage.nouns import (
    CONTOSO,
    NOON,
    NORTH,
    a_connection,
    a_customer,
    a_plan,
    a_subscription,
    an_entry,
)


async def test_a_connection_is_found_again_by_its_id_and_among_all(stores: Stores) -> None:
    north, south = a_connection(), a_connection("so/uth?#\\ 日本 'x'")

    await stores.connections.add(north)
    await stores.connections.add(south)

    assert await stores.connections.get(south.id) == south
    found = sorted(await stores.connections.all(), key=lambda c: c.id)
    assert found == sorted([north, south], key=lambda c: c.id)


async def test_a_taken_connection_id_is_refused(stores: Stores) -> None:
    await stores.connections.add(a_connection())

    with pytest.raises(AlreadyExists, match="north"):
        await stores.connections.add(a_connection())


async def test_a_connection_is_changed_only_where_there_is_one(stores: Stores) -> None:
    with pytest.raises(ConnectionNotFound):
        await stores.connections.save(replace(a_connection(), etag='W/"1"'))
    added = await stores.connections.add(a_connection())
    renamed = await stores.connections.save(replace(added, name="Contoso Far North"))

    assert (await stores.connections.get(NORTH)).name == "Contoso Far North"
    with pytest.raises(ChangedMeanwhile):
        await stores.connections.save(replace(added, name="Contoso South"))
    await stores.connections.delete(renamed)
    assert await stores.connections.all() == []


async def test_nobody_is_found_in_an_empty_store(stores: Stores) -> None:
    with pytest.raises(ConnectionNotFound):
        await stores.connections.get(ConnectionId("nobody"))
    with pytest.raises(CustomerNotFound):
        await stores.customers.get(CONTOSO)
    with pytest.raises(UserPlanNotFound):
        await stores.plans.get(PlanId("nothing"))
    assert await stores.connections.all() == []


async def test_a_customer_is_found_whatever_the_case_of_its_id(stores: Stores) -> None:
    await stores.customers.save(a_customer())

    assert await stores.customers.get(CustomerId(CONTOSO.upper())) == a_customer()


async def test_customers_are_listed_page_by_page_and_per_connection(stores: Stores) -> None:
    for number in range(1, 6):
        await stores.customers.save(a_customer(number, "north" if number < 4 else "south"))

    first = await stores.customers.page(None, 2)
    second = await stores.customers.page(first.cursor, 2)
    third = await stores.customers.page(second.cursor, 2)

    listed = [*first.items, *second.items, *third.items]
    assert [c.id for c in listed] == [a_customer(n).id for n in range(1, 6)]
    assert third.cursor is None
    assert len(await stores.customers.of_connection(NORTH)) == 3


async def test_a_customer_that_changed_hands_is_listed_once(stores: Stores) -> None:
    await stores.customers.save(a_customer())

    await stores.customers.save(a_customer(connection="south"))

    assert await stores.customers.of_connection(NORTH) == []
    assert await stores.customers.of_connection(ConnectionId("south")) == [CONTOSO]


async def test_a_broken_cursor_is_the_callers_fault_and_a_made_up_one_stays_in_its_list(
    stores: Stores,
) -> None:
    await stores.customers.save(a_customer())

    with pytest.raises(MalformedRequest):
        await stores.customers.page("nonsense", 2)
    made_up = to_cursor({"PartitionKey": keys.customers_of(NORTH), "RowKey": ""})
    assert {c.id for c in (await stores.customers.page(made_up, 2)).items} <= {CONTOSO}


async def test_plans_are_added_once_and_listed(stores: Stores) -> None:
    added = await stores.plans.add(a_plan())
    await stores.plans.add(a_plan("frontline"))

    with pytest.raises(AlreadyExists):
        await stores.plans.add(a_plan())
    assert await stores.plans.get(added.id) == added
    assert [p.id for p in (await stores.plans.page(None, 10)).items] == [
        "frontline",
        "office-worker",
    ]


async def test_a_synchronisation_replaces_the_whole_catalog(stores: Stores) -> None:
    old = [an_entry(f"P:{number:04d}") for number in range(250)]
    new = [an_entry(f"P:{number:04d}", unit="31.00") for number in range(5, 230)]

    await stores.catalog.replace(NORTH, "GB", old)
    await stores.catalog.replace(NORTH, "GB", new)

    assert await stores.catalog.all(NORTH, "GB") == new
    assert await stores.catalog.entry(NORTH, "GB", OfferId("P:0001")) is None
    assert await stores.catalog.entry(NORTH, "GB", OfferId("P:0005")) == new[0]
    assert await stores.catalog.all(NORTH, "DE") == []


async def test_the_catalog_is_read_page_by_page(stores: Stores) -> None:
    entries = [an_entry(f"P:{number}") for number in range(5)]
    await stores.catalog.replace(NORTH, "GB", entries)

    first = await stores.catalog.page(NORTH, "GB", None, 3)
    second = await stores.catalog.page(NORTH, "GB", first.cursor, 3)

    assert [*first.items, *second.items] == entries
    assert second.cursor is None


async def test_an_offer_with_very_many_prices_is_kept_whole(stores: Stores) -> None:
    entry = an_entry("P:1", prices=800)

    await stores.catalog.replace(NORTH, "GB", [entry])

    assert await stores.catalog.entry(NORTH, "GB", entry.offer.id) == entry


async def test_a_mirror_shows_what_was_last_seen(stores: Stores) -> None:
    await stores.subscriptions.replace(CONTOSO, [a_subscription(1), a_subscription(2)])

    await stores.subscriptions.replace(CONTOSO, [a_subscription(2, seats=30)])
    await stores.subscriptions.save(a_subscription(3))

    assert await stores.subscriptions.of(CONTOSO) == [
        a_subscription(2, seats=30),
        a_subscription(3),
    ]


async def test_what_is_read_as_it_was_keeps_its_version(stores: Stores) -> None:
    await stores.subscriptions.replace(CONTOSO, [a_subscription(1), a_subscription(2)])
    before = (await stores.subscriptions.mirror(CONTOSO)).versions

    await stores.subscriptions.replace(CONTOSO, [a_subscription(1), a_subscription(2, seats=30)])

    after = (await stores.subscriptions.mirror(CONTOSO)).versions
    changed, stays = a_subscription(2).id, a_subscription(1).id
    assert (after[stays] == before[stays], after[changed] == before[changed]) == (True, False)


async def test_a_customer_was_read_once_all_that_it_holds_was_kept(stores: Stores) -> None:
    async def was_read() -> bool:
        return (await stores.subscriptions.mirror(CONTOSO)).was_read

    await stores.subscriptions.begin(CONTOSO, was_read=False)
    await stores.subscriptions.save(a_subscription(1))
    before = await was_read()
    await stores.subscriptions.replace(CONTOSO, [])
    await stores.subscriptions.begin(CONTOSO, was_read=False)

    assert (before, await was_read()) == (False, True)
    assert await stores.subscriptions.of(CONTOSO) == []


async def test_a_customer_whom_an_older_version_read_counts_as_read(stores: Stores) -> None:
    before = (await stores.subscriptions.mirror(CONTOSO)).was_read
    await stores.subscriptions.save(a_subscription(1))

    assert (before, (await stores.subscriptions.mirror(CONTOSO)).was_read) == (False, True)


async def test_a_customer_without_a_policy_has_the_cautious_one(stores: Stores) -> None:
    assert await stores.policies.of(CONTOSO) == Policy()


async def test_of_two_editors_of_a_policy_the_second_reads_again(stores: Stores) -> None:
    default = await stores.policies.of(CONTOSO)
    first = await stores.policies.save(CONTOSO, replace(default, spare_seats=2))

    with pytest.raises(ChangedMeanwhile):
        await stores.policies.save(CONTOSO, replace(default, spare_seats=3))
    applied = await stores.policies.save(CONTOSO, replace(first, mode=GiveBackMode.APPLY))
    with pytest.raises(ChangedMeanwhile):
        await stores.policies.save(CONTOSO, replace(first, spare_seats=9))

    assert await stores.policies.of(CONTOSO) == applied


async def test_what_batches_may_do_comes_back_as_it_was_written(stores: Stores) -> None:
    rule = ApprovalRule(ApprovalMode.ABOVE, 10, Money(Decimal("99.50"), "GBP"), by_another=True)
    ceilings = Ceilings(50, Money(Decimal(2500), "GBP"), 20)
    wanted = BatchPolicy(ceilings, {PlanId("office-worker"): Ceilings(seats=3)}, 5, rule, 6)

    await stores.policies.save_batches(CONTOSO, wanted)

    assert await stores.policies.batches_of(CONTOSO) == wanted
    assert await stores.policies.of(CONTOSO) == Policy()
    with pytest.raises(ChangedMeanwhile):
        await stores.policies.save_batches(CONTOSO, BatchPolicy())


async def test_many_first_users_of_a_table_may_come_at_once(stores: Stores) -> None:
    names = [f"c{number}" for number in range(10)]

    await asyncio.gather(*(stores.connections.add(a_connection(name)) for name in names))

    assert sorted(c.id for c in await stores.connections.all()) == sorted(names)


async def test_timestamps_keep_their_microseconds(stores: Stores) -> None:
    customer = replace(a_customer(), agreement_at=NOON + timedelta(microseconds=1))

    await stores.customers.save(customer)

    assert await stores.customers.get(CustomerId(customer.id)) == customer

"""The client and the simulator were written apart, from the same contract."""

from datetime import timedelta

import pytest

from shared.domain.catalog import BillingPlan, Term
from shared.domain.errors import MalformedRequest, RemoteRefused
from shared.domain.ids import CustomerId, ServicePlanId, SkuId
from shared.domain.passwords import Secret
from shared.domain.subscriptions import Purchase
from shared.domain.users import NewUser, marker
from shared.graph.client import GraphClient
from shared.workflows.ports import (
    Assignment,
    Directory,
    DirectoryQuota,
    OutcomeKind,
    UserChange,
    UserToCreate,
)
from simulator.faults import Fault
from tests.identity.northwind import Northwind, a_new_customer

pytestmark = pytest.mark.contract

DOMAIN = "fabrikam417.onmicrosoft.com"


@pytest.fixture
async def fabrikam(northwind: Northwind) -> CustomerId:
    """A customer with three seats of the first product, and our consent in its tenant."""
    client = northwind.partner_center
    new = a_new_customer()
    customer = (await client.create_customer(new, "r1")).id
    await client.record_agreement(customer, new.agreement, "a1")
    await client.grant_consent(customer, "c1")
    offers = [o async for o in client.offers("US") if not o.is_addon and not o.is_trial and o.sku]
    purchase = Purchase(offers[0].id, 3, Term.YEAR, BillingPlan.MONTHLY, "Seats")
    item = await client.catalog_item(customer, offers[0].id, purchase.term, purchase.billing)
    cart = await client.create_cart(customer, purchase, item, "k1")
    await client.check_out(customer, cart.id, "k2")
    return customer


@pytest.fixture
def graph(northwind: Northwind, fabrikam: CustomerId) -> GraphClient:
    return northwind.graph(fabrikam)


def a_user(name: str = "adele.vance", domain: str = DOMAIN) -> UserToCreate:
    return UserToCreate(
        NewUser(f"{name}@{domain}", "Adele Vance", "GB", given_name="Adele"),
        marker("batch-1", 1),
        Secret("xWwvJ]6NMw+bWH-d"),
    )


async def test_stock_and_holdings_show_what_was_bought(
    northwind: Northwind, graph: GraphClient, fabrikam: CustomerId
) -> None:
    bought = (await northwind.partner_center.subscriptions(fabrikam))[0]

    stocks = await graph.stocks()
    holdings = await graph.holdings()

    assert [(s.enabled, s.consumed, s.per_user) for s in stocks] == [(3, 0, True)]
    assert stocks[0].service_plans
    assert [(h.commerce_id, h.enabled, h.seats) for h in holdings] == [(bought.id, True, 3)]
    assert holdings[0].owner_tenant_id == northwind.connection.partner_tenant_id


async def test_the_first_domain_is_verified(graph: GraphClient) -> None:
    assert DOMAIN in await graph.verified_domains()


async def test_a_user_is_made_with_our_marker_and_found_by_name(graph: Directory) -> None:
    [made] = await graph.create_users([a_user()])

    found = await graph.users_named([f"Adele.Vance@{DOMAIN}", f"nobody@{DOMAIN}"])

    assert made.kind is OutcomeKind.DONE
    assert list(found) == [f"adele.vance@{DOMAIN}"]
    adele = found[f"adele.vance@{DOMAIN}"]
    assert (adele.id, adele.marker, adele.usage_location) == (
        made.user_id,
        "seatkeeper:batch-1/1",
        "GB",
    )
    assert await graph.users_with_ids([made.user_id]) == {made.user_id: adele}


@pytest.mark.parametrize("name", ["o'hara", "half#time"])
async def test_names_with_odd_letters_are_found(graph: GraphClient, name: str) -> None:
    await graph.create_users([a_user(name)])

    assert await graph.users_named([f"{name}@{DOMAIN}"])
    assert await graph.users_named([f"{name}@{DOMAIN}"], fresh=True)


async def test_three_hundred_people_are_found_with_one_request(
    northwind: Northwind, graph: GraphClient
) -> None:
    made = await graph.create_users([a_user(f"user{number}") for number in range(300)])
    before = northwind.calls_to("graph")

    found = await graph.users_with_ids([outcome.user_id for outcome in made])

    assert len(found) == 300
    assert northwind.calls_to("graph") == before + 1


async def test_somebody_just_made_is_found_past_the_late_index(
    northwind: Northwind, graph: GraphClient
) -> None:
    northwind.world.switches["replication.user_filter_ms"] = 60_000
    [made] = await graph.create_users([a_user()])
    name = f"adele.vance@{DOMAIN}"

    assert not await graph.users_named([name])
    assert list(await graph.users_named([name], fresh=True)) == [name]
    assert list(await graph.users_with_ids([made.user_id])) == [made.user_id]


async def test_a_plan_is_changed_in_one_call(graph: GraphClient) -> None:
    [stock] = await graph.stocks()
    [made] = await graph.create_users([a_user()])
    await graph.assign([Assignment(made.user_id, {stock.sku: ()})])

    [taken] = await graph.assign([Assignment(made.user_id, remove=(stock.sku,))])
    [again] = await graph.assign([Assignment(made.user_id, remove=(stock.sku,))])

    person = (await graph.users_with_ids([made.user_id]))[made.user_id]
    assert (taken.kind, again.kind) == (OutcomeKind.DONE, OutcomeKind.UNKNOWN)
    assert not person.licences


async def test_a_leaver_is_blocked_signed_out_and_deleted(
    northwind: Northwind, graph: GraphClient, fabrikam: CustomerId
) -> None:
    [made] = await graph.create_users([a_user()])
    tenant = northwind.world.tenants[fabrikam]
    before = tenant.users[made.user_id].sessions_valid_from

    [blocked] = await graph.block([made.user_id])
    northwind.world.clock.advance(timedelta(minutes=1))
    [revoked] = await graph.revoke_sessions([made.user_id])

    person = (await graph.users_with_ids([made.user_id]))[made.user_id]
    assert (blocked.kind, revoked.kind) == (OutcomeKind.DONE, OutcomeKind.DONE)
    assert not person.enabled
    assert tenant.users[made.user_id].sessions_valid_from > before
    for _twice in range(2):
        [deleted] = await graph.delete_users([made.user_id])
        assert deleted.kind is OutcomeKind.DONE
    assert not await graph.users_with_ids([made.user_id])


async def test_a_country_is_set_afterwards(graph: GraphClient) -> None:
    [made] = await graph.create_users([a_user()])

    await graph.update_users([UserChange(made.user_id, usage_location="FR")])
    await graph.unblock([made.user_id])

    person = (await graph.users_with_ids([made.user_id]))[made.user_id]
    assert (person.usage_location, person.enabled) == ("FR", True)


async def test_a_directory_tells_how_full_it_is_and_takes_no_more(
    northwind: Northwind, graph: GraphClient
) -> None:
    northwind.world.switches["graph.quota.total"] = 2

    quota = await graph.quota()
    [first, second] = await graph.create_users([a_user("a"), a_user("b")])

    assert quota == DirectoryQuota(1, 2)
    assert {first.kind, second.kind} == {OutcomeKind.DONE, OutcomeKind.REFUSED}


async def test_a_tenant_that_does_not_tell_its_quota_has_none(
    northwind: Northwind, graph: GraphClient
) -> None:
    northwind.world.faults.add(Fault(path="*/beta/organization", status=403, times=1))

    assert await graph.quota() is None


async def test_people_are_counted(graph: GraphClient) -> None:
    before = await graph.people()
    made = await graph.create_users([a_user(), a_user("alex.wilber")])

    assert [o.kind for o in made] == [OutcomeKind.DONE] * 2
    assert await graph.people() == before + 2


async def test_a_name_that_is_taken_is_an_outcome(graph: GraphClient) -> None:
    await graph.create_users([a_user()])

    [again, other] = await graph.create_users([a_user(), a_user("alex.wilber")])

    assert (again.kind, other.kind) == (OutcomeKind.EXISTS, OutcomeKind.DONE)


async def test_a_refusal_says_why(graph: GraphClient) -> None:
    [outcome] = await graph.create_users([a_user(domain="elsewhere.example")])

    assert outcome.kind is OutcomeKind.REFUSED
    assert "verified domain" in outcome.reason


async def test_a_licence_is_given_with_services_off_until_no_seat_is_left(
    graph: GraphClient,
) -> None:
    [stock] = await graph.stocks()
    plan = next(iter(stock.service_plans))
    made = await graph.create_users([a_user(f"user{n}") for n in range(4)])

    outcomes = [
        (await graph.assign([Assignment(user.user_id, {stock.sku: (plan,)})]))[0] for user in made
    ]

    users = await graph.users_with_ids([made[0].user_id])
    assert [o.kind for o in outcomes] == [OutcomeKind.DONE] * 3 + [OutcomeKind.NO_SEAT]
    assert users[made[0].user_id].licences == {stock.sku: frozenset({plan})}


async def test_more_than_twenty_travel_in_several_envelopes(graph: GraphClient) -> None:
    users = [a_user(f"user{number}") for number in range(45)]

    made = await graph.create_users(users)

    found = await graph.users_named([user.user.user_principal_name for user in users])
    assert {outcome.kind for outcome in made} == {OutcomeKind.DONE}
    assert [found[u.user.user_principal_name].id for u in users] == [o.user_id for o in made]


async def test_a_lost_envelope_leaves_every_item_a_question_and_is_not_sent_twice(
    northwind: Northwind, graph: GraphClient
) -> None:
    await graph.stocks()
    before = northwind.calls_to("graph")
    northwind.world.faults.add(Fault(path="*$batch", drop_after_commit=True, times=9))

    outcomes = await graph.create_users([a_user(), a_user("alex.wilber")])

    assert [o.kind for o in outcomes] == [OutcomeKind.UNKNOWN] * 2
    assert northwind.calls_to("graph") == before + 1


async def test_a_throttled_envelope_says_how_long_to_wait(
    northwind: Northwind, graph: GraphClient
) -> None:
    northwind.world.faults.add(Fault(path="*$batch", status=429, retry_after=90, times=9))

    [outcome] = await graph.create_users([a_user()])

    assert (outcome.kind, outcome.retry_after) == (OutcomeKind.THROTTLED, timedelta(seconds=90))


async def test_a_throttled_item_says_how_long_to_wait(
    northwind: Northwind, graph: GraphClient
) -> None:
    northwind.world.faults.add(
        Fault(method="POST", path="*/users", status=429, retry_after=7, times=1)
    )

    outcomes = await graph.create_users([a_user(), a_user("alex.wilber")])

    throttled = [o for o in outcomes if o.kind is OutcomeKind.THROTTLED]
    assert [o.retry_after for o in throttled] == [timedelta(seconds=7)]


async def test_a_licence_for_nobody_is_not_yet(graph: GraphClient) -> None:
    nobody = "00000000-0000-4000-8000-000000000001"
    [stock] = await graph.stocks()

    [outcome] = await graph.assign([Assignment(nobody, {stock.sku: ()})])

    assert outcome.kind is OutcomeKind.NOT_YET


async def test_a_licence_that_does_not_show_yet_waits_for_its_seat(graph: GraphClient) -> None:
    [made] = await graph.create_users([a_user()])
    sku = SkuId("00000000-0000-4000-8000-000000000002")

    [outcome] = await graph.assign([Assignment(made.user_id, {sku: ()})])

    assert outcome.kind is OutcomeKind.NO_SEAT


async def test_a_service_that_is_not_part_of_the_licence_is_refused(graph: GraphClient) -> None:
    [made] = await graph.create_users([a_user()])
    [stock] = await graph.stocks()
    strange = ServicePlanId("00000000-0000-4000-8000-000000000003")

    [outcome] = await graph.assign([Assignment(made.user_id, {stock.sku: (strange,)})])

    assert outcome.kind is OutcomeKind.REFUSED


async def test_pages_follow_each_other_to_the_end(graph: GraphClient) -> None:
    await graph.create_users([a_user(f"user{number}") for number in range(5)])
    seen: list[str] = []
    cursor: str | None = None

    for _ in range(9):
        page, cursor = await graph.users_page(cursor, 2)
        seen += [user.user_principal_name for user in page]
        if cursor is None:
            break

    assert cursor is None
    assert len(seen) == len(set(seen)) == 6


async def test_a_cursor_that_leads_elsewhere_is_not_followed(graph: GraphClient) -> None:
    with pytest.raises(MalformedRequest):
        await graph.users_page("https://elsewhere.example/v1.0/users?$skiptoken=x", 2)


async def test_a_stale_cursor_is_refused(graph: GraphClient) -> None:
    with pytest.raises(RemoteRefused):
        await graph.users_page("http://simulator/graph/v1.0/users?$skiptoken=nonsense", 2)

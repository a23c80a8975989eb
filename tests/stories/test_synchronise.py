"""What a night reads of a customer, and what it costs."""

import asyncio
from dataclasses import replace

from shared.domain.ids import CustomerId
from shared.domain.mirror import Move
from shared.domain.spells import Settled
from shared.workflows.run_customer import run_customer
from simulator.faults import Fault
from simulator.tenants import Licence
from tests.everyday import a_customer, a_night, leave, send_batch
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper


async def mirrored(seatkeeper: Seatkeeper, customer: Json) -> list[str]:
    people = seatkeeper.works.office.desk.people
    page = await people.page(customer["id"], None, 100)
    return sorted(user.id for user in page.items)


async def users_counted(portal: Portal, night: Json) -> int:
    [part] = (await portal.get(f"runs/{night['id']}/customers"))["items"]
    assert part["status"] == "done", part
    return int(part["users"])


async def test_a_customer_in_which_nothing_happened_costs_two_requests(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a customer that a night has read
    customer = await a_customer(seatkeeper, portal)
    await send_batch(seatkeeper, portal, customer, 10)
    await a_night(seatkeeper, portal, days=1)

    # When the next one finds everything as it was
    last = (await seatkeeper.sim("GET", "calls"))["last"]
    night = await a_night(seatkeeper, portal, days=1)
    calls = (await seatkeeper.sim("GET", f"calls?since={last}"))["calls"]

    # Then it asks each of Microsoft's sides once
    remote = [c["path"] for c in calls if not c["path"].startswith(("/login", "/_sim"))]
    assert len(remote) == 2, remote
    assert remote[-1].endswith("/$batch") or remote[0].endswith("/$batch")
    assert await users_counted(portal, night) == 11


async def test_a_night_follows_who_came_and_who_went(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    await send_batch(seatkeeper, portal, customer, 5)
    await a_night(seatkeeper, portal, days=1)
    await leave(seatkeeper, customer, 2)

    night = await a_night(seatkeeper, portal, days=1)

    tenant = seatkeeper.world.tenants[customer["id"]]
    assert await users_counted(portal, night) == 4
    assert await mirrored(seatkeeper, customer) == sorted(tenant.users)


async def test_after_a_week_without_nights_everybody_is_read_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given people whom a night has read, and a place that Microsoft keeps for seven days
    customer = await a_customer(seatkeeper, portal)
    await send_batch(seatkeeper, portal, customer, 5)
    await a_night(seatkeeper, portal, days=1)
    await leave(seatkeeper, customer, 2)

    # When the next night comes too late, over pages of one person each
    twice = {"graph.delta.page_size": 1, "graph.delta.repeats": True}
    await seatkeeper.sim("PUT", "switches", twice)
    night = await a_night(seatkeeper, portal, days=10)

    # Then who left is not in the mirror any more
    tenant = seatkeeper.world.tenants[customer["id"]]
    assert await users_counted(portal, night) == 4
    assert await mirrored(seatkeeper, customer) == sorted(tenant.users)


async def test_a_long_reading_goes_on_in_other_messages(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given more pages than one message works off
    customer = await a_customer(seatkeeper, portal)
    await send_batch(seatkeeper, portal, customer, 60)
    await seatkeeper.sim("PUT", "switches", {"graph.delta.page_size": 1})

    night = await a_night(seatkeeper, portal, days=1)

    assert await users_counted(portal, night) == 61
    state = await seatkeeper.works.office.desk.people.state(customer["id"])
    assert (state.generation, state.is_under_way) == (1, False)


async def test_where_more_is_kept_of_people_than_before_everybody_is_read_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given people whom an older version has read, one of them licensed by a group
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 1)
    tenant, now = seatkeeper.world.tenants[customer["id"]], seatkeeper.world.clock.now()
    person = tenant.user(f"person1@{customer['domain']}")
    assert person is not None
    by_group = [Licence(BUSINESS_PREMIUM_SKU, ["a-service"], now, "a-group")]
    tenant.set_licences(person, by_group, now)
    await a_night(seatkeeper, portal, days=1)
    people = seatkeeper.works.office.desk.people
    state = await people.state(CustomerId(customer["id"]))
    [known] = (await people.known(CustomerId(customer["id"]), [person.id])).values()
    old = replace(known, by_group=dict.fromkeys(known.by_group))
    await people.save(replace(state, form=0), Settled((Move(known, old),)))

    # When the next night comes
    await a_night(seatkeeper, portal, days=1)

    # Then what the group switches off is known, and nothing of it is drift
    [again] = (await people.known(CustomerId(customer["id"]), [person.id])).values()
    assert again.by_group == {BUSINESS_PREMIUM_SKU: ("a-service",)}
    assert (await portal.get(f"customers/{customer['id']}/drift"))["items"] == []


async def test_a_relationship_that_ends_is_warned_of_every_night(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a customer whose only relationship ends in forty days
    customer = await a_customer(seatkeeper, portal)
    await seatkeeper.sim("DELETE", f"portal/customers/{customer['id']}/gdap")
    await seatkeeper.sim("POST", f"portal/customers/{customer['id']}/gdap", {"days": 40})

    # When nights pass
    nights = [await a_night(seatkeeper, portal, days=gone) for gone in (5, 8, 1)]

    # Then the last month is told of, also by nights that do not ask for it
    parts = [(await portal.get(f"runs/{n['id']}/customers"))["items"][0] for n in nights]
    told = [part["warnings"] for part in parts]
    assert told[0] == []
    assert "ends in 26 days" in told[1][0]
    assert "ends in 25 days" in told[2][0]


async def test_a_relationship_that_ended_while_nobody_could_look_is_told_when_it_can_be_read(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a customer whose relationship a night has read, and one whose reading is refused
    customer = await a_customer(seatkeeper, portal)
    await a_night(seatkeeper, portal, days=1)
    place = "*/tenantRelationships/delegatedAdminRelationships"
    seatkeeper.world.faults.add(Fault(place, "GET", times=1, status=403))
    blind = await a_night(seatkeeper, portal, days=7)

    # When the customer ends it, and the next night can look again
    await seatkeeper.sim("DELETE", f"portal/customers/{customer['id']}/gdap")
    await a_night(seatkeeper, portal, days=1)

    # Then the first says that it could not look, and the second tells of the end
    [part] = (await portal.get(f"runs/{blind['id']}/customers"))["items"]
    assert "cannot be read" in part["warnings"][0]
    found = (await portal.get(f"customers/{customer['id']}/drift"))["items"]
    assert [(e["what"], e["before"], e["after"]) for e in found] == [
        ("relationship", "active", "terminated")
    ]


async def test_two_deliveries_that_meet_over_one_customer_count_it_once(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a night whose messages come twice
    customer = await a_customer(seatkeeper, portal)
    await send_batch(seatkeeper, portal, customer, 5)
    await seatkeeper.sim("PUT", "switches", {"graph.delta.page_size": 1})
    desk = seatkeeper.works.office.desk
    run = await portal.post("runs", {"customerId": customer["id"]})

    # When both read the same people at the same time
    ends = await asyncio.gather(*(run_customer(desk, run["id"], customer["id"]) for _ in range(2)))
    await seatkeeper.settle()

    # Then the one that was second comes back later, and the customer is counted once
    assert ends == [None, None]
    assert await users_counted(portal, run) == 6
    state = await desk.people.state(customer["id"])
    assert state.counts.people == 6

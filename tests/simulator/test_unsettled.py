"""What the sources infer and do not settle can be turned, so that no client rests on our guess."""

import pytest

from simulator.nouns import Subscription
from simulator.signin.rules import user_claims
from simulator.signin.tokens import stamp
from tests.contract.caller import code_of
from tests.simulator.northwind import PARTNER_CENTER, Json, Northwind

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def ten_seats(northwind: Northwind) -> Subscription:
    return await northwind.buy(await northwind.customer())


async def units(northwind: Northwind, customer_id: str) -> Json:
    found = await northwind.get(f"/v1/customers/{customer_id}/subscribedskus", user=True)
    return dict(found["items"][0])


async def suspend(northwind: Northwind, bought: Subscription) -> None:
    path = f"/v1/customers/{bought.customer_id}/subscriptions/{bought.id}"
    answer = await northwind.call("PATCH", path, {"status": "suspended"})
    answer.raise_for_status()


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        pytest.param({}, "suspendedUnits", id="as inferred"),
        pytest.param({"suspended": "Warning"}, "warningUnits", id="otherwise"),
    ],
)
async def test_what_suspended_seats_count_as_can_be_turned(
    northwind: Northwind, ten_seats: Subscription, said: Json, counted: str
) -> None:
    northwind.world.switches["licences.statuses"] = said

    await suspend(northwind, ten_seats)

    assert (await units(northwind, ten_seats.customer_id))[counted] == 10


@pytest.mark.parametrize(("at_once", "held"), [(True, 0), (False, 1)])
async def test_a_deleted_persons_licence_is_free_at_once_or_when_they_are_purged(
    northwind: Northwind, ten_seats: Subscription, at_once: bool, held: int
) -> None:
    northwind.world.switches["licences.deletedFree"] = at_once
    users = f"/v1/customers/{ten_seats.customer_id}/users"
    user = northwind.world.tenants[ten_seats.customer_id].add_admin("ada", "Sim-secret-1!")
    user.properties["usageLocation"] = "US"
    sku = (await units(northwind, ten_seats.customer_id))["productSku"]["id"]
    wish = {"licensesToAssign": [{"skuId": sku}]}
    given = await northwind.call("POST", f"{users}/{user.id}/licenseupdates", wish, user=True)

    await northwind.call("DELETE", f"{users}/{user.id}", user=True)
    then = await units(northwind, ten_seats.customer_id)
    northwind.wait(days=31)
    await northwind.call("GET", users, user=True)
    later = await units(northwind, ten_seats.customer_id)

    assert given.status_code == 201
    assert (then["consumedUnits"], later["consumedUnits"]) == (held, 0)


async def test_conditional_access_of_a_customer_keeps_its_partner_out(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["gdap.conditionalAccess"] = [ten_seats.customer_id]
    customer = f"/v1/customers/{ten_seats.customer_id}"

    counts = await northwind.call("GET", f"{customer}/subscribedskus", user=True)
    selling = await northwind.call("GET", f"{customer}/subscriptions")

    assert code_of(counts) == (403, "900309")
    assert selling.status_code == 200


async def test_partner_centers_own_kind_of_token_is_not_taken_for_licences(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    home = northwind.world.tenants[northwind.partner.tenant_id]
    claims = user_claims(northwind.partner, home, PARTNER_CENTER, mfa=True)
    northwind.user_token = stamp(northwind.world, claims | {"pcp": "1"})
    customer = f"/v1/customers/{ten_seats.customer_id}"

    counts = await northwind.call("GET", f"{customer}/subscribedskus", user=True)
    people = await northwind.call("GET", f"{customer}/users", user=True)

    assert code_of(counts) == (400, "900316")
    assert people.status_code == 200


@pytest.mark.parametrize(
    ("first", "status"),
    [
        pytest.param("rate", 429, id="how often"),
        pytest.param("customer", 404, id="for whom"),
        pytest.param("body", 400, id="what"),
    ],
)
async def test_the_order_of_checks_can_be_turned(
    northwind: Northwind, first: str, status: int
) -> None:
    """Everything is wrong with this call, and one thing is said first."""
    northwind.world.switches.update(
        {
            "partnercenter.throttle.enabled": True,
            "partnercenter.throttle.perMinute": 0,
            "partnercenter.checksFirst": first,
        }
    )

    answer = await northwind.call("PATCH", f"/v1/customers/{NOBODY}/subscriptions/{NOBODY}", [1])

    assert answer.status_code == status


async def test_what_a_blocked_detachment_answers_can_be_turned(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches.update(
        {"customers.detachBlockedStatus": 409, "customers.detachBlockedCode": 800040}
    )

    answer = await northwind.call(
        "PATCH",
        f"/v1/customers/{ten_seats.customer_id}",
        {"relationshipToPartner": "none"},
        user=True,
    )

    assert code_of(answer) == (409, "800040")

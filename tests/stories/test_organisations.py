"""A reseller works with what is its own, and finds nothing of anybody else's."""

from dataclasses import replace

import pytest

from shared.api.endpoint import Endpoint
from shared.api.routes import ENDPOINTS
from shared.domain.ids import ConnectionId
from tests.everyday import a_customer, send_batch, user_body
from tests.portal import Json, Portal, Seatkeeper, customer_body, row, subscription_body

FABRIKAM = "7b40c81e-55f0-4f6e-9a3d-1c2b3a4d5e6f"
EVERY_ROLE = ["Provider.Admin", "Operator", "Reader", "Automation"]


async def fabrikam(seatkeeper: Seatkeeper, portal: Portal, *roles: str) -> Portal:
    """A caller of the provider's tenant that works for the reseller."""
    await portal.put("organisations/fabrikam", {"name": "Fabrikam", "callerIds": [FABRIKAM]})
    wish = {"kind": "user", "oid": FABRIKAM, "roles": list(roles) or EVERY_ROLE}
    token = (await seatkeeper.sim("POST", "signin", wish))["accessToken"]
    return Portal(seatkeeper.caller({"Authorization": f"Bearer {token}"}))


async def hand_over(seatkeeper: Seatkeeper, owner: str = "fabrikam") -> None:
    """The connection was made for the reseller from the start."""
    connections = seatkeeper.works.office.desk.connections
    connection = await connections.get(ConnectionId("northwind"))
    await connections.save(replace(connection, owner=owner))


async def everything(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """One of each, all the provider's own."""
    customer = await a_customer(seatkeeper, portal)
    batch = await send_batch(seatkeeper, portal, customer, 1)
    run = await portal.post("runs", {"customerId": customer["id"]})
    sync = await portal.post("connections/northwind/sync")
    await seatkeeper.settle()
    return {
        "customerId": customer["id"],
        "subscriptionId": customer["subscription"],
        "batchId": batch["id"],
        "runId": run["id"],
        "operationId": sync["id"],
        "connectionId": "northwind",
        **OTHERS,
    }


OTHERS = {
    "organisationId": "tailspin",
    "planId": "office-worker",
    "offerId": "CFQ7TTC0LCHC:0002",
    "prefix": "contosotest",
    "country": "US",
    "poisonId": "1",
    "period": "2026-03",
    "driftId": "1",
    "userId": "2f6b0d5e-7d1c-4a5e-9d43-1f0f7c1e2a3b",
    "row": "1",
}
FOR_EVERYBODY = {"list_plans", "get_plan"}
"""What is sold under one name is the provider's word to all."""
LISTS = {
    "list_connections",
    "list_customers",
    "list_batches",
    "list_runs",
    "list_renewals",
    "list_comparisons",
}
QUERIES = {
    "list_catalog": "connectionId=northwind&market=US",
    "list_promotions": "market=US",
    "get_domain": "connectionId=northwind",
    "get_country_rules": "connectionId=northwind",
    "list_coterm_dates": "term=P1Y",
}


def bodies(known: Json) -> dict[str, Json]:
    """Enough that only the caller's place can be in the way."""
    return {
        "create_batch": {"customerId": known["customerId"], "rows": [row(1)]},
        "create_user": dict(user_body()),
        "create_customer": customer_body("fabrikamtest"),
        "create_subscription": subscription_body(),
        "create_change": {"kind": "rename", "name": "Taken over"},
        "create_run": {"connectionId": "northwind"},
        "put_policy": {"mode": "apply"},
        "approve_plan": {"digest": "a" * 64},
        "reject_plan": {"reason": "too dear"},
        "link_customer": {"connectionId": "northwind"},
        "choose_plan": {"planId": "office-worker"},
        "put_on_record": {"connectionId": "northwind"},
        "create_agreement": customer_body()["agreement"],
    }


async def asked(caller: Portal, endpoint: Endpoint, known: Json) -> str:
    """What a route answers: a status, or what it lists."""
    query = QUERIES.get(endpoint.name, "")
    path = endpoint.path.format(**known) + (f"?{query}" if query else "")
    body = None if endpoint.method == "GET" else bodies(known).get(endpoint.name, {})
    answer = await caller.send(endpoint.method, path, json=body)
    if endpoint.name in LISTS and answer.status_code == 200:
        return "nothing" if not answer.json()["items"] else answer.text
    return str(answer.status_code)


@pytest.mark.parametrize("roles", [EVERY_ROLE, ["Operator"]], ids=["every role", "an operator"])
async def test_a_stranger_finds_nothing_on_any_route(
    seatkeeper: Seatkeeper, portal: Portal, roles: list[str]
) -> None:
    known = await everything(seatkeeper, portal)
    stranger = await fabrikam(seatkeeper, portal, *roles)
    routes = [e for e in ENDPOINTS if not e.public and e.name not in FOR_EVERYBODY]

    answers = {e.name: await asked(stranger, e, known) for e in routes}

    assert {n: a for n, a in answers.items() if a not in ("403", "404", "nothing")} == {}


async def test_a_reseller_uses_the_connection_that_was_set_for_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    known = await everything(seatkeeper, portal)
    await hand_over(seatkeeper)
    reseller = await fabrikam(seatkeeper, portal)

    seen = await reseller.get("connections")
    customers = await reseller.get("customers")
    changed = await reseller.post(
        f"customers/{known['customerId']}/subscriptions/{known['subscriptionId']}/changes",
        {"kind": "setSeats", "seats": 12},
    )
    operation = await reseller.get(f"operations/{changed['operationId']}")

    assert [c["id"] for c in seen["items"]] == ["northwind"]
    assert [c["id"] for c in customers["items"]] == [known["customerId"]]
    assert changed["subscription"]["seats"] == 12
    assert operation["status"] == "done"


async def test_a_reseller_does_not_change_the_connection_that_was_set_for_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    await hand_over(seatkeeper)
    reseller = await fabrikam(seatkeeper, portal)

    answer = await reseller.send(
        "PATCH", "connections/northwind", json={"name": "Mine"}, headers={"If-Match": '"x"'}
    )

    assert answer.status_code == 403
    assert "connection-protected" in answer.json()["type"]
    assert "only your provider changes it" in answer.json()["detail"]


async def test_a_reseller_runs_over_its_own_only(seatkeeper: Seatkeeper, portal: Portal) -> None:
    known = await everything(seatkeeper, portal)
    await hand_over(seatkeeper)
    reseller = await fabrikam(seatkeeper, portal)

    everybody = await reseller.send("POST", "runs", json={})
    own = await reseller.post("runs", {"customerId": known["customerId"]})
    await seatkeeper.settle()

    assert everybody.status_code == 403
    assert [r["id"] for r in (await reseller.get("runs"))["items"]] == [own["id"]]


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("provider", {"name": "Northwind"}),
        ("fabrikam", {"name": "Fabrikam", "tenantIds": ["ITS OWN"]}),
        ("tailspin", {"name": "Tailspin", "callerIds": [FABRIKAM]}),
    ],
    ids=["the provider", "the provider's tenant", "somebody else's caller"],
)
async def test_an_organisation_takes_nobody_elses_callers(
    seatkeeper: Seatkeeper, portal: Portal, place: str, body: Json
) -> None:
    await fabrikam(seatkeeper, portal)
    tenant = (await seatkeeper.sim("GET", "signin"))["apiTenantId"]
    if "tenantIds" in body:
        body = {**body, "tenantIds": [tenant]}

    answer = await portal.send("PUT", f"organisations/{place}", json=body)

    assert answer.status_code == 422
    assert [o["id"] for o in (await portal.get("organisations"))["items"]] == ["fabrikam"]

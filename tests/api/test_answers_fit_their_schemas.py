"""Every route of a working day answers what the OpenAPI document promises."""

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from shared.api.openapi import openapi_document
from shared.api.routes import ENDPOINTS
from simulator.webhooks.signing import Manner, signed
from simulator.world import World
from tests.portal import (
    BUSINESS_PREMIUM,
    BUSINESS_PREMIUM_SKU,
    MICROSOFT,
    Portal,
    Seatkeeper,
    customer_body,
    etag_of,
    open_seatkeeper,
    plan_body,
    row,
    subscription_body,
    trust_in,
)

DOCUMENT = openapi_document(ENDPOINTS, "1.2.3")


@dataclass
class Auditor:
    """Asks as the portal does, and compares each answer with the document."""

    portal: Portal
    asked: set[str] = field(default_factory=set)

    async def ask(self, name: str, path: dict[str, Any] | None = None, **words: Any) -> Any:
        endpoint = next(e for e in ENDPOINTS if e.name == name)
        query = words.pop("query", "")
        place = f"{endpoint.path.format(**(path or {}))}{'?' if query else ''}{query}"
        key = str(uuid.uuid4()) if endpoint.spends and "dryRun" not in query else ""
        answer = await self.portal.send(endpoint.method, place, key=key, **words)
        self.asked.add(name)
        assert answer.is_success, f"{name}: {answer.status_code} {answer.text}"
        self._compare(endpoint.method, endpoint.path, answer)
        return answer.json() if answer.content and "json" in answer.headers["content-type"] else {}

    def _compare(self, method: str, path: str, answer: httpx.Response) -> None:
        described = DOCUMENT["paths"][f"/{path}"][method.lower()]["responses"]
        response = described[str(answer.status_code)]
        for header in {"Location", "Retry-After"} & set(response.get("headers", {})):
            assert header in answer.headers, (path, header)
        content = response.get("content", {}).get("application/json")
        if content:
            schema = {**content["schema"], "components": DOCUMENT["components"]}
            jsonschema_rs.validator_for(schema).validate(answer.json())


async def set_up(seatkeeper: Seatkeeper, auditor: Auditor) -> str:
    body = await seatkeeper.connection_body()
    connection = await auditor.ask("create_connection", json=body)
    here = {"connectionId": connection["id"]}
    sync = await auditor.ask("synchronise_connection", here)
    await seatkeeper.settle()
    operation = await auditor.ask("get_operation", {"operationId": sync["id"]})
    assert operation["status"] == "done"
    await auditor.ask("list_connections")
    await auditor.ask("put_organisation", {"organisationId": "fabrikam"}, json={"name": "Fabrikam"})
    await auditor.ask("list_organisations")
    await auditor.ask("get_connection", here)
    selling = {"connectionId": connection["id"], "market": "US", "sellable": True}
    offer = {"offerId": BUSINESS_PREMIUM}
    ticked = await auditor.ask("put_sellable", offer, json=selling)
    assert ticked["terms"]
    await auditor.ask("select_catalog", json={**selling, "offerIds": [BUSINESS_PREMIUM]})
    await auditor.ask("list_promotions", here, query="market=US")
    await auditor.ask("list_syncs", here, query="limit=1")
    await auditor.ask("get_sync", {**here, "operationId": sync["id"]})
    await auditor.ask("list_catalog", query=f"connectionId={connection['id']}&market=US&limit=2")
    plan = await auditor.ask("create_plan", json=plan_body())
    await auditor.ask("get_plan", {"planId": plan["id"]})
    await auditor.ask("list_plans")
    through = f"connectionId={connection['id']}"
    await auditor.ask("get_domain", {"prefix": "contosotest"}, query=through)
    await auditor.ask("get_country_rules", {"country": "US"}, query=through)
    preview = await auditor.ask("create_customer", query="dryRun=true", json=customer_body())
    assert preview["ready"], preview
    customer = await auditor.ask("create_customer", json=customer_body())
    password = {"operationId": customer["operationId"]}
    await auditor.ask("reveal_operation_password", password)
    await auditor.ask("acknowledge_operation_password", password)
    return str(customer["id"])


async def buy_and_hire(seatkeeper: Seatkeeper, auditor: Auditor, here: dict[str, str]) -> None:
    purchase = subscription_body(seats=2)
    await auditor.ask("create_subscription", here, query="dryRun=true", json=purchase)
    bought = await auditor.ask("create_subscription", here, json=purchase)
    await auditor.ask("list_subscriptions", here, query="refresh=true")
    one = {**here, "subscriptionId": bought["id"]}
    await auditor.ask("get_subscription", one, query="refresh=true")
    rename = {"kind": "rename", "name": "Head office", "reason": "it moved"}
    await auditor.ask("create_change", one, query="dryRun=true", json=rename)
    await auditor.ask("create_change", one, json=rename)
    await auditor.ask("list_changes", one, query="limit=1")
    await auditor.ask("list_upgrades", one)
    await auditor.ask("list_coterm_dates", here, query="term=P1Y")
    person = {k: v for k, v in row(0).items() if k != "action"}
    await auditor.ask("create_user", here, query="dryRun=true", json=person)
    user = await auditor.ask("create_user", here, json=person)
    await auditor.ask("get_operation", {"operationId": user["operationId"]})
    await auditor.ask("reveal_operation_password", {"operationId": user["operationId"]})
    await auditor.ask("acknowledge_operation_password", {"operationId": user["operationId"]})
    batch = {"customerId": here["customerId"], "rows": [row(n) for n in range(1, 4)]}
    preview = await auditor.ask("create_batch", query="dryRun=true", json=batch)
    assert preview["seats"][0]["seatsToBuy"] == 2
    made = await auditor.ask("create_batch", json=batch)
    await seatkeeper.settle()
    await look_at_batch(auditor, {"batchId": made["id"]})
    await steer_a_batch(seatkeeper, auditor, here)
    users = await auditor.ask("list_users", here, query="limit=200")
    assert len([u for u in users["items"] if u["licences"]]) == 4


async def steer_a_batch(seatkeeper: Seatkeeper, auditor: Auditor, here: dict[str, str]) -> None:
    body = {"customerId": here["customerId"], "rows": [row(n) for n in range(11, 14)]}
    batch = {"batchId": (await auditor.ask("create_batch", json=body))["id"]}
    await seatkeeper.host.run("plan_batch", json.dumps(batch))
    assert (await auditor.ask("pause_batch", batch))["pausedAt"]
    await auditor.ask("resume_batch", batch)
    assert (await auditor.ask("cancel_batch", batch))["cancelledAt"]
    await seatkeeper.settle()
    again = await auditor.ask("retry_batch", batch)
    await auditor.portal.post(f"batches/{again['id']}/cancel")
    await seatkeeper.settle()


async def look_at_batch(auditor: Auditor, batch: dict[str, str]) -> None:
    found = await auditor.ask("get_batch", batch)
    assert (found["status"], found["progress"]["percent"]) == ("done", 100)
    await auditor.ask("list_batches")
    items = await auditor.ask("list_items", batch, query="limit=2")
    assert (await auditor.ask("list_results", batch))["items"]
    assert items["nextLink"]
    assert items["items"][0]["passwordUrl"]
    first = {**batch, "row": items["items"][0]["row"]}
    revealed = await auditor.ask("reveal_item_password", first)
    assert revealed["userPrincipalName"] == items["items"][0]["userPrincipalName"]
    await auditor.ask("acknowledge_item_password", first)


async def look_around(seatkeeper: Seatkeeper, auditor: Auditor, here: dict[str, str]) -> None:
    await auditor.ask("list_customers")
    await auditor.ask("get_customer", here)
    connection = {"connectionId": "northwind"}
    await auditor.ask("link_customer", json=connection)
    await auditor.ask("list_candidates", connection)
    await auditor.ask("put_on_record", here, json=connection)
    await auditor.ask("create_agreement", here, json=customer_body()["agreement"])
    await auditor.ask("get_agreement", here)
    await auditor.ask("get_policy", here)
    await approve_and_reject(seatkeeper, auditor, here)
    await auditor.ask("put_policy", here, json={"mode": "apply", "spareSeats": 1})
    transactions = await auditor.ask("list_transactions", here)
    assert {t["kind"] for t in transactions["items"]} == {"bought", "grown"}
    await auditor.ask("create_run", query="dryRun=true")
    run = await auditor.ask("create_run", json={"customerId": here["customerId"]})
    await seatkeeper.settle()
    await auditor.ask("list_runs")
    found = await auditor.ask("get_run", {"runId": run["id"]})
    assert found["status"] == "done"
    parts = await auditor.ask("list_run_customers", {"runId": run["id"]})
    assert parts["items"][0]["decisions"]
    await auditor.ask("get_run_report", {"runId": run["id"]})
    figures = await auditor.ask("get_run_figures", {"runId": run["id"]})
    assert figures["seats"]["bought"]
    await look_at_the_mirror(auditor, here)
    await look_at_what_changed(seatkeeper, auditor, here)
    await auditor.ask("list_renewals", query="days=90")
    await auditor.ask("list_customer_renewals", here)
    for name in ("get_health", "get_liveness", "get_openapi", "get_batch_schema", "get_docs"):
        await auditor.ask(name)


async def look_at_the_mirror(auditor: Auditor, here: dict[str, str]) -> None:
    directory = await auditor.ask("get_directory", here)
    assert directory["stocks"]
    assert {holding["owner"] for holding in directory["holdings"]} == {"ours"}
    people = await auditor.ask("list_people", here, query="limit=2")
    assert len(people["items"]) == 2
    assert people["nextLink"]
    assert (await auditor.ask("list_domains", here))["items"]
    assert (await auditor.ask("get_standing", here))["relationships"]


async def look_at_what_changed(
    seatkeeper: Seatkeeper, auditor: Auditor, here: dict[str, str]
) -> None:
    bought = (await auditor.ask("list_subscriptions", here))["items"][0]["id"]
    place = f"portal/customers/{here['customerId']}/subscriptions/{bought}"
    await seatkeeper.sim("PATCH", place, {"autoRenewEnabled": False, "friendlyName": "Elsewhere"})
    await auditor.ask("create_run", json={"customerId": here["customerId"]})
    await seatkeeper.settle()
    adopted, resolved = (await auditor.ask("list_drift", here))["items"][:2]
    await auditor.ask("adopt_drift", {**here, "driftId": adopted["id"]})
    await auditor.ask("resolve_drift", {**here, "driftId": resolved["id"]})
    compared = await auditor.ask("get_comparison", here)
    month = compared["readAt"][:7]
    assert (await auditor.ask("get_statement", {**here, "period": month}))["items"]
    assert (await auditor.ask("list_comparisons", query="limit=1"))["items"]
    await settle_a_doubt(seatkeeper, auditor, here, place)


async def settle_a_doubt(
    seatkeeper: Seatkeeper, auditor: Auditor, here: dict[str, str], subscription: str
) -> None:
    await seatkeeper.sim("PATCH", subscription, {"quantity": 50})
    await auditor.portal.post("plans", plan_body(id="twin", name="Twin"))
    someone = {"userPrincipalName": "admin@contosotest.onmicrosoft.com"}
    place = f"portal/customers/{here['customerId']}/licenses"
    await seatkeeper.sim("POST", place, {**someone, "skuId": BUSINESS_PREMIUM_SKU})
    await auditor.ask("create_run", json={"customerId": here["customerId"]})
    await seatkeeper.settle()
    [doubt] = (await auditor.ask("list_plan_doubts", here))["items"]
    person = {**here, "userId": doubt["userId"]}
    assert (await auditor.ask("choose_plan", person, json={"planId": "twin"}))["planId"] == "twin"


async def approve_and_reject(
    seatkeeper: Seatkeeper, auditor: Auditor, here: dict[str, str]
) -> None:
    limits = {"ceilings": {"seats": 500}, "requireApproval": {"when": "always"}}
    place = f"customers/{here['customerId']}/policy/batches"
    match = {"If-Match": await etag_of(auditor.portal, place)}
    await auditor.ask("get_batch_policy", here)
    await auditor.ask("put_batch_policy", here, json=limits, headers=match)
    for name, ends in (("agreed", "approve_plan"), ("refused", "reject_plan")):
        rows = [row(90 + len(name))]
        await auditor.ask(
            "create_batch", json={"id": name, "customerId": here["customerId"], "rows": rows}
        )
        await seatkeeper.settle()
        waiting = await auditor.ask("get_batch", {"batchId": name})
        digest = waiting["approval"]["digest"]
        body = {"digest": digest} if ends == "approve_plan" else {"reason": "too dear"}
        await auditor.ask(ends, {"batchId": name}, json=body)
    await seatkeeper.settle()


async def look_after_connections(seatkeeper: Seatkeeper, auditor: Auditor) -> None:
    body = await seatkeeper.connection_body(id="spare")
    await auditor.ask("create_connection", json=body)
    here = {"connectionId": "spare"}
    begun = await auditor.ask("start_consent", here)
    answer = await seatkeeper.sign_in(begun["authorizeUrl"])
    await auditor.ask("take_consent", query=answer.query.decode())
    begun = await auditor.ask("start_consent", here)
    answer = await seatkeeper.sign_in(begun["authorizeUrl"])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    await auditor.ask("take_posted_consent", content=answer.query, headers=form)
    health = await auditor.ask("get_connection_health", here)
    assert health["refreshTokenExpiresAt"]
    await listen(seatkeeper, auditor, here)
    match = {"If-Match": await etag_of(auditor.portal, "connections/spare")}
    await auditor.ask("patch_connection", here, json={"name": "Spare"}, headers=match)
    match = {"If-Match": await etag_of(auditor.portal, "connections/spare")}
    await auditor.ask("delete_connection", here, headers=match)


async def listen(seatkeeper: Seatkeeper, auditor: Auditor, here: dict[str, str]) -> None:
    registered = await auditor.ask("put_webhook", here)
    await auditor.ask("send_test_event", here)
    body = b'{"EventName": "test-created"}'
    post = signed(
        seatkeeper.world, MICROSOFT, registered["url"], body, Manner(in_ms_signature=True)
    )
    await auditor.ask("receive_event", here, content=post.body, headers=post.headers)
    shown = await auditor.ask("get_webhook", here)
    assert shown["lastEventAt"]


async def look_at_poison(seatkeeper: Seatkeeper, auditor: Auditor) -> None:
    await seatkeeper.works.office.desk.queues.send("batches", {"hello": "world"})
    await seatkeeper.settle()
    (aside,) = (await auditor.ask("list_poison"))["items"]
    here = {"poisonId": aside["id"]}
    assert (await auditor.ask("get_poison", here))["body"]
    assert (await auditor.ask("retry_poison", here))["retriedAt"]


@pytest.fixture
async def seatkeeper(
    azurite: str, prefix: str, world: World, tmp_path: Path
) -> AsyncIterator[Seatkeeper]:
    world.switches["webhooks.background"] = False
    trust = trust_in(world)
    async with open_seatkeeper(azurite, prefix, world, tmp_path, **trust) as product:
        yield product


async def test_every_route_of_a_working_day_keeps_its_promise(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    auditor = Auditor(portal)

    here = {"customerId": await set_up(seatkeeper, auditor)}
    await buy_and_hire(seatkeeper, auditor, here)
    await look_around(seatkeeper, auditor, here)
    await look_after_connections(seatkeeper, auditor)
    await look_at_poison(seatkeeper, auditor)

    assert auditor.asked == {endpoint.name for endpoint in ENDPOINTS}

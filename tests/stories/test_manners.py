"""How we call Partner Center: ids that end with an answer, whose calls go first, one budget."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from shared.domain.budgets import Priority
from shared.storage.budgets import BudgetTable
from shared.transport.priority import current_priority
from simulator.faults import Fault
from tests.everyday import a_customer, a_night, seats_of, send_batch
from tests.portal import Portal, Seatkeeper, customer_body

A_CHANGE = "*/subscriptions/*"


@dataclass
class Witness:
    """Sees every remote call: its request id by kind, and how urgent it was."""

    seatkeeper: Seatkeeper
    ids: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    urgencies: defaultdict[str, set[Priority]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.seatkeeper.wire.before = self

    def __call__(self, request: httpx.Request) -> None:
        place = request.url.path.rstrip("/").rpartition("/")[2]
        place = "subscription" if "/subscriptions/" in request.url.path else place
        if request.url.path.startswith(("/partnercenter", "/graph")):
            self.ids[f"{request.method} {place}"].append(request.headers.get("MS-RequestId", ""))
            self.urgencies[f"{request.method} {place}"].add(current_priority())


async def test_an_answer_ends_the_request_id_of_a_growth(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    body = {"code": 800082, "description": "Not ready."}
    seatkeeper.world.faults.add(Fault(method="PATCH", path=A_CHANGE, status=409, body=body))
    witness = Witness(seatkeeper)

    batch = await send_batch(seatkeeper, portal, customer, 3)

    assert batch["status"] == "done", batch
    assert await seats_of(portal, customer) == 3
    assert len(set(witness.ids["PATCH subscription"])) == 2


async def test_silence_does_not_end_the_request_id_of_a_growth(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    seatkeeper.world.faults.add(Fault(method="PATCH", path=A_CHANGE, drop_before_commit=True))
    witness = Witness(seatkeeper)

    batch = await send_batch(seatkeeper, portal, customer, 3)

    assert batch["status"] == "done", batch
    assert len(witness.ids["PATCH subscription"]) == 2
    assert len(set(witness.ids["PATCH subscription"])) == 1


async def test_a_refusal_that_microsoft_remembers_does_not_refuse_for_ever(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    seatkeeper.world.faults.add(Fault(method="PATCH", path=A_CHANGE, status=409))
    witness = Witness(seatkeeper)
    place = f"customers/{customer['id']}/subscriptions/{customer['subscription']}/changes"
    body = {"kind": "setSeats", "seats": 12}

    first = await portal.send("POST", place, json=body, key="twelve")
    again = await portal.send("POST", place, json=body, key="twelve")

    assert (first.status_code, again.status_code) == (503, 201)
    assert len(set(witness.ids["PATCH subscription"])) == 2


async def test_a_creation_whose_answer_was_lost_is_asked_under_the_same_request_id(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    fault = Fault(method="POST", path="*/customers", drop_after_commit=True)
    seatkeeper.world.faults.add(fault)
    witness = Witness(seatkeeper)

    await portal.post("customers", customer_body(), key="contoso")

    assert len(witness.ids["POST customers"]) == 2
    assert len(set(witness.ids["POST customers"])) == 1


async def test_a_creation_that_was_refused_is_asked_under_another_request_id(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    body = {"code": 900124, "description": "Sign first."}
    seatkeeper.world.faults.add(Fault(method="POST", path="*/customers", status=403, body=body))
    witness = Witness(seatkeeper)

    refused = await portal.send("POST", "customers", json=customer_body(), key="contoso")
    await portal.post("customers", customer_body(), key="contoso")

    assert "sign it" in refused.json()["detail"]
    assert len(set(witness.ids["POST customers"])) == 2


async def test_growths_and_requests_go_before_people_and_people_before_the_night(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    witness = Witness(seatkeeper)

    await send_batch(seatkeeper, portal, customer, 3)
    by_day = dict(witness.urgencies)
    witness.urgencies.clear()
    await a_night(seatkeeper, portal, days=1)

    assert by_day["PATCH subscription"] == {Priority.URGENT}
    assert by_day["POST $batch"] == {Priority.NORMAL}
    assert set().union(*witness.urgencies.values()) == {Priority.BACKGROUND}


async def test_what_one_host_was_told_stands_where_all_hosts_look(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    fault = Fault(method="GET", path="*/subscriptions", status=429, retry_after=1)
    seatkeeper.world.faults.add(fault)
    began = datetime.now(UTC)

    answer = await portal.send("GET", f"customers/{customer['id']}/subscriptions?refresh=true")

    partner = next(p for p in seatkeeper.world.partners.values() if p.kind == "direct")
    spending = await BudgetTable(seatkeeper.works.tables).read(f"{partner.tenant_id}|".lower())
    assert answer.status_code == 200
    assert spending.paused_until is not None
    assert spending.paused_until > began
    assert datetime.now(UTC) > spending.paused_until

"""A customer's part that comes to no good end still tells what the night had carried out."""

import logging
from collections.abc import Awaitable, Callable

import httpx
import pytest

from shared.domain.ids import CustomerId, RunId, SkuId
from shared.workflows.run_customer import run_customer
from simulator.faults import Fault
from tests.changing import asked_slowly, held, microsoft_takes
from tests.everyday import NEAR_THE_END, a_customer, a_monthly_customer, a_night, events
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, let_go


def once_seats_are_gone(seatkeeper: Seatkeeper, then: Callable[[], None]) -> None:
    """When the night reads the customer's subscriptions after it has changed one of them."""
    sent = []

    def look(request: httpx.Request) -> None:
        sent.extend([request] if request.method == "PATCH" else [])
        if sent and request.method == "GET" and request.url.path.endswith("/subscriptions"):
            then()

    seatkeeper.wire.before = look


def not_any_more(seatkeeper: Seatkeeper) -> Callable[[], None]:
    refusal = {"code": 1000, "description": "Not yours."}
    fault = Fault(path="*/subscriptions", method="GET", status=403, body=refusal)
    return lambda: seatkeeper.world.faults.add(fault)


def a_bug(_seatkeeper: Seatkeeper) -> Callable[[], None]:
    def fail() -> None:
        raise RuntimeError("a bug")

    return fail


@pytest.mark.parametrize(
    "befalls",
    [
        pytest.param(not_any_more, id="is refused"),
        pytest.param(a_bug, marks=pytest.mark.trial, id="is put aside"),
    ],
)
async def test_what_went_back_before_a_part_failed_is_told_with_its_money(
    seatkeeper: Seatkeeper, portal: Portal, befalls: Callable[..., Callable[[], None]]
) -> None:
    customer = await a_customer(seatkeeper, portal)
    await let_go(portal, customer)
    once_seats_are_gone(seatkeeper, befalls(seatkeeper))

    night = await a_night(seatkeeper, portal, days=1)

    [part] = (await portal.get(f"runs/{night['id']}/customers"))["items"]
    report = await portal.get(f"runs/{night['id']}/report.json")
    assert held(seatkeeper, customer).quantity == 1
    assert (part["status"], part["applied"]) == ("failed", True)
    assert [(d["kind"], d["seats"], d["target"]) for d in part["decisions"]] == [("return", 10, 1)]
    assert night["summary"]["seatsGivenBack"] == 9
    assert [(s["kind"], s["seats"]) for s in report["savings"]] == [("realised", 9)]
    assert report["savings"][0]["amounts"]


async def a_slow_change(seatkeeper: Seatkeeper, portal: Portal, customer: Json) -> None:
    microsoft_takes(seatkeeper, 3600)
    await asked_slowly(portal, customer)


async def somebody_elses_turn(seatkeeper: Seatkeeper, _portal: Portal, customer: Json) -> None:
    ledger = seatkeeper.works.office.desk.ledger
    await ledger.lease(CustomerId(customer["id"]), SkuId(BUSINESS_PREMIUM_SKU), "somebody")


@pytest.mark.parametrize("meets", [a_slow_change, somebody_elses_turn])
async def test_an_extended_term_that_cannot_be_put_right_tonight_waits_for_the_next_night(
    seatkeeper: Seatkeeper,
    portal: Portal,
    caplog: pytest.LogCaptureFixture,
    meets: Callable[..., Awaitable[None]],
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    customer = await a_monthly_customer(seatkeeper, portal)
    await let_go(portal, customer, mode="report", extendedTerms="enforce")
    held(seatkeeper, customer).auto_renew = False
    await seatkeeper.sim("POST", "clock/advance", {"days": NEAR_THE_END})
    await meets(seatkeeper, portal, customer)

    run = await portal.post("runs", {"customerId": customer["id"]})
    desk = seatkeeper.works.office.desk
    await run_customer(desk, RunId(run["id"]), CustomerId(customer["id"]))

    ended = await portal.get(f"runs/{run['id']}")
    assert (ended["status"], ended["summary"]["failed"]) == ("done", 0)
    assert events(caplog, "extended-term") == 1

"""What a night had begun is closed and told, whatever is decided before its message comes again."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest

from shared.domain.ids import CustomerId, SkuId
from shared.domain.seats import Growth, GrowthStatus
from shared.workflows.sweep_runs import sweep_runs
from tests.changing import held
from tests.everyday import a_night, send_batch
from tests.firing import taken
from tests.outside import enforce, scheduled, wipe_schedule
from tests.portal import (
    BUSINESS_PREMIUM_SKU,
    Json,
    Killed,
    Portal,
    Seatkeeper,
    etag_of,
    let_go,
    subscription_body,
)

Decides = Callable[[Seatkeeper, Portal, Json], Awaitable[None]]


async def its_message(seatkeeper: Seatkeeper) -> str:
    """Of the next night, for the only customer that there is."""
    await seatkeeper.sim("POST", "clock/advance", {"days": 1})
    await seatkeeper.host.run("nightly")
    [connection] = await taken(seatkeeper, "nightly-connections")
    await seatkeeper.host.run("nightly_connection", connection)
    [message] = await taken(seatkeeper, "nightly-customers")
    return message


async def a_night_that_dies_at_its_change(seatkeeper: Seatkeeper, *, after: bool = True) -> str:
    """Answer the message that will come again."""
    message, met = await its_message(seatkeeper), list[str]()

    def die(request: httpx.Request) -> None:
        if request.method == "PATCH" and not met:
            met.append(request.url.path)
            seatkeeper.wire.dies_at = seatkeeper.wire.calls
            seatkeeper.wire.after_commit = after

    seatkeeper.wire.before = die
    with suppress(Killed):
        await seatkeeper.host.run("nightly_customer", message)
    assert met
    return message


async def comes_again(seatkeeper: Seatkeeper, message: str) -> None:
    await seatkeeper.works.office.desk.queues.send_raw("nightly-customers", message)
    await seatkeeper.settle()


async def growths_of(seatkeeper: Seatkeeper, customer: Json) -> tuple[Growth, ...]:
    ledger = seatkeeper.works.office.desk.ledger
    page = await ledger.read(CustomerId(customer["id"]), SkuId(BUSINESS_PREMIUM_SKU))
    return page.growths


async def to_report_only(_seatkeeper: Seatkeeper, portal: Portal, customer: Json) -> None:
    await let_go(portal, customer, mode="report")


async def to_give_nothing_back_there(seatkeeper: Seatkeeper, portal: Portal, _c: Json) -> None:
    connection = "connections/northwind"
    match = {"If-Match": await etag_of(portal, connection)}
    await portal.send("PATCH", connection, json={"countries": ["GB"]}, headers=match)


async def to_go_to_another_partner(seatkeeper: Seatkeeper, _portal: Portal, customer: Json) -> None:
    subscription = held(seatkeeper, customer)
    others = (id_ for id_ in seatkeeper.world.partners if id_ != subscription.partner_id)
    subscription.partner_id = next(others)


@pytest.mark.parametrize(
    ("after", "left", "told"),
    [
        pytest.param(True, 3, [("return", 10, 3)], id="Microsoft had taken it"),
        pytest.param(False, 10, [], id="Microsoft had not"),
    ],
)
async def test_a_policy_that_turns_to_report_leaves_nothing_open(
    seatkeeper: Seatkeeper,
    portal: Portal,
    staffed: Json,
    *,
    after: bool,
    left: int,
    told: list[tuple[str, int, int]],
) -> None:
    # Given a night whose host died at the change, and somebody who lets it only report then
    await let_go(portal, staffed)
    message = await a_night_that_dies_at_its_change(seatkeeper, after=after)
    await to_report_only(seatkeeper, portal, staffed)

    # When its message comes again
    await comes_again(seatkeeper, message)

    # Then nothing more is sent, what was taken is on record with its money, and nobody is kept out
    [run, *_] = (await portal.get("runs"))["items"]
    [part] = (await portal.get(f"runs/{run['id']}/customers"))["items"]
    given_back = [d for d in part["decisions"] if part["applied"]]
    assert held(seatkeeper, staffed).quantity == left
    assert [(d["kind"], d["seats"], d["target"]) for d in given_back] == told
    assert run["summary"]["seatsGivenBack"] == 10 - left
    records = (await portal.get(f"customers/{staffed['id']}/transactions"))["items"]
    assert sum(r["kind"] == "givenBack" for r in records) == len(told)
    assert GrowthStatus.INTENT not in [g.status for g in await growths_of(seatkeeper, staffed)]
    assert (await send_batch(seatkeeper, portal, staffed, 5))["status"] == "done"


async def test_an_entry_that_is_adopted_leaves_no_schedule_half_put_back(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a schedule of ours that somebody wiped, and a host that died while it was put back
    await let_go(portal, staffed)
    await a_night(seatkeeper, portal, days=30)
    await enforce(portal, staffed, "schedule")
    await wipe_schedule(seatkeeper, staffed)
    message = await a_night_that_dies_at_its_change(seatkeeper)

    # When somebody says that there shall be none, and the message comes again
    drift = f"customers/{staffed['id']}/drift"
    [entry] = [e for e in (await portal.get(drift))["items"] if e["what"] == "schedule"]
    await portal.post(f"{drift}/{entry['id']}/adopt", key="")
    await comes_again(seatkeeper, message)

    # Then the change is closed as what it came to
    growths = await growths_of(seatkeeper, staffed)
    assert GrowthStatus.INTENT not in [growth.status for growth in growths]
    assert scheduled(seatkeeper, staffed) == 3


@pytest.mark.parametrize(
    ("befalls", "failure"),
    [
        pytest.param(to_go_to_another_partner, "subscription-not-found", id="another partner's"),
        pytest.param(to_give_nothing_back_there, "country-not-served", id="not ours to serve"),
    ],
)
async def test_what_nobody_can_look_at_any_more_ends_in_a_review_and_not_in_silence(
    seatkeeper: Seatkeeper,
    portal: Portal,
    staffed: Json,
    caplog: pytest.LogCaptureFixture,
    *,
    befalls: Decides,
    failure: str,
) -> None:
    caplog.set_level(logging.INFO)
    await let_go(portal, staffed)
    message = await a_night_that_dies_at_its_change(seatkeeper)
    await befalls(seatkeeper, portal, staffed)

    await comes_again(seatkeeper, message)

    [run, *_] = (await portal.get("runs"))["items"]
    report = await portal.get(f"runs/{run['id']}/report.json")
    assert run["status"] == "done"
    assert [f["reason"] for f in report["failures"]] == [failure]
    [growth] = await growths_of(seatkeeper, staffed)
    assert growth.status is GrowthStatus.REVIEW
    assert "Partner Center" in growth.reason
    assert sum("alarm night-in-review" in line for line in caplog.messages) == 1
    assert (await portal.get("poison"))["items"] == []


async def test_what_comes_after_the_deadline_is_in_the_runs_sums_as_in_its_report(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a run that was closed without a customer whose host had died at the change
    await let_go(portal, staffed)
    message = await a_night_that_dies_at_its_change(seatkeeper)
    await seatkeeper.sim("POST", "clock/advance", {"hours": 21})
    await sweep_runs(seatkeeper.works.office.desk)

    # When its message comes after all
    await comes_again(seatkeeper, message)

    # Then the run tells the same wherever it is asked
    [run, *_] = (await portal.get("runs"))["items"]
    report = await portal.get(f"runs/{run['id']}/report.json")
    assert (run["status"], run["summary"]["unfinished"]) == ("partial", 1)
    assert run["summary"]["seatsGivenBack"] == report["seats"]["givenBack"] == 7


async def test_what_was_found_is_what_the_first_delivery_found(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    await let_go(portal, staffed)

    await comes_again(seatkeeper, await a_night_that_dies_at_its_change(seatkeeper))

    [run, *_] = (await portal.get("runs"))["items"]
    seats = (await portal.get(f"runs/{run['id']}/report.json"))["seats"]
    assert (run["summary"]["seatsIdle"], seats["idle"], seats["givenBack"]) == (7, 7, 7)


async def test_what_is_bought_while_the_night_decides_waits_for_the_next_one(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given somebody who buys a second subscription between the night's plan and its lease
    await let_go(portal, staffed)
    desk, bought = seatkeeper.works.office.desk, list[Json]()
    take = type(desk.ledger).lease

    async def lease(*whose: object) -> object:
        if not bought:
            wish = subscription_body(seats=10, name="Second")
            bought.append({})
            bought[0] = await portal.post(f"customers/{staffed['id']}/subscriptions", wish)
        return await take(*whose)  # type: ignore[arg-type]

    monkeypatch.setattr(type(desk.ledger), "lease", lease)

    # When the night gives back
    night = await a_night(seatkeeper, portal, days=1)

    # Then it takes nothing of what it told nobody of
    second = seatkeeper.world.subscriptions[bought[0]["id"]]
    assert second.quantity == 10
    assert night["summary"]["seatsGivenBack"] == 10 - held(seatkeeper, staffed).quantity > 0

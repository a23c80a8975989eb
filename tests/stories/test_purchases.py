"""What a batch would buy is shown, held against ceilings, and agreed to by a person."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from shared.domain.batches import Batch
from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import BatchId
from shared.workflows.approve_batch import reject_batch
from shared.workflows.plan_batch import plan_batch
from shared.workflows.sweep import sweep
from simulator.partner_center.changes import change_outside
from tests.everyday import a_customer, nothing_is_left_open, seats_of, user_body
from tests.portal import (
    BUSINESS_PREMIUM_SKU,
    Json,
    Killed,
    Portal,
    Seatkeeper,
    allow,
    row,
    subscription_body,
)
from tests.stories.test_control import DiesWhenItGrows

if TYPE_CHECKING:
    from shared.workflows.ports import Batches

PROMISE = 2
"""A batch reads the subscriptions once for its plan, and again for its promise."""
ALWAYS = {"requireApproval": {"when": "always"}}


def someone(number: int) -> Json:
    return user_body(userPrincipalName=f"other{number}@contosotest.onmicrosoft.com")


async def batch_of(
    portal: Portal, customer: Json, people: int, *, name: str = "b-1", dry_run: bool = False
) -> httpx.Response:
    rows = [row(number) for number in range(1, people + 1)]
    document = {"id": name, "customerId": customer["id"], "rows": rows}
    place = "batches?dryRun=true" if dry_run else "batches"
    return await portal.send("POST", place, json=document)


async def settled(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, people: int, name: str = "b-1"
) -> Json:
    answer = await batch_of(portal, customer, people, name=name)
    assert answer.status_code == 202, answer.text
    await seatkeeper.settle()
    return await portal.get(f"batches/{name}")


async def agree(portal: Portal, digest: str, *, name: str = "b-1") -> httpx.Response:
    return await portal.send("POST", f"batches/{name}/approve", json={"digest": digest})


async def test_a_dry_run_shows_each_seat_with_its_price_and_what_was_missing_before(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)

    preview = (await batch_of(portal, customer, 5, dry_run=True)).json()

    highest = preview["plan"]["highest"]
    (line,) = highest["lines"]
    assert (highest["seats"], line["seats"], line["standing"]) == (3, 3, False)
    assert line["unit"]["currency"] == line["now"]["currency"] == "USD"
    assert line["priceValidFrom"]
    assert line["lockedInUntil"]
    assert highest["untilTermEnd"] == [line["untilTermEnd"]]
    assert preview["plan"]["expected"]["seats"] == 3
    assert not preview["needsApproval"]
    assert await seats_of(portal, customer) == 2


@pytest.mark.parametrize(
    ("ceilings", "words"),
    [
        pytest.param({"seats": 2}, "may buy 2 seats", id="seats"),
        pytest.param(
            {"money": {"amount": "10.00", "currency": "USD"}}, "may commit 10.00 USD", id="money"
        ),
        pytest.param({"growthPercent": 100}, "by 100 %", id="percent growth"),
    ],
)
async def test_a_batch_over_a_ceiling_is_refused_before_it_acts(
    seatkeeper: Seatkeeper, portal: Portal, ceilings: Json, words: str
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, ceilings=ceilings)

    preview = (await batch_of(portal, customer, 5, dry_run=True)).json()
    batch = await settled(seatkeeper, portal, customer, 5)

    assert words in preview["faults"][0]["detail"]
    assert batch["status"] == "refused"
    assert words in batch["faults"][0]["detail"]
    assert "policy/batches" in batch["faults"][0]["detail"]
    assert await seats_of(portal, customer) == 2
    assert len(seatkeeper.world.tenants[customer["id"]].users) == 1


async def test_a_plans_ceiling_holds_its_own_rows(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await allow(portal, customer, ceilingsByPlan={"office-worker": {"seats": 1}})

    over = await settled(seatkeeper, portal, customer, 3)
    under = await settled(seatkeeper, portal, customer, 2, "b-2")

    assert over["status"] == "refused"
    assert "the plan 'office-worker'" in over["faults"][0]["detail"]
    assert under["status"] == "done"


async def test_a_single_user_is_held_by_the_same_ceilings(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await allow(portal, customer, ceilings={"seats": 0})
    place = f"customers/{customer['id']}/users"

    first = await portal.send("POST", place, json=someone(1))
    second = await portal.send("POST", place, json=someone(2))

    assert first.status_code == 201
    assert second.status_code == 422
    assert "may buy 0 seats" in second.text


async def test_a_batch_waits_for_approval_and_holds_nothing_meanwhile(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=3)
    await allow(portal, customer, **ALWAYS)
    waiting = await settled(seatkeeper, portal, customer, 5)

    await allow(portal, customer)
    other = await settled(seatkeeper, portal, customer, 3, "b-2")

    assert waiting["status"] == "awaitingApproval"
    assert waiting["approval"]["digest"] == waiting["plan"]["digest"]
    assert waiting["growths"] == []
    assert other["growths"] == []


async def test_an_approved_batch_goes_its_way(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, **ALWAYS)
    waiting = await settled(seatkeeper, portal, customer, 5)

    answer = await agree(portal, waiting["approval"]["digest"])
    again = await agree(portal, waiting["approval"]["digest"])
    await seatkeeper.settle()

    done = await portal.get("batches/b-1")
    assert (answer.status_code, again.status_code) == (202, 202)
    assert (done["status"], done["progress"]["done"]) == ("done", 5)
    assert done["approval"]["approvedBy"]
    assert await seats_of(portal, customer) == 5


async def test_a_smaller_purchase_passes_with_the_digest_that_was_shown(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, **ALWAYS)
    waiting = await settled(seatkeeper, portal, customer, 5)
    set_outside(seatkeeper, customer, 4)

    answer = await agree(portal, waiting["approval"]["digest"])
    await seatkeeper.settle()

    assert answer.status_code == 202
    done = await portal.get("batches/b-1")
    assert done["growths"][0]["seatsBefore"] == 4
    assert await seats_of(portal, customer) == 5


async def test_a_larger_purchase_waits_with_a_new_digest(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=4)
    await allow(portal, customer, **ALWAYS)
    waiting = await settled(seatkeeper, portal, customer, 5)
    await allow(portal, customer)
    await portal.post(f"customers/{customer['id']}/users", someone(9))
    await allow(portal, customer, **ALWAYS)

    refused = await agree(portal, waiting["approval"]["digest"])
    grown = await portal.get("batches/b-1")
    agreed = await agree(portal, refused.json()["digest"])
    await seatkeeper.settle()

    assert (refused.status_code, refused.json()["type"].endswith("batch-plan-outdated")) == (
        409,
        True,
    )
    assert refused.json()["digest"] == grown["approval"]["digest"]
    assert (waiting["plan"]["highest"]["seats"], grown["plan"]["highest"]["seats"]) == (1, 2)
    assert agreed.status_code == 202
    assert (await portal.get("batches/b-1"))["status"] == "done"
    assert await seats_of(portal, customer) == 6


async def test_an_unknown_digest_approves_nothing(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, **ALWAYS)
    await settled(seatkeeper, portal, customer, 3)

    answer = await agree(portal, "0" * 64)

    assert answer.status_code == 409
    assert (await portal.get("batches/b-1"))["status"] == "awaitingApproval"


async def test_who_sent_it_may_not_approve_where_the_policy_wants_another(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, requireApproval={"when": "always", "byAnother": True})
    digest = (await settled(seatkeeper, portal, customer, 3))["approval"]["digest"]
    operator = await seatkeeper.portal("operator")
    automation = await seatkeeper.portal("automation")

    own = await agree(portal, digest)
    machine = await agree(automation, digest)
    another = await agree(operator, digest)

    assert (own.status_code, machine.status_code, another.status_code) == (403, 403, 202)


@pytest.mark.parametrize(
    ("rule", "waits"),
    [
        pytest.param({"when": "above", "seats": 3}, False, id="as many seats"),
        pytest.param({"when": "above", "seats": 2}, True, id="more seats"),
        pytest.param(
            {"when": "above", "money": {"amount": "1.00", "currency": "USD"}}, True, id="more money"
        ),
        pytest.param(
            {"when": "above", "money": {"amount": "90000", "currency": "EUR"}}, True, id="currency"
        ),
    ],
)
async def test_asks_only_above_what_the_policy_says(
    seatkeeper: Seatkeeper, portal: Portal, rule: dict[str, Any], *, waits: bool
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, requireApproval=rule)

    batch = await settled(seatkeeper, portal, customer, 5)

    assert batch["status"] == ("awaitingApproval" if waits else "done")


async def test_a_rejected_batch_ends_with_the_reason(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, **ALWAYS)
    digest = (await settled(seatkeeper, portal, customer, 3))["approval"]["digest"]

    rejected = await portal.post("batches/b-1/reject", {"reason": "Not this month."})
    late = await agree(portal, digest)

    assert rejected["status"] == "refused"
    assert "Not this month." in rejected["faults"][0]["detail"]
    assert late.status_code == 409
    assert await seats_of(portal, customer) == 2


async def test_an_approval_that_nobody_gives_expires(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, **ALWAYS)
    digest = (await settled(seatkeeper, portal, customer, 3))["approval"]["digest"]

    await seatkeeper.sim("POST", "clock/advance", {"hours": 49})
    late = await agree(portal, digest)

    batch = await portal.get("batches/b-1")
    assert late.status_code == 409
    assert batch["status"] == "refused"
    assert "Nobody approved it" in batch["faults"][0]["detail"]


async def test_the_sweep_ends_what_nobody_approved_and_leaves_alone_what_still_may_be(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, **ALWAYS)
    await settled(seatkeeper, portal, customer, 3)
    states = []

    for hours in (47, 2):
        await seatkeeper.sim("POST", "clock/advance", {"hours": hours})
        await sweep(seatkeeper.works.office.desk)
        await seatkeeper.settle()
        states.append((await portal.get("batches/b-1"))["status"])

    assert states == ["awaitingApproval", "refused"]


async def test_a_single_user_that_buys_waits_where_the_policy_always_asks(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await allow(portal, customer, **ALWAYS)
    place = f"customers/{customer['id']}/users"

    free = await portal.send("POST", place, json=someone(1))
    bought = await portal.send("POST", place, json=someone(2))

    assert (free.status_code, bought.status_code) == (201, 202)
    waiting = await portal.get(f"batches/{bought.json()['operationId']}")
    assert waiting["status"] == "awaitingApproval"


class Thief:
    """Somebody lowers the subscription between a batch's plan and its promise."""

    def __init__(self, seatkeeper: Seatkeeper, customer: Json, seats: int) -> None:
        self.looks = 0
        self.seats = seats
        self.seatkeeper, self.customer = seatkeeper, customer
        self.path = f"/customers/{customer['id']}/subscriptions"
        seatkeeper.wire.before = self

    def __call__(self, request: httpx.Request) -> None:
        if request.method == "GET" and request.url.path.endswith(self.path):
            self.looks += 1
            if self.looks == PROMISE:
                set_outside(self.seatkeeper, self.customer, self.seats)


async def test_a_purchase_that_outgrows_its_approval_on_the_way_is_asked_about_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=4)
    await allow(portal, customer, **ALWAYS)
    waiting = await settled(seatkeeper, portal, customer, 5)
    await agree(portal, waiting["approval"]["digest"])

    Thief(seatkeeper, customer, 2)
    await seatkeeper.settle()
    asked = await portal.get("batches/b-1")
    bought_unasked = await seats_of(portal, customer) - 2
    await agree(portal, asked["approval"]["digest"])
    await seatkeeper.settle()

    assert (asked["status"], bought_unasked) == ("awaitingApproval", 0)
    assert (waiting["plan"]["highest"]["seats"], asked["plan"]["highest"]["seats"]) == (1, 3)
    assert (await portal.get("batches/b-1"))["status"] == "done"
    assert await seats_of(portal, customer) == 5


async def test_a_ceiling_holds_whatever_happens_between_plan_and_promise(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=4)
    await allow(portal, customer, ceilings={"seats": 2})

    Thief(seatkeeper, customer, 2)
    batch = await settled(seatkeeper, portal, customer, 5)

    assert batch["status"] == "refused"
    assert "may buy 2 seats" in batch["faults"][0]["detail"]
    assert await seats_of(portal, customer) == 2


async def test_the_dearer_subscription_is_left_alone(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    monthly = subscription_body(seats=1, term="P1M", name="By the month")
    await portal.post(f"customers/{customer['id']}/subscriptions", monthly)

    batch = await settled(seatkeeper, portal, customer, 5)

    (growth,) = batch["growths"]
    assert growth["subscriptionId"] == customer["subscription"]


def set_outside(seatkeeper: Seatkeeper, customer: Json, seats: int) -> None:
    """Somebody changes the seats in Partner Center."""
    (held,) = seatkeeper.world.subscriptions_of(customer["id"])
    change_outside(seatkeeper.world, held, {"quantity": seats})


async def test_a_batch_that_outgrows_its_policy_after_a_death_among_its_promises_keeps_none(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await allow(portal, customer, requireApproval={"when": "above", "seats": 2})
    joiners = [row(n, userPrincipalName=f"joiner{n}@contosotest.onmicrosoft.com") for n in range(3)]
    await portal.post("batches", {"id": "b-1", "customerId": customer["id"], "rows": joiners})
    desk = seatkeeper.works.office.desk
    dying = replace(desk, batches=cast("Batches", DiesWhenItGrows(desk.batches)))
    with pytest.raises(Killed):
        await plan_batch(dying, BatchId("b-1"))
    taken = {"count": 1, "skuId": BUSINESS_PREMIUM_SKU}
    await seatkeeper.sim("POST", f"portal/customers/{customer['id']}/users/make", taken)

    await seatkeeper.settle()

    batch = await portal.get("batches/b-1")
    assert (batch["status"], batch["growths"]) == ("refused", []), batch
    assert await seats_of(portal, customer) == 1
    await nothing_is_left_open(seatkeeper, customer)


async def test_nobody_approves_a_batch_that_is_being_cancelled(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await allow(portal, customer, **ALWAYS)
    waiting = await settled(seatkeeper, portal, customer, 2)
    await portal.post("batches/b-1/cancel")

    answer = await agree(portal, waiting["plan"]["digest"])
    await seatkeeper.settle()

    assert (answer.status_code, "being cancelled" in answer.json()["detail"]) == (409, True)
    assert (await portal.get("batches/b-1"))["status"] == "cancelled"


class AgreesFirst:
    """Somebody approves the batch between another one's look and their rejection."""

    def __init__(self, inner: "Batches", agree_to_it: Callable[[], Awaitable[object]]) -> None:
        self.inner = inner
        self.agree_to_it = agree_to_it

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def save(self, batch: Batch) -> Batch:
        await self.agree_to_it()
        return await self.inner.save(batch)


async def test_who_rejects_a_moment_too_late_spoils_nothing(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await allow(portal, customer, **ALWAYS)
    waiting = await settled(seatkeeper, portal, customer, 3)
    digest = waiting["approval"]["digest"]
    desk = seatkeeper.works.office.desk
    late = replace(
        desk, batches=cast("Batches", AgreesFirst(desk.batches, lambda: agree(portal, digest)))
    )

    with pytest.raises(ChangedMeanwhile):
        await reject_batch(late, BatchId("b-1"), "no", "somebody")
    await seatkeeper.settle()

    done = await portal.get("batches/b-1")
    assert (done["status"], done["progress"]["done"]) == ("done", 3), done

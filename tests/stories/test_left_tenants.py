"""A tenant whose host died is finished by the sweep, with the password that is told only once."""

from contextlib import suppress
from typing import Any

import pytest

from shared.api.customers import CustomerBody
from shared.domain.errors import SeatkeeperError, TenantGivenUp
from shared.domain.ids import OperationId
from shared.workflows.create_customer import create_customer
from shared.workflows.settle_tenant import sweep_tenants
from simulator.faults import Fault
from tests.portal import Json, Killed, Portal, Seatkeeper, customer_body
from tests.stories.test_laws import deaths

WORK = OperationId("5a0c6a4e-0000-4000-8000-000000000017")
NO = {"code": 3000, "description": "no"}
REMOTE_CALLS = 9
"""At least as many as a tenant takes."""


async def create(seatkeeper: Seatkeeper, **changes: Any) -> None:
    new = CustomerBody.model_validate(customer_body(**changes)).to_customer()
    desk = seatkeeper.works.office.desk
    await create_customer(desk, new, requested_by="ada", operation_id=WORK)


async def later(seatkeeper: Seatkeeper, **time: int) -> int:
    await seatkeeper.sim("POST", "clock/advance", time or {"minutes": 30})
    return await sweep_tenants(seatkeeper.works.office.desk)


async def the_password(seatkeeper: Seatkeeper) -> object:
    return await seatkeeper.works.office.desk.secrets.get(f"operation-{WORK}")


async def names_kept(seatkeeper: Seatkeeper) -> bool:
    return await seatkeeper.works.office.desk.secrets.get(f"tenant-{WORK}") is not None


async def operation(portal: Portal) -> Json:
    return await portal.get(f"operations/{WORK}")


@pytest.mark.parametrize("call", deaths(REMOTE_CALLS, sharp={4}))
async def test_what_was_begun_is_finished_although_nobody_asks_again(
    seatkeeper: Seatkeeper, portal: Portal, call: int
) -> None:
    await seatkeeper.connect(portal)
    wire = seatkeeper.wire
    wire.calls, wire.dies_at, wire.after_commit = 0, call, True
    with suppress(Killed):
        await create(seatkeeper)
    wire.dies_at = 0
    begun = (await portal.send("GET", f"operations/{WORK}")).status_code == 200

    await later(seatkeeper)
    again = await later(seatkeeper)

    assert again == 0
    assert len(seatkeeper.world.customers) == begun
    assert not await names_kept(seatkeeper)
    if begun:
        assert (await operation(portal))["status"] == "done"
        assert await the_password(seatkeeper)
        assert len((await portal.get("customers"))["items"]) == 1


async def test_what_was_refused_is_given_up_and_not_asked_for_by_the_sweep(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    seatkeeper.world.faults.add(Fault("*/v1/customers", "POST", status=400, body=NO))
    with suppress(SeatkeeperError):
        await create(seatkeeper)
    seatkeeper.world.faults.waiting.clear()

    ended = await later(seatkeeper)
    with pytest.raises(TenantGivenUp, match="no tenant was made"):
        await create(seatkeeper)

    assert (ended, (await operation(portal))["status"]) == (1, "failed")
    assert not seatkeeper.world.customers
    assert not await names_kept(seatkeeper)


async def test_a_refusal_is_forgotten_as_soon_as_it_is_asked_for_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    seatkeeper.world.faults.add(Fault("*/v1/customers", "POST", status=400, body=NO))
    with suppress(SeatkeeperError):
        await create(seatkeeper)
    lost = Fault("*/v1/customers", "POST", times=8, drop_after_commit=True)
    seatkeeper.world.faults.add(lost)
    with suppress(SeatkeeperError):
        await create(seatkeeper)
    seatkeeper.world.faults.waiting.clear()

    ended = await later(seatkeeper)

    assert (ended, (await operation(portal))["status"]) == (1, "done")
    assert await the_password(seatkeeper)


async def test_a_tenant_that_another_request_made_meanwhile_is_not_taken_for_this_one(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    lost = Fault("*/v1/customers", "POST", times=8, drop_before_commit=True)
    seatkeeper.world.faults.add(lost)
    with suppress(SeatkeeperError):
        await create(seatkeeper)
    seatkeeper.world.faults.waiting.clear()
    await portal.post("customers", customer_body())

    ended = await later(seatkeeper)

    assert (ended, (await operation(portal))["status"]) == (1, "failed")
    assert len(seatkeeper.world.customers) == 1


async def test_whose_password_microsoft_does_not_repeat_says_so(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    lost = Fault("*/v1/customers", "POST", times=8, drop_after_commit=True)
    seatkeeper.world.faults.add(lost)
    with suppress(SeatkeeperError):
        await create(seatkeeper)
    seatkeeper.world.faults.waiting.clear()
    seatkeeper.world.replays.clear()

    ended = await later(seatkeeper)

    found = await operation(portal)
    assert (ended, found["status"]) == (1, "done")
    assert "first password" in found["reason"]


@pytest.mark.parametrize(
    ("route", "said"),
    [("*/v1/customers", "Look for the domain"), ("*/applicationconsents", "was made")],
    ids=["nobody can tell", "made and not opened"],
)
async def test_what_cannot_be_finished_for_two_days_is_for_a_person_to_look_at(
    seatkeeper: Seatkeeper, portal: Portal, route: str, said: str
) -> None:
    await seatkeeper.connect(portal)
    seatkeeper.world.faults.add(Fault(route, "POST", times=999, drop_before_commit=True))
    with suppress(SeatkeeperError):
        await create(seatkeeper)

    early = await later(seatkeeper)
    late = await later(seatkeeper, days=2)

    found = await operation(portal)
    assert (early, late, found["status"]) == (0, 1, "review")
    assert said in found["reason"]
    assert not await names_kept(seatkeeper)


async def test_a_tenant_that_came_to_its_end_is_not_looked_after(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    await create(seatkeeper)

    assert not await names_kept(seatkeeper)
    assert await later(seatkeeper) == 0

"""A tenant is made once, whatever happens between the check and the answer."""

import pytest

from simulator.faults import Fault
from tests.portal import Json, Portal, Seatkeeper, customer_body

KEY = "one-tenant"


async def create(portal: Portal, **changes: object) -> tuple[int, Json]:
    body = customer_body(**changes)  # type: ignore[arg-type]
    answer = await portal.send("POST", "customers", json=body, key=KEY)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("*/v1/customers", id="the tenant"),
        pytest.param("*/agreements", id="its agreement"),
        pytest.param("*/applicationconsents", id="our consent"),
    ],
)
@pytest.mark.parametrize("committed", [True, False], ids=["taken", "not taken"])
async def test_a_lost_reply_makes_no_second_tenant_and_keeps_the_password(
    seatkeeper: Seatkeeper, portal: Portal, path: str, committed: bool
) -> None:
    await seatkeeper.connect(portal)
    lost = Fault(
        path,
        "POST",
        times=8,
        drop_after_commit=committed,
        drop_before_commit=not committed,
    )
    seatkeeper.world.faults.add(lost)

    first, _ = await create(portal)
    seatkeeper.world.faults.waiting.clear()
    status, customer = await create(portal)

    assert status == 201, (first, customer)
    assert len(seatkeeper.world.customers) == 1
    assert (await portal.post(f"{customer['passwordUrl']}/reveal", key=""))["password"]


async def test_where_microsoft_does_not_repeat_its_answer_the_tenant_is_found_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    lost = Fault("*/v1/customers", "POST", times=8, drop_after_commit=True)
    seatkeeper.world.faults.add(lost)
    await create(portal)
    seatkeeper.world.faults.waiting.clear()
    seatkeeper.world.replays.clear()

    status, customer = await create(portal)

    assert status == 201, customer
    assert len(seatkeeper.world.customers) == 1
    gone = await portal.send("POST", f"{customer['passwordUrl']}/reveal")
    assert gone.status_code == 410


async def test_a_refused_tenant_can_be_mended_under_the_same_key(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)

    refused, _ = await create(portal, email="nobody")
    mended, _ = await create(portal)

    assert (refused, mended) == (422, 201)


async def test_a_connection_whose_secrets_never_arrived_is_completed_by_a_repetition(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    body = await seatkeeper.connection_body()
    await portal.post("connections", body, key="a")
    secrets = seatkeeper.works.office.desk.secrets
    await secrets.delete("connection-northwind-client-secret")

    again = await portal.send("POST", "connections", json=body, key="b")
    third = await portal.send("POST", "connections", json=body, key="c")

    assert again.status_code == 201, again.text
    assert third.status_code == 409

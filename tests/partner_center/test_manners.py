"""How our client behaves on Microsoft's wire, whatever Microsoft answers."""

import time
from collections.abc import AsyncIterator

import pytest

from shared.domain.errors import RemoteRefused, SeatkeeperError, SubscriptionNotFound
from shared.domain.ids import CustomerId, SubscriptionId
from shared.partner_center._wire import Wire
from shared.partner_center.calls import Calls
from shared.transport.call import Call
from simulator.faults import Fault
from simulator.seeds import NORTHWIND, add_customer
from tests.identity.northwind import Northwind

NOBODY = "00000000-0000-4000-8000-00000000dead"


class Listed(Wire):
    id: str


async def walked(calls: Calls, route: str) -> AsyncIterator[str]:
    async for one in calls.items(Listed, Call(method="GET", route=route)):
        yield one.id


def customer_of(northwind: Northwind, name: str = "coho") -> CustomerId:
    made = add_customer(northwind.world, NORTHWIND, f"{name}.onmicrosoft.com", name, "US")
    return CustomerId(made.id)


@pytest.mark.case(11)
async def test_a_call_that_was_throttled_waits_at_least_as_long_as_it_was_told(
    northwind: Northwind,
) -> None:
    customer = customer_of(northwind)
    northwind.world.faults.add(Fault(path="/v1/customers/*", status=429, retry_after=1))
    started = time.monotonic()

    await northwind.partner_center.subscriptions(customer)

    assert time.monotonic() - started >= 1


@pytest.mark.case(14)
@pytest.mark.parametrize("as_text", [False, True])
async def test_a_code_may_be_a_number_or_a_text(northwind: Northwind, *, as_text: bool) -> None:
    northwind.world.switches["partnercenter.codesAsText"] = as_text
    customer = customer_of(northwind)

    with pytest.raises(SubscriptionNotFound):
        await northwind.partner_center.read(customer, SubscriptionId(NOBODY))


@pytest.mark.case(16)
@pytest.mark.case(17)
async def test_pages_are_walked_by_links_without_a_version_and_with_their_headers(
    northwind: Northwind,
) -> None:
    expected = [customer_of(northwind, f"coho{number}") for number in range(5)]
    northwind.world.switches["partnercenter.pageSize"] = 2

    found = [one async for one in walked(northwind.partner_center.calls, "/v1/customers")]

    asked = [record for record in northwind.world.calls.records if record.api == "partnercenter"]
    assert found == expected
    assert {record.path for record in asked} == {"/partnercenter/v1/customers"}
    assert len(asked) == 3


@pytest.mark.case(19)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize(
    ("status", "calls"),
    # A 401 is tried once more with a token of this moment: the first one may have been revoked.
    [(400, 1), (401, 2), (403, 1), (404, 1), (409, 1), (417, 1)],
)
async def test_an_answer_is_no_failure_of_the_wire(
    northwind: Northwind, status: int, calls: int, method: str
) -> None:
    northwind.world.faults.add(Fault(path="/v1/customers", method=method, status=status, times=9))
    call = Call(method=method, route="/v1/customers", content=b"{}", repeatable=True)

    with pytest.raises(SeatkeeperError):
        await northwind.partner_center.calls.send(call)

    assert northwind.calls_to("partnercenter") == calls


async def test_a_refusal_keeps_what_microsoft_said(northwind: Northwind) -> None:
    body = {"code": 800090, "description": "no", "source": "PartnerFD"}
    northwind.world.faults.add(Fault(path="/v1/customers/*", status=400, body=body))

    with pytest.raises(RemoteRefused) as caught:
        await northwind.partner_center.subscriptions(customer_of(northwind))

    assert (caught.value.answer.code, caught.value.answer.message) == ("800090", "no")

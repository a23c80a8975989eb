"""First terms may end with a month or with another subscription, and cost their share."""

from datetime import UTC, datetime

import pytest

from simulator.nouns import Customer
from tests.simulator.northwind import PHONE, Northwind, line


@pytest.fixture
async def customer(northwind: Northwind) -> Customer:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    return await northwind.customer()


def ends(customer: Customer, query: str) -> str:
    return f"/v1/customers/{customer.id}/subscriptions/customTermEndDates?{query}"


async def code_of(northwind: Northwind, customer: Customer, day: str, term: str) -> int | None:
    wanted = line(await northwind.item(customer), 10, term) | {"customTermEndDate": day}
    found = (await northwind.cart(customer, wanted)).json()["lineItems"][0]
    code = found.get("error", {}).get("errorCode")
    return None if code is None else int(code)


@pytest.mark.contract
async def test_lists_months_and_subscriptions_to_end_with(
    northwind: Northwind, customer: Customer
) -> None:
    base = await northwind.buy(customer)
    northwind.wait(days=30)

    found = await northwind.get(ends(customer, "term_duration=P1Y"))

    kinds = [item["allowedCustomTermEndDateType"] for item in found["items"]]
    aligned = [item for item in found["items"] if "cotermSubscriptionIds" in item]
    assert kinds.count("calendarMonthAligned") == 12
    assert found["items"][0]["allowedCustomTermEndDate"] == "2026-02-28T00:00:00"
    assert aligned == [
        {
            "allowedCustomTermEndDateType": "subscriptionAligned",
            "cotermSubscriptionIds": [base.id],
            "allowedCustomTermEndDate": "2027-01-13T00:00:00",
        }
    ]


@pytest.mark.contract
async def test_the_lookup_takes_both_spellings_and_one_target(
    northwind: Northwind, customer: Customer
) -> None:
    base = await northwind.buy(customer)
    northwind.wait(days=30)
    target = f"TargetCotermSubscriptionId={base.id.upper()}"

    found = await northwind.get(ends(customer, f"TermDuration=P1Y&{target}"))
    refused = await northwind.call("GET", ends(customer, "term_duration=P2Y"))

    assert [item["cotermSubscriptionIds"] for item in found["items"]] == [[base.id]]
    assert refused.json()["code"] == 800121


@pytest.mark.contract
async def test_more_end_dates_are_asked_for_with_a_header(
    northwind: Northwind, customer: Customer
) -> None:
    northwind.world.switches["coterm.pageSize"] = 20
    path = ends(customer, "term_duration=P3Y")

    first = await northwind.call("GET", path)
    token = first.headers["ms-continuationtoken"]
    second = await northwind.call("GET", path, MS_ContinuationToken=token)

    assert (first.json()["totalCount"], second.json()["totalCount"]) == (20, 16)
    assert "ms-continuationtoken" not in second.headers


@pytest.mark.contract
async def test_the_first_term_is_prorated_and_the_next_is_full(
    northwind: Northwind, customer: Customer
) -> None:
    wanted = line(await northwind.item(customer)) | {"customTermEndDate": "2026-06-30T00:00:00Z"}

    cart = await northwind.cart(customer, wanted)
    short = await northwind.read(subscription := await northwind.order(customer, wanted))
    northwind.world.clock.set(datetime(2026, 7, 1, 0, 0, 1, tzinfo=UTC))
    full = await northwind.read(subscription)

    assert cart.json()["lineItems"][0]["pricing"]["extendedPrice"] == 265.12
    assert short["commitmentEndDate"] == "2026-06-30T00:00:00Z"
    assert full["commitmentEndDate"] == "2027-06-30T00:00:00Z"


@pytest.mark.contract
@pytest.mark.parametrize(
    ("day", "term", "code"),
    [
        pytest.param("2026-06-30T00:00:00Z", "P1Y", None, id="a month's end"),
        pytest.param("2026-06-29T00:00:00Z", "P1Y", 10017, id="no month's end"),
        pytest.param("2027-01-31T00:00:00Z", "P1Y", 10017, id="after the term"),
        pytest.param("2026-01-13T00:00:00Z", "P1Y", 10017, id="before the term"),
        pytest.param("2026-01-31T00:00:00Z", "P1M", None, id="a short month"),
        pytest.param("soon", "P1Y", 10017, id="no day"),
    ],
)
async def test_a_line_may_end_on_some_days_only(
    northwind: Northwind, customer: Customer, day: str, term: str, code: int | None
) -> None:
    assert await code_of(northwind, customer, day, term) == code


@pytest.mark.contract
async def test_years_do_not_end_with_a_monthly_subscription(
    northwind: Northwind, customer: Customer
) -> None:
    await northwind.buy(customer, term="P1M")
    northwind.wait(days=3)

    codes = [
        await code_of(northwind, customer, "2026-02-13T00:00:00Z", term) for term in ("P1Y", "P1M")
    ]

    assert codes == [10017, None]


@pytest.mark.contract
async def test_months_do_not_end_on_the_29th(northwind: Northwind, customer: Customer) -> None:
    northwind.world.clock.set(datetime(2026, 3, 30, 9, 0, tzinfo=UTC))
    yearly = await northwind.buy(customer)
    northwind.world.clock.set(datetime(2027, 3, 5, 9, 0, tzinfo=UTC))

    code = await code_of(northwind, customer, "2027-03-29T00:00:00Z", "P1M")
    year = await code_of(northwind, customer, "2027-03-29T00:00:00Z", "P1Y")

    assert (await northwind.read(yearly))["commitmentEndDate"] == "2027-03-29T00:00:00Z"
    assert (code, year) == (10017, None)


@pytest.mark.contract
async def test_a_day_that_passed_in_the_cart_refuses_the_checkout(
    northwind: Northwind, customer: Customer
) -> None:
    wanted = line(await northwind.item(customer), 10, "P1M")
    cart = await northwind.cart(customer, wanted | {"customTermEndDate": "2026-01-31"})
    northwind.world.carts[cart.json()["id"]].expires = datetime(2026, 3, 1, tzinfo=UTC)
    northwind.world.clock.set(datetime(2026, 2, 1, 9, 0, tzinfo=UTC))

    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}/checkout"
    answer = await northwind.call("POST", path)

    assert (answer.status_code, answer.json()["code"]) == (400, 900242)


@pytest.mark.contract
async def test_a_trial_has_no_end_of_its_own(northwind: Northwind, customer: Customer) -> None:
    item = await northwind.item(customer, "CFQ7TTC0LCHC", "000H")
    wanted = line(item, 25, "P1M") | {"customTermEndDate": "2026-01-31T00:00:00Z"}

    found = (await northwind.cart(customer, wanted)).json()["lineItems"][0]

    assert found["error"]["errorCode"] == 10016


@pytest.mark.contract
async def test_an_add_on_ends_with_its_base(northwind: Northwind, customer: Customer) -> None:
    base = await northwind.buy(customer)
    northwind.wait(days=100)
    wanted = line(await northwind.item(customer, PHONE)) | {
        "customTermEndDate": (await northwind.read(base))["commitmentEndDate"]
    }

    addon = await northwind.order(customer, wanted)

    assert addon.term_ends == base.term_ends

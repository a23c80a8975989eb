"""What comes after a term: what was scheduled, a paid extension, or the end."""

from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.nouns import Subscription
from tests.simulator.northwind import BASIC, Northwind, line, next_term

CANCEL = [{"scheduleType": "TermEnd", "actionType": "Cancel"}]
EXTEND = [{"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}]
RENEW = [{"scheduleType": "TermEnd", "actionType": "RenewToNewTerm"}]


@pytest.fixture
async def ten_seats(northwind: Northwind) -> Subscription:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    return await northwind.buy(await northwind.customer(), 10)


def to(northwind: Northwind, year: int, month: int, day: int, hour: int = 0) -> None:
    northwind.world.clock.set(datetime(year, month, day, hour, 0, 1, tzinfo=UTC))


async def orders_of(northwind: Northwind, subscription: Subscription) -> list[dict[str, Any]]:
    orders = await northwind.get(f"/v1/customers/{subscription.customer_id}/orders")
    return [dict(order) for order in orders["items"]]


@pytest.mark.contract
async def test_a_renewal_is_an_order_of_the_system(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    to(northwind, 2027, 1, 14)

    bought, renewed = await orders_of(northwind, ten_seats)

    assert bought["transactionType"] == "UserPurchase"
    assert renewed["transactionType"] == "SystemPurchase"
    assert renewed["status"] == "completed"
    assert renewed["lineItems"][0]["transactionType"] == "Renew"
    assert renewed["lineItems"][0]["subscriptionId"] == ten_seats.id
    assert (await northwind.read(ten_seats))["orderId"] == bought["id"]


@pytest.mark.contract
async def test_what_is_changed_after_a_renewal_can_go_back_whole(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    to(northwind, 2027, 1, 14, hour=3)
    await northwind.change(ten_seats, quantity=12)

    smaller = await northwind.change(ten_seats, quantity=1)

    assert smaller.status_code == 200
    assert smaller.json()["quantity"] == 1


@pytest.mark.contract
async def test_a_product_is_upgraded_with_the_renewal(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    premium = {"productId": "CFQ7TTC0LCHC", "skuId": "0002"}
    schedule = next_term(8, billing="annual")
    schedule["product"] |= premium
    await northwind.change(ten_seats, scheduledNextTermInstructions=schedule)
    to(northwind, 2027, 1, 14)

    shown = await northwind.read(ten_seats)

    assert shown["offerName"] == "Microsoft 365 Business Premium"
    assert (shown["quantity"], shown["billingCycle"]) == (8, "annual")


@pytest.mark.parametrize(("rule", "status"), [("eligible", 400), ("any", 200)])
async def test_whether_a_schedule_may_lead_downwards_is_a_switch(
    northwind: Northwind, ten_seats: Subscription, rule: str, status: int
) -> None:
    northwind.world.switches["schedule.products"] = rule
    schedule = next_term(8)
    schedule["product"] |= {"productId": "CFQ7TTC0LH16", "skuId": "0001"}

    answer = await northwind.change(ten_seats, scheduledNextTermInstructions=schedule)

    assert answer.status_code == status


@pytest.mark.contract
async def test_the_next_term_can_end_with_a_month(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    schedule = next_term(8) | {"customTermEndDate": "2027-06-30T00:00:00Z"}
    await northwind.change(ten_seats, scheduledNextTermInstructions=schedule)

    to(northwind, 2027, 1, 14)
    short = await northwind.read(ten_seats)
    to(northwind, 2027, 7, 1)
    full = await northwind.read(ten_seats)

    assert short["commitmentEndDate"] == "2027-06-30T00:00:00Z"
    assert full["commitmentEndDate"] == "2028-06-30T00:00:00Z"


@pytest.mark.contract
async def test_a_schedule_is_removed_with_null(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, scheduledNextTermInstructions=next_term(8))

    removed = await northwind.change(ten_seats, scheduledNextTermInstructions=None)

    assert removed.json()["autoRenewEnabled"] is True
    assert "scheduledNextTermInstructions" not in removed.json()


@pytest.mark.contract
async def test_three_years_change_their_billing_with_the_next_charge(northwind: Northwind) -> None:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    long = await northwind.buy(await northwind.customer(), 10, term="P3Y")
    yearly = next_term(10, "P3Y", "annual")

    planned = await northwind.change(long, nextChargeInstructions=yearly)
    to(northwind, 2026, 2, 14)
    charged = await northwind.read(long)

    assert planned.json()["billingCycle"] == "monthly"
    assert charged["billingCycle"] == "annual"
    assert charged["billingCycleEndDate"] == "2027-01-13T00:00:00Z"
    assert "nextChargeInstructions" not in charged


CHARGES = [
    pytest.param("P1Y", next_term(10, "P1Y", "annual"), 900268, id="a year"),
    pytest.param("P3Y", next_term(10, "P3Y", "triennial"), 900270, id="upfront"),
    pytest.param("P3Y", next_term(9, "P3Y", "annual"), 2002, id="fewer seats"),
]


@pytest.mark.contract
@pytest.mark.parametrize(("term", "instructions", "code"), CHARGES)
async def test_nothing_but_the_frequency_of_three_years_changes_with_a_charge(
    northwind: Northwind, term: str, instructions: dict[str, Any], code: int
) -> None:
    subscription = await northwind.buy(await northwind.customer(), 10, term=term)

    answer = await northwind.change(subscription, nextChargeInstructions=instructions)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.contract
async def test_suspending_keeps_the_instructions_for_the_next_charge(northwind: Northwind) -> None:
    long = await northwind.buy(await northwind.customer(), 10, term="P3Y")
    yearly = next_term(10, "P3Y", "annual")
    await northwind.change(long, nextChargeInstructions=yearly)

    suspended = await northwind.change(long, status="suspended", nextChargeInstructions=None)

    assert suspended.json()["nextChargeInstructions"] == yearly


@pytest.mark.contract
async def test_can_be_cancelled_in_the_first_days_of_a_later_term(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    to(northwind, 2027, 1, 20)

    cancelled = await northwind.change(ten_seats, status="deleted")

    assert cancelled.json()["status"] == "deleted"


async def test_some_renewals_let_some_changes_through(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches.update({"renewal.seconds": 4 * 3600, "renewal.writes": "some"})
    to(northwind, 2027, 1, 14, hour=2)

    renamed = await northwind.change(ten_seats, friendlyName="Mail")
    switched = await northwind.change(ten_seats, autoRenewEnabled=False)

    assert renamed.status_code == 200
    assert (switched.status_code, switched.json()["code"]) == (409, 800082)


async def test_the_last_hours_without_renewal_can_be_closed(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["renewal.expiringHours"] = 24
    await northwind.change(ten_seats, autoRenewEnabled=False)
    to(northwind, 2027, 1, 13, hour=12)

    answer = await northwind.change(ten_seats, quantity=11)

    assert (answer.status_code, answer.json()["code"]) == (400, 900277)


class TestExtendedServiceTerms:
    """With `est.enabled`, renewal switched off alone is dear."""

    @pytest.fixture(autouse=True)
    def enabled(self, northwind: Northwind) -> None:
        northwind.world.switches["est.enabled"] = True

    async def test_an_extended_month_costs_three_percent_more(
        self, northwind: Northwind, ten_seats: Subscription
    ) -> None:
        await northwind.change(ten_seats, autoRenewEnabled=False, scheduledActions=EXTEND)
        to(northwind, 2027, 1, 14)

        extension = (await orders_of(northwind, ten_seats))[-1]

        assert extension["transactionType"] == "SystemPurchase"
        assert extension["lineItems"][0]["pricing"]["price"] == 5.93
        assert extension["lineItems"][0]["termDuration"] == "P1M"

    async def test_it_is_cancelled_any_day(
        self, northwind: Northwind, ten_seats: Subscription
    ) -> None:
        await northwind.change(ten_seats, autoRenewEnabled=False)
        to(northwind, 2027, 3, 2)

        shown = await northwind.read(ten_seats)
        cancelled = await northwind.change(ten_seats, status="deleted")

        assert shown["cancellationAllowedUntilDate"] == "2027-03-14T00:00:00Z"
        assert cancelled.json()["status"] == "deleted"

    async def test_it_gives_no_seats_back(
        self, northwind: Northwind, ten_seats: Subscription
    ) -> None:
        await northwind.change(ten_seats, autoRenewEnabled=False)
        to(northwind, 2027, 1, 15)

        fewer = await northwind.change(ten_seats, quantity=9)

        assert fewer.json()["code"] == 800090

    async def test_a_cancellation_ends_it_with_its_month(
        self, northwind: Northwind, ten_seats: Subscription
    ) -> None:
        await northwind.change(ten_seats, autoRenewEnabled=False)
        to(northwind, 2027, 1, 20)
        await northwind.change(ten_seats, scheduledActions=CANCEL)
        to(northwind, 2027, 2, 14)

        assert (await northwind.read(ten_seats))["status"] == "expired"

    async def test_renewal_leads_back_to_the_term_it_had(
        self, northwind: Northwind, ten_seats: Subscription
    ) -> None:
        await northwind.change(ten_seats, autoRenewEnabled=False)
        to(northwind, 2027, 1, 20)
        await northwind.change(ten_seats, autoRenewEnabled=True, scheduledActions=RENEW)
        to(northwind, 2027, 2, 14)

        shown = await northwind.read(ten_seats)

        assert shown["termDuration"] == "P1Y"
        assert shown["commitmentEndDate"] == "2028-02-13T00:00:00Z"
        assert "scheduledActions" not in shown

    async def test_an_action_that_renews_may_bring_its_instructions(
        self, northwind: Northwind, ten_seats: Subscription
    ) -> None:
        action = RENEW[0] | {"instructions": next_term(7)}
        await northwind.change(ten_seats, scheduledActions=[action])
        to(northwind, 2027, 1, 14)

        assert (await northwind.read(ten_seats))["quantity"] == 7

    @pytest.mark.parametrize(
        ("action", "renews", "code"),
        [
            (CANCEL[0], True, 800093),
            (RENEW[0], False, 800093),
            ({"scheduleType": "TermEnd", "actionType": "Forget"}, True, 900126),
            ({"scheduleType": "CustomDate", "actionType": "Cancel"}, False, 900127),
        ],
    )
    async def test_actions_and_renewal_must_agree(
        self,
        northwind: Northwind,
        ten_seats: Subscription,
        action: dict[str, str],
        renews: bool,
        code: int,
    ) -> None:
        answer = await northwind.change(
            ten_seats, autoRenewEnabled=renews, scheduledActions=[action]
        )

        assert (answer.status_code, answer.json()["code"]) == (400, code)

    async def test_terms_that_ended_before_may_2026_just_expired(
        self, northwind: Northwind
    ) -> None:
        northwind.world.clock.set(datetime(2025, 1, 14, 16, 57, tzinfo=UTC))
        early = await northwind.buy(await northwind.customer(), 10)
        await northwind.change(early, autoRenewEnabled=False)
        to(northwind, 2026, 1, 14)

        assert (await northwind.read(early))["status"] == "expired"

    async def test_where_actions_are_not_taken_a_cancellation_is_not_heard(
        self, northwind: Northwind, ten_seats: Subscription
    ) -> None:
        northwind.world.switches["est.actionsTaken"] = False
        answer = await northwind.change(ten_seats, autoRenewEnabled=False, scheduledActions=CANCEL)
        to(northwind, 2027, 1, 14)

        assert "scheduledActions" not in answer.json()
        assert (await northwind.read(ten_seats))["status"] == "active"

    @pytest.mark.parametrize(("wipes", "status"), [(False, "expired"), (True, "active")])
    async def test_whether_a_growth_deletes_a_cancellation_is_a_switch(
        self, northwind: Northwind, ten_seats: Subscription, wipes: bool, status: str
    ) -> None:
        northwind.world.switches["est.midtermWipesActions"] = wipes
        await northwind.change(ten_seats, autoRenewEnabled=False, scheduledActions=CANCEL)
        await northwind.change(ten_seats, quantity=11)
        to(northwind, 2027, 1, 14)

        assert (await northwind.read(ten_seats))["status"] == status


async def test_years_pass_in_the_order_of_days(northwind: Northwind) -> None:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    customer = await northwind.customer()
    await northwind.buy(customer, 3, term="P1M")
    northwind.wait(days=3)
    await northwind.buy(customer, 4, term="P1M")
    to(northwind, 2029, 1, 14)

    path = f"/v1/customers/{customer.id}/orders"
    orders = (await northwind.get(path))["items"]

    dates = [order["creationDate"] for order in orders]
    assert dates == sorted(dates)
    assert len(orders) == 2 + 36 + 35


@pytest.mark.contract
async def test_a_trial_becomes_paid_at_its_end(northwind: Northwind) -> None:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    customer = await northwind.customer()
    item = await northwind.item(customer, "CFQ7TTC0LCHC", "000H")
    trial = await northwind.order(customer, line(item, 25, "P1M"))

    shown = await northwind.read(trial)
    to(northwind, 2026, 2, 14)
    paid = await northwind.read(trial)

    assert shown["isTrial"] is True
    assert shown["scheduledNextTermInstructions"]["product"]["termDuration"] == "P1Y"
    assert (paid["isTrial"], paid["termDuration"], paid["quantity"]) == (False, "P1Y", 25)


TRIAL_CHANGES = [({"quantity": 30}, 800095), ({"status": "suspended"}, 800096)]


@pytest.mark.contract
@pytest.mark.parametrize(("changes", "code"), [*TRIAL_CHANGES, ({"termDuration": "P1Y"}, 800107)])
async def test_a_trial_stays_as_it_is(
    northwind: Northwind, changes: dict[str, Any], code: int
) -> None:
    customer = await northwind.customer()
    item = await northwind.item(customer, "CFQ7TTC0LCHC", "000H")
    trial = await northwind.order(customer, line(item, 25, "P1M"))

    answer = await northwind.change(trial, **changes)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_the_trials_product_is_one_with_its_paid_sku(northwind: Northwind) -> None:
    customer = await northwind.customer()
    base = f"/v1/customers/{customer.id}/products"

    listed = await northwind.get(f"{base}?targetView=OnlineServices")
    skus = await northwind.get(f"{base}/CFQ7TTC0LCHC/skus")

    ids = [product["id"] for product in listed["items"]]
    assert len(ids) == len(set(ids))
    assert [sku["isTrial"] for sku in skus["items"]] == [False, True]
    assert BASIC in ids

"""The client and the simulator were written apart, from the same contract."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.catalog import BillingPlan, Offer, Price, Term
from shared.domain.errors import (
    AgreementMissing,
    ChangedMeanwhile,
    CustomerNotFound,
    DomainTaken,
    OfferNotFound,
    OutcomeUnknown,
    RemoteRefused,
    RemoteThrottled,
    SubscriptionNotFound,
)
from shared.domain.ids import CustomerId, OfferId, SubscriptionId
from shared.domain.subscriptions import Purchase, Subscription
from shared.workflows.ports import PartnerCenter, SeatChange
from simulator.faults import Fault
from tests.identity.northwind import Northwind, a_new_customer

pytestmark = pytest.mark.contract

NOBODY = CustomerId("00000000-0000-4000-8000-000000000001")


async def a_customer(client: PartnerCenter, prefix: str = "fabrikam417") -> CustomerId:
    new = a_new_customer(prefix)
    customer = await client.create_customer(new, f"create-{prefix}")
    await client.record_agreement(customer.id, new.agreement, f"agree-{prefix}")
    return customer.id


async def an_offer(client: PartnerCenter) -> Offer:
    async for offer in client.offers("US"):
        if not offer.is_addon and not offer.is_trial and offer.maximum >= 300:
            return offer
    raise AssertionError


async def a_subscription(client: PartnerCenter, customer: CustomerId, seats: int) -> Subscription:
    offer = await an_offer(client)
    purchase = Purchase(offer.id, seats, Term.YEAR, BillingPlan.MONTHLY, "Seats")
    item = await client.catalog_item(customer, offer.id, purchase.term, purchase.billing)
    cart = await client.create_cart(customer, purchase, item, "cart-1")
    await client.check_out(customer, cart.id, "checkout-1")
    return (await client.subscriptions(customer))[0]


async def test_a_domain_is_free_until_somebody_has_it(northwind: Northwind) -> None:
    client = northwind.partner_center
    before = await client.domain_is_taken("fabrikam417.onmicrosoft.com")

    await client.create_customer(a_new_customer(), "r1")

    assert not before
    assert await client.domain_is_taken("fabrikam417.onmicrosoft.com")


async def test_the_same_request_makes_one_customer_with_one_password(northwind: Northwind) -> None:
    client = northwind.partner_center

    first = await client.create_customer(a_new_customer(), "r1")
    again = await client.create_customer(a_new_customer(), "r1")

    assert first == again
    assert first.admin_user_name == "admin@fabrikam417.onmicrosoft.com"
    assert first.admin_password.value


async def test_a_lost_reply_to_a_new_customer_is_asked_for_again(northwind: Northwind) -> None:
    northwind.world.faults.add(Fault(method="POST", path="/v1/customers", drop_after_commit=True))

    created = await northwind.partner_center.create_customer(a_new_customer(), "r1")

    assert created.id in northwind.world.tenants


async def test_a_domain_that_is_taken_is_named_so(northwind: Northwind) -> None:
    client = northwind.partner_center
    await client.create_customer(a_new_customer(), "r1")

    with pytest.raises(DomainTaken):
        await client.create_customer(replace(a_new_customer(), company_name="Other"), "r2")


async def test_country_rules_and_addresses_are_read(northwind: Northwind) -> None:
    client = northwind.partner_center
    new = a_new_customer()
    vague = replace(new, address=replace(new.address, address_line1="Microsoft Way"))

    rules = await client.country_rules("US")

    assert (rules.country, rules.postal_code_required) == ("US", True)
    assert "WA" in rules.states
    assert await client.address_fault(new) is None
    assert await client.address_fault(vague)


async def test_an_agreement_is_recorded_once_and_again(northwind: Northwind) -> None:
    client = northwind.partner_center
    new = a_new_customer()
    customer = (await client.create_customer(new, "r1")).id
    before = await client.has_agreement(customer)

    await client.record_agreement(customer, new.agreement, "a1")
    await client.record_agreement(customer, new.agreement, "a2")

    assert not before
    assert await client.has_agreement(customer)


async def test_consent_that_was_given_is_success(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)

    await client.grant_consent(customer, "c1")
    await client.grant_consent(customer, "c2")

    assert len(northwind.world.tenants[customer].consents) == 1


async def test_offers_and_prices_meet(northwind: Northwind) -> None:
    client = northwind.partner_center

    offers = {offer.id async for offer in client.offers("US")}
    prices = await client.prices("US")

    assert offers
    assert {price.offer for price in prices} & offers
    assert all(price.market == "US" and price.unit.currency == "USD" for price in prices)


async def test_prices_to_come_and_of_extended_terms_are_sheets_of_their_own(
    northwind: Northwind,
) -> None:
    client, basic = northwind.partner_center, OfferId("CFQ7TTC0LH18:0001")
    nothing_announced = await client.announced_prices("US")
    rises = northwind.world.clock.now() + timedelta(days=20)
    northwind.world.switches.update(
        {"pricesheet.risesOn": rises.date().isoformat(), "pricesheet.risesBy": 25}
    )

    [now] = [p for p in await client.prices("US") if is_monthly(p, basic)]
    [then] = [p for p in await client.announced_prices("US") if is_monthly(p, basic)]
    [extended] = [p for p in await client.extended_prices("US") if p.offer == basic]

    assert not nothing_announced
    assert (str(now.unit), str(then.unit)) == ("4.80 USD", "6.00 USD")
    assert now.valid_until == then.valid_from
    assert (extended.term, extended.billing) == (Term.MONTH, BillingPlan.MONTHLY)


def is_monthly(price: Price, offer: OfferId) -> bool:
    return (price.offer, price.term, price.billing) == (offer, Term.YEAR, BillingPlan.MONTHLY)


async def test_a_purchase_ends_in_a_subscription(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)
    offer = await an_offer(client)
    purchase = Purchase(offer.id, 10, Term.YEAR, BillingPlan.MONTHLY, "Seats")
    item = await client.catalog_item(customer, offer.id, Term.YEAR, BillingPlan.MONTHLY)

    cart = await client.create_cart(customer, purchase, item, "cart-1")
    order = await client.check_out(customer, cart.id, "checkout-1")

    bought = await client.subscriptions(customer)
    assert (cart.fault, cart.is_ordered) == ("", False)
    assert cart.unit is not None
    assert cart.extended == cart.unit * 120
    assert [(s.id, s.offer, s.seats) for s in bought] == [(order.subscription_id, offer.id, 10)]
    ordered = await client.cart(customer, cart.id)
    assert ordered is not None
    assert ordered.is_ordered
    assert (await client.check_out(customer, cart.id, "checkout-1")).id == order.id


async def test_a_checkout_that_was_answered_before_is_found_among_the_orders(
    northwind: Northwind,
) -> None:
    northwind.world.switches["cart.strictCheckout"] = True
    client = northwind.partner_center
    customer = await a_customer(client)
    offer = await an_offer(client)
    purchase = Purchase(offer.id, 10, Term.YEAR, BillingPlan.MONTHLY, "Seats")
    item = await client.catalog_item(customer, offer.id, Term.YEAR, BillingPlan.MONTHLY)
    cart = await client.create_cart(customer, purchase, item, "cart-1")
    order = await client.check_out(customer, cart.id, "checkout-1")

    again = await client.check_out(customer, cart.id, "checkout-2")

    assert (again.id, again.subscription_id) == (order.id, order.subscription_id)


async def test_a_subscription_may_show_only_later(northwind: Northwind) -> None:
    northwind.world.switches["lag.subscriptionIdLooks"] = 2
    client = northwind.partner_center
    customer = await a_customer(client)
    offer = await an_offer(client)
    purchase = Purchase(offer.id, 10, Term.YEAR, BillingPlan.MONTHLY, "Seats")
    item = await client.catalog_item(customer, offer.id, Term.YEAR, BillingPlan.MONTHLY)
    cart = await client.create_cart(customer, purchase, item, "cart-1")

    order = await client.check_out(customer, cart.id, "checkout-1")
    looks = [await client.order(customer, order.id) for _ in range(3)]

    assert order.subscription_id is None
    assert looks[-1].subscription_id is not None


async def test_an_item_that_rotated_away_is_read_again(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)
    offer = await an_offer(client)
    purchase = Purchase(offer.id, 10, Term.YEAR, BillingPlan.MONTHLY, "Seats")
    item = await client.catalog_item(customer, offer.id, Term.YEAR, BillingPlan.MONTHLY)
    northwind.world.switches["availabilities.rotation"] = 1

    cart = await client.create_cart(customer, purchase, item, "cart-1")

    assert cart.fault == ""
    northwind.world.switches["availabilities.rotation"] = 2
    with pytest.raises(ChangedMeanwhile):
        await client.check_out(customer, cart.id, "checkout-1")


async def test_nothing_is_sold_without_an_agreement(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = (await client.create_customer(a_new_customer(), "r1")).id
    offer = await an_offer(client)
    purchase = Purchase(offer.id, 10, Term.YEAR, BillingPlan.MONTHLY, "Seats")
    item = await client.catalog_item(customer, offer.id, Term.YEAR, BillingPlan.MONTHLY)
    cart = await client.create_cart(customer, purchase, item, "cart-1")

    with pytest.raises(AgreementMissing):
        await client.check_out(customer, cart.id, "checkout-1")


async def test_an_offer_that_is_not_sold_so_is_not_found(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)

    with pytest.raises(OfferNotFound):
        await client.catalog_item(
            customer, OfferId("CFQ7NOTHING:0001"), Term.YEAR, BillingPlan.ANNUAL
        )


async def test_who_is_not_there_is_named(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)

    with pytest.raises(CustomerNotFound):
        await client.subscriptions(NOBODY)
    with pytest.raises(SubscriptionNotFound):
        await client.read(customer, SubscriptionId(NOBODY))
    assert await client.cart(customer, NOBODY) is None


async def test_seats_grow_and_open_a_window_of_their_own(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)
    bought = await a_subscription(client, customer, 10)

    correlation = await client.change(await client.read(customer, bought.id), SeatChange(15), "g1")

    read = (await client.read(customer, bought.id)).subscription
    assert correlation
    assert (read.seats, read.auto_renew) == (15, True)
    assert sorted(lot.seats for lot in read.lots) == [5, 10]


async def test_what_the_next_term_starts_with_is_scheduled_and_changed(
    northwind: Northwind,
) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)
    bought = await a_subscription(client, customer, 10)

    await client.change(await client.read(customer, bought.id), SeatChange(10, 8), "g1")
    made = (await client.read(customer, bought.id)).subscription.scheduled_seats
    await client.change(await client.read(customer, bought.id), SeatChange(10, 9), "g2")

    read = (await client.read(customer, bought.id)).subscription
    assert (made, read.scheduled_seats, read.seats) == (8, 9, 10)


async def test_a_schedule_goes_where_none_is_wanted(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)
    bought = await a_subscription(client, customer, 10)
    await client.change(await client.read(customer, bought.id), SeatChange(10, 8), "g1")

    await client.change(await client.read(customer, bought.id), SeatChange(11), "g2")

    read = (await client.read(customer, bought.id)).subscription
    assert (read.seats, read.scheduled_seats, read.auto_renew) == (11, None, True)


async def test_a_change_that_is_applied_later_is_answered_like_any_other(
    northwind: Northwind,
) -> None:
    northwind.world.switches["subscriptions.patchMode"] = "async"
    client = northwind.partner_center
    customer = await a_customer(client)
    bought = await a_subscription(client, customer, 10)

    assert await client.change(await client.read(customer, bought.id), SeatChange(11), "g1")


async def test_a_lost_reply_to_a_change_is_a_question_and_never_asked_twice(
    northwind: Northwind,
) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)
    bought = await a_subscription(client, customer, 10)
    reading = await client.read(customer, bought.id)
    northwind.world.faults.add(Fault(method="PATCH", drop_after_commit=True, times=5))

    with pytest.raises(OutcomeUnknown):
        await client.change(reading, SeatChange(15), "g1")

    assert (await client.read(customer, bought.id)).subscription.seats == 15
    assert sum(r.method == "PATCH" for r in northwind.world.calls.records) == 1


async def test_a_decrease_out_of_its_window_is_refused_with_the_code(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = await a_customer(client)
    bought = await a_subscription(client, customer, 10)
    northwind.world.switches["subscriptions.windowHours"] = 0

    with pytest.raises(RemoteRefused) as caught:
        await client.change(await client.read(customer, bought.id), SeatChange(5), "g1")

    assert caught.value.answer.code == "800090"
    assert caught.value.answer.correlation_id


async def test_a_long_pause_is_handed_on(northwind: Northwind) -> None:
    client = northwind.partner_center
    northwind.world.faults.add(Fault(path="/v1/customers/*", status=429, retry_after=57))

    with pytest.raises(RemoteThrottled) as caught:
        await client.subscriptions(NOBODY)

    assert caught.value.retry_after.total_seconds() == 57


async def test_reads_through_marks_capitals_text_codes_and_new_words(northwind: Northwind) -> None:
    for switch in ("bomEverywhere", "upperCaseIds", "unknownFields", "codesAsText"):
        northwind.world.switches[f"partnercenter.{switch}"] = True
    northwind.world.switches["partnercenter.strangeStatus"] = "hibernating"
    northwind.world.switches["partnercenter.pageSize"] = 1
    client = northwind.partner_center
    customer = await a_customer(client)

    bought = await a_subscription(client, customer, 10)

    assert bought.id == bought.id.lower()
    assert bought.status.value == "unknown"
    with pytest.raises(SubscriptionNotFound):
        await client.read(customer, SubscriptionId(NOBODY))

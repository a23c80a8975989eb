"""Buy a first lot of seats by cart and checkout, at the price that our catalogue knows.

https://learn.microsoft.com/partner-center/developer/checkout-a-cart
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.billing import Transaction, TransactionKind
from shared.domain.catalog import CatalogEntry, Offer
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.errors import (
    AgreementMissing,
    Fault,
    InvalidRequest,
    OfferNotFound,
    OfferNotSellable,
    PriceDiffers,
    PurchaseRefused,
    RemoteAnswer,
    RemoteUnavailable,
)
from shared.domain.ids import CustomerId, OperationId, SubscriptionId
from shared.domain.naming import name_by
from shared.domain.operations import Operation, OperationKind, OperationStatus, request_id
from shared.domain.pricing import Quote, quote_purchase
from shared.domain.subscriptions import Purchase, Subscription
from shared.workflows.ports import AuditEntry, Cart, Desk, Order, PartnerCenter
from shared.workflows.tenant import customer_and_connection


@dataclass(frozen=True, slots=True)
class PurchasePreview:
    offer: Offer
    quote: Quote


async def preview_purchase(
    desk: Desk, customer_id: CustomerId, purchase: Purchase
) -> PurchasePreview:
    """Check and price; raise what buying would raise before anything is sent."""
    customer, connection = await customer_and_connection(desk, customer_id)
    connection.require_direct_billing("buy subscriptions")
    entry = await desk.catalog.entry(connection.id, customer.country, purchase.offer)
    if entry is None:
        raise OfferNotFound(purchase.offer)
    await _require_ticked(desk, connection, entry)
    quote = _quote(entry, purchase, await desk.clock.now())
    if faults := _faults(entry.offer, purchase):
        raise InvalidRequest(faults)
    await _require_agreement(desk, connection, customer)
    return PurchasePreview(entry.offer, quote)


async def _require_ticked(desk: Desk, connection: Connection, entry: CatalogEntry) -> None:
    title = entry.offer.title
    if entry.offer.is_closed:
        raise OfferNotSellable(f"Microsoft has closed {title}: it is not sold to anybody new.")
    if not await desk.selections.has(connection.id, entry.market, entry.offer.id):
        raise OfferNotSellable(
            f"{title} ({entry.offer.id}) is in the catalog of {entry.market}, and nobody has "
            "ticked it for sale. An administrator of the provider can."
        )


def _quote(entry: CatalogEntry, purchase: Purchase, now: datetime) -> Quote:
    price = entry.price(purchase.term, purchase.billing, now)
    if price is None or not entry.is_offered(purchase.term, purchase.billing):
        sold = sorted({f"{p.term.value} {p.billing.value}" for p in entry.terms or entry.prices})
        raise InvalidRequest(
            [
                Fault(
                    f"{entry.offer.title} is not sold for {purchase.term.value} billed "
                    f"{purchase.billing.value} in {entry.market}; it is sold for {', '.join(sold)}",
                    pointer="/term",
                )
            ]
        )
    return quote_purchase(price, purchase.seats)


def _faults(offer: Offer, purchase: Purchase) -> list[Fault]:
    if offer.minimum <= purchase.seats <= offer.maximum:
        return []
    return [
        Fault(
            f"{offer.title} is sold in {offer.minimum:,} to {offer.maximum:,} seats",
            pointer="/seats",
        )
    ]


async def _require_agreement(desk: Desk, connection: Connection, customer: Customer) -> None:
    if customer.agreement_at is not None:
        return
    if not await desk.microsoft.partner_center(connection).has_agreement(customer.id):
        raise AgreementMissing(
            "No Microsoft Customer Agreement is on record for this customer, so Microsoft sells "
            "nothing. Record who accepted it and when, then buy."
        )


async def buy_subscription(
    desk: Desk,
    customer_id: CustomerId,
    purchase: Purchase,
    *,
    requested_by: str,
    operation_id: OperationId,
) -> tuple[Subscription, Operation]:
    """Buy once per operation id: the cart is written down before it is checked out."""
    operation = await desk.operations.add(
        Operation(
            operation_id, OperationKind.BUY_SUBSCRIPTION, requested_by, await desk.clock.now()
        )
    )
    customer, connection = await customer_and_connection(desk, customer_id)
    partner_center = desk.microsoft.partner_center(connection)
    if operation.status is not OperationStatus.DONE:
        preview = await preview_purchase(desk, customer_id, purchase)
        purchase = _named(purchase, preview.offer, customer, connection)
        hand = _Buyer(desk, partner_center, customer, purchase, preview)
        operation = await hand.buy(operation)
    found = SubscriptionId(operation.facts["subscriptionId"])
    subscription = (await partner_center.read(customer_id, found)).subscription
    entry = await desk.catalog.entry(connection.id, customer.country, purchase.offer)
    subscription = replace(subscription, sku=entry.offer.sku if entry else None)
    await desk.subscriptions.save(subscription)
    return subscription, operation


def _named(
    purchase: Purchase, offer: Offer, customer: Customer, connection: Connection
) -> Purchase:
    """Whoever gives no name gets one by the connection's rule."""
    if purchase.name:
        return purchase
    values = {
        "offer": offer.title,
        "company": customer.company_name,
        "country": customer.country,
        "term": purchase.term.value,
        "billing": purchase.billing.value,
    }
    return replace(purchase, name=name_by(connection.naming_rule, values))


@dataclass(frozen=True, slots=True)
class _Buyer:
    desk: Desk
    partner_center: PartnerCenter
    customer: Customer
    purchase: Purchase
    preview: PurchasePreview

    async def buy(self, operation: Operation) -> Operation:
        operation, cart = await self._cart(operation)
        order = await self.partner_center.check_out(
            self.customer.id, cart.id, request_id(operation.id, "checkout")
        )
        operation = await self.desk.operations.save(operation.learned(orderId=order.id))
        if order.subscription_id is None:
            order = await self.partner_center.order(self.customer.id, order.id)
        if order.subscription_id is None:
            raise RemoteUnavailable(
                "Microsoft took the order and has not named the subscription yet. Send the same "
                "request with the same Idempotency-Key again in a minute; nothing is bought twice.",
                RemoteAnswer("partnerCenter"),
            )
        return await self._done(operation, cart, order, order.subscription_id)

    async def _cart(self, operation: Operation) -> tuple[Operation, Cart]:
        """Go on with the cart on record; a new one costs nothing until it is checked out."""
        cart_id = operation.facts.get("cartId")
        cart = await self.partner_center.cart(self.customer.id, cart_id) if cart_id else None
        if cart is not None:
            return operation, cart
        item = await self.partner_center.catalog_item(
            self.customer.id, self.purchase.offer, self.purchase.term, self.purchase.billing
        )
        cart = await self.partner_center.create_cart(
            self.customer.id, self.purchase, item, request_id(operation.id, "cart")
        )
        self._compare(cart)
        return await self.desk.operations.save(operation.learned(cartId=cart.id)), cart

    def _compare(self, cart: Cart) -> None:
        """Nothing is checked out that costs something else than what we said it costs."""
        if cart.fault:
            raise PurchaseRefused(f"Microsoft does not sell this line: {cart.fault}")
        if cart.unit is not None and cart.unit != self.preview.quote.unit:
            raise PriceDiffers(
                f"Microsoft's cart asks {cart.unit} a seat, our catalogue says "
                f"{self.preview.quote.unit}. Synchronise the connection's catalogue and look at "
                "the price again; nothing was bought."
            )

    async def _done(
        self, operation: Operation, cart: Cart, order: Order, subscription: SubscriptionId
    ) -> Operation:
        now = await self.desk.clock.now()
        note = ""
        if None not in (cart.extended, order.extended) and cart.extended != order.extended:
            note = f"the cart said {cart.extended}, the checkout {order.extended}"
        await self.desk.transactions.record(
            Transaction(
                id=operation.id,
                customer_id=self.customer.id,
                kind=TransactionKind.BOUGHT,
                subscription_id=subscription,
                sku=self.preview.offer.sku,
                seats_before=0,
                seats_after=self.purchase.seats,
                requested_by=operation.requested_by,
                work=operation.id,
                at=now,
                price_now=self.preview.quote.now,
                price_until_term_end=order.extended or self.preview.quote.until_term_end,
                correlation_id=order.correlation_id,
                note=note,
            )
        )
        await self.desk.audit.record(
            AuditEntry(now, operation.requested_by, "subscription bought", subscription)
        )
        return await self.desk.operations.save(
            replace(
                operation.learned(subscriptionId=subscription, priceNote=note),
                status=OperationStatus.DONE,
                resource=f"/api/customers/{self.customer.id}/subscriptions/{subscription}",
                finished_at=now,
            )
        )

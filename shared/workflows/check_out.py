"""Carry one purchase from cart to subscription, and buy it once however often it is begun.

https://learn.microsoft.com/partner-center/developer/checkout-a-cart
"""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain.billing import Transaction, TransactionKind
from shared.domain.errors import (
    ChangedMeanwhile,
    PriceDiffers,
    PurchaseRefused,
    RemoteAnswer,
    RemoteUnavailable,
    SeatkeeperError,
)
from shared.domain.ids import CustomerId, SkuId, SubscriptionId
from shared.domain.money import Money
from shared.domain.operations import Operation, OperationStatus, request_id
from shared.domain.pricing import Quote
from shared.domain.subscriptions import Purchase
from shared.workflows.answers import answers_in, note_answer
from shared.workflows.ports import AuditEntry, Cart, Desk, Order, PartnerCenter


def facts_of(quote: Quote, sku: SkuId | None) -> dict[str, str]:
    """What was said to cost what, kept for a request that is repeated after the checkout."""
    return {
        "unit": str(quote.unit.amount),
        "currency": quote.unit.currency,
        "priceNow": str(quote.now.amount),
        "priceUntilTermEnd": str(quote.until_term_end.amount),
        "skuId": sku or "",
    }


@dataclass(slots=True)
class Checkout:
    """One purchase under way; its operation holds what must survive a crash between two calls."""

    desk: Desk
    partner_center: PartnerCenter
    customer_id: CustomerId
    purchase: Purchase
    operation: Operation

    async def finish(self) -> Operation:
        """Answer the operation with its subscription, going on where an earlier try stopped."""
        order = await self._order()
        if order.subscription_id is None:
            order = await self.partner_center.order(self.customer_id, order.id)
        if order.subscription_id is None:
            raise RemoteUnavailable(
                "Microsoft took the order and has not named the subscription yet. Send the same "
                "request with the same Idempotency-Key again in a minute; nothing is bought twice.",
                RemoteAnswer("partnerCenter"),
            )
        return await self._done(order, order.subscription_id)

    async def _order(self) -> Order:
        if "orderId" in self.operation.facts:
            order_id = self.operation.facts["orderId"]
            return await self.partner_center.order(self.customer_id, order_id)
        order = await self._checked_out() or await self._checked_out()
        if order is None:
            raise ChangedMeanwhile(
                "Microsoft's offer moved on twice while it was being bought; nothing was bought. "
                "Send the same request again."
            )
        await self._learn(orderId=order.id, correlationId=order.correlation_id)
        return order

    async def _checked_out(self) -> Order | None:
        """None where Microsoft refused the cart because its offer moved on: nothing was bought."""
        cart = await self._sent_cart() if self._was_sent else await self._priced_cart()
        await self._learn(checkoutSent="yes", extended=str(cart.extended or ""))
        try:
            return await self.partner_center.check_out(self.customer_id, cart.id, self._id(cart))
        except ChangedMeanwhile:
            await self._learn(checkoutSent="", cartId="")
            return None
        except SeatkeeperError as error:
            self.operation = await note_answer(self.desk, self.operation, error)
            raise

    def _id(self, cart: Cart) -> str:
        return request_id(self.operation.id, f"checkout/{cart.id}", answers_in(self.operation))

    @property
    def _was_sent(self) -> bool:
        return self.operation.facts.get("checkoutSent") == "yes"

    async def _sent_cart(self) -> Cart:
        """What was sent for checkout may have been bought: never is there a second cart."""
        cart_id = self.operation.facts["cartId"]
        cart = await self.partner_center.cart(self.customer_id, cart_id)
        if cart is None:
            raise PurchaseRefused(
                f"The cart {cart_id} was sent for checkout and is gone, so nobody can say here "
                "whether it was bought. Look for its order in Partner Center; buy again under a "
                "new Idempotency-Key only if there is none."
            )
        return cart

    async def _priced_cart(self) -> Cart:
        cart_id = self.operation.facts.get("cartId")
        cart = await self.partner_center.cart(self.customer_id, cart_id) if cart_id else None
        if cart is None:
            cart = await self._new_cart()
        self._compare(cart)
        await self._learn(cartId=cart.id)
        return cart

    async def _new_cart(self) -> Cart:
        item = await self.partner_center.catalog_item(
            self.customer_id, self.purchase.offer, self.purchase.term, self.purchase.billing
        )
        return await self.partner_center.create_cart(
            self.customer_id, self.purchase, item, request_id(self.operation.id, f"cart/{item}")
        )

    def _compare(self, cart: Cart) -> None:
        """Nothing is checked out that costs something else than what we said it costs."""
        if cart.fault:
            raise PurchaseRefused(f"Microsoft does not sell this line: {cart.fault}")
        said = self._money("unit")
        if cart.unit != said:
            asked = f"asks {cart.unit} a seat" if cart.unit else "names no price"
            raise PriceDiffers(
                f"Microsoft's cart {asked}, our catalog says {said}. Synchronise the "
                "connection's catalog and look at the price again; nothing was bought."
            )

    def _money(self, fact: str) -> Money:
        facts = self.operation.facts
        return Money(Decimal(facts[fact]), facts["currency"])

    async def _learn(self, **facts: str) -> None:
        self.operation = await self.desk.operations.save(self.operation.learned(**facts))

    async def _done(self, order: Order, subscription: SubscriptionId) -> Operation:
        now = await self.desk.clock.now()
        said = self.operation.facts.get("extended", "")
        note = ""
        if order.extended is not None and said and str(order.extended) != said:
            note = f"the cart said {said}, the checkout {order.extended}"
        await self._record(order, subscription, note)
        what = "subscription bought at another price" if note else "subscription bought"
        entry = AuditEntry(now, self.operation.requested_by, what, subscription)
        await self.desk.audit.record(entry)
        return await self.desk.operations.save(
            self.operation.learned(subscriptionId=subscription).ended(
                OperationStatus.DONE,
                now,
                resource=f"/api/customers/{self.customer_id}/subscriptions/{subscription}",
            )
        )

    async def _record(self, order: Order, subscription: SubscriptionId, note: str) -> None:
        facts = self.operation.facts
        await self.desk.transactions.record(
            Transaction(
                id=self.operation.id,
                customer_id=self.customer_id,
                kind=TransactionKind.BOUGHT,
                subscription_id=subscription,
                sku=SkuId(facts["skuId"]) if facts.get("skuId") else None,
                seats_before=0,
                seats_after=self.purchase.seats,
                requested_by=self.operation.requested_by,
                work=self.operation.id,
                at=await self.desk.clock.now(),
                price_now=self._money("priceNow"),
                price_until_term_end=order.extended or self._money("priceUntilTermEnd"),
                correlation_id=order.correlation_id or facts.get("correlationId", ""),
                note=note,
            )
        )

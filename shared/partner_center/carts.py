"""Buy a first lot of seats: cart, checkout, order.

https://learn.microsoft.com/partner-center/developer/create-a-cart
"""

from dataclasses import dataclass

import httpx

from shared.domain.errors import (
    ChangedMeanwhile,
    OutcomeUnknown,
    RemoteRefused,
    SeatkeeperError,
)
from shared.domain.ids import CustomerId
from shared.domain.subscriptions import Purchase
from shared.partner_center._wire import dumps
from shared.partner_center._wire_carts import WireCart, WireCheckout, WireOrder, cart_body
from shared.partner_center.catalogue import Catalogue
from shared.partner_center.errors import ITEM_GONE, refused
from shared.partner_center.refusals import CART_NOT_FOUND, CART_SUBMITTED
from shared.transport.call import Call
from shared.workflows.ports import Cart, Order

_CART = "/v1/customers/{customer}/carts/{cart}"


@dataclass(frozen=True, kw_only=True)
class Carts(Catalogue):
    async def create_cart(
        self, customer: CustomerId, purchase: Purchase, catalog_item: str, request_id: str
    ) -> Cart:
        """An item that rotated away since it was read is read again, once."""
        try:
            cart = await self._create(customer, purchase, catalog_item, request_id)
        except ChangedMeanwhile:
            cart = None
        if cart is not None and not _is_item_gone(cart):
            return cart.to_domain()
        fresh = await self.catalog_item(customer, purchase.offer, purchase.term, purchase.billing)
        return (await self._create(customer, purchase, fresh, "")).to_domain()

    async def _create(
        self, customer: CustomerId, purchase: Purchase, catalog_item: str, request_id: str
    ) -> WireCart:
        call = Call(
            method="POST",
            route="/v1/customers/{customer}/carts",
            place={"customer": customer},
            content=dumps(cart_body(purchase, catalog_item)),
            request_id=request_id,
            # A cart that nobody checks out costs nothing and is gone in a week.
            repeatable=True,
        )
        return await self.calls.read(WireCart, call)

    async def cart(self, customer: CustomerId, cart_id: str) -> Cart | None:
        # https://learn.microsoft.com/partner-center/developer/get-a-cart
        try:
            return (await self._cart(customer, cart_id)).to_domain()
        except RemoteRefused as error:
            if error.answer.code == CART_NOT_FOUND:
                return None
            raise

    async def _cart(self, customer: CustomerId, cart_id: str) -> WireCart:
        call = Call(method="GET", route=_CART, place={"customer": customer, "cart": cart_id})
        return await self.calls.read(WireCart, call)

    async def check_out(self, customer: CustomerId, cart_id: str, request_id: str) -> Order:
        # https://learn.microsoft.com/partner-center/developer/checkout-a-cart
        call = Call(
            method="POST",
            route=f"{_CART}/checkout",
            place={"customer": customer, "cart": cart_id},
            content=b"",
            request_id=request_id,
            repeatable=True,
        )
        try:
            response = await self.calls.send(call)
        except RemoteRefused as error:
            if error.answer.code == CART_SUBMITTED:
                return await self._order_of(customer, cart_id, error)
            raise
        return self._order(call, response)

    def _order(self, call: Call, response: httpx.Response) -> Order:
        result = self.calls.parse(WireCheckout, call, response)
        if result.order_errors:
            raise self._refusal(result, call, response)
        if not result.orders:
            raise self.calls.unreadable(call, response)
        return result.orders[0].to_domain(self.calls.channel.correlation_of(response))

    def _refusal(
        self, result: WireCheckout, call: Call, response: httpx.Response
    ) -> SeatkeeperError:
        """Orders of one checkout fail one by one, inside a success."""
        first = result.order_errors[0]
        return refused(first.code, first.description, self.calls.channel.answer_of(call, response))

    async def _order_of(self, customer: CustomerId, cart_id: str, error: RemoteRefused) -> Order:
        """Find what a cart became whose checkout went through and whose answer is gone."""
        # https://learn.microsoft.com/partner-center/developer/get-all-of-a-customer-s-orders
        cart = await self._cart(customer, cart_id)
        call = Call(
            method="GET", route="/v1/customers/{customer}/orders", place={"customer": customer}
        )
        orders = [o async for o in self.calls.items(WireOrder, call) if o.came_of(cart)]
        if len(orders) != 1:
            raise OutcomeUnknown(
                f"the cart was ordered, and {len(orders)} orders may be its own", error.answer
            ) from error
        return orders[0].to_domain(error.answer.correlation_id)

    async def order(self, customer: CustomerId, order_id: str) -> Order:
        # https://learn.microsoft.com/partner-center/developer/get-an-order-by-id
        call = Call(
            method="GET",
            route="/v1/customers/{customer}/orders/{order}",
            place={"customer": customer, "order": order_id},
        )
        response = await self.calls.send(call)
        order = self.calls.parse(WireOrder, call, response)
        answer = self.calls.channel.answer_of(call, response)
        if order.has_failed:
            raise RemoteRefused(f"the order {order.id} ended as {order.status!r}", answer)
        return order.to_domain(answer.correlation_id)


def _is_item_gone(cart: WireCart) -> bool:
    return cart.line.error is not None and cart.line.error.error_code in ITEM_GONE

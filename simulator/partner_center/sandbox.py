"""Keep the sandbox small, and let it throw away what it made."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from simulator.company import note_stock
from simulator.nouns import Subscription
from simulator.partner_center import orders, subscriptions
from simulator.partner_center.call import Answer, Call, Handler, check_lines
from simulator.partner_center.cart_lines import said
from simulator.partner_center.documents import Json
from simulator.partner_center.errors import Refused
from simulator.partner_center.relationships_limits import is_sandbox

SUBSCRIPTIONS = 5
SEATS = 25


def limits_cart(make: Handler) -> Handler:
    """Lines over the limits are reported as such, like everything that is wrong with a line."""

    async def handler(call: Call) -> Answer:
        check_lines(call)
        if is_sandbox(call):
            _refuse_unsold(call)
        answer = await _answered(make(call))
        if is_sandbox(call):
            _mark_lines(call, answer.body)
        return answer

    return handler


def limits_order(make: Handler) -> Handler:
    async def handler(call: Call) -> Answer:
        check_lines(call)
        if is_sandbox(call):
            _refuse_unsold(call)
            lines = call.body.get("lineItems") or []
            if _held(call) + len(lines) > SUBSCRIPTIONS or any(_is_large(one) for one in lines):
                raise Refused(800018)
        return await _answered(make(call))

    return handler


def limits_change(make: Handler) -> Handler:
    async def handler(call: Call) -> Answer:
        if is_sandbox(call) and _is_large(call.body):
            raise Refused(800018, f"A sandbox's subscription has at most {SEATS} seats.")
        return await _answered(make(call))

    return handler


def delete_customer(call: Call) -> Answer:
    """The tenant goes as well, and everything in it."""
    if not is_sandbox(call):
        raise Refused(2032, "Only a sandbox deletes customers.")
    customer_id, world = call.customer.id, call.world
    del world.customers[customer_id], world.tenants[customer_id]
    for bought in (world.subscriptions, world.orders, world.carts, world.foreign_purchases):
        _drop(bought, customer_id)
    for old in (world.legacy_subscriptions, world.legacy_orders):
        _drop(old, customer_id)
    return Answer(204)


def activate(call: Call) -> Json:
    """What a marketplace's seller would do; outside a sandbox there is no such call."""
    subscription = subscriptions.found(call)
    if not is_sandbox(call):
        raise Refused(900127)
    return {"subscriptionId": subscription.id, "status": "Success"}


def cancels_order(refuse: Handler) -> Handler:
    async def handler(call: Call) -> Answer:
        if is_sandbox(call) and str(call.body.get("status", "")).lower() == "cancelled":
            return _cancel_order(call)
        return await _answered(refuse(call))

    return handler


def _cancel_order(call: Call) -> Answer:
    """All lines, or those that are named; what they bought is gone at once."""
    order = orders.found(call)
    if call.now > order.created + timedelta(days=call.switch("sandbox.cancelDays")):
        raise Refused(800063)
    named = {line.get("lineItemNumber") for line in call.body.get("lineItems") or []}
    for number, line in enumerate(order.lines):
        if not named or number in named:
            _cancel(call, call.world.subscriptions[line["subscriptionId"]])
            order.lines[number] = line | {"quantity": 0}
    order.looks = max(order.looks, call.switch("lag.orderCompletionLooks"))
    return Answer(200, orders.shown(call, order))


def _cancel(call: Call, subscription: Subscription) -> None:
    subscription.status, subscription.status_since = "deleted", call.now
    note_stock(call.world, subscription)


def _mark_lines(call: Call, body: Json) -> None:
    """The answer and the stored cart share their lines."""
    lines = call.world.carts[body["id"]].lines
    room = SUBSCRIPTIONS - _held(call)
    for number, line in enumerate(lines):
        if (number >= room or _is_large(line)) and "error" not in line:
            text = "The limits of the sandbox are reached."
            line.pop("pricing", None)
            line["error"] = said(call, 10009, text)
    body["lineItems"] = lines


def _refuse_unsold(call: Call) -> None:
    unsold = tuple(call.switch("sandbox.unsold"))
    items = [
        str(line.get("catalogItemId") or line.get("offerId") or "")
        for line in call.body.get("lineItems") or []
    ]
    if any(item.startswith(unsold) for item in items):
        raise Refused(900322)


def _held(call: Call) -> int:
    bought = [one for one in call.world.bought() if one.customer_id == call.customer.id]
    return sum(one.status != "deleted" for one in bought)


def _is_large(line: Json) -> bool:
    quantity = line.get("quantity")
    return isinstance(quantity, int) and quantity > SEATS


def _drop(bought: dict[str, Any], customer_id: str) -> None:
    ids = ("customer_id", "tenant_id")
    gone = [
        key
        for key, one in bought.items()
        if customer_id in [getattr(one, name, None) for name in ids]
    ]
    for key in gone:
        del bought[key]


async def _answered(answer: Answer | Awaitable[Answer]) -> Answer:
    return answer if isinstance(answer, Answer) else await answer

"""Change a subscription, preview that, and show how it came to be as it is."""

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.api.call import Answer, Call, accepted, created
from shared.api.change_bodies import AnyChangeBody, midnight
from shared.api.change_replies import (
    ChangedReply,
    ChangeList,
    ChangePreviewReply,
    ChangeReply,
    CotermEndReply,
    CotermList,
    UpgradeList,
    UpgradeReply,
)
from shared.api.customers import customer_id_of
from shared.api.models import Pages, Query
from shared.api.paging import cursor_of, next_link
from shared.api.subscriptions import SubscriptionReply
from shared.domain.catalog import Term
from shared.domain.ids import SubscriptionId
from shared.workflows.change_subscription import Asked, change_subscription, preview_change
from shared.workflows.read_situation import Room
from shared.workflows.tenant import customer_and_connection


class CotermQuery(Query):
    term: Annotated[Term, Field(description="How long the term is that shall end elsewhere.")]
    starts_on: Annotated[
        date | None, Field(description="Its first day; left out: it is bought now.")
    ] = None


async def create_change(call: Call) -> Answer:
    body: AnyChangeBody = call.body  # type: ignore[assignment]
    room, subscription = await _room(call), _subscription(call)
    if call.dry_run:
        plan = await preview_change(room, subscription, body.to_change())
        return Answer(ChangePreviewReply.of(plan))
    asked = Asked(call.caller.id, call.operation_id, body.reason, body.digest, is_choice=True)
    found, record = await change_subscription(room, subscription, body.to_change(), asked)
    shown = SubscriptionReply.of(found, await call.desk.clock.now())
    reply = ChangedReply(
        subscription=shown, change=ChangeReply.of(record), operation_id=call.operation_id
    )
    location = f"/api/operations/{call.operation_id}"
    return (accepted if record.is_open else created)(reply, location)


async def list_changes(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    limit = call.query_as(Pages).limit
    page = await call.desk.history.page(customer.id, _subscription(call), cursor_of(call), limit)
    items = [ChangeReply.of(record) for record in page.items]
    return Answer(ChangeList(items=items, next_link=next_link(call, page.cursor)))


async def list_coterm_dates(call: Call) -> Answer:
    room, query = await _room(call), call.query_as(CotermQuery)
    ends = await room.partner_center.coterm_ends(
        room.customer.id, query.term, midnight(query.starts_on)
    )
    return Answer(CotermList(items=[CotermEndReply.of(end) for end in ends]))


async def list_upgrades(call: Call) -> Answer:
    room = await _room(call)
    options = await room.partner_center.upgrades(room.customer.id, _subscription(call))
    return Answer(UpgradeList(items=[UpgradeReply.of(option) for option in options]))


async def _room(call: Call) -> Room:
    customer, connection = await customer_and_connection(call.desk, customer_id_of(call))
    return Room(call.desk, customer, connection)


def _subscription(call: Call) -> SubscriptionId:
    return SubscriptionId(call.path["subscriptionId"].lower())

"""Show what was bought and given back for a customer, by whom, and what it costs."""

from datetime import datetime
from typing import Self

from shared.api.call import Answer, Call
from shared.api.customers import customer_id_of
from shared.api.models import MoneyReply, Pages, Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.billing import Transaction


class TransactionReply(Reply):
    """One change of a subscription's seats."""

    id: str
    kind: str
    subscription_id: str
    sku_id: str | None = None
    seats_before: int
    seats_after: int
    requested_by: str
    work: str
    at: datetime
    price_now: MoneyReply | None = None
    price_until_term_end: MoneyReply | None = None
    correlation_id: str | None = None
    note: str | None = None

    @classmethod
    def of(cls, transaction: Transaction) -> Self:
        return cls(
            id=transaction.id,
            kind=transaction.kind.value,
            subscription_id=transaction.subscription_id,
            sku_id=transaction.sku,
            seats_before=transaction.seats_before,
            seats_after=transaction.seats_after,
            requested_by=transaction.requested_by,
            work=transaction.work,
            at=transaction.at,
            price_now=MoneyReply.maybe(transaction.price_now),
            price_until_term_end=MoneyReply.maybe(transaction.price_until_term_end),
            correlation_id=transaction.correlation_id or None,
            note=transaction.note or None,
        )


class TransactionList(Reply):
    items: list[TransactionReply]
    next_link: str | None = None


async def list_transactions(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    limit = call.query_as(Pages).limit
    page = await call.desk.transactions.page(customer.id, cursor_of(call), limit)
    items = [TransactionReply.of(transaction) for transaction in page.items]
    return Answer(TransactionList(items=items, next_link=next_link(call, page.cursor)))

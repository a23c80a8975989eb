"""Show what was bought and given back for a customer, by whom, and what it costs."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

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
    seats_before: Annotated[int, Field(description="What the subscription held.")]
    seats_after: Annotated[
        int, Field(description="What it holds since; of `scheduled`, from the renewal on.")
    ]
    requested_by: Annotated[str, Field(description="The caller's id; `timer` is the nightly run.")]
    work: Annotated[
        str,
        Field(description="The batch, operation or change; of a night its run and the customer."),
    ]
    at: datetime
    price_now: Annotated[
        MoneyReply | None,
        Field(description="Charged at once, an estimate by the price sheet; negative is a refund."),
    ] = None
    price_until_term_end: Annotated[
        MoneyReply | None,
        Field(description="All that it commits to, or spares, until the term ends."),
    ] = None
    correlation_id: Annotated[str | None, Field(description="Microsoft's, for a support case.")] = (
        None
    )
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

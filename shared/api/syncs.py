"""Show what each synchronisation of a connection found changed."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.connections import connection_id_of
from shared.api.models import MoneyReply, Pages, Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.catalog import BillingPlan, Term
from shared.domain.catalog_changes import (
    AttributeChange,
    Counts,
    MarketDifference,
    NamedOffer,
    PriceChange,
    Sync,
)
from shared.domain.ids import OperationId


class CountsReply(Reply):
    """How many offers a market has, and how many changes were found in it."""

    market: str
    offers: Annotated[int, Field(description="How many it has now.")]
    added: int
    removed: int
    prices: Annotated[int, Field(description="How many changed.")]
    attributes: Annotated[int, Field(description="How many others changed, such as titles.")]

    @classmethod
    def of(cls, counts: Counts) -> Self:
        return cls(
            market=counts.market,
            offers=counts.offers,
            added=counts.added,
            removed=counts.removed,
            prices=counts.prices,
            attributes=counts.attributes,
        )


class SyncReply(Reply):
    """One finished synchronisation; its id is its operation's."""

    id: str
    finished_at: datetime
    markets: list[CountsReply]

    @classmethod
    def of(cls, sync: Sync) -> Self:
        return cls(
            id=sync.operation_id,
            finished_at=sync.finished_at,
            markets=[CountsReply.of(counts) for counts in sync.markets],
        )


class SyncList(Reply):
    items: list[SyncReply]
    next_link: str | None = None


class NamedOfferReply(Reply):
    offer_id: str
    title: str

    @classmethod
    def of(cls, named: NamedOffer) -> Self:
        return cls(offer_id=named.offer, title=named.title)


class PriceChangeReply(Reply):
    """A price that is new (no `before`), gone (no `after`) or another one."""

    offer_id: str
    title: str
    term: Term
    billing_plan: BillingPlan
    before: MoneyReply | None = None
    after: MoneyReply | None = None

    @classmethod
    def of(cls, change: PriceChange) -> Self:
        return cls(
            offer_id=change.offer,
            title=change.title,
            term=change.term,
            billing_plan=change.billing,
            before=MoneyReply.maybe(change.before),
            after=MoneyReply.maybe(change.after),
        )


class AttributeChangeReply(Reply):
    offer_id: str
    title: str
    attribute: Annotated[str, Field(description="As the catalog names it.")]
    before: str
    after: str

    @classmethod
    def of(cls, change: AttributeChange) -> Self:
        return cls(
            offer_id=change.offer,
            title=change.title,
            attribute=change.attribute,
            before=change.before,
            after=change.after,
        )


class MarketDifferenceReply(Reply):
    """What changed in one market; of each sort the first 500 are named."""

    counts: CountsReply
    added: list[NamedOfferReply]
    removed: list[NamedOfferReply]
    prices: list[PriceChangeReply]
    attributes: list[AttributeChangeReply]

    @classmethod
    def of(cls, difference: MarketDifference) -> Self:
        return cls(
            counts=CountsReply.of(difference.counts),
            added=[NamedOfferReply.of(one) for one in difference.added],
            removed=[NamedOfferReply.of(one) for one in difference.removed],
            prices=[PriceChangeReply.of(one) for one in difference.prices],
            attributes=[AttributeChangeReply.of(one) for one in difference.attributes],
        )


class SyncDifferenceReply(Reply):
    """What a synchronisation found different from the one before."""

    id: str
    markets: list[MarketDifferenceReply]


async def list_syncs(call: Call) -> Answer:
    connection = await call.desk.connections.get(connection_id_of(call))
    limit = call.query_as(Pages).limit
    page = await call.desk.syncs.page(connection.id, cursor_of(call), limit)
    items = [SyncReply.of(sync) for sync in page.items]
    return Answer(SyncList(items=items, next_link=next_link(call, page.cursor)))


async def get_sync(call: Call) -> Answer:
    connection = await call.desk.connections.get(connection_id_of(call))
    operation = OperationId(call.path["operationId"])
    found = await call.desk.syncs.differences(connection.id, operation)
    markets = [MarketDifferenceReply.of(difference) for difference in found]
    return Answer(SyncDifferenceReply(id=operation, markets=markets))

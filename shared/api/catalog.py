"""Show what a connection can sell in a market, and at which price."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.models import Country, MoneyReply, Pages, Reply, Slug
from shared.api.paging import cursor_of, next_link
from shared.domain.catalog import BillingPlan, CatalogEntry, Price, Term
from shared.domain.ids import ConnectionId


class CatalogQuery(Pages):
    connection_id: Annotated[Slug, Field(description="Whose catalog.")]
    market: Annotated[Country, Field(description="Two letters, such as GB.")]


class PriceReply(Reply):
    """One seat for one billing period, and over the whole term."""

    term: Term
    billing_plan: BillingPlan
    unit: MoneyReply
    per_term: MoneyReply
    valid_from: datetime
    valid_until: datetime | None = None

    @classmethod
    def of(cls, price: Price) -> Self:
        return cls(
            term=price.term,
            billing_plan=price.billing,
            unit=MoneyReply.of(price.unit),
            per_term=MoneyReply.of(price.per_term),
            valid_from=price.valid_from,
            valid_until=price.valid_until,
        )


class OfferReply(Reply):
    """What is sold; `skuId` is what its licences are counted by."""

    offer_id: Annotated[str, Field(description="`product:sku`, as a purchase names it.")]
    title: str
    sku_id: str | None = None
    is_add_on: bool
    is_trial: bool
    prerequisites: list[str]
    minimum: int
    maximum: int
    prices: list[PriceReply]
    synchronised_at: datetime

    @classmethod
    def of(cls, entry: CatalogEntry) -> Self:
        offer = entry.offer
        return cls(
            offer_id=offer.id,
            title=offer.title,
            sku_id=offer.sku,
            is_add_on=offer.is_addon,
            is_trial=offer.is_trial,
            prerequisites=list(offer.prerequisites),
            minimum=offer.minimum,
            maximum=offer.maximum,
            prices=[PriceReply.of(price) for price in entry.prices],
            synchronised_at=entry.synchronised_at,
        )


class OfferList(Reply):
    items: list[OfferReply]
    next_link: str | None = None


async def list_catalog(call: Call) -> Answer:
    query = call.query_as(CatalogQuery)
    connection = await call.desk.connections.get(ConnectionId(query.connection_id))
    page = await call.desk.catalog.page(connection.id, query.market, cursor_of(call), query.limit)
    items = [OfferReply.of(entry) for entry in page.items]
    return Answer(OfferList(items=items, next_link=next_link(call, page.cursor)))

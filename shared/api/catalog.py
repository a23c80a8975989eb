"""Show what Microsoft sells through a connection in a market, and tick what we sell of it."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from shared.api.call import Answer, Call
from shared.api.models import (
    OFFER_PATTERN,
    Body,
    Country,
    Flag,
    MoneyReply,
    Pages,
    Reply,
    Slug,
)
from shared.api.paging import cursor_of, next_link
from shared.domain.catalog import BillingPlan, CatalogEntry, OfferKind, Price, Term
from shared.domain.ids import ConnectionId, OfferId
from shared.workflows.catalog_selection import select_offer, select_offers

OfferName = Annotated[
    str,
    StringConstraints(pattern=OFFER_PATTERN),
    Field(examples=["CFQ7TTC0LH18:0001"]),
]


class CatalogQuery(Pages):
    connection_id: Annotated[Slug, Field(description="Whose catalog.")]
    market: Annotated[Country, Field(description="Two letters, such as GB.")]
    sellable: Annotated[
        Flag | None,
        Field(description="Only what is ticked for sale, or only the rest; pages may be short."),
    ] = None
    kind: Annotated[OfferKind | None, Field(description="Only offers of this kind.")] = None

    def wants(self, entry: CatalogEntry, ticked: frozenset[OfferId]) -> bool:
        is_sellable = entry.offer.id in ticked
        return (self.sellable is None or self.sellable == is_sellable) and (
            self.kind is None or self.kind is entry.offer.kind
        )


class SellableBody(Body):
    """Whether an offer is sold through a connection in one of its markets."""

    connection_id: Slug
    market: Country
    sellable: Annotated[bool, Field(strict=True)]


class SelectionBody(Body):
    """Several offers at once: all of them, or none where one is not in the catalog."""

    connection_id: Slug
    market: Country
    offer_ids: Annotated[list[OfferName], Field(min_length=1, max_length=200)]
    sellable: Annotated[bool, Field(strict=True)]


class TermReply(Reply):
    """A term that Microsoft sells it for, and how it is paid."""

    term: Term
    billing_plan: BillingPlan


class PriceReply(Reply):
    """One seat for one billing period, and over the whole term."""

    term: Term
    billing_plan: BillingPlan
    unit: Annotated[MoneyReply, Field(description="One seat, one billing period.")]
    per_term: Annotated[MoneyReply, Field(description="One seat, the whole term.")]
    valid_from: Annotated[datetime, Field(description="Of the price sheet.")]
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
    kind: OfferKind
    title: str
    sellable: Annotated[bool, Field(description="Somebody has ticked it for sale.")]
    is_closed: Annotated[bool, Field(description="Microsoft sells it to nobody new.")]
    sku_id: str | None = None
    is_add_on: bool
    is_trial: bool
    prerequisites: Annotated[
        list[str], Field(description="Offers of which the customer needs one first.")
    ]
    minimum: Annotated[int, Field(description="Seats that one subscription has at the least.")]
    maximum: Annotated[int, Field(description="Seats that one subscription takes.")]
    prices: list[PriceReply]
    terms: Annotated[
        list[TermReply], Field(description="Read from Microsoft for what is ticked, else empty.")
    ]
    changed_at: Annotated[datetime, Field(description="Since when it says what it says.")]

    @classmethod
    def of(cls, entry: CatalogEntry, *, sellable: bool) -> Self:
        offer = entry.offer
        return cls(
            offer_id=offer.id,
            kind=offer.kind,
            title=offer.title,
            sellable=sellable,
            is_closed=offer.is_closed,
            sku_id=offer.sku,
            is_add_on=offer.is_addon,
            is_trial=offer.is_trial,
            prerequisites=list(offer.prerequisites),
            minimum=offer.minimum,
            maximum=offer.maximum,
            prices=[PriceReply.of(price) for price in entry.prices],
            terms=[TermReply(term=t.term, billing_plan=t.billing) for t in entry.terms],
            changed_at=entry.changed_at,
        )


class OfferList(Reply):
    items: list[OfferReply]
    next_link: str | None = None


async def list_catalog(call: Call) -> Answer:
    query = call.query_as(CatalogQuery)
    connection = await call.desk.connections.get(ConnectionId(query.connection_id))
    ticked = await call.desk.selections.of(connection.id, query.market)
    page = await call.desk.catalog.page(connection.id, query.market, cursor_of(call), query.limit)
    items = [
        OfferReply.of(entry, sellable=entry.offer.id in ticked)
        for entry in page.items
        if query.wants(entry, ticked)
    ]
    return Answer(OfferList(items=items, next_link=next_link(call, page.cursor)))


async def put_sellable(call: Call) -> Answer:
    body = call.body_as(SellableBody)
    entry = await select_offer(
        call.desk,
        ConnectionId(body.connection_id),
        body.market,
        OfferId(call.path["offerId"]),
        sellable=body.sellable,
        requested_by=call.caller.id,
        organisation=call.caller.organisation,
    )
    return Answer(OfferReply.of(entry, sellable=body.sellable))


async def select_catalog(call: Call) -> Answer:
    body = call.body_as(SelectionBody)
    entries = await select_offers(
        call.desk,
        ConnectionId(body.connection_id),
        body.market,
        [OfferId(offer) for offer in dict.fromkeys(body.offer_ids)],
        sellable=body.sellable,
        requested_by=call.caller.id,
        organisation=call.caller.organisation,
    )
    items = [OfferReply.of(entry, sellable=body.sellable) for entry in entries]
    return Answer(OfferList(items=items))

"""Show what Microsoft sells for less in a market."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.connections import connection_id_of
from shared.api.models import OFFER_PATTERN, Country, Query, Reply
from shared.domain.catalog import BillingPlan, Term
from shared.domain.promotions import Promotion


class PromotionsQuery(Query):
    market: Annotated[Country, Field(description="A country of the connection.")]
    offer_id: Annotated[
        str | None, Field(pattern=OFFER_PATTERN, description="Left out: those of all offers.")
    ] = None


class PromotionReply(Reply):
    """Less to pay for one offer, for a while; `automatic` ones come with the purchase."""

    id: str
    name: str
    offer_id: str
    term: Term | None = None
    billing_plan: BillingPlan | None = None
    discount_percent: Decimal | None = None
    automatic: bool
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @classmethod
    def of(cls, promotion: Promotion) -> Self:
        discount = promotion.discount
        return cls(
            id=promotion.id,
            name=promotion.name,
            offer_id=promotion.offer,
            term=promotion.term,
            billing_plan=promotion.billing,
            discount_percent=None if discount is None else (discount * 100).normalize(),
            automatic=promotion.is_automatic,
            starts_at=promotion.starts_at,
            ends_at=promotion.ends_at,
        )


class PromotionList(Reply):
    items: list[PromotionReply]


async def list_promotions(call: Call) -> Answer:
    query = call.query_as(PromotionsQuery)
    connection = await call.desk.connections.get(connection_id_of(call))
    connection.require_country(query.market)
    found = await call.desk.microsoft.partner_center(connection).promotions(query.market)
    wanted = (p for p in found if query.offer_id in (None, p.offer))
    return Answer(PromotionList(items=[PromotionReply.of(promotion) for promotion in wanted]))

"""Read promotions, and what Microsoft says about who may have them."""

from collections.abc import Iterator
from decimal import Decimal

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import OfferId
from shared.domain.promotions import Eligibility, Promotion, why_not
from shared.partner_center._wire import EnumText, Moment, Wire

_PERCENT = "percentdiscount"
_NONE = "nopromotionsavailable"


class WirePolicy(Wire):
    policy_type: EnumText = ""
    value: Decimal | None = None


class WirePromotedTerm(Wire):
    duration: str = ""
    billing_cycle: EnumText = ""


class WirePromoted(Wire):
    product_id: str = ""
    sku_id: str = ""
    term: WirePromotedTerm = WirePromotedTerm()
    pricing_policies: tuple[WirePolicy, ...] = ()

    @property
    def discount(self) -> Decimal | None:
        percents = (p.value for p in self.pricing_policies if p.policy_type == _PERCENT)
        return next(percents, None)


class WireProperties(Wire):
    is_auto_applicable: bool = False


class WirePromotion(Wire):
    id: str
    name: str = ""
    start_date: Moment | None = None
    end_date: Moment | None = None
    properties: WireProperties = WireProperties()
    required_products: tuple[WirePromoted, ...] = ()

    def to_domain(self) -> Iterator[Promotion]:
        """One for each product that it is for."""
        for one in self.required_products:
            term, billing = one.term.duration, one.term.billing_cycle
            yield Promotion(
                id=self.id,
                name=self.name,
                offer=OfferId(f"{one.product_id}:{one.sku_id}"),
                term=Term(term) if term in set(Term) else None,
                billing=BillingPlan(billing) if billing in set(BillingPlan) else None,
                discount=one.discount,
                is_automatic=self.properties.is_auto_applicable,
                starts_at=self.start_date,
                ends_at=self.end_date,
            )


class WireObstacle(Wire):
    type: str = ""


class WireVerdict(Wire):
    promotion_id: str = ""
    is_eligible: bool = False
    errors: tuple[WireObstacle, ...] = ()

    @property
    def is_about_something(self) -> bool:
        """Where there is no promotion Microsoft says so by an error without an id."""
        kinds = {error.type.lower().replace("_", "") for error in self.errors}
        return bool(self.promotion_id) and _NONE not in kinds

    def to_domain(self) -> Eligibility:
        reasons = tuple(why_not(error.type) for error in self.errors)
        return Eligibility(self.promotion_id, self.is_eligible, reasons)


class WireEligibility(Wire):
    eligibilities: tuple[WireVerdict, ...] = ()

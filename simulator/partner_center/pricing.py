"""Price a line: a seat per billing period, and all the seats over the whole term."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from simulator.markets import MARKETS, periods, unit_price
from simulator.partner_center.documents import Json
from simulator.products import Product

_WITH_MONTHLY_PLAN = Decimal("1.03")
_WITHOUT_MONTHLY_PLAN = Decimal("1.23")


@dataclass(frozen=True)
class Bargain:
    """What a line's price is made of, beside its product."""

    term: str
    billing_cycle: str
    quantity: int
    country: str
    discount: Decimal = Decimal(0)
    share: Fraction = Fraction(1)

    def cut(self, discount: Decimal, share: Fraction) -> "Bargain":
        return replace(self, discount=discount, share=share)


def pricing(product: Product, bargain: Bargain) -> Json:
    billing = bargain.billing_cycle.title()
    price = unit_price(product, bargain.term, billing, bargain.country)
    return _shown(price, periods(bargain.term, billing), bargain)


def extended_pricing(product: Product, quantity: int, country: str) -> Json:
    """A month of an extended service term costs more than a month of a bought one."""
    price = extended_price(product, country)
    return _shown(price, 1, Bargain("P1M", "monthly", quantity, country))


def extended_price(product: Product, country: str) -> Decimal:
    if ("P1M", "Monthly") in product.terms:
        price = unit_price(product, "P1M", "Monthly", country) * _WITH_MONTHLY_PLAN
    else:
        price = unit_price(product, "P1Y", "Monthly", country) * _WITHOUT_MONTHLY_PLAN
    return price.quantize(MARKETS[country].step, ROUND_HALF_UP)


def _shown(price: Decimal, count: int, bargain: Bargain) -> Json:
    step = MARKETS[bargain.country].step
    net = (price * (1 - bargain.discount)).quantize(step, ROUND_HALF_UP)
    part = Decimal(bargain.share.numerator) / Decimal(bargain.share.denominator)
    prorated = (net * part).quantize(step, ROUND_HALF_UP)
    whole = (net * part * count * bargain.quantity).quantize(step, ROUND_HALF_UP)
    return {
        "listPrice": float(price),
        "discountedPrice": float(net),
        "proratedPrice": float(prorated),
        "price": float(net),
        "extendedPrice": float(whole),
    }

"""Price products in every market's currency, per seat and billing period."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from simulator.products import Product


@dataclass(frozen=True)
class Market:
    currency: str
    symbol: str
    rate: Decimal
    step: Decimal = Decimal("0.01")


MARKETS = {
    "US": Market("USD", "$", Decimal(1)),
    "CA": Market("CAD", "$", Decimal("1.35")),
    "GB": Market("GBP", "£", Decimal("0.82")),
    "DE": Market("EUR", "€", Decimal("0.94")),
    "FR": Market("EUR", "€", Decimal("0.94")),
    "NL": Market("EUR", "€", Decimal("0.94")),
    "AU": Market("AUD", "$", Decimal("1.52")),
    "JP": Market("JPY", "¥", Decimal(150), Decimal(1)),
    "IN": Market("INR", "₹", Decimal(85)),
    "BR": Market("BRL", "R$", Decimal("5.4")),
    "ZA": Market("ZAR", "R", Decimal(18)),
    "PL": Market("PLN", "zł", Decimal("3.9")),
    **dict.fromkeys(
        "MX AM AZ BY HU KZ KG MD RU TJ UZ UA AE SA TR TH VN MM IQ SS VE".split(),
        Market("USD", "$", Decimal(1)),
    ),
}


_MONTHS = {"Monthly": 1, "Annual": 12, "Triennial": 36}
_NO_COMMITMENT = Decimal("1.2")
PARTNER_SHARE = Decimal("0.8")


def unit_price(product: Product, term: str, billing: str, country: str) -> Decimal:
    """What a partner pays per seat and billing period, as Microsoft's price sheet counts."""
    market = MARKETS[country]
    monthly = product.monthly_price * (_NO_COMMITMENT if term == "P1M" else 1)
    price = monthly * _MONTHS[billing] * market.rate
    return price.quantize(market.step, ROUND_HALF_UP)


def retail_price(product: Product, term: str, billing: str, country: str) -> Decimal:
    price = unit_price(product, term, billing, country) / PARTNER_SHARE
    return price.quantize(MARKETS[country].step, ROUND_HALF_UP)


def periods(term: str, billing: str) -> int:
    """How often a term is billed."""
    return {"P1M": 1, "P1Y": 12, "P3Y": 36}[term] // _MONTHS[billing]

"""Write the price sheet: a price per seat and billing period, as Microsoft's counts."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from simulator.markets import MARKETS, PARTNER_SHARE, retail_price, unit_price
from simulator.partner_center.call import Answer, Call
from simulator.partner_center.errors import Refused
from simulator.partner_center.pricing import extended_price
from simulator.products import CATALOGUE, Product

_COLUMNS = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,"
    "BillingPlan,Market,Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,"
    "EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,Segment"
).split(",")
_ARGUMENT = re.compile(r"(\w+)='([^']*)'")
_FOREVER = "9999-12-31T23:59:59.0000000Z"


@dataclass(frozen=True)
class _Sheet:
    """One market's prices between two moments, so many times what they are in the carts."""

    market: str
    starts: datetime
    ends: str = _FOREVER
    factor: Decimal = Decimal(1)

    def shown(self, price: Decimal) -> str:
        step = MARKETS[self.market].step
        return str((price * self.factor).quantize(step, ROUND_HALF_UP))


def price_sheet(call: Call) -> Answer:
    arguments = {name.lower(): value for name, value in _ARGUMENT.findall(call.params["arguments"])}
    market = arguments.get("market", "").upper()
    if market not in MARKETS:
        raise Refused(2091)
    view = arguments.get("pricesheetview", "").lower()
    if view not in _VIEWS:
        raise Refused(400036)
    is_future = call.query.get("timeline", "current").lower() == "future"
    sheet = _future(call, market) if is_future else _current(call, market)
    return _file(call, _text(view, sheet).encode())


def _current(call: Call, market: str) -> _Sheet:
    rise = _rise(call)
    if rise is None:
        return _Sheet(market, _month(call))
    if call.now < rise:
        last = (rise - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
        return _Sheet(market, _month(call), last)
    return _Sheet(market, rise, factor=_factor(call))


def _future(call: Call, market: str) -> _Sheet:
    rise = _rise(call)
    if rise is None or rise <= call.now:
        raise Refused(400013, "There is no future price sheet.")
    return _Sheet(market, rise, factor=_factor(call))


def _rise(call: Call) -> datetime | None:
    day = call.switch("pricesheet.risesOn")
    return datetime.fromisoformat(f"{day}T00:00:00+00:00") if day else None


def _factor(call: Call) -> Decimal:
    return 1 + Decimal(call.switch("pricesheet.risesBy")) / 100


def _file(call: Call, content: bytes) -> Answer:
    asked = call.headers.get("accept-encoding", "").strip().lower()
    if asked != "deflate" or not call.switch("pricesheet.deflate"):
        return Answer(200, content, {"Content-Type": "text/csv"})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pricesheet.csv", content)
    return Answer(200, buffer.getvalue(), {"Content-Type": "application/zip"})


def _text(view: str, sheet: _Sheet) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for product in CATALOGUE:
        writer.writerows(_VIEWS[view](product, sheet))
    return buffer.getvalue()


def _rows(product: Product, sheet: _Sheet) -> Iterator[list[str]]:
    begin, market = sheet.starts.strftime("%Y-%m-%dT00:00:00.0000000Z"), sheet.market
    for term, billing in product.terms:
        named = [product.title, product.product_id, product.sku_id, product.title]
        described = ["Microsoft Corporation", product.title, "", term, billing, market]
        price = sheet.shown(unit_price(product, term, billing, market))
        priced = [MARKETS[market].currency, price, "", ""]
        retail = sheet.shown(retail_price(product, term, billing, market))
        yield [*named, *described, *priced, begin, sheet.ends, "", retail, "Commercial"]


def _extended_rows(product: Product, sheet: _Sheet) -> Iterator[list[str]]:
    """One row a product: an extended service term is billed by the month."""
    first = next(_rows(product, sheet))
    price = extended_price(product, sheet.market)
    changes = {"TermDuration": "P1M", "BillingPlan": "Monthly", "UnitPrice": sheet.shown(price)}
    changes["ERP Price"] = sheet.shown(price / PARTNER_SHARE)
    row = dict(zip(_COLUMNS, first, strict=True)) | changes
    yield list(row.values())


_VIEWS = {"updatedlicensebased": _rows, "licensebasedest": _extended_rows}


def _month(call: Call) -> datetime:
    month = call.query.get("month", "")
    if re.fullmatch(r"\d{6}", month):
        return datetime(int(month[:4]), int(month[4:]), 1, tzinfo=call.now.tzinfo)
    return call.now.replace(day=1)

"""Write the price sheet: a price per seat and billing period, as Microsoft's counts."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP

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


def price_sheet(call: Call) -> Answer:
    arguments = {name.lower(): value for name, value in _ARGUMENT.findall(call.params["arguments"])}
    market = arguments.get("market", "").upper()
    if market not in MARKETS:
        raise Refused(2091)
    # Neither other views nor coming prices are kept.
    view = arguments.get("pricesheetview", "").lower()
    if view not in _VIEWS:
        raise Refused(400036)
    if call.query.get("timeline", "current").lower() == "future":
        raise Refused(400013, "There is no future price sheet.")
    return _file(call, _text(view, market, _month(call)).encode())


def _file(call: Call, content: bytes) -> Answer:
    asked = call.headers.get("accept-encoding", "").strip().lower()
    if asked != "deflate" or not call.switch("pricesheet.deflate"):
        return Answer(200, content, {"Content-Type": "text/csv"})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pricesheet.csv", content)
    return Answer(200, buffer.getvalue(), {"Content-Type": "application/zip"})


def _text(view: str, market: str, start: datetime) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for product in CATALOGUE:
        writer.writerows(_VIEWS[view](product, market, start))
    return buffer.getvalue()


def _rows(product: Product, market: str, start: datetime) -> Iterator[list[str]]:
    begin = start.strftime("%Y-%m-%dT00:00:00.0000000Z")
    for term, billing in product.terms:
        named = [product.title, product.product_id, product.sku_id, product.title]
        described = ["Microsoft Corporation", product.title, "", term, billing, market]
        priced = [MARKETS[market].currency, str(unit_price(product, term, billing, market)), "", ""]
        retail = str(retail_price(product, term, billing, market))
        yield [*named, *described, *priced, begin, _FOREVER, "", retail, "Commercial"]


def _extended_rows(product: Product, market: str, start: datetime) -> Iterator[list[str]]:
    """One row a product: an extended service term is billed by the month."""
    first = next(_rows(product, market, start))
    price = extended_price(product, market)
    retail = (price / PARTNER_SHARE).quantize(MARKETS[market].step, ROUND_HALF_UP)
    changes = {"TermDuration": "P1M", "BillingPlan": "Monthly", "UnitPrice": str(price)}
    changes["ERP Price"] = str(retail)
    row = dict(zip(_COLUMNS, first, strict=True)) | changes
    yield list(row.values())


_VIEWS = {"updatedlicensebased": _rows, "licensebasedest": _extended_rows}


def _month(call: Call) -> datetime:
    month = call.query.get("month", "")
    if re.fullmatch(r"\d{6}", month):
        return datetime(int(month[:4]), int(month[4:]), 1, tzinfo=call.now.tzinfo)
    return call.now.replace(day=1)

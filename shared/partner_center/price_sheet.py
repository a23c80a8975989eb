"""Read a market's price sheet: a table that is streamed, line by line.

https://learn.microsoft.com/partner-center/developer/get-a-price-sheet
"""

import codecs
import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

import httpx

from shared.domain.catalog import BillingPlan, Price, Term
from shared.domain.ids import OfferId
from shared.domain.money import Money
from shared.partner_center._wire import moment
from shared.transport.call import Call
from shared.transport.channel import Channel

_ROUTE = "/v1.0/sales/pricesheets(Market='{market}',PricesheetView='updatedlicensebased')/$value"
_FOREVER = 9999


@dataclass(frozen=True, kw_only=True)
class PriceSheet:
    """A host of its own, with an audience of its own, and for signed-in users only."""

    sheet: Channel
    sheet_sign_in: httpx.Auth

    async def prices(self, market: str) -> Sequence[Price]:
        """Commercial prices of seats; a unit price is for one seat and one billing period."""
        call = Call(
            method="GET",
            route=_ROUTE,
            place={"market": market},
            params={"timeline": "current"},
            # Asked for deflate, the API sends an archive.
            headers={"Accept": "*/*", "Accept-Encoding": "gzip"},
            auth=self.sheet_sign_in,
        )
        async with self.sheet.stream(call) as pieces:
            read = [_price(row) async for row in _rows(pieces)]
        return [price for price in read if price is not None]


async def _rows(pieces: AsyncIterator[bytes]) -> AsyncIterator[Mapping[str, str]]:
    heading: list[str] | None = None
    async for record in _records(pieces):
        fields = next(csv.reader([record]), [])
        if heading is None:
            heading = [name.strip() for name in fields]
        elif fields:
            yield dict(zip(heading, fields, strict=False))


async def _records(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Cut at line ends that do not stand inside quotes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    begun = ""
    async for piece in pieces:
        *whole, begun = _cut(begun + decoder.decode(piece))
        for record in whole:
            yield record
    if begun.strip():
        yield begun


def _cut(text: str) -> list[str]:
    records = [""]
    for line in text.splitlines(keepends=True):
        records[-1] += line
        if line.endswith("\n") and records[-1].count('"') % 2 == 0:
            records.append("")
    return records


def _price(row: Mapping[str, str]) -> Price | None:
    """None for what is no seat price of the commercial segment, or not readable as one."""
    term, billing = row.get("TermDuration", ""), row.get("BillingPlan", "").lower()
    if term not in set(Term) or billing not in set(BillingPlan) or not _is_base_price(row):
        return None
    try:
        unit = Money(Decimal(row["UnitPrice"]), row["Currency"])
        valid_from = _date(row["EffectiveStartDate"])
        valid_until = _end_of(row["EffectiveEndDate"])
    except (KeyError, InvalidOperation, ValueError):
        return None
    if valid_from is None:
        return None
    return Price(
        offer=OfferId(f"{row.get('ProductId', '')}:{row.get('SkuId', '')}"),
        term=Term(term),
        billing=BillingPlan(billing),
        market=row.get("Market", ""),
        unit=unit,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _is_base_price(row: Mapping[str, str]) -> bool:
    """Of tiered prices the first seat's; of segments the one that everybody may buy."""
    segment = row.get("Segment", "").lower()
    tier = row.get("PricingTierRangeMin", "").strip()
    return segment in ("", "commercial") and tier in ("", "0", "1")


def _date(text: str) -> datetime | None:
    """A price without an end has a far one."""
    if not text or text.startswith(str(_FOREVER)):
        return None
    read = moment(_as_iso(text.strip()))
    return read if isinstance(read, datetime) else None


def _end_of(text: str) -> datetime | None:
    """A last day without an hour is sold on to its end."""
    read = _date(text)
    names_an_hour = any(mark in text for mark in "T:")
    return read + timedelta(days=1) if read is not None and not names_an_hour else read


def _as_iso(text: str) -> str:
    """Some sheets write dates as 9/1/2026."""
    day = text.split(" ", maxsplit=1)[0]
    if day.count("/") != 2:  # noqa: PLR2004 - month, day and year
        return text
    month, number, year = day.split("/")
    return f"{year}-{int(month):02}-{int(number):02}"

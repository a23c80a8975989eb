"""Read a market's price sheet: a table that is streamed, line by line.

https://learn.microsoft.com/partner-center/developer/get-a-price-sheet
"""

import codecs
import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation

import httpx

from shared.domain.catalog import BillingPlan, Price, Term
from shared.domain.errors import OfferNotFound, RemoteRefused
from shared.domain.ids import OfferId
from shared.domain.money import Money
from shared.partner_center._wire import moment
from shared.transport.call import Call
from shared.transport.channel import Channel

_ROUTE = "/v1.0/sales/pricesheets(Market='{market}',PricesheetView='{view}')/$value"
_SEATS = "updatedlicensebased"
_EXTENDED = "licensebasedest"
_FOREVER = 9999
_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, kw_only=True)
class PriceSheet:
    """A host of its own, with an audience of its own, and for signed-in users only."""

    sheet: Channel
    sheet_sign_in: httpx.Auth

    async def prices(self, market: str) -> Sequence[Price]:
        """Commercial prices of seats; a unit price is for one seat and one billing period."""
        return await self._read(market, _SEATS, "current")

    async def announced_prices(self, market: str) -> Sequence[Price]:
        """Prices of the next month, as `prices`; none where Microsoft has announced none."""
        return await self._read_if_any(market, _SEATS, "future")

    async def extended_prices(self, market: str) -> Sequence[Price]:
        """Monthly prices of terms that go on as extended ones; none where the view is not ours.

        https://learn.microsoft.com/partner-center/customers/extended-service-terms
        """
        return await self._read_if_any(market, _EXTENDED, "current")

    async def _read_if_any(self, market: str, view: str, timeline: str) -> Sequence[Price]:
        """Where nothing is announced Microsoft answers 404, and not everybody has every view.

        The channel logs what was refused; who reads the prices shows seats that have none.
        """
        try:
            return await self._read(market, view, timeline)
        except (OfferNotFound, RemoteRefused):
            return ()

    async def _read(self, market: str, view: str, timeline: str) -> Sequence[Price]:
        call = Call(
            method="GET",
            route=_ROUTE,
            place={"market": market, "view": view},
            params={"timeline": timeline},
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
    """A last day without an hour is sold on to its end, and so is its last second."""
    read = _date(text)
    if read is None:
        return None
    names_an_hour = any(mark in text for mark in "T:")
    is_last_second = read.time().replace(microsecond=0) == _LAST_SECOND
    return _midnight_after(read) if is_last_second or not names_an_hour else read


def _midnight_after(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), time.min, moment.tzinfo)


def _as_iso(text: str) -> str:
    """Some sheets write dates as 9/1/2026."""
    day = text.split(" ", maxsplit=1)[0]
    if day.count("/") != 2:  # noqa: PLR2004 - month, day and year
        return text
    month, number, year = day.split("/")
    return f"{year}-{int(month):02}-{int(number):02}"

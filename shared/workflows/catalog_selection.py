"""Tick what is sold: nothing is, until somebody says so."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from shared.domain.catalog import CatalogEntry
from shared.domain.catalog_changes import Tick
from shared.domain.connections import Connection
from shared.domain.errors import Fault, InvalidRequest, OfferNotFound, OfferNotSellable
from shared.domain.ids import ConnectionId, OfferId
from shared.workflows.ports import AuditEntry, Desk

_WIDTH = 6
"""Offers whose terms are asked for at the same time."""


async def select_offer(
    desk: Desk,
    connection_id: ConnectionId,
    market: str,
    offer: OfferId,
    *,
    sellable: bool,
    requested_by: str,
    organisation: str,
) -> CatalogEntry:
    """Raise `OfferNotFound`, or `OfferNotSellable` where Microsoft does not sell it itself."""
    connection = await _connection(desk, connection_id, market, organisation)
    entry = await desk.catalog.entry(connection.id, market, offer)
    if entry is None:
        raise OfferNotFound(offer)
    (entry,) = await _select(desk, connection, [entry], sellable, requested_by)
    return entry


async def select_offers(
    desk: Desk,
    connection_id: ConnectionId,
    market: str,
    offers: Sequence[OfferId],
    *,
    sellable: bool,
    requested_by: str,
    organisation: str,
) -> Sequence[CatalogEntry]:
    """All or none: raise `InvalidRequest` naming every offer that the catalog lacks."""
    connection = await _connection(desk, connection_id, market, organisation)
    found = [await desk.catalog.entry(connection.id, market, offer) for offer in offers]
    faults = [
        Fault(f"the catalog of {market} has no offer {offer!r}", pointer=f"/offerIds/{index}")
        for index, (offer, entry) in enumerate(zip(offers, found, strict=True))
        if entry is None
    ]
    if faults:
        raise InvalidRequest(faults)
    entries = [entry for entry in found if entry is not None]
    return await _select(desk, connection, entries, sellable, requested_by)


async def _connection(
    desk: Desk, connection_id: ConnectionId, market: str, organisation: str
) -> Connection:
    connection = await desk.connections.get(connection_id)
    connection.require_manager(organisation)
    connection.require_country(market)
    return connection


async def _select(
    desk: Desk,
    connection: Connection,
    entries: Sequence[CatalogEntry],
    sellable: bool,
    requested_by: str,
) -> Sequence[CatalogEntry]:
    if not entries:
        return []
    market, now = entries[0].market, await desk.clock.now()
    if sellable:
        entries = await _all_as_sold(desk, connection, entries)
        ticks = [Tick(entry.offer.id, requested_by, now) for entry in entries]
        await desk.selections.tick(connection.id, market, ticks)
    else:
        await desk.selections.untick(connection.id, market, [e.offer.id for e in entries])
    what = "offers ticked" if sellable else "offers unticked"
    details = {"market": market, "offers": ",".join(e.offer.id for e in entries[:100])}
    await desk.audit.record(AuditEntry(now, requested_by, what, connection.id, details))
    return entries


async def _all_as_sold(
    desk: Desk, connection: Connection, entries: Sequence[CatalogEntry]
) -> list[CatalogEntry]:
    sold: list[CatalogEntry] = []
    for at in range(0, len(entries), _WIDTH):
        asked = (_as_sold(desk, connection, entry) for entry in entries[at : at + _WIDTH])
        sold += await asyncio.gather(*asked)
    return sold


async def _as_sold(desk: Desk, connection: Connection, entry: CatalogEntry) -> CatalogEntry:
    """Read which terms Microsoft sells it for, and keep them."""
    if entry.offer.why_never_sold:
        raise OfferNotSellable(entry.offer.why_never_sold)
    partner_center = desk.microsoft.partner_center(connection)
    terms = tuple(await partner_center.terms(entry.market, entry.offer.id))
    if not terms:
        raise OfferNotSellable(
            f"Microsoft sells {entry.offer.title} ({entry.offer.id}) for no term in "
            f"{entry.market} at this moment."
        )
    entry = replace(entry, terms=terms)
    await desk.catalog.save(entry)
    return entry

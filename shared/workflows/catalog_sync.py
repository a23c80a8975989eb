"""Synchronise what a connection may sell, and at which price, market by market."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from shared.domain.catalog import CatalogEntry, Price
from shared.domain.catalog_changes import Counts, Sync, carried_over, compare
from shared.domain.connections import Connection
from shared.domain.errors import SeatkeeperError
from shared.domain.ids import ConnectionId, OfferId, OperationId
from shared.domain.operations import Operation, OperationKind, OperationStatus
from shared.workflows.ports import Desk, PartnerCenter

CONNECTIONS_QUEUE = "nightly-connections"


async def start_catalog_sync(
    desk: Desk, connection_id: ConnectionId, *, requested_by: str, operation_id: OperationId
) -> Operation:
    """Queue it: thousands of offers outlast a request."""
    await desk.connections.get(connection_id)
    operation = await desk.operations.add(
        Operation(
            operation_id,
            OperationKind.SYNCHRONISE_CATALOG,
            requested_by,
            await desk.clock.now(),
            facts={"connectionId": connection_id},
        )
    )
    await desk.queues.send(
        CONNECTIONS_QUEUE,
        {"kind": "catalog", "connectionId": connection_id, "operationId": operation.id},
    )
    return operation


async def synchronise_catalog(
    desk: Desk, connection_id: ConnectionId, operation_id: OperationId
) -> None:
    """Run as often as its message comes; each run leaves the same catalog."""
    operation = await desk.operations.get(operation_id)
    if operation.status is not OperationStatus.RUNNING:
        return
    connection = await desk.connections.get(connection_id)
    try:
        for market in connection.countries:
            await _Market(desk, connection, market, operation_id).synchronise()
    except SeatkeeperError as error:
        if error.retryable:
            raise
        await _end(desk, operation, OperationStatus.FAILED, reason=str(error))
        return
    counts = [d.counts for d in await desk.syncs.differences(connection_id, operation_id)]
    await _close(desk, operation, connection_id, counts)


async def _close(
    desk: Desk, operation: Operation, connection_id: ConnectionId, counts: Sequence[Counts]
) -> None:
    now = await desk.clock.now()
    await desk.syncs.close(Sync(operation.id, connection_id, now, tuple(counts)))
    await desk.healths.note(connection_id, catalog_synchronised_at=now)
    offers = {one.market: str(one.offers) for one in counts}
    await _end(desk, operation.learned(**offers), OperationStatus.DONE)


async def give_up_sync(desk: Desk, operation_id: OperationId, reason: str) -> None:
    """Record the failure of a synchronisation whose message will not come again."""
    operation = await desk.operations.get(operation_id)
    if operation.status is OperationStatus.RUNNING:
        await _end(desk, operation, OperationStatus.FAILED, reason=reason)


async def _end(desk: Desk, operation: Operation, status: OperationStatus, reason: str = "") -> None:
    connection, now = operation.facts["connectionId"], await desk.clock.now()
    place = f"/api/connections/{connection}/syncs/{operation.id}"
    await desk.operations.save(operation.ended(status, now, reason=reason, resource=place))


class _Market:
    """One market of one connection, on its way to what Microsoft says."""

    def __init__(
        self, desk: Desk, connection: Connection, market: str, operation: OperationId
    ) -> None:
        self.desk = desk
        self.connection = connection
        self.market = market
        self.operation = operation
        self.partner_center: PartnerCenter = desk.microsoft.partner_center(connection)

    async def synchronise(self) -> None:
        """The difference is on record before the catalog is the newer one."""
        kept = await self.desk.catalog.all(self.connection.id, self.market)
        before = {entry.offer.id: entry for entry in kept}
        after = [carried_over(before.get(e.offer.id), e) for e in await self._entries()]
        difference = compare(self.market, before, after)
        await self.desk.syncs.note(self.connection.id, self.operation, difference)
        await self.desk.catalog.replace(self.connection.id, self.market, after)

    async def _entries(self) -> Sequence[CatalogEntry]:
        """New-commerce offers without a price in the market are not sold there."""
        prices = _by_offer(await self.partner_center.prices(self.market))
        announced = _by_offer(await self.partner_center.announced_prices(self.market))
        extended = _by_offer(await self.partner_center.extended_prices(self.market))
        now = await self.desk.clock.now()
        entries = [
            CatalogEntry(
                self.connection.id,
                self.market,
                offer,
                prices[offer.id],
                now,
                announced=announced.get(offer.id, ()),
                extended=extended.get(offer.id, ()),
            )
            async for offer in self.partner_center.offers(self.market)
            if offer.id in prices
        ]
        entries += [
            CatalogEntry(self.connection.id, self.market, offer, (), now)
            async for offer in self.partner_center.legacy_offers(self.market)
        ]
        ticked = await self.desk.selections.of(self.connection.id, self.market)
        return [await self._with_terms(e) if e.offer.id in ticked else e for e in entries]

    async def _with_terms(self, entry: CatalogEntry) -> CatalogEntry:
        """Only for what is sold: there is a call for each."""
        terms = await self.partner_center.terms(self.market, entry.offer.id)
        return replace(entry, terms=tuple(terms))


def _by_offer(prices: Iterable[Price]) -> Mapping[OfferId, tuple[Price, ...]]:
    found: dict[OfferId, list[Price]] = defaultdict(list)
    for price in prices:
        found[price.offer].append(price)
    return {offer: tuple(of_offer) for offer, of_offer in found.items()}

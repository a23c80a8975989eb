"""Synchronise what a connection may sell, and at which price, market by market."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from shared.domain.catalog import CatalogEntry, Price
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
    """Run as often as its message comes; each run leaves the same catalogue."""
    operation = await desk.operations.get(operation_id)
    if operation.status is not OperationStatus.RUNNING:
        return
    connection = await desk.connections.get(connection_id)
    try:
        counts = [str(await _market(desk, connection, market)) for market in connection.countries]
    except SeatkeeperError as error:
        if error.retryable:
            raise
        await _end(desk, operation, OperationStatus.FAILED, reason=str(error))
        return
    now = await desk.clock.now()
    await desk.healths.note(connection.id, catalog_synchronised_at=now)
    offers = dict(zip(connection.countries, counts, strict=True))
    await _end(desk, operation.learned(**offers), OperationStatus.DONE)


async def give_up_sync(desk: Desk, operation_id: OperationId, reason: str) -> None:
    """Record the failure of a synchronisation whose message will not come again."""
    operation = await desk.operations.get(operation_id)
    if operation.status is OperationStatus.RUNNING:
        await _end(desk, operation, OperationStatus.FAILED, reason=reason)


async def _end(desk: Desk, operation: Operation, status: OperationStatus, reason: str = "") -> None:
    await desk.operations.save(
        replace(
            operation,
            status=status,
            reason=reason,
            resource=f"/api/catalog?connectionId={operation.facts['connectionId']}",
            finished_at=await desk.clock.now(),
        )
    )


async def _market(desk: Desk, connection: Connection, market: str) -> int:
    partner_center = desk.microsoft.partner_center(connection)
    entries = await _entries(desk, partner_center, connection, market)
    await desk.catalog.replace(connection.id, market, entries)
    return len(entries)


async def _entries(
    desk: Desk, partner_center: PartnerCenter, connection: Connection, market: str
) -> Sequence[CatalogEntry]:
    """Offers without a price in the market are not sold there."""
    prices: dict[OfferId, list[Price]] = defaultdict(list)
    for price in await partner_center.prices(market):
        prices[price.offer].append(price)
    now = await desk.clock.now()
    return [
        CatalogEntry(connection.id, market, offer, tuple(prices[offer.id]), now)
        async for offer in partner_center.offers(market)
        if offer.id in prices
    ]

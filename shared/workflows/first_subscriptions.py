"""Buy the first subscription of a SKU for a batch that was asked to (`buyFirst`).

It is priced with the batch's plan, held against the same ceilings, and bought under the SKU's
lease, once for each batch and SKU.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shared.domain.batches import Batch
from shared.domain.catalog import CatalogEntry, Price
from shared.domain.ids import SkuId
from shared.domain.operations import operation_id
from shared.domain.pricing import quote_purchase
from shared.domain.purchases import BatchPlan, PurchaseLine
from shared.domain.seat_plans import SeatPlan
from shared.domain.subscriptions import Purchase
from shared.workflows.begun import begun
from shared.workflows.buy_subscription import buy_subscription
from shared.workflows.ports import Desk
from shared.workflows.tenant import Tenant, read_tenant


async def first_lines(
    desk: Desk, tenant: Tenant, plans: Sequence[SeatPlan], now: datetime
) -> tuple[PurchaseLine, ...]:
    """What would be bought for SKUs that no subscription of ours holds.

    Of what is ticked for sale, the cheapest on the terms of the connection's baseline.
    """
    held = {s.sku for s in tenant.subscriptions}
    missing = {p.sku: p.missing for p in plans if p.missing and p.sku not in held}
    entries = await _for_sale(desk, tenant) if missing else []
    offered = ((sku, _cheapest(tenant, entries, sku, seats, now)) for sku, seats in missing.items())
    return tuple(_line(sku, missing[sku], *found) for sku, found in offered if found is not None)


async def _for_sale(desk: Desk, tenant: Tenant) -> list[CatalogEntry]:
    connection, market = tenant.connection.id, tenant.customer.country
    ticked = await desk.selections.of(connection, market)
    found = [await desk.catalog.entry(connection, market, offer) for offer in sorted(ticked)]
    return [e for e in found if e is not None and _is_plain(e)]


def _is_plain(entry: CatalogEntry) -> bool:
    """Nothing that somebody has to confirm first, or that lasts for a trial only."""
    offer = entry.offer
    return not (offer.is_trial or offer.needs_attestation or offer.why_never_sold)


def _cheapest(
    tenant: Tenant, entries: Iterable[CatalogEntry], sku: SkuId, seats: int, now: datetime
) -> tuple[CatalogEntry, Price] | None:
    term, billing = tenant.connection.baseline.term, tenant.connection.baseline.billing
    found = [
        (entry, price)
        for entry in entries
        if entry.offer.sku == sku
        and seats <= entry.offer.maximum
        and entry.is_offered(term, billing)
        and (price := entry.price(term, billing, now)) is not None
    ]
    return min(found, key=lambda pair: (pair[1].unit.amount, pair[0].offer.id), default=None)


def _line(sku: SkuId, missing: int, entry: CatalogEntry, price: Price) -> PurchaseLine:
    seats = max(missing, entry.offer.minimum)
    quote = quote_purchase(price, seats)
    return PurchaseLine(
        sku,
        entry.offer.id,
        "",
        entry.offer.title,
        seats,
        price.term,
        price.billing,
        unit=quote.unit,
        now=quote.now,
        until_term_end=quote.until_term_end,
        price_valid_from=quote.price_valid_from,
    )


async def buy_first(desk: Desk, batch: Batch, earlier: BatchPlan | None) -> None:
    """Buy what the plan says, and end what an earlier try of the same batch began.

    Raises `SeatsBusy` while somebody else holds a SKU, and what buying raises.
    """
    lines: Mapping[SkuId, PurchaseLine] = {
        line.sku: line
        for plan in (batch.plan, earlier)
        if plan is not None
        for line in plan.highest.lines
        if not line.subscription_id
    }
    for line in lines.values():
        await _buy(desk, batch, line)


async def _buy(desk: Desk, batch: Batch, line: PurchaseLine) -> None:
    operation = operation_id("buyFirst", batch.id, line.sku)
    lease = await desk.ledger.lease(batch.customer_id, line.sku, batch.id)
    try:
        tenant = await read_tenant(desk, batch.customer_id)
        held = any(s.sku == line.sku for s in tenant.subscriptions)
        if held and await begun(desk, operation) is None:
            return
        await buy_subscription(
            desk,
            batch.customer_id,
            Purchase(line.offer, line.seats, line.term, line.billing, name=""),
            requested_by=batch.requested_by,
            operation_id=operation,
        )
    finally:
        await desk.ledger.release(lease)

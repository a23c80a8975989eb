"""Read what counts for seats in one customer's tenant, from both of Microsoft's sides."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.batches import Batch, RowStatus
from shared.domain.catalog import CatalogEntry
from shared.domain.chunks import SeatTally, Tally, seats_in, tally_of
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.errors import BatchNotFound
from shared.domain.horizons import Horizon
from shared.domain.ids import BatchId, CustomerId, OfferId, PlanId, SkuId, SubscriptionId
from shared.domain.plans import UserPlan
from shared.domain.seats import Holding, Reservation, SeatView, SkuStock
from shared.domain.subscriptions import Subscription, SubscriptionStatus
from shared.workflows.ports import Desk, LedgerPage

_LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer at one moment: licence counts, owners, subscriptions and their prices."""

    connection: Connection
    customer: Customer
    stocks: Mapping[SkuId, SkuStock]
    holdings: Sequence[Holding]
    subscriptions: Sequence[Subscription]
    entries: Mapping[OfferId, CatalogEntry]
    assigned: Mapping[SkuId, int] = field(default_factory=dict)
    """Direct licences counted one by one, where somebody did."""
    updates: Mapping[SubscriptionId, int] = field(default_factory=dict)
    """How many updates of each subscription we have sent."""
    horizon_months: int = 12
    """Over how many months the cheapest subscription is looked for."""

    def view(
        self,
        sku: SkuId,
        reservations: Sequence[Reservation] = (),
        floor: int = 0,
        released: int = 0,
    ) -> SeatView:
        stock = self.stocks.get(sku) or SkuStock(sku, "", enabled=0, consumed=0)
        return SeatView(
            stock,
            tuple(s for s in self.subscriptions if s.sku == sku),
            tuple(self._as_sold(h) for h in self.holdings if h.sku == sku),
            tuple(reservations),
            floor=floor,
            released=released,
            assignments=self.assigned.get(sku, 0),
        )

    def _as_sold(self, holding: Holding) -> Holding:
        """Seats of ours whose SKU the catalog does not tell, less what does not last of them."""
        known = (s for s in self.subscriptions if s.sku is None)
        sold = next((s for s in known if s.is_known_as(holding.commerce_id, holding.id)), None)
        if sold is None:
            return holding
        lasting = min(holding.seats, sold.lasting_seats)
        return replace(holding, seats=lasting, is_trial=holding.is_trial or sold.is_passing)

    @property
    def maximum_of(self) -> Mapping[OfferId, int]:
        return {offer: entry.offer.maximum for offer, entry in self.entries.items()}

    @property
    def minimum_of(self) -> Mapping[OfferId, int]:
        return {offer: entry.offer.minimum for offer, entry in self.entries.items()}

    def held(self) -> Mapping[SkuId, int]:
        """Seats of our active subscriptions, trials left out."""
        held: dict[SkuId, int] = {}
        for s in self.subscriptions:
            if s.sku is not None and s.status is SubscriptionStatus.ACTIVE and not s.is_trial:
                held[s.sku] = held.get(s.sku, 0) + s.seats
        return held

    def horizon(self, now: datetime) -> Horizon:
        """What our subscriptions are compared by when one of them must grow."""
        return Horizon(now, self.entries, self.horizon_months, self.updates)

    def preference(self, now: datetime) -> Mapping[SubscriptionId, int]:
        return self.horizon(now).ranking(self.subscriptions)

    def unfit(self, now: datetime) -> Mapping[SubscriptionId, str]:
        """Why some of our subscriptions must not grow."""
        horizon = self.horizon(now)
        reasons = {s.id: horizon.why_not(s) for s in self.subscriptions}
        return {name: reason for name, reason in reasons.items() if reason is not None}


async def customer_and_connection(
    desk: Desk, customer_id: CustomerId
) -> tuple[Customer, Connection]:
    """Raise where the connection must not touch the customer, whatever is to be done."""
    customer = await desk.customers.get(customer_id)
    connection = await desk.connections.get(customer.connection_id)
    connection.require_reach(customer)
    return customer, connection


async def read_tenant(desk: Desk, customer_id: CustomerId) -> Tenant:
    """Read live: Partner Center for quantities and windows, the directory for counts and owners."""
    whose = await customer_and_connection(desk, customer_id)
    connection = whose[1]
    directory = desk.microsoft.directory(connection, customer_id)
    subscriptions, stocks, holdings = await asyncio.gather(
        desk.microsoft.partner_center(connection).subscriptions(customer_id),
        directory.stocks(),
        directory.holdings(),
    )
    tenant = await tenant_of(desk, whose, subscriptions, stocks, holdings)
    return await _able_to_grow(desk, tenant)


async def tenant_of(
    desk: Desk,
    whose: tuple[Customer, Connection],
    subscriptions: Sequence[Subscription],
    stocks: Sequence[SkuStock],
    holdings: Sequence[Holding],
) -> Tenant:
    """Join what both of Microsoft's sides said with the catalog; what only growths ask is left."""
    customer, connection = whose
    entries = await entries_of(desk, customer, subscriptions)
    return Tenant(
        connection,
        customer,
        {s.sku: s for s in stocks},
        holdings,
        with_skus(subscriptions, entries),
        entries,
    )


async def _able_to_grow(desk: Desk, tenant: Tenant) -> Tenant:
    """With what the subscriptions are compared by where one of them must grow."""
    customer = tenant.customer.id
    updates, policy = await asyncio.gather(
        desk.history.updates(customer), desk.policies.batches_of(customer)
    )
    return replace(tenant, updates=updates, horizon_months=policy.horizon_months)


async def entries_of(
    desk: Desk, customer: Customer, subscriptions: Sequence[Subscription]
) -> dict[OfferId, CatalogEntry]:
    """The catalog's lines for what a customer holds."""
    entries = {}
    offers = {s.offer for s in subscriptions}
    offers |= {s.next_terms.offer for s in subscriptions if s.next_terms is not None}
    for offer in sorted(offers):
        entry = await desk.catalog.entry(customer.connection_id, customer.country, offer)
        if entry is not None:
            entries[offer] = entry
    return entries


def with_skus(
    subscriptions: Sequence[Subscription], entries: Mapping[OfferId, CatalogEntry]
) -> list[Subscription]:
    """Partner Center sells offers and the directory counts SKUs; the catalog joins them."""
    return [
        replace(s, sku=entries[s.offer].offer.sku) if s.offer in entries else s
        for s in subscriptions
    ]


async def plans_named(desk: Desk, wanted: Iterable[PlanId]) -> dict[PlanId, UserPlan]:
    return {p: await desk.plans.get(p) for p in sorted(set(wanted))}


async def all_plans(desk: Desk) -> dict[PlanId, UserPlan]:
    found, cursor = dict[PlanId, UserPlan](), None
    while True:
        page = await desk.plans.page(cursor, _LARGEST_PAGE)
        found |= {plan.id: plan for plan in page.items}
        if (cursor := page.cursor) is None:
            return found


async def live_reservations(
    desk: Desk, page: LedgerPage, sku: SkuId, *, besides: str = ""
) -> list[Reservation]:
    """Bring each promise to the state of its batch: what was assigned waits no longer."""
    live = []
    for reservation in page.reservations:
        if reservation.holder == besides:
            continue
        live.append(await _brought_up(desk, reservation, sku))
    return live


async def _brought_up(desk: Desk, reservation: Reservation, sku: SkuId) -> Reservation:
    if reservation.settles_by is not None:
        return reservation
    batch_id = BatchId(reservation.holder)
    try:
        batch: Batch = await desk.batches.get(batch_id)
    except BatchNotFound:
        return reservation
    return after_rows(reservation, seats_in(await _as_licensed(desk, batch, sku), sku))


async def _as_licensed(desk: Desk, batch: Batch, sku: SkuId) -> list[Tally]:
    """Licence counts may show an assignment before its row says so: ask the people themselves.

    Only chunks that somebody is working on are read for it.
    """
    tallies = await desk.batches.tallies(batch.id)
    return [
        await _chunk_as_licensed(desk, batch, t.number, sku)
        if sku in t.seats and t.progress.in_flight
        else t
        for t in tallies
    ]


async def _chunk_as_licensed(desk: Desk, batch: Batch, number: int, sku: SkuId) -> Tally:
    chunk = await desk.batches.chunk(batch.id, number)
    asked = [r for r in chunk.rows if r.user_id and not r.status.is_final and sku in r.takes]
    if not asked:
        return tally_of(chunk)
    _, connection = await customer_and_connection(desk, batch.customer_id)
    directory = desk.microsoft.directory(connection, batch.customer_id)
    people = await directory.users_with_ids([r.user_id for r in asked])
    licensed = {id_ for id_, person in people.items() if sku in person.licences}
    done = (replace(r, status=RowStatus.DONE) for r in asked if r.user_id in licensed)
    return tally_of(chunk.having(done))


def after_rows(reservation: Reservation, tally: SeatTally) -> Reservation:
    """What a promise still stands for, given how far the rows that take its seats have come."""
    done = min(reservation.seats, tally.done)
    return replace(reservation, seats=min(reservation.seats - done, tally.open), assigned=done)

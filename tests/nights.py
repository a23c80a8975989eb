"""Let things befall one simulated customer, and hold its nights against the laws of seats."""

from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from local.host import StillBusy
from shared.domain.ids import CustomerId, SkuId
from shared.domain.seats import GrowthStatus, Reservation
from simulator import estates, seeds
from simulator.faults import CallRecord, Fault
from simulator.nouns import Customer, ForeignPurchase, Subscription
from simulator.partner_center.changes import change_outside
from simulator.partner_center.errors import Refused
from simulator.partner_center.lifecycle import settle
from simulator.products import TRIALS, Product
from simulator.tenants import Licence
from tests.estates import LOT_ORDERS, PHONE, PREMIUM, enabled_seats
from tests.portal import (
    BUSINESS_PREMIUM_SKU,
    Json,
    Portal,
    Seatkeeper,
    let_go,
    plan_body,
    row,
)

SOLD = (PREMIUM, PHONE)
OLD = timedelta(days=330)
_PATIENCE = 5


@dataclass(frozen=True)
class Befalls:
    """One thing that happens before a night; the number says how much, or to which."""

    what: str
    number: int


@dataclass(frozen=True)
class Night:
    """What happened since the last one, so many days ago."""

    days: int
    events: tuple[Befalls, ...]


@dataclass(frozen=True)
class Seen:
    """The seats by the simulator's own truth."""

    paid: Mapping[Product, int]
    lasting: Mapping[Product, int]
    ours: Mapping[str, Subscription]


@dataclass
class Life:
    """One customer that is on record with us, and what befalls it."""

    seatkeeper: Seatkeeper
    portal: Portal
    customer: Customer
    spare: int = 0
    promised: int = 0
    batches: int = 0

    @property
    def id(self) -> str:
        return self.customer.id

    @property
    def ours(self) -> list[Subscription]:
        found = self.seatkeeper.world.subscriptions.values()
        return [s for s in found if s.customer_id == self.id]

    def active(self, number: int) -> Subscription | None:
        active = [s for s in self.ours if s.status == "active" and not s.is_trial]
        return active[number % len(active)] if active else None

    def used(self, product: Product) -> int:
        return self.seatkeeper.world.tenants[self.id].consumed(product.entra_sku_id)

    def wanted(self, product: Product) -> int:
        kept = self.promised if product is PREMIUM else 0
        return self.used(product) + self.spare + kept

    def seen(self) -> Seen:
        world = self.seatkeeper.world
        paid = {p: enabled_seats(world, self.id, p) for p in SOLD}
        goes = {p: sum(_passing(s) for s in self.ours if _is(s, p)) for p in SOLD}
        copies = {s.id: copy(s) for s in self.ours}
        return Seen(paid, {p: paid[p] - goes[p] for p in SOLD}, copies)

    def edit(self, number: int, **changes: object) -> None:
        """In Partner Center, by the same rules: what Microsoft refuses does not happen."""
        subscription = self.active(number)
        if subscription is None:
            return
        try:
            change_outside(self.seatkeeper.world, subscription, changes)
        except Refused:
            return

    async def batch(self, count: int, *, cancelled: bool = False) -> None:
        self.batches += 1
        id_ = f"{self.id[:8]}-{self.batches}"
        names = [f"b{self.batches}n{n}@{self.customer.domain}" for n in range(count)]
        rows = [row(n, userPrincipalName=name) for n, name in enumerate(names, 1)]
        await self.portal.post("batches", {"id": id_, "customerId": self.id, "rows": rows})
        if cancelled:
            await self.portal.post(f"batches/{id_}/cancel")
        await self.settle_batch()

    async def settle_batch(self) -> None:
        """Rows that find no seat wait for one, up to their bound."""
        for _ in range(_PATIENCE):
            try:
                await self.seatkeeper.settle(4)
            except StillBusy:
                self.seatkeeper.world.clock.advance(timedelta(hours=3))
            else:
                break

    def join(self, product: Product, count: int, group: str | None = None) -> None:
        world, sku = self.seatkeeper.world, product.entra_sku_id
        free = enabled_seats(world, self.id, product) - self.used(product)
        tenant, now = world.tenants[self.id], world.clock.now()
        for person in estates.join(world, tenant, max(0, min(count, free))):
            tenant.set_licences(person, [Licence(sku, [], now, assigned_by_group=group)], now)

    def leave(self, product: Product, count: int) -> None:
        world, sku = self.seatkeeper.world, product.entra_sku_id
        tenant = world.tenants[self.id]
        for person in [u for u in tenant.users.values() if u.licence(sku)][:count]:
            tenant.delete_user(person.id, world.clock.now())

    async def promise(self, seats: int) -> None:
        self.promised = seats
        sku = SkuId(BUSINESS_PREMIUM_SKU)
        promised = Reservation("somebody", seats, consumed_before=self.used(PREMIUM))
        ledger = self.seatkeeper.works.office.desk.ledger
        await ledger.save_reservation(CustomerId(self.id), sku, promised)

    def sell(self, product: Product, seats: int, term: str = "P1Y") -> Subscription:
        world = self.seatkeeper.world
        return estates.sell(world, self.customer, seeds.NORTHWIND, product, seats=seats, term=term)

    def others_sell(self, number: int) -> None:
        world = self.seatkeeper.world
        product = SOLD[number % 2]
        bought = ForeignPurchase(
            world.new_guid(),
            self.id,
            product.entra_sku_id,
            1 + number,
            seeds.TAILSPIN,
            world.clock.now(),
        )
        world.foreign_purchases[bought.id] = bought

    def others_go(self) -> None:
        """As many of another partner's seats end as nobody uses."""
        for bought in self.seatkeeper.world.foreign_purchases.values():
            product = next(p for p in SOLD if p.entra_sku_id == bought.sku_id)
            free = enabled_seats(self.seatkeeper.world, self.id, product) - self.used(product)
            if bought.tenant_id == self.id and bought.quantity <= free:
                bought.status = "Deleted"

    async def night(self) -> tuple[Json, list[CallRecord]]:
        """Answer the customer's part of it, and the changes that it sent."""
        last = self.seatkeeper.world.calls.last
        run = await self.portal.post("runs", {"customerId": self.id})
        await self.seatkeeper.settle()
        [part] = (await self.portal.get(f"runs/{run['id']}/customers"))["items"]
        calls = self.seatkeeper.world.calls.since(last)
        return part, [c for c in calls if _writes(c)]

    async def given_back(self) -> int:
        """Seats that our own record says went back."""
        lines = (await self.portal.get(f"customers/{self.id}/transactions?limit=200"))["items"]
        return sum(
            line["seatsBefore"] - line["seatsAfter"]
            for line in lines
            if line["kind"] == "givenBack"
        )

    async def endings(self) -> set[GrowthStatus]:
        ledger = self.seatkeeper.works.office.desk.ledger
        skus = [SkuId(product.entra_sku_id) for product in SOLD]
        pages = [await ledger.read(CustomerId(self.id), sku) for sku in skus]
        return {growth.status for page in pages for growth in page.growths}


def _writes(call: CallRecord) -> bool:
    if call.batch:
        return any(not kind.startswith("GET") for kind in call.kinds)
    return call.method != "GET" and "/oauth2/" not in call.path and "/token" not in call.path


def _is(subscription: Subscription, product: Product) -> bool:
    return (subscription.product_id, subscription.status) == (product.product_id, "active")


def cancels(subscription: Subscription) -> bool:
    actions = subscription.scheduled_actions or []
    return any("cancel" in str(action).lower() for action in actions)


def lasts(subscription: Subscription) -> int:
    """Seats that the next term starts with, of those that are there."""
    if subscription.is_trial or cancels(subscription):
        return 0
    if subscription.schedule is None:
        return subscription.quantity
    return min(subscription.quantity, int(subscription.schedule["quantity"]))


def _passing(subscription: Subscription) -> int:
    return subscription.quantity - lasts(subscription)


def next_term(subscription: Subscription, quantity: int) -> Json:
    product = {"productId": subscription.product_id, "skuId": subscription.sku_id}
    terms = {"termDuration": subscription.term, "billingCycle": subscription.billing_cycle}
    return {"product": product | terms, "quantity": quantity}


def age(subscription: Subscription, by: timedelta) -> None:
    """As if it had been bought so much earlier in its first term."""
    subscription.created -= by
    subscription.term_started -= by
    subscription.term_ends -= by
    subscription.window_opened -= by
    for lot in subscription.lots:
        lot.added -= by


async def _schedule(life: Life, number: int) -> None:
    subscription = life.active(number)
    if subscription is not None:
        instructions = next_term(subscription, 1 + number)
        life.edit(number, scheduledNextTermInstructions=instructions)


async def _grow(life: Life, number: int) -> None:
    subscription = life.active(number)
    if subscription is not None:
        life.edit(number, quantity=subscription.quantity + 1 + number % 4)


async def _shrink(life: Life, number: int) -> None:
    """Somebody gives seats back in Partner Center, never one in use."""
    subscription = life.active(number)
    if subscription is None:
        return
    [product] = [p for p in SOLD if p.product_id == subscription.product_id]
    seen = life.seen()
    free = seen.lasting[product] - life.used(product)
    wanted = min(free, 1 + number % 3, subscription.quantity - 1)
    if wanted > 0:
        life.edit(number, quantity=subscription.quantity - wanted)


async def _cancel(life: Life, number: int) -> None:
    """It goes on, ends, or goes into an extended term."""
    ends = [{"actionType": "Cancel", "scheduleType": "TermEnd"}]
    life.edit(
        number,
        autoRenewEnabled=number % 3 == 0,
        scheduledActions=ends if number % 3 == 1 else None,
        scheduledNextTermInstructions=None,
    )


async def _suspend(life: Life, number: int) -> None:
    """Where nobody loses a seat by it."""
    subscription = life.active(number)
    if subscription is None:
        return
    [product] = [p for p in SOLD if p.product_id == subscription.product_id]
    if life.seen().paid[product] - subscription.quantity >= life.used(product):
        life.edit(number, status="suspended")


async def _wake(life: Life, _number: int) -> None:
    for subscription in life.ours:
        if subscription.status == "suspended":
            try:
                change_outside(life.seatkeeper.world, subscription, {"status": "active"})
            except Refused:
                return


async def _fault(life: Life, number: int) -> None:
    path = f"*/customers/{life.id}/subscriptions/*"
    faults = (
        Fault(method="PATCH", path=path, drop_after_commit=True),
        Fault(method="PATCH", path=path, drop_before_commit=True),
        Fault(method="PATCH", path=path, status=503),
        Fault(method="PATCH", path=path, status=429, retry_after=1),
        Fault(method="GET", path=path, status=503),
        Fault(path="*/subscribedSkus*", status=503),
        Fault(path="*/users/delta*", status=503),
        Fault(path="*/directory/subscriptions*", status=503),
    )
    life.seatkeeper.world.faults.add(faults[number % len(faults)])


async def _policy(life: Life, number: int) -> None:
    life.spare = number % 3
    mode = "scheduleOnly" if number == 7 else "apply"
    await let_go(life.portal, {"id": life.id}, spare=life.spare, mode=mode)


async def _joins(life: Life, number: int) -> None:
    life.join(SOLD[number % 2], 1 + number // 2)


async def _group(life: Life, number: int) -> None:
    life.join(SOLD[number % 2], 1 + number // 2, "sales-group")


async def _leaves(life: Life, number: int) -> None:
    life.leave(SOLD[number % 2], 1 + number // 2)


async def _batch(life: Life, number: int) -> None:
    await life.batch(1 + number % 5)


async def _cancelled(life: Life, number: int) -> None:
    await life.batch(1 + number % 5, cancelled=True)


async def _promise(life: Life, number: int) -> None:
    await life.promise(number % 4)


async def _sell(life: Life, number: int) -> None:
    life.sell(SOLD[number % 2], 1 + number, ("P1Y", "P1M")[number // 2 % 2])


async def _aged(life: Life, number: int) -> None:
    """A yearly subscription that has been there for eleven months."""
    sold = life.sell(SOLD[number % 2], 1 + number)
    age(sold, OLD + timedelta(days=number * 4))


async def _trial(life: Life, _number: int) -> None:
    life.sell(TRIALS[0], TRIALS[0].minimum, "P1M")


async def _others(life: Life, number: int) -> None:
    life.others_sell(number)


async def _others_go(life: Life, _number: int) -> None:
    life.others_go()


async def _wipe(life: Life, number: int) -> None:
    life.edit(number, scheduledNextTermInstructions=None)


async def _late(life: Life, number: int) -> None:
    lag = 600_000 * (number % 2)
    life.seatkeeper.world.switches.update({"replication.consumed_units_ms": lag})


async def _lots(life: Life, number: int) -> None:
    order = LOT_ORDERS[number % len(LOT_ORDERS)]
    life.seatkeeper.world.switches.update({"subscriptions.lotOrder": order})


EVENTS: Mapping[str, Callable[[Life, int], Awaitable[None]]] = {
    "people join": _joins,
    "a group gives licences": _group,
    "people leave": _leaves,
    "a batch": _batch,
    "a batch that is cancelled": _cancelled,
    "seats are promised": _promise,
    "a purchase past us": _sell,
    "an old subscription": _aged,
    "a trial": _trial,
    "another partner sells": _others,
    "another partner's seats end": _others_go,
    "seats are added past us": _grow,
    "seats go back past us": _shrink,
    "a foreign schedule": _schedule,
    "a schedule is wiped": _wipe,
    "renewal is switched": _cancel,
    "a suspension": _suspend,
    "it wakes again": _wake,
    "a fault": _fault,
    "another policy": _policy,
    "counts lag": _late,
    "another order of lots": _lots,
}
_EVENT = st.builds(Befalls, st.sampled_from(sorted(EVENTS)), st.integers(0, 9))
_DAYS = st.sampled_from([0, 1, 1, 1, 2, 5, 6, 7, 8, 20, 29, 30, 31])
LIVES = st.lists(
    st.builds(Night, _DAYS, st.lists(_EVENT, max_size=4).map(tuple)), min_size=2, max_size=6
)


async def open_for_business(seatkeeper: Seatkeeper, portal: Portal) -> None:
    await seatkeeper.connect(portal)
    await portal.post("plans", plan_body())
    seatkeeper.world.switches.update({"est.enabled": True})


async def begin(seatkeeper: Seatkeeper, portal: Portal, number: int) -> Life:
    world = seatkeeper.world
    domain = f"nights{number}.onmicrosoft.com"
    life = Life(seatkeeper, portal, estates.found_customer(world, seeds.NORTHWIND, domain))
    world.faults.waiting.clear()
    await _late(life, 0)
    life.sell(PREMIUM, 8)
    life.join(PREMIUM, 5)
    await portal.post(f"customers/{life.id}/adopt", {"connectionId": "northwind"})
    await let_go(portal, {"id": life.id})
    return life


async def live(life: Life, night: Night) -> None:
    world = life.seatkeeper.world
    for event in night.events:
        await EVENTS[event.what](life, event.number)
    world.clock.advance(timedelta(days=night.days))
    settle(world)
    for token in world.refresh_tokens.values():
        token.issued = world.clock.now()

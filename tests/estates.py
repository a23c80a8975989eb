"""Draw random customers of the simulated Microsoft, with a history of purchases, and found them."""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import strategies as st

from simulator import estates, seeds
from simulator.nouns import Customer, ForeignPurchase, Subscription
from simulator.partner_center.changes import change_outside
from simulator.partner_center.lifecycle import settle
from simulator.products import TRIALS, Product, by_sku
from simulator.world import World

PREMIUM = by_sku("CFQ7TTC0LCHC", "0002")
PHONE = by_sku("CFQ7TTC0LH0T", "0001")
LOT_ORDERS = ("newest", "oldest", "largest", "smallest")


@dataclass(frozen=True)
class Sale:
    """One subscription of ours: its first seats, and what was added how many days later."""

    product: Product
    seats: int
    term: str
    auto_renew: bool
    growths: tuple[tuple[int, int], ...]
    scheduled: int | None


@dataclass(frozen=True)
class Estate:
    """A customer's history up to the night, and what its policy and our promises keep."""

    sales: tuple[Sale, ...]
    strangers: tuple[tuple[Product, int, bool], ...]
    """Seats that others bought: of what, how many, and whether they count."""
    used: int
    """Percent of the seats that people take."""
    leavers: int
    days: int
    """From the last change to the night."""
    spare: int
    held: int
    promised: int
    mode: str
    lot_order: str
    late_counts: bool
    comers: int
    """Whom an admin gives idle seats, after the night."""


@dataclass
class Founded:
    customer: Customer
    ours: list[Subscription] = field(default_factory=list)


_PRODUCTS = st.sampled_from([PREMIUM, PREMIUM, PREMIUM, PHONE, TRIALS[0]])
_GROWTHS = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 6)), max_size=3).map(tuple)


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    product = draw(_PRODUCTS)
    if product.is_trial:
        return Sale(product, product.minimum, "P1M", True, (), None)  # noqa: FBT003 (a noun's field)
    renews = draw(st.sampled_from([True, True, True, False]))
    return Sale(
        product,
        draw(st.integers(1, 12)),
        draw(st.sampled_from(["P1Y", "P1M"])),
        renews,
        draw(_GROWTHS),
        draw(st.none() | st.integers(1, 14)) if renews else None,
    )


@st.composite
def estates_of_partners(draw: st.DrawFn) -> Estate:
    strangers = st.tuples(st.sampled_from([PREMIUM, PHONE]), st.integers(1, 6), st.booleans())
    return Estate(
        tuple(draw(st.lists(sales(), min_size=1, max_size=3))),
        tuple(draw(st.lists(strangers, max_size=2))),
        used=draw(st.sampled_from([0, 30, 60, 90, 100])),
        leavers=draw(st.integers(0, 6)),
        days=draw(st.sampled_from([0, 1, 3, 6, 7, 8, 20, 29, 30, 31])),
        spare=draw(st.integers(0, 2)),
        held=draw(st.integers(0, 2)),
        promised=draw(st.sampled_from([0, 0, 1, 4])),
        mode=draw(st.sampled_from(["apply", "apply", "apply", "scheduleOnly", "report"])),
        lot_order=draw(st.sampled_from(LOT_ORDERS)),
        late_counts=draw(st.booleans()),
        comers=draw(st.integers(0, 5)),
    )


def found(world: World, estate: Estate, domain: str) -> Founded:
    """Let the history happen, on the simulator's clock."""
    made = Founded(estates.found_customer(world, seeds.NORTHWIND, domain))
    for sale in estate.sales:
        made.ours.append(_sold(world, made.customer, sale))
    for product, seats, counts in estate.strangers:
        _bought_elsewhere(world, made.customer, product, seats, "Enabled" if counts else "Deleted")
    _people_come_and_go(world, made.customer, estate)
    world.clock.advance(timedelta(days=estate.days))
    settle(world)
    return made


def _sold(world: World, customer: Customer, sale: Sale) -> Subscription:
    sold = estates.sell(
        world, customer, seeds.NORTHWIND, sale.product, seats=sale.seats, term=sale.term
    )
    for days, seats in sale.growths:
        world.clock.advance(timedelta(days=days))
        settle(world)
        change_outside(world, sold, {"quantity": sold.quantity + seats})
    if sale.product.is_trial:
        return sold
    if sale.scheduled is not None:
        change_outside(world, sold, {"scheduledNextTermInstructions": _next_term(sold, sale)})
    elif not sale.auto_renew:
        change_outside(world, sold, {"autoRenewEnabled": False})
    return sold


def _next_term(sold: Subscription, sale: Sale) -> dict[str, object]:
    product = {"productId": sold.product_id, "skuId": sold.sku_id}
    terms = {"termDuration": sold.term, "billingCycle": sold.billing_cycle}
    return {"product": product | terms, "quantity": sale.scheduled}


def _bought_elsewhere(
    world: World, customer: Customer, product: Product, seats: int, status: str
) -> None:
    purchase = ForeignPurchase(
        world.new_guid(),
        customer.id,
        product.entra_sku_id,
        seats,
        seeds.TAILSPIN,
        world.clock.now(),
        status,
    )
    world.foreign_purchases[purchase.id] = purchase


def _people_come_and_go(world: World, customer: Customer, estate: Estate) -> None:
    tenant = world.tenants[customer.id]
    for product in (PREMIUM, PHONE):
        seats = enabled_seats(world, customer.id, product)
        people = estates.join(world, tenant, seats * estate.used // 100, product.entra_sku_id)
        for person in people[: estate.leavers]:
            tenant.delete_user(person.id, world.clock.now())


def enabled_seats(world: World, customer_id: str, product: Product) -> int:
    sources = world.company_subscriptions(customer_id)
    wanted = (s for s in sources if s.sku_id == product.entra_sku_id and s.status == "Enabled")
    return sum(source.total_licenses for source in wanted)

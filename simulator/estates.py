"""Found customers with all that they have at once: what years of business would come to.

Nobody's rules are asked on the way; what comes out is what those rules allow.
"""

from collections.abc import Iterator

from simulator import seeds
from simulator.markets import MARKETS
from simulator.nouns import Customer, Subscription
from simulator.partner_center.bookings import new_order
from simulator.partner_center.placing import subscribe
from simulator.products import Product
from simulator.tenants import Licence, Tenant, User
from simulator.world import World

_PASSWORD = "nobody signs in with it"
_CONSENTED = frozenset({"Directory.ReadWrite.All", "Domain.ReadWrite.All", "User.ReadWrite.All"})


def found_customer(world: World, partner_id: str, domain: str, country: str = "US") -> Customer:
    """A customer that has let the partner's application and its people in."""
    company = domain.partition(".")[0].title()
    customer = seeds.add_customer(world, partner_id, domain.lower(), company, country)
    customer.signed_directly = True
    tenant = world.tenants[customer.id]
    tenant.consents[world.partners[partner_id].client_id] = set(_CONSENTED)
    seeds.approve_gdap(world, tenant, partner_id)
    return customer


def sell(
    world: World,
    customer: Customer,
    partner_id: str,
    product: Product,
    *,
    seats: int,
    term: str = "P1Y",
) -> Subscription:
    """Seats of the new commerce, bought at this moment and paid by the month."""
    line = {
        "catalogItemId": f"{product.key}:SEEDED",
        "quantity": seats,
        "currencyCode": MARKETS[customer.country].currency,
        "billingCycle": "monthly",
        "termDuration": term,
        "pricing": {"extendedPrice": 0},
    }
    now = world.clock.now()
    order = new_order(world, customer.id, partner_id, line, now)
    subscription = subscribe(world, order, line, now)
    order.lines.append({**line, "subscriptionId": subscription.id})
    return subscription


def join(world: World, tenant: Tenant, count: int, sku_id: str | None = None) -> list[User]:
    """People who come to the tenant, each with one product or with none."""
    now = world.clock.now()
    people = [tenant.create_user(who, _PASSWORD, now) for who in _people(tenant, count)]
    if sku_id is not None:
        for person in people:
            tenant.set_licences(person, [Licence(sku_id, [], now)], now)
    return people


def _people(tenant: Tenant, count: int) -> Iterator[dict[str, object]]:
    """Named by the log's length, which never gets shorter: a name is never given twice."""
    first = len(tenant.changes)
    for number in range(first, first + count):
        yield {
            "accountEnabled": True,
            "displayName": f"Person {number}",
            "mailNickname": f"person{number}",
            "userPrincipalName": f"person{number}@{tenant.initial_domain}",
            "usageLocation": tenant.country,
            "userType": "Member",
        }

"""Check a purchase against what the customer holds, before anything is sent.

https://learn.microsoft.com/partner-center/customers/new-commerce-add-ons
"""

from datetime import timedelta

from shared.domain.catalog import CatalogEntry, Offer
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.errors import Fault, InvalidRequest, PurchaseRefused
from shared.domain.ids import OfferId
from shared.domain.subscriptions import Purchase, SubscriptionStatus
from shared.workflows.ports import Desk

_A_DAY = timedelta(days=1)


async def check_purchase(
    desk: Desk, customer: Customer, connection: Connection, entry: CatalogEntry, purchase: Purchase
) -> None:
    """Raise what Microsoft's cart would say, in words that help."""
    offer = entry.offer
    if offer.needs_attestation and not purchase.attested:
        raise InvalidRequest(
            [
                Fault(
                    f"{offer.title} is for customers of a certain kind; confirm that this one is "
                    "of it (attested: true)",
                    pointer="/attested",
                )
            ]
        )
    if offer.is_addon and offer.prerequisites:
        await _require_base(desk, customer, connection, offer)
    if purchase.ends_at is not None:
        await _require_end(desk, customer, connection, purchase)


async def _require_base(
    desk: Desk, customer: Customer, connection: Connection, offer: Offer
) -> None:
    """What the customer bought elsewhere counts for Microsoft and is not seen from here."""
    held = await desk.microsoft.partner_center(connection).subscriptions(customer.id)
    active = {s.offer for s in held if s.status is SubscriptionStatus.ACTIVE and not s.is_trial}
    if active.isdisjoint(offer.prerequisites):
        bases = [await _title(desk, customer, connection, base) for base in offer.prerequisites]
        raise PurchaseRefused(
            f"{offer.title} is an add-on and needs one of these first: {', '.join(sorted(bases))}. "
            "Buy the base, then the add-on; nothing was bought."
        )


async def _title(desk: Desk, customer: Customer, connection: Connection, offer: OfferId) -> str:
    entry = await desk.catalog.entry(connection.id, customer.country, offer)
    return entry.offer.title if entry is not None else offer


async def _require_end(
    desk: Desk, customer: Customer, connection: Connection, purchase: Purchase
) -> None:
    ends = await desk.microsoft.partner_center(connection).coterm_ends(
        customer.id, purchase.term, None
    )
    wanted = purchase.ends_at
    days = sorted({end.ends_at.date() for end in ends})
    if wanted is None or wanted.date() in days:
        return
    near = sorted(days, key=lambda day: abs(day - wanted.date()) // _A_DAY)[:3]
    raise InvalidRequest(
        [
            Fault(
                f"a first term of {purchase.term.value} cannot end on {wanted:%Y-%m-%d}; near it "
                f"are {', '.join(str(day) for day in sorted(near)) or 'no days at all'} "
                "(subscriptions/coterm lists them all)",
                pointer="/endsOn",
            )
        ]
    )

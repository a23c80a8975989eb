"""Buy a first lot of seats by cart and checkout, at the price that our catalog knows.

https://learn.microsoft.com/partner-center/developer/checkout-a-cart
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.catalog import CatalogEntry, Offer
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.ends import BOUGHT
from shared.domain.errors import (
    AgreementMissing,
    Fault,
    IdempotencyKeyReused,
    InvalidRequest,
    OfferNotFound,
    OfferNotSellable,
    PlanOutdated,
    PurchaseRefused,
)
from shared.domain.history import ChangeRecord, Origin, snapshot_of
from shared.domain.ids import CustomerId, OperationId, SkuId, SubscriptionId
from shared.domain.naming import name_by
from shared.domain.operations import Operation, OperationKind, OperationStatus
from shared.domain.pricing import Quote, quote_purchase
from shared.domain.promotions import Eligibility
from shared.domain.subscriptions import EndOfTerm, Purchase, Subscription
from shared.workflows.begun import begun
from shared.workflows.check_out import Checkout, facts_of
from shared.workflows.check_purchase import check_purchase
from shared.workflows.chosen_ends import keep_choice
from shared.workflows.end_as_asked import UNSAID, end_as_asked
from shared.workflows.keep_lots import keep_lots
from shared.workflows.ports import Desk
from shared.workflows.read_situation import Room
from shared.workflows.tenant import customer_and_connection
from shared.workflows.watch import unwatch_purchase, watch_purchase


@dataclass(frozen=True, slots=True)
class PurchasePreview:
    """``notes`` are what it commits to that the numbers do not show."""

    purchase: Purchase
    offer: Offer
    quote: Quote
    end_of_term: EndOfTerm
    notes: tuple[str, ...] = ()
    promotions: tuple[Eligibility, ...] = ()
    """What Microsoft would take off, or why not; the quote is the price sheet's, without it."""

    @property
    def digest(self) -> str:
        """The same as long as nothing changes that the purchase rests on."""
        price = (str(self.quote.unit), str(self.quote.price_valid_from))
        parts = (repr(self.purchase), self.end_of_term.value, *price, *self.notes)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


async def show_purchase(desk: Desk, customer_id: CustomerId, purchase: Purchase) -> PurchasePreview:
    """The preview with what only a reader wants to know: which promotions it would get."""
    preview = await preview_purchase(desk, customer_id, purchase)
    _, connection = await customer_and_connection(desk, customer_id)
    partner_center = desk.microsoft.partner_center(connection)
    found = await partner_center.eligibilities(customer_id, purchase)
    return replace(preview, promotions=tuple(found))


async def preview_purchase(
    desk: Desk, customer_id: CustomerId, purchase: Purchase
) -> PurchasePreview:
    """Check and price; raise what buying would raise before anything is sent."""
    customer, connection = await customer_and_connection(desk, customer_id)
    connection.require_direct_billing("buy subscriptions")
    entry = await desk.catalog.entry(connection.id, customer.country, purchase.offer)
    if entry is None:
        raise OfferNotFound(purchase.offer)
    await _require_ticked(desk, connection, entry)
    quote = _quote(entry, purchase, await desk.clock.now())
    _require_speech(connection, purchase)
    if faults := _faults(entry.offer, purchase):
        raise InvalidRequest(faults)
    await _require_agreement(desk, connection, customer)
    await check_purchase(desk, customer, connection, entry, purchase)
    intent = connection.end_of_term(purchase.end_of_term)
    notes = tuple(_notes(connection, purchase))
    return PurchasePreview(purchase, entry.offer, quote, intent, notes)


def _notes(connection: Connection, purchase: Purchase) -> Iterator[str]:
    if connection.leaves_end_unsaid(purchase.end_of_term):
        yield UNSAID
    elif connection.end_of_term(purchase.end_of_term) is EndOfTerm.EXTEND:
        yield "From the term's end on it is a paid extended term by the month."


def _require_speech(connection: Connection, purchase: Purchase) -> None:
    if purchase.end_of_term is EndOfTerm.CANCEL and not connection.sends_scheduled_actions:
        raise PurchaseRefused(
            "This connection cannot tell Microsoft to end a term. Switch sendsScheduledActions on, "
            "or leave endOfTerm out; nothing was bought."
        )


async def _require_ticked(desk: Desk, connection: Connection, entry: CatalogEntry) -> None:
    title = entry.offer.title
    if entry.offer.why_never_sold:
        raise OfferNotSellable(entry.offer.why_never_sold)
    if not await desk.selections.has(connection.id, entry.market, entry.offer.id):
        raise OfferNotSellable(
            f"{title} ({entry.offer.id}) is in the catalog of {entry.market}, and nobody has "
            "ticked it for sale. An administrator of the provider can."
        )


def _quote(entry: CatalogEntry, purchase: Purchase, now: datetime) -> Quote:
    price = entry.price(purchase.term, purchase.billing, now)
    if price is None or not entry.is_offered(purchase.term, purchase.billing):
        sold = sorted({f"{p.term.value} {p.billing.value}" for p in entry.terms or entry.prices})
        raise InvalidRequest(
            [
                Fault(
                    f"{entry.offer.title} is not sold for {purchase.term.value} billed "
                    f"{purchase.billing.value} in {entry.market}; it is sold for {', '.join(sold)}",
                    pointer="/term",
                )
            ]
        )
    return quote_purchase(price, purchase.seats)


def _faults(offer: Offer, purchase: Purchase) -> list[Fault]:
    if offer.minimum <= purchase.seats <= offer.maximum:
        return []
    return [
        Fault(
            f"{offer.title} is sold in {offer.minimum:,} to {offer.maximum:,} seats",
            pointer="/seats",
        )
    ]


async def _require_agreement(desk: Desk, connection: Connection, customer: Customer) -> None:
    if customer.agreement_at is not None:
        return
    if not await desk.microsoft.partner_center(connection).has_agreement(customer.id):
        raise AgreementMissing(
            "No Microsoft Customer Agreement is on record for this customer, so Microsoft sells "
            "nothing. Record who accepted it and when, then buy."
        )


async def buy_subscription(
    desk: Desk,
    customer_id: CustomerId,
    purchase: Purchase,
    *,
    requested_by: str,
    operation_id: OperationId,
    digest: str = "",
) -> tuple[Subscription, Operation]:
    """Buy once per operation id: whatever is checked out was written down before.

    What is checked is checked before the operation begins; repeated later, it only goes on.
    """
    room = Room(desk, *await customer_and_connection(desk, customer_id))
    operation = await begun(desk, operation_id)
    if operation is None:
        operation = await _begin(room, purchase, requested_by, operation_id, digest)
    if operation.facts["asked"] != _asked(customer_id, purchase):
        raise IdempotencyKeyReused("This Idempotency-Key came before with another body.")
    if operation.status in (OperationStatus.FAILED, OperationStatus.REVIEW):
        raise PurchaseRefused(operation.reason)
    if operation.status is not OperationStatus.DONE:
        await watch_purchase(desk, operation_id)
        named = replace(purchase, name=operation.facts["name"])
        checkout = Checkout(desk, room.partner_center, customer_id, named, operation)
        operation = await checkout.finish()
    subscription = await _put_on_record(room, purchase, operation)
    ending = await end_as_asked(room, subscription, purchase, operation)
    await unwatch_purchase(desk, operation_id)
    return ending, operation


def _asked(customer_id: CustomerId, purchase: Purchase) -> str:
    return hashlib.sha256(repr((customer_id, purchase)).encode()).hexdigest()


async def _begin(
    room: Room, purchase: Purchase, requested_by: str, operation_id: OperationId, digest: str
) -> Operation:
    """Check everything, and write down what a sweep needs should this host die."""
    desk, customer = room.desk, room.customer
    preview = await preview_purchase(desk, customer.id, purchase)
    if digest and digest != preview.digest:
        raise PlanOutdated("Prices or rules changed since the preview; nothing was bought.")
    facts = {
        **facts_of(preview.quote, preview.offer.sku),
        "asked": _asked(customer.id, purchase),
        "name": _named(purchase, preview.offer, customer, room.connection),
        "customerId": customer.id,
        "purchase": _kept(purchase),
    }
    now, kind = await desk.clock.now(), OperationKind.BUY_SUBSCRIPTION
    await watch_purchase(desk, operation_id)
    return await desk.operations.add(Operation(operation_id, kind, requested_by, now, facts=facts))


async def _put_on_record(room: Room, purchase: Purchase, operation: Operation) -> Subscription:
    desk, found = room.desk, SubscriptionId(operation.facts["subscriptionId"])
    subscription = (await room.partner_center.read(room.customer.id, found)).subscription
    subscription = replace(subscription, sku=SkuId(operation.facts["skuId"]) or None)
    record = _bought(subscription, purchase, operation)
    await desk.history.record(record)
    await keep_choice(desk, record)
    await keep_lots(desk, subscription)
    await desk.subscriptions.save(subscription)
    return subscription


def _kept(purchase: Purchase) -> str:
    """`settle_purchase` reads it back."""
    ends_at, intent = purchase.ends_at, purchase.end_of_term
    return json.dumps(
        {
            "offer": purchase.offer,
            "seats": purchase.seats,
            "term": purchase.term.value,
            "billing": purchase.billing.value,
            "name": purchase.name,
            "endsAt": ends_at.isoformat() if ends_at else "",
            "endOfTerm": intent.value if intent else "",
            "attested": purchase.attested,
        }
    )


def _bought(subscription: Subscription, purchase: Purchase, operation: Operation) -> ChangeRecord:
    return ChangeRecord(
        id=operation.id,
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        kind=BOUGHT,
        origin=Origin.SEATKEEPER,
        requested_by=operation.requested_by,
        at=operation.started_at,
        after=snapshot_of(subscription),
        finished_at=operation.finished_at,
        # Another end than that is a change of its own.
        is_choice=purchase.end_of_term is EndOfTerm.RENEW,
    )


def _named(purchase: Purchase, offer: Offer, customer: Customer, connection: Connection) -> str:
    """Whoever gives no name gets one by the connection's rule."""
    if purchase.name:
        return purchase.name
    values = {
        "offer": offer.title,
        "company": customer.company_name,
        "country": customer.country,
        "term": purchase.term.value,
        "billing": purchase.billing.value,
    }
    return name_by(connection.naming_rule, values)

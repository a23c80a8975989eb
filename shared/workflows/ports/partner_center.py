"""What the stories ask of Partner Center."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.domain.catalog import BillingPlan, Offer, OfferedTerm, Price, Term
from shared.domain.changes import UpgradeOption
from shared.domain.customers import (
    AgreementContact,
    AgreementState,
    Attestation,
    CountryRules,
    NewCustomer,
    RelatedCustomer,
)
from shared.domain.ids import (
    CustomerId,
    OfferId,
    SubscriptionId,
)
from shared.domain.money import Money
from shared.domain.passwords import Secret
from shared.domain.promotions import Eligibility, Promotion
from shared.domain.subscriptions import (
    EndOfTerm,
    Purchase,
    Schedule,
    Subscription,
    SubscriptionStatus,
    Terms,
)
from shared.domain.webhooks import WebhookRegistration


@dataclass(frozen=True, slots=True)
class CreatedCustomer:
    id: CustomerId
    domain: str
    admin_user_name: str
    admin_password: Secret


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart of one line, as Partner Center prices it.

    ``unit`` is the price of one seat for one billing period, ``extended`` that of all seats over
    the whole term; ``fault`` says why the line cannot be bought.
    """

    id: str
    unit: Money | None
    extended: Money | None
    is_ordered: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What a checkout made; Microsoft may tell the subscription's id only later."""

    id: str
    subscription_id: SubscriptionId | None
    extended: Money | None = None
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A subscription with the vendor's whole resource, which a change has to send back."""

    subscription: Subscription
    document: Mapping[str, object] = field(repr=False, compare=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeatChange:
    """The absolute quantity, and what the next term starts with (None: no schedule).

    ``terms`` are what a schedule says beside its seats where the resource does not say it any
    more; ``end_of_term`` is said again where it is gone.
    """

    seats: int
    scheduled_seats: int | None = None
    terms: Terms | None = None
    end_of_term: EndOfTerm | None = None

    @property
    def schedule(self) -> Schedule | None:
        if self.scheduled_seats is None or self.terms is None:
            return None
        return Schedule(self.scheduled_seats, self.terms)


@dataclass(frozen=True, slots=True)
class Patch:
    """What the whole resource shall say after one change; what is None stays as it was read.

    The schedule is always said: None means that nothing is scheduled.
    """

    schedule: Schedule | None
    seats: int | None = None
    name: str | None = None
    status: SubscriptionStatus | None = None
    auto_renew: bool | None = None
    end_of_term: EndOfTerm | None = None


@dataclass(frozen=True, slots=True)
class CotermEnd:
    """A day that a term may end on: a month's last, or another subscription's."""

    ends_at: datetime
    aligned_with: tuple[SubscriptionId, ...] = ()


class TransitionStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UpgradeOrder:
    """Seats to move to the product that the catalog item names."""

    catalog_item: str
    seats: int
    term: Term
    billing: BillingPlan
    moves_licences: bool
    into: SubscriptionId | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """An upgrade as Microsoft tells it; ``into`` is where the seats are afterwards."""

    offer: OfferId
    seats: int
    status: TransitionStatus
    started_at: datetime | None
    into: SubscriptionId | None = None


class PartnerCenter(Protocol):
    """One connection's view of Partner Center."""

    async def domain_is_taken(self, domain: str) -> bool: ...
    async def country_rules(self, country: str) -> CountryRules: ...
    async def address_fault(self, new: NewCustomer) -> str | None:
        """Say why Microsoft does not know the address, or None where it may be used."""
        ...

    async def create_customer(self, new: NewCustomer, request_id: str) -> CreatedCustomer:
        """Repeated with the same request id it answers the same customer and password."""
        ...

    async def record_agreement(
        self,
        customer: CustomerId,
        contact: AgreementContact,
        request_id: str,
        attestation_id: str = "",
    ) -> None:
        """An identical agreement already on record is success."""
        ...

    async def attest(
        self, customer: CustomerId, contact: AgreementContact, request_id: str
    ) -> Attestation | None:
        """Ask for a page on which the customer accepts."""
        ...

    async def attestation(self, customer: CustomerId, attestation_id: str) -> Attestation | None:
        """None where its time is over."""
        ...

    async def has_agreement(self, customer: CustomerId) -> bool: ...
    async def agreement(self, customer: CustomerId) -> AgreementState: ...
    async def invitation(self) -> str:
        """Where an existing tenant's administrator accepts us as its partner."""
        ...

    def related_customers(self) -> AsyncIterator[RelatedCustomer]: ...
    async def related_customer(self, customer: CustomerId) -> RelatedCustomer:
        """Raise `RelationshipMissing` where the tenant has not accepted us."""
        ...

    async def grant_consent(self, customer: CustomerId, request_id: str) -> None:
        """Give our application its delegated permissions there; already given is success."""
        ...

    def offers(self, market: str) -> AsyncIterator[Offer]: ...
    def legacy_offers(self, market: str) -> AsyncIterator[Offer]:
        """What was sold before, add-ons among it; listed with no price."""
        ...

    async def terms(self, market: str, offer: OfferId) -> Sequence[OfferedTerm]:
        """What can be bought of it at this moment."""
        ...

    async def prices(self, market: str) -> Sequence[Price]:
        """In force today."""
        ...

    async def announced_prices(self, market: str) -> Sequence[Price]:
        """In force from a later day on; none where nothing is announced."""
        ...

    async def extended_prices(self, market: str) -> Sequence[Price]:
        """Of a month in an extended term; none where Microsoft does not tell."""
        ...

    async def catalog_item(
        self, customer: CustomerId, offer: OfferId, term: Term, billing: BillingPlan
    ) -> str:
        """Read the purchasable id right before it is used: it changes without notice.

        Raises `OfferNotFound` where no availability has that term and billing plan.
        """
        ...

    async def promotions(self, market: str) -> Sequence[Promotion]:
        """Those of today."""
        ...

    async def eligibilities(
        self, customer: CustomerId, purchase: Purchase
    ) -> Sequence[Eligibility]:
        """What each promotion of the offer says to this purchase; none where it has none."""
        ...

    async def create_cart(
        self, customer: CustomerId, purchase: Purchase, catalog_item: str, request_id: str
    ) -> Cart: ...
    async def cart(self, customer: CustomerId, cart_id: str) -> Cart | None: ...
    async def check_out(self, customer: CustomerId, cart_id: str, request_id: str) -> Order:
        """Repeated for the same cart it answers the same order."""
        ...

    async def order(self, customer: CustomerId, order_id: str) -> Order: ...
    async def subscriptions(self, customer: CustomerId) -> Sequence[Subscription]: ...
    async def read(self, customer: CustomerId, subscription: SubscriptionId) -> Reading: ...
    async def change(self, reading: Reading, change: SeatChange, request_id: str) -> str:
        """Send the whole resource with new seats; answer Microsoft's correlation id.

        Never repeated by itself. `OutcomeUnknown` means: read before anything else. A 202 is
        answered like a 200: the caller reads until it shows.
        """
        ...

    async def patch(self, reading: Reading, patch: Patch, request_id: str) -> str:
        """Send the whole resource with one concern changed in it, as `change` does for seats."""
        ...

    async def upgrades(
        self, customer: CustomerId, subscription: SubscriptionId
    ) -> Sequence[UpgradeOption]: ...
    async def coterm_ends(
        self, customer: CustomerId, term: Term, starts_at: datetime | None
    ) -> Sequence[CotermEnd]:
        """Other days on which a term that starts then may end; None: a term bought now."""
        ...

    async def start_upgrade(
        self,
        customer: CustomerId,
        subscription: SubscriptionId,
        order: UpgradeOrder,
        request_id: str,
    ) -> str:
        """Answer Microsoft's correlation id; never repeated by itself, like `change`."""
        ...

    async def transitions(
        self, customer: CustomerId, subscription: SubscriptionId
    ) -> Sequence[Transition]:
        """Every upgrade that was ever started of a subscription."""
        ...

    async def webhook_events(self) -> Sequence[str]:
        """The names of everything that can be registered for."""
        ...

    async def webhook(self) -> WebhookRegistration | None: ...
    async def register_webhook(
        self, registration: WebhookRegistration, *, replaces: bool
    ) -> WebhookRegistration: ...
    async def try_webhook(self) -> str:
        """Ask for a validation event; answer Microsoft's id of it."""
        ...

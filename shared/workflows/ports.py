"""What the stories need of the world outside, as small promises that adapters keep.

Everything is asynchronous; every moment is aware and UTC; every error is one of the domain's.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from shared.domain.batches import Batch, RowResult
from shared.domain.billing import Transaction
from shared.domain.callbacks import Delivery
from shared.domain.catalog import BillingPlan, CatalogEntry, Offer, OfferedTerm, Price, Term
from shared.domain.catalog_changes import MarketDifference, Sync, Tick
from shared.domain.ceilings import BatchPolicy
from shared.domain.changes import UpgradeOption
from shared.domain.chunks import Chunk, Tally
from shared.domain.claims import Claim
from shared.domain.connections import Connection
from shared.domain.customers import (
    AgreementContact,
    AgreementState,
    Attestation,
    CountryRules,
    Customer,
    NewCustomer,
    RelatedCustomer,
)
from shared.domain.drift import DriftEntry
from shared.domain.health import ConnectionHealth, SignInFailure
from shared.domain.history import ChangeRecord, OpenChange
from shared.domain.idle import IdleHistory
from shared.domain.ids import (
    BatchId,
    ConnectionId,
    CustomerId,
    OfferId,
    OperationId,
    PlanId,
    PoisonId,
    RunId,
    ServicePlanId,
    SkuId,
    SubscriptionId,
)
from shared.domain.lots import LotLedger
from shared.domain.mirror import MirroredUser, SyncState, UserNews
from shared.domain.money import Money
from shared.domain.operations import Operation
from shared.domain.organisations import Organisation
from shared.domain.passwords import Secret
from shared.domain.plans import UserPlan
from shared.domain.poison import PutAside
from shared.domain.policies import Policy
from shared.domain.promotions import Eligibility, Promotion
from shared.domain.reminders import Reminder, ReminderKind
from shared.domain.runs import LONGEST, CustomerRun, LastNight, Nights, Run
from shared.domain.seats import Growth, Holding, Reservation, SkuStock
from shared.domain.spells import Settled, Spell
from shared.domain.standing import Delegation, Standing
from shared.domain.subscriptions import (
    EndOfTerm,
    Purchase,
    Schedule,
    Subscription,
    SubscriptionStatus,
)
from shared.domain.users import DirectoryUser, NewUser
from shared.domain.webhooks import Notice, WebhookRegistration

Noun = TypeVar("Noun")


class Clock(Protocol):
    """Business time: windows, renewals, retention. Machine time is each adapter's own."""

    async def now(self) -> datetime: ...


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
    """The absolute quantity, and what the next term starts with (None: no schedule)."""

    seats: int
    scheduled_seats: int | None = None


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
    """Seats to move to the product that the catalogue item names."""

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

    async def prices(self, market: str) -> Sequence[Price]: ...
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


class OutcomeKind(StrEnum):
    """How one item of a ``$batch`` ended."""

    DONE = "done"
    EXISTS = "exists"
    NO_SEAT = "noSeat"
    NOT_YET = "notYet"
    """The directory has not replicated what the item rests on."""
    THROTTLED = "throttled"
    UNKNOWN = "unknown"
    """5xx or no answer: it may have happened."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: OutcomeKind
    user_id: str = ""
    reason: str = ""
    """Microsoft's code and sentence, fit for an operator."""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class UserToCreate:
    user: NewUser
    marker: str
    password: Secret
    force_change: bool = True
    """Whether the first sign-in asks for another password."""
    never_expires: bool = False


@dataclass(frozen=True, slots=True)
class UserChange:
    """What to set on one user; what is None stays as it is."""

    user_id: str
    usage_location: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Licences to give one user and to take: all of it in one call, or nothing.

    ``licences`` maps each SKU to give to the service plans that stay off in it; ``remove`` names
    SKUs that the user holds directly. Taking one that is not held any more is `UNKNOWN`: read
    back, and ask for what is left.
    """

    user_id: str
    licences: Mapping[SkuId, tuple[ServicePlanId, ...]] = field(default_factory=dict)
    remove: tuple[SkuId, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryQuota:
    """How many objects a tenant's directory holds, and may hold."""

    used: int
    total: int


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some news of people; ``following`` leads to more of this round, ``link`` to the next one."""

    news: tuple[UserNews, ...] = ()
    following: str = ""
    link: str = ""
    expired: bool = False
    """Microsoft does not know the address any more: everybody has to be read again."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What one request tells of a directory: licences, owners, verified domains, people's news."""

    stocks: tuple[SkuStock, ...]
    holdings: tuple[Holding, ...]
    domains: frozenset[str]
    people: PeoplePage


class Directory(Protocol):
    """One customer's Entra directory through Microsoft Graph.

    The plural calls travel as ``$batch`` of at most twenty, five under way at once; each answers
    one outcome per item in the order asked, and never raises for one item's sake. Items that
    failed for a moment have been tried again by then; one that is `THROTTLED` says how long
    Microsoft wants to be left alone.
    """

    async def stocks(self) -> Sequence[SkuStock]: ...
    async def holdings(self) -> Sequence[Holding]: ...
    async def verified_domains(self) -> frozenset[str]: ...
    async def quota(self) -> DirectoryQuota | None:
        """None where the tenant does not say."""
        ...

    async def people(self) -> int:
        """How many users the tenant has, guests among them."""
        ...

    async def users_named(
        self, names: Sequence[str], *, fresh: bool = False
    ) -> Mapping[str, DirectoryUser]:
        """Look up by user principal name; the answer's keys are in lower case.

        Three hundred names cost one request. The index behind it may miss who was made in the
        last minute or two; ``fresh`` asks for each name alone, twenty to a request.
        """
        ...

    async def users_with_ids(self, ids: Sequence[str]) -> Mapping[str, DirectoryUser]:
        """Look up by id, three hundred to a request; who the index misses is asked for alone."""
        ...

    async def users_page(
        self, cursor: str | None, size: int
    ) -> tuple[Sequence[DirectoryUser], str | None]: ...
    async def survey(self, address: str) -> Survey:
        """Where the people's address is empty, everybody is news."""
        ...

    async def news_of_people(self, address: str) -> PeoplePage: ...
    async def delegations(self, customer: CustomerId) -> Sequence[Delegation]:
        """Active ones that this tenant, a partner's, was given by the customer."""
        ...

    async def create_users(self, users: Sequence[UserToCreate]) -> Sequence[Outcome]: ...
    async def assign(self, assignments: Sequence[Assignment]) -> Sequence[Outcome]: ...
    async def update_users(self, changes: Sequence[UserChange]) -> Sequence[Outcome]: ...
    async def block(self, ids: Sequence[str]) -> Sequence[Outcome]:
        """Refuse new sign-ins; sessions live on until they are revoked."""
        ...

    async def unblock(self, ids: Sequence[str]) -> Sequence[Outcome]: ...
    async def revoke_sessions(self, ids: Sequence[str]) -> Sequence[Outcome]: ...
    async def delete_users(self, ids: Sequence[str]) -> Sequence[Outcome]:
        """Delete softly (30 days in the bin); who is gone already is `DONE`."""
        ...


class Microsoft(Protocol):
    """The way to both APIs, given who is asking for whom."""

    def partner_center(self, connection: Connection) -> PartnerCenter: ...
    def directory(self, connection: Connection, customer: CustomerId) -> Directory: ...


class Secrets(Protocol):
    """Named secrets: Key Vault in Azure, a file of mode 0600 locally."""

    async def put(self, name: str, secret: Secret) -> None: ...
    async def get(self, name: str) -> Secret | None: ...
    async def get_or_make(self, name: str) -> Secret:
        """Answer the one under this name, or keep and answer a new random one (256 bits)."""
        ...

    async def delete(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Page(Generic[Noun]):
    """Some of a list, and an opaque cursor where there is more."""

    items: Sequence[Noun]
    cursor: str | None = None


class Connections(Protocol):
    async def add(self, connection: Connection) -> Connection:
        """Raise `AlreadyExists` where the id is taken."""
        ...

    async def get(self, connection: ConnectionId) -> Connection: ...
    async def all(self) -> Sequence[Connection]: ...
    async def save(self, connection: Connection) -> Connection:
        """Raise `ChangedMeanwhile` where somebody wrote since it was read."""
        ...

    async def delete(self, connection: Connection) -> None: ...


class Healths(Protocol):
    """What was seen of connections while they worked."""

    async def of(self, connection: ConnectionId) -> ConnectionHealth: ...
    async def all(self) -> Mapping[ConnectionId, ConnectionHealth]: ...
    async def note(
        self,
        connection: ConnectionId,
        *,
        signed_in_at: datetime | None = None,
        refresh_token_at: datetime | None = None,
        last_failure: SignInFailure | None = None,
        mfa_missing_at: datetime | None = None,
        catalog_synchronised_at: datetime | None = None,
        webhook_registered_at: datetime | None = None,
        last_webhook_at: datetime | None = None,
    ) -> None:
        """Keep what is given, and what was noted of the rest before."""
        ...

    async def forget(self, connection: ConnectionId) -> None: ...


@dataclass(frozen=True, slots=True)
class ConsentStart:
    """Where a person signs in, and what must be kept secret until they come back."""

    authorize_url: str
    flow: Secret


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came back from a sign-in, and what it is worth."""

    tenant_id: str
    user_id: str
    multi_factor: bool
    refresh_token: Secret | None


class ConsentDesk(Protocol):
    """The authorization-code flow of one connection's application, with PKCE."""

    async def begin(
        self, connection: Connection, redirect_uri: str, state: str
    ) -> ConsentStart: ...
    async def redeem(
        self, connection: Connection, flow: Secret, answer: Mapping[str, str]
    ) -> SignedIn:
        """Check state, PKCE and nonce, and trade the code in.

        Raise `ConsentRefused` for an answer that is not this flow's, `SignInRefused` where
        Microsoft says no.
        """
        ...

    def forget(self, connection: Connection) -> None:
        """Drop access tokens that came of an older sign-in."""
        ...


class Organisations(Protocol):
    async def all(self) -> Sequence[Organisation]: ...
    async def save(self, organisation: Organisation) -> Organisation:
        """The last writer wins."""
        ...


class Customers(Protocol):
    async def get(self, customer: CustomerId) -> Customer: ...
    async def save(self, customer: Customer) -> None: ...
    async def page(self, cursor: str | None, size: int) -> Page[Customer]: ...
    async def of_connection(self, connection: ConnectionId) -> Sequence[CustomerId]: ...
    async def page_of_connection(
        self, connection: ConnectionId, cursor: str | None, size: int
    ) -> Page[CustomerId]: ...


class Catalog(Protocol):
    """Partitioned by connection and market."""

    async def replace(
        self, connection: ConnectionId, market: str, entries: Sequence[CatalogEntry]
    ) -> None:
        """Write what differs from what is kept, and remove what is not sold any more."""
        ...

    async def save(self, entry: CatalogEntry) -> None: ...

    async def entry(
        self, connection: ConnectionId, market: str, offer: OfferId
    ) -> CatalogEntry | None: ...
    async def all(self, connection: ConnectionId, market: str) -> Sequence[CatalogEntry]: ...
    async def page(
        self, connection: ConnectionId, market: str, cursor: str | None, size: int
    ) -> Page[CatalogEntry]: ...


class Selections(Protocol):
    """What is ticked for sale, apart from what is synchronised."""

    async def of(self, connection: ConnectionId, market: str) -> frozenset[OfferId]: ...
    async def has(self, connection: ConnectionId, market: str, offer: OfferId) -> bool: ...
    async def tick(self, connection: ConnectionId, market: str, offers: Sequence[Tick]) -> None: ...
    async def untick(
        self, connection: ConnectionId, market: str, offers: Sequence[OfferId]
    ) -> None: ...


class Syncs(Protocol):
    """What each synchronisation of a connection found changed."""

    async def note(
        self, connection: ConnectionId, operation: OperationId, difference: MarketDifference
    ) -> None:
        """The first one that a synchronisation found for a market stands."""
        ...

    async def close(self, sync: Sync) -> None: ...
    async def page(self, connection: ConnectionId, cursor: str | None, size: int) -> Page[Sync]: ...
    async def differences(
        self, connection: ConnectionId, operation: OperationId
    ) -> Sequence[MarketDifference]: ...


class Plans(Protocol):
    async def add(self, plan: UserPlan) -> UserPlan:
        """Raise `AlreadyExists` where the id is taken."""
        ...

    async def get(self, plan: PlanId) -> UserPlan: ...
    async def page(self, cursor: str | None, size: int) -> Page[UserPlan]: ...


class Policies(Protocol):
    async def of(self, customer: CustomerId) -> Policy:
        """The customer's policy, or the cautious default."""
        ...

    async def save(self, customer: CustomerId, policy: Policy) -> Policy: ...
    async def batches_of(self, customer: CustomerId) -> BatchPolicy:
        """What its batches may do, or the default: no ceilings but the share of people."""
        ...

    async def save_batches(self, customer: CustomerId, policy: BatchPolicy) -> BatchPolicy: ...


class PeopleMirror(Protocol):
    """Our mirror of a customer's people, and how far it has been read."""

    async def state(self, customer: CustomerId) -> SyncState: ...
    async def known(
        self, customer: CustomerId, ids: Sequence[str]
    ) -> Mapping[str, MirroredUser]: ...
    async def page(
        self, customer: CustomerId, cursor: str | None, size: int
    ) -> Page[MirroredUser]: ...
    async def save(
        self, state: SyncState, settled: Settled | None = None, *, new: bool = False
    ) -> SyncState:
        """All in one transaction, of at most `PEOPLE_WRITES`.

        Raise `ChangedMeanwhile` where somebody wrote the state since it was read, and
        `AlreadyExists` where one of those who are said to be ``new`` is not.
        """
        ...

    async def spells(
        self, customer: CustomerId, since: datetime, cursor: str | None, size: int
    ) -> Page[Spell]:
        """Those that ended at that moment or later, and those that go on.

        A page may hold fewer than were asked for, and another one still follow.
        """
        ...

    async def note_ours(
        self, customer: CustomerId, batch: BatchId, ids: Sequence[str], at: datetime
    ) -> None:
        """Say, before it is done, that a batch works on these people."""
        ...

    async def ours(
        self, customer: CustomerId, since: datetime, until: datetime
    ) -> Mapping[str, BatchId]:
        """On whom a batch has worked between two moments."""
        ...

    async def doubts(
        self, customer: CustomerId, cursor: str | None, size: int
    ) -> Page[MirroredUser]:
        """People whose licences do not tell their plan."""
        ...


PEOPLE_WRITES = 99
"""A transaction takes a hundred, and the state is one of them."""


class Drift(Protocol):
    """What changed outside of the product, newest first."""

    async def add(self, entry: DriftEntry) -> None:
        """An entry that is there already stays as it is."""
        ...

    async def get(self, customer: CustomerId, entry: str) -> DriftEntry: ...
    async def save(self, entry: DriftEntry) -> DriftEntry: ...
    async def page(
        self, customer: CustomerId, cursor: str | None, size: int
    ) -> Page[DriftEntry]: ...


class Standings(Protocol):
    """What each customer lets us do."""

    async def of(self, customer: CustomerId) -> Standing:
        """One that was never read where there is none."""
        ...

    async def save(self, standing: Standing) -> None: ...


class IdleNights(Protocol):
    """How many seats of each customer were idle on the last nights."""

    async def of(self, customer: CustomerId) -> IdleHistory: ...
    async def save(self, customer: CustomerId, history: IdleHistory) -> None: ...


class Subscriptions(Protocol):
    """Our mirror of a customer's subscriptions."""

    async def of(self, customer: CustomerId) -> Sequence[Subscription]: ...
    async def replace(
        self, customer: CustomerId, subscriptions: Sequence[Subscription]
    ) -> None: ...
    async def save(self, subscription: Subscription) -> None: ...


class History(Protocol):
    """Every change of every subscription, and the ledger of its lots."""

    async def open(self, record: ChangeRecord) -> ChangeRecord:
        """Write a change down before it is sent; answer the one on record where the id exists."""
        ...

    async def update(self, record: ChangeRecord) -> None:
        """Keep what was learnt of a change that is open."""
        ...

    async def close(self, record: ChangeRecord) -> None: ...
    async def watch(self, change: OpenChange) -> None:
        """Say when an open change is looked at next; `open` does so for its first look."""
        ...

    async def unwatch(self, change: str) -> None: ...
    async def watched(self) -> Sequence[OpenChange]:
        """Every open change of every customer, and maybe some that have ended."""
        ...

    async def record(self, record: ChangeRecord) -> None:
        """A change that has happened: once per id, however often it is told."""
        ...

    async def get(
        self, customer: CustomerId, subscription: SubscriptionId, change: str
    ) -> ChangeRecord | None: ...
    async def unfinished(
        self, customer: CustomerId, subscription: SubscriptionId
    ) -> Sequence[ChangeRecord]: ...
    async def page(
        self, customer: CustomerId, subscription: SubscriptionId, cursor: str | None, size: int
    ) -> Page[ChangeRecord]: ...
    async def count(self, customer: CustomerId, subscription: SubscriptionId) -> int: ...
    async def note_update(self, customer: CustomerId, subscription: SubscriptionId) -> None:
        """Count one update as sent: Microsoft takes only so many of one subscription."""
        ...

    async def updates(self, customer: CustomerId) -> Mapping[SubscriptionId, int]: ...
    async def lots(self, customer: CustomerId, subscription: SubscriptionId) -> LotLedger: ...
    async def keep_lots(
        self, customer: CustomerId, subscription: SubscriptionId, lots: LotLedger
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to change one SKU of one customer, for a while of machine time."""

    customer_id: CustomerId
    sku: SkuId
    owner: str
    expires: float
    """On this process's monotonic clock, with the store's own latency taken off."""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Everything on record for one SKU of one customer.

    ``heads`` hold the last quantity that we wrote, per subscription.
    """

    reservations: tuple[Reservation, ...] = ()
    growths: tuple[Growth, ...] = ()
    heads: Mapping[SubscriptionId, int] = field(default_factory=dict)

    def of(self, holder: str) -> tuple[Growth, ...]:
        return tuple(g for g in self.growths if g.holder == holder)


class SeatLedger(Protocol):
    """Who was promised seats and who may change them; one partition per customer and SKU."""

    async def lease(self, customer: CustomerId, sku: SkuId, owner: str) -> Lease:
        """Raise `SeatsBusy` while somebody else holds it."""
        ...

    async def renew(self, lease: Lease) -> Lease:
        """Assert that it is still ours and start its time again; raise `SeatsBusy` if not."""
        ...

    def time_left(self, lease: Lease) -> timedelta: ...
    async def release(self, lease: Lease) -> None: ...
    async def read(self, customer: CustomerId, sku: SkuId) -> LedgerPage: ...
    async def promise(
        self, lease: Lease, reservation: Reservation, growths: Sequence[Growth]
    ) -> Lease:
        """In one transaction with the lease: insert the reservation and the growths' intents."""
        ...

    async def write_growth(self, lease: Lease, growth: Growth, head: int | None) -> Lease:
        """In one transaction with the lease: how a growth stands, and the quantity we left."""
        ...

    async def save_reservation(
        self, customer: CustomerId, sku: SkuId, reservation: Reservation
    ) -> None: ...
    async def drop_reservation(self, customer: CustomerId, sku: SkuId, holder: str) -> None: ...
    async def purge(self, before: datetime, most: int) -> int:
        """Delete growths that were written down before then and have ended; answer how many."""
        ...

    async def write_head(self, lease: Lease, subscription: SubscriptionId, seats: int) -> Lease: ...


class Batches(Protocol):
    async def add(self, batch: Batch, rows: Sequence[RowResult]) -> Batch:
        """Claim the id and keep the rows; called again it completes what a crash left.

        Raise `BatchDiffers` where the id holds another digest; answer the one on record otherwise.
        """
        ...

    async def get(self, batch: BatchId) -> Batch: ...
    async def save(self, batch: Batch) -> Batch:
        """Raise `ChangedMeanwhile` where somebody wrote since it was read."""
        ...

    async def page(self, cursor: str | None, size: int) -> Page[Batch]: ...
    async def chunk(self, batch: BatchId, number: int) -> Chunk:
        """Raise `BatchNotFound` where there is no such batch, or no such chunk of it."""
        ...

    def chunks(self, batch: BatchId) -> AsyncIterator[Chunk]:
        """One at a time, so that a large batch is never held as a whole."""
        ...

    async def save_chunk(self, batch: BatchId, chunk: Chunk) -> Chunk:
        """Raise `ChangedMeanwhile` where another worker was first."""
        ...

    async def tallies(self, batch: BatchId) -> Sequence[Tally]:
        """One per chunk, read without its rows."""
        ...

    async def purge_rows(self, batch: BatchId) -> None:
        """Delete every chunk; the head stays."""
        ...

    async def any_open(self, batch: BatchId) -> bool:
        """Whether some row has not ended; costs one small read whatever the batch's size."""
        ...

    async def results_page(
        self, batch: BatchId, cursor: str | None, size: int
    ) -> Page[RowResult]: ...


class Operations(Protocol):
    async def add(self, operation: Operation) -> Operation:
        """Answer the one on record where the id exists."""
        ...

    async def get(self, operation: OperationId) -> Operation: ...
    async def save(self, operation: Operation) -> Operation: ...
    async def expire(self, operation: OperationId, at: datetime) -> None:
        """Have it named by `expired` from that moment on, until `keep`."""
        ...

    async def expired(self, now: datetime) -> Sequence[OperationId]: ...
    async def keep(self, operation: OperationId) -> None: ...


class Runs(Protocol):
    """Runs, each with a part per customer; who has not ended is found without the others."""

    async def claim(self, run: Run) -> tuple[Run, bool]:
        """Answer the run on record under this id, and whether it is the one that was given."""
        ...

    async def get(self, run: RunId) -> Run: ...
    async def save(self, run: Run) -> Run:
        """Raise `ChangedMeanwhile` where somebody wrote since it was read."""
        ...

    async def page(self, cursor: str | None, size: int) -> Page[Run]: ...
    async def open_runs(self) -> Sequence[Run]: ...
    async def expect_connections(self, run: RunId, connections: Sequence[ConnectionId]) -> None:
        """Note which connections must be expanded before the run may close."""
        ...

    async def connection_expanded(self, run: RunId, connection: ConnectionId) -> None: ...
    async def unexpanded(self, run: RunId) -> Sequence[ConnectionId]: ...
    async def add_parts(self, parts: Sequence[CustomerRun]) -> None:
        """Insert those of one run that are absent."""
        ...

    async def part(self, run: RunId, customer: CustomerId) -> CustomerRun: ...
    async def save_part(self, part: CustomerRun) -> CustomerRun: ...
    def parts(self, run: RunId) -> AsyncIterator[CustomerRun]: ...
    async def parts_page(self, run: RunId, cursor: str | None, size: int) -> Page[CustomerRun]: ...
    async def waiting(self, run: RunId, size: int) -> Sequence[CustomerId]:
        """Up to so many customers whose part has not ended."""
        ...

    async def nights(self, now: datetime) -> Nights:
        """What is known of the nights; the first look says since when they are expected."""
        ...

    async def complete_night(self, night: LastNight) -> None: ...


class Transactions(Protocol):
    async def record(self, transaction: Transaction) -> None:
        """Once per id, however often it is told."""
        ...

    async def page(
        self, customer: CustomerId, cursor: str | None, size: int
    ) -> Page[Transaction]: ...


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


class IdempotencyKeys(Protocol):
    """What was answered to which key; scoped to caller and route, kept seven days."""

    async def claim(self, scope: str, key: str, digest: str) -> StoredAnswer | None:
        """Answer what was answered before, or None where the work is now ours to do.

        Raise `IdempotencyKeyReused` for another digest and `StillRunning` while somebody works on
        it; a claim older than the longest function run counts as abandoned and may be taken over.
        """
        ...

    async def keep(self, scope: str, key: str, answer: StoredAnswer) -> None: ...
    async def purge(self, most: int) -> int:
        """Delete claims older than seven days; answer how many."""
        ...

    async def give_up(self, scope: str, key: str) -> None:
        """The work failed and may have had an effect: let the same body be sent again."""
        ...

    async def forget(self, scope: str, key: str) -> None:
        """The request was wrong and nothing was begun: let the key be used for a mended one."""
        ...


class Notices(Protocol):
    """Events that came by webhook, so that none is followed twice."""

    async def claim(self, notice: Notice) -> bool:
        """Answer whether it is to be followed: it is new, or was never settled."""
        ...

    async def settle(self, notice: Notice) -> None: ...
    async def forget(self, last: date, days: int) -> None:
        """Remove what changed on that day and on so many before, the last one included."""
        ...


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Ids and counts only: never a name, an address or a body."""

    at: datetime
    who: str
    what: str
    subject: str
    details: Mapping[str, str] = field(default_factory=dict)


class Audit(Protocol):
    async def record(self, entry: AuditEntry) -> None: ...


class Poison(Protocol):
    """The messages that could not be handled, with their bodies."""

    async def add(self, message: PutAside) -> PutAside:
        """Answer the one on record where the id exists."""
        ...

    async def get(self, message: PoisonId) -> PutAside: ...
    async def save(self, message: PutAside) -> PutAside:
        """Raise `ChangedMeanwhile` where somebody wrote since it was read."""
        ...

    async def page(self, cursor: str | None, size: int) -> Page[PutAside]: ...
    async def purge(self, before: datetime, most: int) -> int:
        """Remove what was last seen before then; answer how many are gone."""
        ...


class Callbacks(Protocol):
    """Tells other people's servers, and reaches nothing that the operator has not listed."""

    def why_not(self, url: str) -> str:
        """Say why an address cannot be called, or nothing."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Delivery: ...


class Claims(Protocol):
    """Who works on which person of a customer: one batch at a time."""

    async def take(self, customer: CustomerId, claims: Sequence[Claim]) -> Sequence[Claim]:
        """Claim what is free; answer what other batches hold. What is ours already stays."""
        ...

    async def take_over(self, customer: CustomerId, claim: Claim, held: Claim) -> None:
        """Raise `ChangedMeanwhile` where somebody was first."""
        ...

    async def drop(self, customer: CustomerId, batch: BatchId, names: Sequence[str]) -> None:
        """Let go of people that the batch is known to hold, all at once."""
        ...

    async def let_go(self, customer: CustomerId, batch: BatchId, names: Sequence[str]) -> None:
        """As `drop`, of people that it may hold: what others hold stays as it is."""
        ...

    async def purge(self, before: datetime, most: int) -> int:
        """Delete claims of long ago: their batches have ended."""
        ...


class Reminders(Protocol):
    """What a sweep finds although every message about it is lost."""

    async def put(self, reminder: Reminder) -> None: ...
    async def put_first(self, reminder: Reminder) -> None:
        """One that is there stays as it is."""
        ...

    async def due(self, kind: ReminderKind, now: datetime, most: int) -> Sequence[Reminder]: ...
    async def postpone(self, reminder: Reminder, until: datetime) -> bool:
        """Answer False where somebody else was first: it is theirs to look at."""
        ...

    async def drop(self, kind: ReminderKind, subject: str) -> None: ...


class Queues(Protocol):
    async def send(
        self, queue: str, message: Mapping[str, object], delay: timedelta = timedelta(0)
    ) -> None: ...
    async def send_raw(self, queue: str, text: str, delay: timedelta = timedelta(0)) -> None:
        """Send a message as it came (poison)."""
        ...


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait, in machine time; a local host shrinks them all by one factor."""

    busy: timedelta = timedelta(seconds=5)
    """Before a growth that found the lease taken is tried again."""
    seats_visible: timedelta = timedelta(seconds=15)
    """Between two looks at whether bought seats show in the directory."""
    seats_bound: timedelta = timedelta(hours=2)
    """After which rows that wait for a seat fail with the reason (business time)."""
    released_bound: timedelta = timedelta(minutes=10)
    """How long seats that a batch freed may stay invisible before it buys (business time)."""
    settle_bound: timedelta = timedelta(hours=24)
    """After which a finished batch's promises are void (business time)."""
    settle_look: timedelta = timedelta(minutes=5)
    """Between two looks at whether the licence counts show what a finished batch assigned."""
    busy_bound: timedelta = timedelta(hours=2)
    """How long a message may find seats busy or Microsoft throttled before it is given up."""
    safety_net: timedelta = timedelta(minutes=1)
    """After which a single user's work is looked at again by the queue."""
    change_visible: timedelta = timedelta(seconds=2)
    """Between two looks at whether a change shows that Microsoft has taken."""
    change_look: timedelta = timedelta(minutes=1)
    """Between two looks of the queue at a change that Microsoft is at work on."""
    change_grace: timedelta = timedelta(minutes=10)
    """After which a change that does not show was never taken (business time)."""
    change_bound: timedelta = timedelta(hours=24)
    """After which a change that Microsoft has taken goes to review (business time)."""
    event_look: timedelta = timedelta(minutes=2)
    """Before a second look at what an event told of and did not show yet."""
    no_sign_of_life: timedelta = timedelta(minutes=20)
    """After which a batch is taken for one without a message (business time).

    Longer than a message's deliveries take, so that little is queued twice.
    """
    callback_first: timedelta = timedelta(seconds=30)
    """Before a callback that was not taken is tried again; each later pause is twice as long."""
    paused_bound: timedelta = timedelta(hours=24)
    """After which a paused batch is cancelled (business time)."""
    lease_margin: timedelta = timedelta(minutes=4)
    """A change of seats is sent only with more than this left on the lease."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a story may use, laid out by the wiring."""

    clock: Clock
    microsoft: Microsoft
    secrets: Secrets
    connections: Connections
    healths: Healths
    consents: ConsentDesk
    organisations: Organisations
    customers: Customers
    catalog: Catalog
    selections: Selections
    syncs: Syncs
    plans: Plans
    policies: Policies
    idle: IdleNights
    people: PeopleMirror
    drift: Drift
    standings: Standings
    subscriptions: Subscriptions
    history: History
    ledger: SeatLedger
    batches: Batches
    operations: Operations
    runs: Runs
    transactions: Transactions
    idempotency: IdempotencyKeys
    notices: Notices
    audit: Audit
    poison: Poison
    claims: Claims
    reminders: Reminders
    callbacks: Callbacks
    queues: Queues
    pauses: Pauses = field(default_factory=Pauses)
    run_longest: timedelta = LONGEST
    """How long a run may stay open (business time)."""
    closing_day: int = 0
    """The last day of billing periods where the connection names none; 0 is a month's end."""
    retention: timedelta = timedelta(days=30)
    """How long rows, results and messages put aside are kept (business time)."""
    row_limit: int = 50_000
    public_url: str = ""
    """What browsers reach this service by; nobody can come back from a sign-in without it."""

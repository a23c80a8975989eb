"""What is kept of a customer: policies, people, drift, subscriptions and their history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.domain.ceilings import BatchPolicy
from shared.domain.customers import (
    Customer,
)
from shared.domain.drift import DriftEntry, DriftField
from shared.domain.ends import ChosenEnd
from shared.domain.estate import Estate
from shared.domain.history import ChangeRecord, OpenChange
from shared.domain.idle import IdleHistory
from shared.domain.ids import (
    BatchId,
    ConnectionId,
    CustomerId,
    SubscriptionId,
)
from shared.domain.lots import LotLedger
from shared.domain.mirror import MirroredUser, SyncState
from shared.domain.policies import Policy
from shared.domain.spells import Settled, Spell, Touch
from shared.domain.standing import Standing
from shared.domain.subscriptions import (
    Subscription,
)
from shared.workflows.ports.common import Page


class Customers(Protocol):
    async def get(self, customer: CustomerId) -> Customer: ...
    async def save(self, customer: Customer) -> None: ...
    async def page(self, cursor: str | None, size: int) -> Page[Customer]: ...
    async def of_connection(self, connection: ConnectionId) -> Sequence[CustomerId]: ...
    async def page_of_connection(
        self, connection: ConnectionId, cursor: str | None, size: int
    ) -> Page[CustomerId]: ...


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
    ) -> Page[Sequence[Spell]]:
        """Everybody's that ended at that moment or later, and those that go on, person by person.

        A page may hold fewer people than were asked for, and another one still follow.
        """
        ...

    async def note_ours(
        self, customer: CustomerId, batch: BatchId, ids: Sequence[str], at: datetime
    ) -> None:
        """Say, before it is done, that a batch works on these people."""
        ...

    async def touches(self, customer: CustomerId, ids: Sequence[str]) -> Mapping[str, Touch]:
        """The last work of ours on each of these people; whom we never touched is left out."""
        ...

    async def note_given(
        self, customer: CustomerId, holder: BatchId, ids: Sequence[str], at: datetime
    ) -> None:
        """Say, before it is done, to whom a night gives licences back."""
        ...

    async def given(self, customer: CustomerId, holder: BatchId, since: datetime) -> frozenset[str]:
        """To whom that night has given licences since then, or was about to."""
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
    async def open_ones(
        self, customer: CustomerId, what: DriftField, most: int
    ) -> Sequence[DriftEntry]:
        """Up to so many that nobody has decided; never tried ones first, then the longest ago."""
        ...

    async def tried(self, entry: DriftEntry, reason: str, at: datetime) -> None:
        """Say why it stays open, and let the others be tried before it."""
        ...

    async def index(self, customer: CustomerId) -> None:
        """Find the open ones that were kept before there was an order of them."""
        ...

    async def purge(self, customer: CustomerId, before: datetime, most: int) -> int:
        """Delete up to so many that were decided before then; answer how many."""
        ...


class Estates(Protocol):
    """What each customer's directory holds beside its people."""

    async def of(self, customer: CustomerId) -> Estate:
        """One that was never read where there is none."""
        ...

    async def save(self, estate: Estate, drift: Sequence[DriftEntry]) -> Estate:
        """With what differs of it; raise `ChangedMeanwhile` where somebody else was faster."""
        ...


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


@dataclass(frozen=True, slots=True)
class Mirror:
    """A customer's subscriptions as they were last read."""

    subscriptions: Sequence[Subscription] = ()
    versions: Mapping[SubscriptionId, str] = field(default_factory=dict)
    """Another one once something else was read: what differs from one version is told once."""
    was_read: bool = True
    """Whether all that the customer holds was ever read: else it may have been there before."""

    def find(self, wanted: SubscriptionId) -> Subscription | None:
        return next((s for s in self.subscriptions if s.id == wanted), None)


class Subscriptions(Protocol):
    """Our mirror of a customer's subscriptions."""

    async def of(self, customer: CustomerId) -> Sequence[Subscription]: ...
    async def mirror(self, customer: CustomerId) -> Mirror: ...
    async def begin(self, customer: CustomerId, *, was_read: bool) -> None:
        """Say of a new customer whether what it holds is known; what was said first stays."""
        ...

    async def replace(self, customer: CustomerId, subscriptions: Sequence[Subscription]) -> None:
        """Keep these, which are all, and no others; what is as it was stays of its version."""
        ...

    async def save(self, subscription: Subscription) -> None: ...


class Ends(Protocol):
    """What was last chosen for the ends of a customer's subscriptions."""

    async def of(self, customer: CustomerId) -> Mapping[SubscriptionId, ChosenEnd]: ...
    async def keep(self, chosen: ChosenEnd) -> None:
        """An earlier word that is told again does not replace a later one."""
        ...


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

    async def record(self, record: ChangeRecord) -> ChangeRecord:
        """A change that has happened, once per id: answer the one that was told first."""
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

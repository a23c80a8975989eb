"""Everything that a story may reach, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from shared.domain.drift import DriftField, DriftRule
from shared.domain.runs import LONGEST
from shared.workflows.ports.common import Clock
from shared.workflows.ports.directory import (
    Microsoft,
)
from shared.workflows.ports.partners import (
    Catalog,
    Connections,
    ConsentDesk,
    Healths,
    Organisations,
    Plans,
    Secrets,
    Selections,
    Syncs,
)
from shared.workflows.ports.seats import Batches, Claims, SeatLedger, Transactions
from shared.workflows.ports.tenants import (
    Customers,
    Drift,
    Ends,
    Estates,
    History,
    IdleNights,
    PeopleMirror,
    Policies,
    Standings,
    Subscriptions,
)
from shared.workflows.ports.work import (
    Audit,
    Callbacks,
    IdempotencyKeys,
    Notices,
    Operations,
    Poison,
    Queues,
    Reminders,
    Runs,
)


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
    """After which a batch or a run is taken for one without a message (business time).

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
    estates: Estates
    subscriptions: Subscriptions
    history: History
    ends: Ends
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
    drift_rules: Mapping[DriftField, DriftRule] = field(default_factory=dict)
    """The provider's own, where neither the customer's policy nor its connection names one."""
    retention: timedelta = timedelta(days=30)
    """How long rows, results and messages put aside are kept (business time)."""
    run_retention: timedelta = timedelta(days=400)
    """How long a run keeps what it found at each customer (business time)."""
    row_limit: int = 50_000
    run_portion: int = 500
    """Customers of a run that one message queues."""
    public_url: str = ""
    """What browsers reach this service by; nobody can come back from a sign-in without it."""

"""Know a batch: a document of rows, worked as a whole."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.actions import Action, PasswordPolicy, Stage
from shared.domain.approvals import Approval
from shared.domain.callbacks import Callback
from shared.domain.errors import Fault
from shared.domain.ids import BatchId, CustomerId, PlanId, SkuId, SubscriptionId
from shared.domain.money import Money
from shared.domain.purchases import BatchPlan
from shared.domain.users import DirectoryUser, NewUser, marker

CHUNK = 100
"""Rows that are kept, and worked off, together."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person and what shall be done for them; numbers count from 1.

    Of somebody who is there already only the user name counts, and the usage location where one is
    given. ``plan`` is empty where the action names none.
    """

    number: int
    user: NewUser
    plan: PlanId
    action: Action = Action.CREATE
    from_plan: PlanId | None = None
    """Which plan is given up; None: the one that fits what the person holds."""
    add_ons: tuple[PlanId, ...] = ()
    delete: bool = False
    """With a de-provisioning: the account goes too."""
    password_policy: PasswordPolicy = field(default_factory=PasswordPolicy)

    @property
    def plans(self) -> Mapping[str, tuple[PlanId, ...]]:
        """The plans that it names, by the field that names them."""
        named = {
            "plan": (self.plan,) if self.plan else (),
            "fromPlan": (self.from_plan,) if self.from_plan else (),
            "addOns": self.add_ons,
        }
        return {name: plans for name, plans in named.items() if plans}

    @property
    def gives(self) -> tuple[PlanId, ...]:
        """The plans whose licences the person shall have."""
        return self.add_ons if self.action is Action.ADD_ADD_ONS else (self.plan,) * bool(self.plan)

    @property
    def says_more(self) -> bool:
        """Beyond what every batch could say from the first release on."""
        return replace(self, number=0, user=NO_USER, plan=PlanId("")) != _PLAIN


NO_USER = NewUser("", "", "")
_PLAIN = Row(0, NO_USER, PlanId(""))


class RowStatus(StrEnum):
    WAITING = "waiting"
    BEGUN = "begun"
    """Microsoft may have been asked to change somebody who was there before."""
    CREATED = "created"
    WAITING_FOR_SEAT = "waitingForSeat"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (RowStatus.DONE, RowStatus.FAILED)


@dataclass(frozen=True, slots=True)
class RowResult:
    """How far a row has come; ``user_id`` is kept as soon as the directory gave it."""

    row: Row
    status: RowStatus = RowStatus.WAITING
    user_id: str = ""
    reason: str = ""
    acknowledged: bool = False
    """Its password was handed out and acknowledged."""
    takes: tuple[SkuId, ...] = ()
    """Of which SKUs it needs a seat that its person did not hold when the batch was planned."""
    frees: tuple[SkuId, ...] = ()
    """Which SKUs its person held then and shall not hold afterwards."""
    earlier: tuple[str, ...] = ()
    """Markers that an account carries which an earlier batch made for it and never wrote down."""
    rival: str = ""
    """The batch that works on the same person: this row waits until that one is through."""

    def ended(self, status: RowStatus, reason: str = "") -> "RowResult":
        return replace(self, status=status, reason=reason)

    def is_of(self, person: DirectoryUser, batch: str) -> bool:
        """Whether we made that person for this row, here or in the batch that it is sent again of.

        ``batch`` is the batch's id.
        """
        own = (marker(batch, self.row.number), *self.earlier)
        return person.marker in own or (bool(self.user_id) and person.id == self.user_id)

    @property
    def holds_password(self) -> bool:
        """Its account was made here, and nobody has acknowledged the password yet."""
        made_here = self.row.action is Action.CREATE and bool(self.user_id)
        return made_here and not self.acknowledged

    @property
    def stage(self) -> Stage:
        return self.row.action.stage


class BatchStatus(StrEnum):
    ACCEPTED = "accepted"
    AWAITING_APPROVAL = "awaitingApproval"
    """Somebody has to agree to its plan; it holds nothing meanwhile."""
    RELEASING = "releasing"
    """Rows that free seats run, before it is computed what has to be bought."""
    GROWING = "growing"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    REFUSED = "refused"
    REVIEW = "review"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (
            BatchStatus.DONE,
            BatchStatus.REFUSED,
            BatchStatus.REVIEW,
            BatchStatus.CANCELLED,
        )


class Source(StrEnum):
    """Through which door it came."""

    HTTP = "http"
    QUEUE = "queue"
    USER = "user"
    """One user over HTTP: a batch of one row."""


@dataclass(frozen=True, slots=True)
class BatchDocument:
    """What was asked for, as it came."""

    id: BatchId
    customer_id: CustomerId
    requested_by: str
    rows: tuple[Row, ...]
    callback_url: str = ""
    buy_first: bool = False
    """A SKU that no subscription of ours holds may be bought."""

    def digest(self) -> str:
        """Same rows for the same customer, same digest; who asked does not count."""
        rows = [
            [r.number, r.plan, *(getattr(r.user, name) for name in NewUser.__slots__)]
            for r in self.rows
        ]
        rows = [_with_rest(r, said) for r, said in zip(self.rows, rows, strict=True)]
        asked = [self.customer_id, rows, *(["buyFirst"] if self.buy_first else [])]
        text = json.dumps(asked, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _with_rest(row: Row, said: list[object]) -> list[object]:
    """What a row of the first release could not say stands behind what it could."""
    if not row.says_more:
        return said
    policy = row.password_policy
    forced, lasting = policy.force_change_at_next_sign_in, policy.password_never_expires
    rest = [row.action, row.from_plan, list(row.add_ons), row.delete, forced, lasting]
    return [*said, *rest]


@dataclass(frozen=True, slots=True)
class GrowthSummary:
    """What a batch bought of one subscription, for people to read."""

    subscription_id: SubscriptionId
    subscription_name: str
    sku: SkuId
    base: int
    target: int
    status: str = "intent"
    price_now: Money | None = None
    price_until_term_end: Money | None = None
    undo_until: datetime | None = None
    reason: str = ""
    returned: int = 0
    """Seats of it that went back at once, because the rows that they were for had failed."""
    return_reason: str = ""

    @property
    def place(self) -> tuple[SkuId, SubscriptionId]:
        return self.sku, self.subscription_id


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch's head: everything but its rows."""

    id: BatchId
    customer_id: CustomerId
    requested_by: str
    source: Source
    digest: str
    row_count: int
    accepted_at: datetime
    status: BatchStatus = BatchStatus.ACCEPTED
    growths: tuple[GrowthSummary, ...] = ()
    faults: tuple[Fault, ...] = ()
    running_since: datetime | None = None
    """When its rows could begin: from here on they wait for seats that do not show."""
    stage: Stage = Stage.REST
    """Rows of later stages have not begun."""
    consumed_before: Mapping[SkuId, int] = field(default_factory=dict)
    """What the directory counted of each SKU before the batch freed any."""
    released_at: datetime | None = None
    """When the last row of its stage had ended: from here on it waits to see the seats free."""
    finished_at: datetime | None = None
    done: int = 0
    failed: int = 0
    buy_first: bool = False
    plan: BatchPlan | None = None
    """What it was last found to need."""
    approval: Approval | None = None
    """What somebody was asked to agree to, and whether they did."""
    paused_at: datetime | None = None
    resumes_as: BatchStatus | None = None
    """What a paused batch was, and will be again."""
    cancelled_at: datetime | None = None
    """When its cancellation was asked for; it ends when the rows that were begun have."""
    cancel_reason: str = ""
    callback: Callback | None = None
    rows_purged_at: datetime | None = None
    """When its rows and results were deleted; what it came to and bought stays."""
    retry_of: BatchId | None = None
    """The batch whose failed rows these are."""
    etag: str = field(default="", compare=False)

    @property
    def is_cancelling(self) -> bool:
        return self.cancelled_at is not None

    @property
    def has_licensed(self) -> bool:
        """It ended with people licensed, so that its promises go only as the counts show them."""
        ran = self.status is BatchStatus.CANCELLED and self.running_since is not None
        return self.status is BatchStatus.DONE or ran

    @property
    def open_growths(self) -> tuple[GrowthSummary, ...]:
        return tuple(g for g in self.growths if g.status == "intent")


def chunk_of(row: int) -> int:
    """Which chunk (from 1) holds a row (from 1)."""
    return (row - 1) // CHUNK + 1


def faults_of_repetition(rows: Iterable[Row]) -> list[Fault]:
    """Two rows for one user name are one mistake, named at the later row."""
    first: dict[str, int] = {}
    faults = []
    for row in rows:
        name = row.user.user_principal_name.lower()
        if name in first and name:
            faults.append(
                Fault(
                    f"the same user name stands in row {first[name]}",
                    pointer=f"/rows/{row.number - 1}/userPrincipalName",
                    row=row.number,
                    column="userPrincipalName",
                )
            )
        first.setdefault(name, row.number)
    return faults

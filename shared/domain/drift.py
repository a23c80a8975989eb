"""Know what changed outside the product: what, from, to, since when, and what is done about it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.errors import Fault
from shared.domain.ids import CustomerId, SkuId


class DriftKind(StrEnum):
    SUBSCRIPTION = "subscription"
    USER = "user"
    HOLDING = "holding"
    """Seats in the directory that are not ours."""
    DOMAIN = "domain"
    AGREEMENT = "agreement"
    RELATIONSHIP = "relationship"


class DriftField(StrEnum):
    """What can differ: a subscription, a person, a domain, and what a customer lets us do."""

    APPEARED = "appeared"
    GONE = "gone"
    SEATS = "seats"
    STATUS = "status"
    NAME = "name"
    OFFER = "offer"
    TERM = "term"
    BILLING = "billing"
    ENDS_AT = "endsAt"
    AUTO_RENEW = "autoRenew"
    END_OF_TERM = "endOfTerm"
    SCHEDULE = "schedule"
    LICENCES = "licences"
    SERVICES = "services"
    """What is switched off in licences that stay."""
    BY_GROUP = "byGroup"
    """Whether licences that stay come from a group."""
    ALIASES = "aliases"
    COUNTRY = "country"
    BLOCKED = "blocked"
    DELETED = "deleted"
    ADDED = "added"
    REMOVED = "removed"
    VERIFIED = "verified"
    DEFAULT = "default"
    AGREEMENT = "agreement"
    AGREEMENT_VERSION = "agreementVersion"
    AGREED_AT = "agreedAt"
    RELATIONSHIP = "relationship"
    """Its status, as Microsoft calls it."""
    RELATIONSHIP_ENDS_AT = "relationshipEndsAt"
    RELATIONSHIP_ROLES = "relationshipRoles"


class DriftRule(StrEnum):
    REPORT = "report"
    """It is listed until somebody decides."""
    ADOPT = "adopt"
    """It is on record and counts as wanted."""
    ENFORCE = "enforce"
    """The night puts it back, where a change of ours exists that buys nothing."""


ENFORCEABLE = frozenset(
    {
        DriftField.AUTO_RENEW,
        DriftField.END_OF_TERM,
        DriftField.SCHEDULE,
        DriftField.NAME,
        DriftField.LICENCES,
    }
)
"""What can be put back without buying anything."""


def faults_of_rules(rules: Mapping[DriftField, DriftRule], pointer: str) -> Iterator[Fault]:
    for what, rule in rules.items():
        if rule is DriftRule.ENFORCE and what not in ENFORCEABLE:
            names = ", ".join(sorted(ENFORCEABLE))
            yield Fault(f"only {names} can be enforced", pointer=f"{pointer}/{what.value}")


READING = "reading"
"""Stands in place of a caller where an entry went back by itself."""


class DriftState(StrEnum):
    OPEN = "open"
    ADOPTED = "adopted"
    """What is there now is wanted."""
    RESOLVED = "resolved"
    """Somebody has dealt with it, or it went back by itself."""
    ENFORCED = "enforced"
    """The night has put it back."""


@dataclass(frozen=True, slots=True)
class DriftEntry:
    """One difference; ``before`` and ``after`` are for people to read.

    Of licences they are ids of SKUs with commas between, and a night compares them: their form
    stays as it is.
    ``since`` is the reading that found it, up to a night after the change itself.
    """

    id: str
    customer_id: CustomerId
    kind: DriftKind
    subject: str
    what: DriftField
    before: str
    after: str
    since: datetime
    state: DriftState = DriftState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    """Why the night has not put it back, where it shall."""
    record: str = ""
    """The id of the subscription's change that it tells of."""
    undone_by: str = ""
    """The id of the change, past us as well, that brought back what was there before."""
    tried_at: datetime | None = None
    """When a night found out that it cannot put it back yet: others come first then."""
    direct: tuple[SkuId, ...] | None = None
    """Of a person's licences before, those that no group gave; None: it does not tell."""
    etag: str = field(default="", compare=False)

    def may_be_undone_by(self, record: str) -> bool:
        """Whether what it tells of can still stand; asked again, the same change has undone it."""
        if self.undone_by:
            return self.undone_by == record
        is_dealt_with = self.state is DriftState.RESOLVED and self.decided_by != READING
        return self.state is DriftState.OPEN or is_dealt_with

    def decided(self, state: DriftState, by: str, at: datetime) -> "DriftEntry":
        return replace(self, state=state, decided_by=by, decided_at=at, reason="")


_HORIZON = 10**10
"""Seconds since 1970 in the year 2286: later moments sort first."""


def newest_first(since: datetime) -> str:
    """How the ids of entries of that moment begin."""
    return f"{_HORIZON - int(since.timestamp()):010d}"


@dataclass(frozen=True, slots=True)
class DriftRules:
    """What is done about each field; what neither level names is reported."""

    customer: CustomerId
    rules: Mapping[DriftField, DriftRule] = field(default_factory=dict)

    def enforces(self, entry: DriftEntry) -> bool:
        is_open = entry.state is DriftState.OPEN and entry.what in ENFORCEABLE
        return is_open and self.rules.get(entry.what) is DriftRule.ENFORCE

    def entry(
        self,
        subject: tuple[DriftKind, str],
        what: DriftField,
        before: str,
        after: str,
        since: datetime,
        *,
        record: str = "",
    ) -> DriftEntry:
        """Found again in the same second, or of the same record, it is the same entry."""
        kind, id_ = subject
        named = f"{kind}|{id_.lower()}|{what}|{record}"
        digest = hashlib.sha256(named.encode()).hexdigest()[:16]
        unique = f"{newest_first(since)}-{digest}"
        found = DriftEntry(
            unique, self.customer, kind, id_, what, before, after, since, record=record
        )
        adopted = self.rules.get(what) is DriftRule.ADOPT
        return found.decided(DriftState.ADOPTED, "policy", since) if adopted else found

"""Know what a customer lets us do, and until when: its agreement and what it delegated.

https://learn.microsoft.com/partner-center/customers/gdap-introduction
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.customers import AgreementState
from shared.domain.ids import CustomerId

WEEKLY = timedelta(days=6, hours=12)
"""Half a day less than a week, so that a night that begins a little earlier is not a day late."""
NIGHTLY = timedelta(hours=12)
"""What could not be read is asked for again in the next night, and not twice in one."""
WARNING = timedelta(days=31)
_LIVE = ("active", "expiring")


@dataclass(frozen=True, slots=True)
class Delegation:
    """Roles in the customer's directory, given to the partner until a day.

    ``status`` is Microsoft's own word.
    https://learn.microsoft.com/graph/api/resources/delegatedadminrelationship
    """

    id: str
    ends_at: datetime
    renews: bool = False
    roles: tuple[str, ...] = ()
    status: str = "active"

    def is_live(self, now: datetime) -> bool:
        return self.status in _LIVE and self.ends_at > now


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found when it was last read; what is None we were never let look at.

    What cannot be read any more stays as it was known: the next reading is compared with it.
    """

    customer_id: CustomerId
    read_at: datetime | None = None
    """When either of both was asked for last."""
    has_agreement: bool | None = None
    delegations: tuple[Delegation, ...] | None = None
    agreement_version: str = ""
    """Its template's id at Microsoft; empty where nobody told it."""
    agreed_at: datetime | None = None
    agreement_asked_at: datetime | None = None
    agreement_hidden: bool = False
    """It could not be read then."""
    delegations_asked_at: datetime | None = None
    delegations_hidden: bool = False

    @property
    def is_agreement_lost(self) -> bool:
        """Some clouds and roles never show one, and are not asked every night."""
        return self.agreement_hidden and self.has_agreement is not None

    def is_agreement_due(self, now: datetime) -> bool:
        asked_at = self.agreement_asked_at or self.read_at
        return _is_due(asked_at, now, NIGHTLY if self.is_agreement_lost else WEEKLY)

    def are_delegations_due(self, now: datetime) -> bool:
        asked_at = self.delegations_asked_at or self.read_at
        unknown = self.delegations_hidden or self.delegations is None
        return _is_due(asked_at, now, NIGHTLY if unknown else WEEKLY)

    def with_agreement(self, found: AgreementState | None, now: datetime) -> "Standing":
        asked = replace(self, read_at=now, agreement_asked_at=now, agreement_hidden=found is None)
        if found is None:
            return asked
        return replace(
            asked,
            has_agreement=found.is_accepted,
            agreement_version=found.version,
            agreed_at=found.agreed_at,
        )

    def with_delegations(self, found: tuple[Delegation, ...] | None, now: datetime) -> "Standing":
        asked = replace(self, read_at=now, delegations_asked_at=now)
        known = self.delegations if found is None else found
        return replace(asked, delegations=known, delegations_hidden=found is None)

    def agreed(self, at: datetime) -> "Standing":
        """We have recorded an agreement ourselves; which version it is, only Microsoft tells."""
        latest = max(at, self.agreed_at) if self.agreed_at is not None else at
        return replace(self, has_agreement=True, agreed_at=latest, agreement_version="")

    def warnings(self, now: datetime) -> Iterator[str]:
        """Say what will stop our work, or has stopped it, and what to do."""
        if self.read_at is None:
            return
        if self.has_agreement is False:
            yield (
                "Microsoft has no agreement of the customer's on record, so nothing can be bought. "
                "Record it."
            )
        if self.is_agreement_lost:
            yield "The customer's agreement cannot be read any more; what was known of it stands."
        if self.delegations_hidden or self.delegations is None:
            yield (
                "What the customer has delegated cannot be read. Give our application "
                "DelegatedAdminRelationship.Read.All in the partner's own tenant."
            )
        if self.delegations is not None:
            yield from self._of_delegations(self.delegations, now)

    def _of_delegations(self, delegations: tuple[Delegation, ...], now: datetime) -> Iterator[str]:
        """As long as one of several lasts, the others may end."""
        live = [d for d in delegations if d.is_live(now)]
        if not live:
            yield (
                "No delegated relationship (GDAP) is active, so its directory cannot be read or "
                "changed. Ask the customer to approve a new one."
            )
            return
        last = max(d.ends_at for d in live)
        if last - now <= WARNING and not any(d.renews for d in live):
            days = (last - now).days
            yield (
                f"The delegated relationship (GDAP) ends in {days} day{'' if days == 1 else 's'}. "
                "Extend it, or ask the customer to approve a new one."
            )


def _is_due(asked_at: datetime | None, now: datetime, after: timedelta) -> bool:
    return asked_at is None or now - asked_at >= after

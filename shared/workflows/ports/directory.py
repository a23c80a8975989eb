"""What the stories ask of a customer's directory, and the way to both of Microsoft's APIs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from shared.domain.connections import Connection
from shared.domain.estate import DomainState
from shared.domain.ids import (
    CustomerId,
    ServicePlanId,
    SkuId,
)
from shared.domain.mirror import UserNews
from shared.domain.passwords import Secret
from shared.domain.seats import Holding, SkuStock
from shared.domain.standing import Delegation
from shared.domain.users import DirectoryUser, NewUser
from shared.workflows.ports.partner_center import (
    PartnerCenter,
)


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
    """What one request tells of a directory: licences, owners, domains, people's news."""

    stocks: tuple[SkuStock, ...]
    holdings: tuple[Holding, ...]
    domains: tuple[DomainState, ...]
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
        """What this tenant, a partner's, was given by the customer, ended ones included."""
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

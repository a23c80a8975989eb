"""What is kept of a partner: connections, secrets, consent, organisations, catalog, plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.catalog import CatalogEntry
from shared.domain.catalog_changes import MarketDifference, Sync, Tick
from shared.domain.connections import Connection
from shared.domain.health import ConnectionHealth, SignInFailure
from shared.domain.ids import (
    ConnectionId,
    OfferId,
    OperationId,
    PlanId,
)
from shared.domain.organisations import Organisation
from shared.domain.passwords import Secret
from shared.domain.plans import UserPlan
from shared.workflows.ports.common import Page


class Secrets(Protocol):
    """Named secrets: Key Vault in Azure, a file of mode 0600 locally."""

    async def put(self, name: str, secret: Secret) -> None: ...
    async def get(self, name: str) -> Secret | None: ...
    async def get_or_make(self, name: str) -> Secret:
        """Answer the one under this name, or keep and answer a new random one (256 bits)."""
        ...

    async def delete(self, name: str) -> None: ...


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

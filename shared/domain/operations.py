"""Know our own long work: what was asked, how far it came, what it made."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.callers import PROVIDER
from shared.domain.ids import OperationId

_NAMESPACE = uuid.UUID("6c1b5a0e-51a3-5f0e-9a58-3d2f1f0b7c11")


class OperationKind(StrEnum):
    CREATE_CUSTOMER = "createCustomer"
    BUY_SUBSCRIPTION = "buySubscription"
    CHANGE_SUBSCRIPTION = "changeSubscription"
    SYNCHRONISE_CATALOG = "synchroniseCatalog"
    CONSENT = "consent"


class OperationStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REVIEW = "review"
    """A person has to look at it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A piece of work that outlasts one remote call.

    ``facts`` hold what must survive a crash between two calls (a cart's id, a tenant's id): never
    a secret.
    """

    id: OperationId
    kind: OperationKind
    requested_by: str
    started_at: datetime
    status: OperationStatus = OperationStatus.RUNNING
    facts: Mapping[str, str] = field(default_factory=dict)
    resource: str = ""
    reason: str = ""
    finished_at: datetime | None = None
    acknowledged: bool = False
    organisation: str = PROVIDER
    """Whose work it is."""
    etag: str = field(default="", compare=False)

    def learned(self, **facts: str) -> "Operation":
        return replace(self, facts={**self.facts, **facts})

    def ended(
        self,
        status: OperationStatus,
        at: datetime | None,
        *,
        reason: str = "",
        resource: str | None = None,
    ) -> "Operation":
        """As whoever follows it reads its end; None leaves what it made as it is known."""
        made = self.resource if resource is None else resource
        return replace(self, status=status, reason=reason, resource=made, finished_at=at)


def operation_id(*parts: str) -> OperationId:
    """The same caller, route and idempotency key answer the same id, so that a retry finds it."""
    return OperationId(str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts))))


def request_id(work: str, step: str, answers: int = 0) -> str:
    """One MS-RequestId per logical operation, stable over retries and hosts.

    Any answer ends it, a refusal too: after so many ``answers`` it is another one, so that nobody
    is told an old answer again.
    """
    again = f"\x1f{answers}" if answers else ""
    return str(uuid.uuid5(_NAMESPACE, f"{work}\x1f{step}{again}"))

"""Judge how well a connection stands with Microsoft, before it fails somebody's work.

https://learn.microsoft.com/partner-center/developer/enable-secure-app-model
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.ids import ConnectionId

IDLE_LIFE = timedelta(days=90)
"""A refresh token that nobody redeems is dead after this."""
WARNING = timedelta(days=14)
CATALOG_AGE = timedelta(days=7)
"""Prices change monthly, and now and then in between."""
SILENCE = timedelta(days=2)
"""Microsoft may take as long to tell of a change."""
MFA_MISSING = "900421"


class HealthStatus(StrEnum):
    OK = "ok"
    ATTENTION = "attention"
    """It works, and will not for long."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class SignInFailure:
    """What Microsoft said when it did not let the connection in, and what to do about it."""

    at: datetime
    code: str
    advice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody should look at."""

    status: HealthStatus
    detail: str


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """What was seen of a connection; each moment is of business time."""

    connection_id: ConnectionId
    signed_in_at: datetime | None = None
    """When a person last signed in; a renewal mends no missing second factor."""
    refresh_token_at: datetime | None = None
    last_failure: SignInFailure | None = None
    mfa_missing_at: datetime | None = None
    catalog_synchronised_at: datetime | None = None
    webhook_registered_at: datetime | None = None
    last_webhook_at: datetime | None = None
    """When an event last came whose signature passed."""

    @property
    def refresh_token_expires_at(self) -> datetime | None:
        return self.refresh_token_at + IDLE_LIFE if self.refresh_token_at else None

    @property
    def is_mfa_missing(self) -> bool:
        return _after(self.mfa_missing_at, self.signed_in_at)

    def findings(self, now: datetime) -> Iterator[Finding]:
        yield from self._of_token(now)
        if self.is_mfa_missing:
            yield Finding(
                HealthStatus.BROKEN,
                "Microsoft refuses calls on behalf of the user, who signed in without a second "
                "factor. Start the consent again and sign in with one.",
            )
        elif self.last_failure and _after(self.last_failure.at, self.refresh_token_at):
            detail = f"The last sign-in failed ({self.last_failure.code}). "
            yield Finding(HealthStatus.BROKEN, detail + self.last_failure.advice)
        yield from self._of_catalog(now)
        yield from self._of_webhook(now)

    def status(self, now: datetime) -> HealthStatus:
        found = {finding.status for finding in self.findings(now)}
        for status in (HealthStatus.BROKEN, HealthStatus.ATTENTION):
            if status in found:
                return status
        return HealthStatus.OK

    def _of_token(self, now: datetime) -> Iterator[Finding]:
        expires = self.refresh_token_expires_at
        if expires is None:
            yield Finding(
                HealthStatus.BROKEN,
                "Nobody has signed in for this connection yet. Start the consent.",
            )
        elif expires <= now:
            yield Finding(
                HealthStatus.BROKEN,
                "The sign-in was not used for 90 days and is dead. Start the consent again.",
            )
        elif expires - now <= WARNING:
            days = (expires - now).days
            yield Finding(
                HealthStatus.ATTENTION,
                f"The sign-in dies in {days} {'day' if days == 1 else 'days'} unless it is used. "
                "Synchronise the catalog, or start the consent again.",
            )

    def _of_webhook(self, now: datetime) -> Iterator[Finding]:
        registered = self.webhook_registered_at
        if registered is None or _after(self.last_webhook_at, registered):
            return
        if now - registered > SILENCE:
            yield Finding(
                HealthStatus.ATTENTION,
                "No event has come since the webhook was registered. Have one sent for trial.",
            )

    def _of_catalog(self, now: datetime) -> Iterator[Finding]:
        if self.catalog_synchronised_at is None:
            yield Finding(HealthStatus.ATTENTION, "The catalog was never synchronised.")
        elif now - self.catalog_synchronised_at > CATALOG_AGE:
            days = (now - self.catalog_synchronised_at).days
            yield Finding(
                HealthStatus.ATTENTION, f"The catalog is {days} days old. Synchronise it."
            )


def _after(moment: datetime | None, other: datetime | None) -> bool:
    """Whether it happened, and later than the other."""
    return moment is not None and (other is None or moment > other)

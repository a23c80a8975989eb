"""Know a callback: where it goes, how it is signed, and how it ended.

A signature is over the moment and the body, so that neither can be exchanged, and a receiver can
refuse what is old: ``t={seconds},v1={hex}`` with HMAC-SHA256 over ``{seconds}.{body}``.
"""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from shared.domain.passwords import Secret

LONGEST_URL = 500
TRIES = 10
_LONGEST_PAUSE = 240
"""Of the first one."""
_PLAIN = re.compile(r"[\x21-\x5b\x5d-\x7e]*")
"""Two readers of an address agree about these; of others one drops what the other refuses."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class CallbackStatus(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Callback:
    """One address that wants to hear of a batch's end, and how far that has come."""

    url: str
    status: CallbackStatus = CallbackStatus.WAITING
    tries: int = 0
    reason: str = ""
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status is CallbackStatus.WAITING

    def tried(self, delivery: "Delivery", now: datetime) -> "Callback":
        """What one try makes of it; the last one ends it, whatever came back."""
        tries = self.tries + 1
        if delivery.is_taken:
            return replace(
                self, status=CallbackStatus.DELIVERED, tries=tries, reason="", ended_at=now
            )
        if delivery.is_final or tries >= TRIES:
            return replace(
                self,
                status=CallbackStatus.FAILED,
                tries=tries,
                reason=delivery.reason,
                ended_at=now,
            )
        return replace(self, tries=tries, reason=delivery.reason)

    def given_up(self, reason: str, now: datetime) -> "Callback":
        return replace(self, status=CallbackStatus.FAILED, reason=reason, ended_at=now)

    def pause(self, first: timedelta) -> timedelta:
        """Before the next try, as machine time: each one twice the one before."""
        return first * min(_LONGEST_PAUSE, 1 << max(0, self.tries - 1))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one try; ``status`` is 0 where nobody answered."""

    status: int = 0
    reason: str = ""
    is_final: bool = False

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 (HTTP's own range)


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """Who may be called: the operator's list, and nobody where it is empty."""

    hosts: tuple[str, ...] = ()
    allow_loopback: bool = False
    """Development only: plain http, and this machine's own addresses."""

    def why_not(self, url: str) -> str:
        """Say what is wrong with an address, or nothing."""
        if not _PLAIN.fullmatch(url):
            return "use an address of visible ASCII characters, everything else percent-encoded"
        parts = _split(url)
        if parts is None or not parts.hostname or len(url) > LONGEST_URL:
            return f"use an https address of at most {LONGEST_URL} characters"
        if parts.username is not None or parts.password is not None or parts.fragment:
            return "use an address without a user, a password or a fragment"
        if parts.scheme != "https" and not (self.allow_loopback and parts.scheme == "http"):
            return "use an address that begins with https://"
        if parts.hostname.lower() not in self.hosts:
            return f"{parts.hostname} is not on this service's list of hosts (CALLBACK_HOSTS)"
        return ""

    def why_not_there(self, addresses: Sequence[str]) -> str:
        """Say why addresses that a name leads to are not called, or nothing."""
        if not addresses:
            return "The host's name leads nowhere."
        for address in addresses:
            if not self._is_open(ipaddress.ip_address(address.partition("%")[0])):
                return "The host's name leads to an address inside of a network."
        return ""

    def _is_open(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        if self.allow_loopback and address.is_loopback:
            return True
        if isinstance(address, ipaddress.IPv6Address):
            if address in _NAT64 or address.sixtofour is not None:
                return False
            if address.ipv4_mapped is not None:
                return self._is_open(address.ipv4_mapped)
        return address.is_global and not address.is_multicast


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        # Reading the port is what finds a broken one.
        _ = parts.port
    except ValueError:
        return None
    return parts


def signature(key: Secret, at: datetime, body: bytes) -> str:
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode() + body
    digest = hmac.new(key.value.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"

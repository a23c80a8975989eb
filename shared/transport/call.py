"""Describe one remote call: where it goes, what it carries, and whether it may be repeated."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx

from shared.transport.retry import IDEMPOTENT

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One logical call; its attempts share ``request_id``.

    ``route`` is a template such as ``/v1/customers/{customer}``: it is what the log shows, so that
    no user name gets there. ``repeatable`` is true where sending it twice does no harm, ``writes``
    where a lost answer leaves a question; both follow from the method unless said otherwise.
    ``allow`` names statuses beside 2xx that the caller wants to see.
    """

    method: str
    route: str
    place: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: httpx.Auth | None = None
    request_id: str = ""
    repeatable: bool | None = None
    writes: bool | None = None
    allow: frozenset[int] = frozenset()
    timeout: float | None = None
    """Seconds for each attempt, where the client's own patience is too long."""
    url: str = ""
    """A link that the vendor gave; it goes before route and place."""

    @property
    def may_be_repeated(self) -> bool:
        return self.method in IDEMPOTENT if self.repeatable is None else self.repeatable

    @property
    def is_write(self) -> bool:
        return self.method not in _READS if self.writes is None else self.writes

    def address(self, base_url: str) -> str:
        if self.url:
            return self.url
        return base_url + self.route.format_map({k: segment(v) for k, v in self.place.items()})

    def ids(self) -> str:
        """The GUIDs among its places: fit for a log, as names are not."""
        return ",".join(value for value in self.place.values() if is_guid(value))


def segment(text: str) -> str:
    """Encode one path segment, slashes and ``#`` included."""
    return quote(text, safe="")


def is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

"""Write a notice as Microsoft posts it: the body, its signature, and where the certificate is."""

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.webhooks.authority import EXPIRED, GENUINE, IMPOSTOR, identity
from simulator.webhooks.nouns import Event

if TYPE_CHECKING:
    from simulator.world import World

ALGORITHM = "rsa-sha256"
SIGNATURES = ("good", "tampered", "garbage", "missing", "wrongScheme", IMPOSTOR, EXPIRED)


@dataclass(frozen=True)
class Post:
    """What goes over the wire."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Manner:
    """How a post is signed; all but the first is what a receiver must refuse."""

    signature: str = "good"
    in_ms_signature: bool = False
    omit: list[str] = field(default_factory=list)
    certificate_url: str | None = None
    algorithm: str = ALGORITHM


def body_of(event: Event) -> bytes:
    document: dict[str, Any] = {
        "EventName": event.name,
        "ResourceUri": event.resource_uri,
        "ResourceName": event.resource_name,
        "AuditUri": None,
        "ResourceChangeUtcDate": f"{event.changed:%Y-%m-%dT%H:%M:%S.%f}0+00:00",
    }
    return json.dumps(document).encode()


def signed(world: "World", origin: str, url: str, body: bytes, manner: Manner) -> Post:
    name = manner.signature if manner.signature in (IMPOSTOR, EXPIRED) else GENUINE
    headers = {
        "Content-Type": "application/json",
        "x-ms-signature" if manner.in_ms_signature else "Authorization": _signature(
            world, name, body, manner.signature
        ),
        "X-MS-Certificate-Url": manner.certificate_url or f"{origin}/certificates/{name}.cer",
        "X-MS-Signature-Algorithm": manner.algorithm,
    }
    dropped = {one.lower() for one in manner.omit}
    kept = {name: value for name, value in headers.items() if value and name.lower() not in dropped}
    sent = body.replace(b"}", b" }", 1) if manner.signature == "tampered" else body
    return Post(url, sent, kept)


def _signature(world: "World", name: str, body: bytes, kind: str) -> str:
    if kind == "missing":
        return ""
    raw = b"no signature at all" if kind == "garbage" else identity(world, name).sign(body)
    scheme = "Bearer" if kind == "wrongScheme" else "Signature"
    return f"{scheme} {base64.b64encode(raw).decode()}"

"""Hand a listing's place out as an opaque text, and take it back with suspicion."""

import base64
import binascii
import json
from collections.abc import Mapping

from shared.domain.errors import MalformedRequest

_NAMES = {"PartitionKey", "RowKey"}


def to_cursor(token: Mapping[str, str | None]) -> str:
    text = json.dumps({name: token.get(name) or "" for name in sorted(_NAMES)})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> dict[str, str]:
    """Raise `MalformedRequest` for a text that we did not make."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        token = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, ValueError) as error:
        raise broken_cursor() from error
    if not isinstance(token, dict) or set(token) != _NAMES:
        raise broken_cursor()
    if not all(isinstance(value, str) for value in token.values()):
        raise broken_cursor()
    return token


def broken_cursor() -> MalformedRequest:
    return MalformedRequest("The cursor is not one that a listing gave; start from the first page.")

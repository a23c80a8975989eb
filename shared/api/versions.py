"""Let nobody overwrite what they have not read: ETag and If-Match on configuration."""

import hashlib
import re

from shared.api.call import Call
from shared.domain.errors import PreconditionFailed, PreconditionMissing

HEADER = "If-Match"
_QUOTED = re.compile(r'(?:W/)?"([0-9a-f]{16})"')


def etag_of(stored: str) -> str:
    """The store's own mark is its affair; callers see a name for it."""
    return f'"{hashlib.sha256(stored.encode()).hexdigest()[:16]}"'


def require_match(call: Call, stored: str) -> None:
    """Raise where the caller has read another version, or does not say which."""
    given = call.request.headers.get(HEADER.lower(), "").strip()
    if not given:
        raise PreconditionMissing(f"Send the ETag that you read as {HEADER}.")
    found = _QUOTED.fullmatch(given)
    if not found or f'"{found[1]}"' != etag_of(stored):
        raise PreconditionFailed("Somebody changed it since you read it; nothing was changed.")

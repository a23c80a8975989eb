"""Hand out lists page by page, with cursors that only we can have written."""

import base64
import binascii
import hashlib
from urllib.parse import urlencode

from shared.api.call import Call
from shared.api.models import Pages
from shared.domain.errors import Fault, InvalidRequest

_SEAL = 8


def cursor_of(call: Call) -> str | None:
    """Answer the repository's own cursor; one that was made up or is another list's is a fault."""
    given = call.query_as(Pages).cursor
    if given is None:
        return None
    try:
        sealed = base64.b64decode(given.encode(), altchars=b"-_", validate=True)
        seal, cursor = sealed[:_SEAL], sealed[_SEAL:].decode()
    except (binascii.Error, UnicodeError):
        seal, cursor = b"", ""
    if seal != _seal(call, cursor):
        fault = Fault(
            "query parameter 'cursor': follow nextLink as it came; cursors cannot be made"
        )
        raise InvalidRequest([fault])
    return cursor


def next_link(call: Call, cursor: str | None) -> str | None:
    """Where the next page is, with the same filters; None after the last."""
    if cursor is None:
        return None
    sealed = base64.b64encode(_seal(call, cursor) + cursor.encode(), altchars=b"-_").decode()
    again = {k: v for k, v in call.request.query.items() if k != "cursor"}
    return f"{call.request.path}?{urlencode({**again, 'cursor': sealed})}"


def _seal(call: Call, cursor: str) -> bytes:
    filters = sorted((k, v) for k, v in call.request.query.items() if k not in ("cursor", "limit"))
    text = f"{call.request.path}\n{filters}\n{cursor}"
    return hashlib.sha256(text.encode()).digest()[:_SEAL]

"""Go through long lists in pages, by a continuation token that nobody has to understand."""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from simulator.partner_center.call import Call, whole_number
from simulator.partner_center.documents import Json, collection, link
from simulator.partner_center.errors import Refused

T = TypeVar("T")


@dataclass(frozen=True)
class _Position:
    """Where the page after the last one begins; a first call has none."""

    following: int = 0
    size: int = 0
    filter: str | None = None

    def token(self) -> str:
        document = {"start": self.following, "size": self.size, "filter": self.filter}
        return base64.b64encode(json.dumps(document).encode()).decode()


def seek_page(
    call: Call,
    uri: str,
    matching: Callable[[str | None], Iterable[T]],
    show: Callable[[T], Json],
) -> Json:
    """One page, and a link with a continuation token while there is more."""
    operation = call.query.get("seekOperation", "").lower()
    position = _position(call) if operation else _Position()
    size, wanted = _size(call, position), call.query.get("filter") or position.filter
    everything = list(matching(wanted))
    start = _start(call, operation, position, size, len(everything))
    page = collection([show(one) for one in everything[start : start + size]], f"{uri}?size={size}")
    following = _Position(start + size, size, wanted)
    if start + size < len(everything):
        headers = [{"key": "MS-ContinuationToken", "value": following.token()}]
        page["links"]["next"] = link(f"{uri}?size={size}&seekOperation=Next", headers=headers)
    named = {"continuationToken": following.token()}
    return page | (named if call.switch("partnercenter.continuationToken") else {})


def _size(call: Call, position: _Position) -> int:
    size, limit = whole_number(call.query.get("size")) or position.size, _limit(call)
    return min(size, limit) if size > 0 else limit


def _limit(call: Call) -> int:
    return int(call.switch("partnercenter.pageSize"))


def _start(call: Call, operation: str, position: _Position, size: int, count: int) -> int:
    match operation:
        case "first":
            return 0
        case "last":
            return max(0, count - 1) // size * size
        case "previous":
            return max(0, position.following - 2 * size)
        case "pageindex":
            return whole_number(call.query.get("index")) * size
        case _:
            return position.following


def _position(call: Call) -> _Position:
    token = call.headers.get("ms-continuationtoken")
    if not token:
        return _Position()
    try:
        known: dict[str, Any] = json.loads(base64.b64decode(token))
        return _Position(int(known["start"]), int(known["size"]), known["filter"])
    except (ValueError, KeyError, TypeError):
        raise Refused(800002, "The continuation token is not valid.") from None

"""Go through long lists in pages, by a continuation token that nobody has to understand."""

import base64
import json
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from simulator.partner_center.call import Call, whole_number
from simulator.partner_center.documents import Json, collection, link
from simulator.partner_center.errors import Refused

T = TypeVar("T")


def seek_page(
    call: Call,
    uri: str,
    matching: Callable[[str | None], Iterable[T]],
    show: Callable[[T], Json],
) -> Json:
    """One page, and a link with a continuation token while there is more."""
    position = _position(call)
    size = whole_number(call.query.get("size")) or int(position.get("size") or 0)
    limit = call.switch("partnercenter.pageSize")
    size = min(size, limit) if size > 0 else limit
    start = int(position.get("start", 0))
    wanted = call.query.get("filter") or position.get("filter")
    chosen = list(islice(matching(wanted), start, start + size + 1))
    items = [show(one) for one in chosen[:size]]
    sized = f"{uri}?size={size}"
    if len(chosen) <= size:
        return collection(items, sized)
    following = {"start": start + size, "size": size, "filter": wanted}
    token = base64.b64encode(json.dumps(following).encode()).decode()
    headers = [{"key": "MS-ContinuationToken", "value": token}]
    return collection(items, sized, link(f"{sized}&seekOperation=Next", headers=headers))


def read_filter(text: str) -> dict[str, str]:
    """The one condition that a filter may have, in lower case."""
    try:
        return {str(key).lower(): str(value).lower() for key, value in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise Refused(800002, "The filter is not a JSON object.") from None


def _position(call: Call) -> dict[str, Any]:
    token = call.headers.get("ms-continuationtoken")
    if not token or call.query.get("seekOperation", "").lower() != "next":
        return {}
    try:
        return dict(json.loads(base64.b64decode(token)))
    except ValueError:
        raise Refused(800002, "The continuation token is not valid.") from None

"""The query options that every collection of directory objects shares."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from simulator.graph.call import Call
from simulator.graph.errors import GraphError, invalid_page_token, unsupported_query

_LARGEST_PAGE = 999

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """A slice of a collection, and the key after which the next one begins."""

    entries: Sequence[Any]
    after: list[str] | None


def names_in(text: str, known: Sequence[str] | frozenset[str]) -> list[str] | None:
    """The names under `$select`, in the order that was asked for and in Graph's own spelling."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    spelling = {name.lower(): name for name in known}
    for name in names:
        if name.lower() not in spelling:
            raise no_property(name)
    return [spelling[name.lower()] for name in names] or None


def no_property(name: str) -> GraphError:
    message = f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
    return GraphError(400, "BadRequest", f"Parsing OData Select and Expand failed: {message}")


def is_eventual(call: Call) -> bool:
    return call.request.header("consistencylevel").lower() == "eventual"


def wants_count(call: Call) -> bool:
    return call.request.query.get("$count", "").lower() == "true"


def needs_index(call: Call) -> None:
    """Refuses an advanced query that does not say that it is one."""
    if not (is_eventual(call) and wants_count(call)):
        raise unsupported_query(
            "Unsupported Query. Advanced queries need the special request header:"
            " 'ConsistencyLevel: eventual', and $count=true."
        )


def page_size(call: Call) -> int:
    top = call.request.query.get("$top")
    if top is None:
        return int(call.switch("graph.paging.default"))
    if not top.isdigit() or not 1 <= int(top) <= _LARGEST_PAGE:
        raise unsupported_query(
            f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive."
        )
    return int(top)


def page(call: Call, entries: Sequence[T], key: Callable[[T], tuple[str, ...]]) -> Page:
    """By key, not by number: what comes and goes between two pages shifts nothing."""
    size = page_size(call)
    after = tuple(_position(call))
    ordered = sorted(entries, key=key, reverse=_is_descending(call))
    if after:
        ordered = [entry for entry in ordered if _is_beyond(call, key(entry), after)]
    here = ordered[:size]
    return Page(here, list(key(here[-1])) if len(ordered) > size else None)


def next_link(call: Call, path: str, after: list[str]) -> str:
    query = {name: value for name, value in call.request.query.items() if name != "$skiptoken"}
    return call.link(path, {**query, "$skiptoken": sealed(after)})


def sealed(value: object) -> str:
    """Opaque, as Microsoft's tokens are."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def opened(token: str) -> Any:  # noqa: ANN401 - a token holds what its maker put in
    try:
        return json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        raise invalid_page_token() from None


def _position(call: Call) -> list[str]:
    token = call.request.query.get("$skiptoken")
    after = opened(token) if token else []
    if not isinstance(after, list):
        raise invalid_page_token()
    return after


def _is_descending(call: Call) -> bool:
    return call.request.query.get("$orderby", "").lower().endswith(" desc")


def _is_beyond(call: Call, key: tuple[str, ...], after: tuple[str, ...]) -> bool:
    return key < after if _is_descending(call) else key > after

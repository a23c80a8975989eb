"""Read the conditions of a filter, alone or joined, and try things against them.

https://learn.microsoft.com/partner-center/developer/get-a-list-of-customers-filtered-by-a-search-field
"""

import json
from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from simulator.partner_center.documents import Json
from simulator.partner_center.errors import Refused

T = TypeVar("T")
Test: TypeAlias = Callable[[T], bool]
Condition: TypeAlias = dict[str, str]


def predicate(text: str, test_of: Callable[[Condition], Test[T]]) -> Test[T]:
    """Whether one fits; ``test_of`` judges a single condition, in lower case, and may refuse it."""
    return _joined(_document(text), test_of)


def conditions(text: str) -> Iterator[Condition]:
    """Every single condition that a filter names."""
    return _conditions(_document(text))


def _document(text: str) -> Json:
    try:
        return _lower(json.loads(text))
    except (ValueError, AttributeError, RecursionError):
        raise Refused(800002, "The filter is not a JSON object.") from None


def _lower(document: Json) -> Json:
    pairs = ((str(name).lower(), value) for name, value in document.items())
    return {name: _lower(v) if isinstance(v, dict) else str(v).lower() for name, v in pairs}


def _joined(document: Json, test_of: Callable[[Condition], Test[T]]) -> Test[T]:
    if not _is_compound(document):
        return test_of(document)
    left, right = (_joined(side, test_of) for side in _sides(document))
    if document["operator"] == "or":
        return lambda one: left(one) or right(one)
    return lambda one: left(one) and right(one)


def _conditions(document: Json) -> Iterator[Condition]:
    if not _is_compound(document):
        yield document
        return
    for side in _sides(document):
        yield from _conditions(side)


def _is_compound(document: Json) -> bool:
    return "leftfilter" in document or "rightfilter" in document


def _sides(document: Json) -> tuple[Json, Json]:
    left, right = document.get("leftfilter"), document.get("rightfilter")
    if document.get("operator") not in ("and", "or"):
        raise Refused(800002, "Filters are joined by `and` or `or`.")
    if not isinstance(left, dict) or not isinstance(right, dict):
        raise Refused(800002, "What is joined is two filters.")
    return left, right

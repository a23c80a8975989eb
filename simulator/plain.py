"""Turn the world's dataclasses into plain JSON values and back."""

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

Json = dict[str, Any]


def to_plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    if hasattr(value, "to_json"):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: to_plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, datetime) else value


def from_plain(kind: Any, value: Any) -> Any:  # noqa: ANN401 - the kind decides
    if value is None or kind is Any:
        return value
    if hasattr(kind, "from_json"):
        return kind.from_json(value)
    if is_dataclass(kind):
        known, build = _hints(_build(kind)), _build(kind)
        return build(**{k: from_plain(known[k], v) for k, v in value.items() if k in known})
    if kind is datetime:
        return datetime.fromisoformat(value)
    return _from_generic(kind, value)


def _from_generic(kind: Any, value: Any) -> Any:  # noqa: ANN401 - ditto
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        return [from_plain(arguments[0], entry) for entry in value]
    if origin is dict:
        return {key: from_plain(arguments[1], entry) for key, entry in value.items()}
    if origin in (Union, types.UnionType):
        return from_plain(next(a for a in arguments if a is not type(None)), value)
    return value


@cache
def _hints(kind: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any) -> Callable[..., Any]:  # noqa: ANN401 - ditto
    return kind  # type: ignore[no-any-return]

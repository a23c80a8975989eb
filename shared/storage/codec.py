"""Turn the domain's dataclasses into JSON's plain values and back, guided by their annotations."""

import types
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from functools import cache
from typing import (
    Any,
    NewType,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from shared.domain.passwords import Secret

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain] | None"

SCALARS = (str, int, bool, Decimal, datetime)


def to_plain(value: object) -> Plain:
    match value:
        case Enum():
            return str(value.value)
        case None | bool() | int() | str():
            return value
        case Decimal():
            return str(value)
        case datetime():
            return moment_to_text(value)
        case _:
            return _composite_to_plain(value)


def _composite_to_plain(value: object) -> Plain:
    match value:
        case Secret():
            raise TypeError("a secret is never stored in a table")
        case Mapping():
            return {str(to_plain(key)): to_plain(one) for key, one in value.items()}
        case tuple() | list():
            return [to_plain(one) for one in value]
        case _ if is_dataclass(value):
            return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"{type(value).__name__} has no plain form")


def moment_to_text(moment: datetime) -> str:
    """A naive moment is refused: nobody could say later what it meant."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be stored")
    return moment.astimezone(UTC).isoformat()


@cache
def reader(annotation: Hashable) -> Callable[[Any], object]:
    """Answer what reads the plain form of an annotated kind."""
    kind = bare(annotation)
    if is_optional(annotation):
        return lambda plain: None if plain is None else reader(kind)(plain)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return lambda plain: tuple(reader(inner[0])(one) for one in plain)
    if origin is not None and issubclass(origin, Mapping):
        return lambda plain: {
            reader(inner[0])(key): reader(inner[1])(one) for key, one in _pairs(plain)
        }
    return _simple_reader(cast("type", kind))


def _pairs(plain: Mapping[str, object] | Sequence[str]) -> Iterable[tuple[str, object]]:
    """A list is what an older version kept where it knew the keys alone."""
    return plain.items() if isinstance(plain, Mapping) else ((key, None) for key in plain)


def _simple_reader(kind: type) -> Callable[[Any], object]:
    if is_dataclass(kind):
        return lambda plain: _read_dataclass(kind, plain)
    if issubclass(kind, IntEnum):
        return lambda plain: kind(int(plain))
    if kind is datetime:
        return datetime.fromisoformat
    return kind


def _read_dataclass(kind: type, plain: Mapping[str, object]) -> object:
    known = annotations_of(kind)
    return kind(**{name: reader(known[name])(one) for name, one in plain.items() if name in known})


@cache
def annotations_of(kind: type) -> Mapping[str, Hashable]:
    return get_type_hints(kind)


def is_optional(annotation: Hashable) -> bool:
    return get_origin(annotation) in (Union, types.UnionType) and types.NoneType in get_args(
        annotation
    )


def bare(annotation: Hashable) -> Hashable:
    """Take the names and the "or None" off an annotation: what is left says how it is kept."""
    if is_optional(annotation):
        (annotation,) = (a for a in get_args(annotation) if a is not types.NoneType)
    while isinstance(annotation, NewType):
        annotation = annotation.__supertype__
    return annotation


def is_scalar(annotation: Hashable) -> bool:
    kind = bare(annotation)
    return isinstance(kind, type) and issubclass(kind, (*SCALARS, Enum))


def pieces(text: str, longest: int) -> Sequence[str]:
    """Cut a text; an empty one is one empty piece."""
    return [text[at : at + longest] for at in range(0, len(text), longest)] or [""]

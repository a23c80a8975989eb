"""Lay a noun out as the properties of one table row, and read it back."""

import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

from shared.storage.codec import (
    annotations_of,
    is_optional,
    is_scalar,
    pieces,
    reader,
    to_plain,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Noun = TypeVar("Noun", bound="DataclassInstance")
Row = dict[str, object]

ETAG = "etag"
PIECE = 15_000
"""Characters per property: a property takes 64 KiB of UTF-16, and a character takes up to four."""
_INT32 = range(-(2**31), 2**31)


def to_row(noun: "DataclassInstance", partition: str, row: str) -> Row:
    """One property per field, composites as JSON text; what is None is left out."""
    laid_out: Row = {"PartitionKey": partition, "RowKey": row}
    known = annotations_of(type(noun))
    for field in fields(noun):
        value = getattr(noun, field.name)
        if field.name != ETAG and value is not None:
            laid_out |= _properties(field.name, known[field.name], value)
    return laid_out


def _properties(name: str, annotation: Hashable, value: object) -> Iterator[tuple[str, object]]:
    plain = to_plain(value)
    if not is_scalar(annotation):
        plain = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    if isinstance(plain, int) and plain not in _INT32:
        plain = str(plain)
    if not isinstance(plain, str):
        yield name, plain
        return
    for number, piece in enumerate(pieces(plain, PIECE)):
        yield _piece_name(name, number), piece


def from_row(kind: type[Noun], row: Mapping[str, object]) -> Noun:
    """Fields that an older version did not write take their defaults."""
    known = annotations_of(kind)
    values: dict[str, object] = {}
    for field in fields(kind):
        if field.name == ETAG or field.name in row:
            values[field.name] = _value(field.name, known[field.name], row)
        elif is_optional(known[field.name]):
            values[field.name] = None
    return kind(**values)


def _value(name: str, annotation: Hashable, row: Mapping[str, object]) -> object:
    if name == ETAG:
        return row.get(ETAG, "")
    stored = row[name]
    if isinstance(stored, str):
        stored = "".join(_pieces_of(name, row))
        if not is_scalar(annotation):
            stored = json.loads(stored)
    return reader(annotation)(stored)


def _pieces_of(name: str, row: Mapping[str, object]) -> Iterator[str]:
    number = 0
    while isinstance(piece := row.get(_piece_name(name, number)), str):
        yield piece
        number += 1


def _piece_name(name: str, number: int) -> str:
    return f"{name}__{number}" if number else name

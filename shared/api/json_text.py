"""Read JSON that strangers send, and say where it breaks."""

import json
from collections import Counter
from typing import NoReturn

from shared.domain.errors import MalformedRequest

MOST_NAMES = 64
"""Fields of one JSON object; no body of ours has half as many."""


def read_json(raw: bytes) -> object:
    """Raise `MalformedRequest` with line and column for anything that is not plain JSON."""
    text = _decoded(raw)
    try:
        document: object = json.loads(
            text, parse_constant=_no_constant, object_pairs_hook=_without_repetition
        )
    except json.JSONDecodeError as error:
        raise MalformedRequest(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise MalformedRequest("The body is JSON nested too deeply.") from error
    except ValueError as error:
        raise MalformedRequest("The body holds a number that is too long.") from error
    if "\\ud" in text.lower():
        _refuse_half_characters(document)
    return document


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise MalformedRequest(
            f"The body is not UTF-8: byte {raw[error.start]:#04x} at line {line}, column {column}."
        ) from error


def _no_constant(name: str) -> NoReturn:
    raise MalformedRequest(f"The body is not JSON: {name} is not a JSON number.")


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(pairs) > MOST_NAMES:
        raise MalformedRequest(
            f"An object of the body has {len(pairs):,} fields; nothing here takes more than "
            f"{MOST_NAMES}."
        )
    if len(document) < len(pairs):
        twice = next(name for name, times in Counter(n for n, _ in pairs).items() if times > 1)
        raise MalformedRequest(f"The body names {twice[:100]!r} twice in one object.")
    return document


def _refuse_half_characters(document: object) -> None:
    # An escaped half of a surrogate pair is legal JSON and cannot be written as UTF-8 again.
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise MalformedRequest("The body holds half of a surrogate pair.") from error

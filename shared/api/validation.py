"""Turn what pydantic found into faults that a person can mend."""

import difflib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from shared.api.models import COUNTRY_PATTERN, Body, Query
from shared.domain.errors import Fault, InvalidRequest

Model = TypeVar("Model", bound=Body)

_WORDS = {
    "missing": "this field is missing",
    "string_type": "this must be text",
    "string_too_short": "at least {min_length} character is needed",
    "string_too_long": "at most {max_length} characters",
    "string_unicode": "this is not valid text",
    "int_type": "this must be a whole number",
    "int_parsing": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "int_parsing_size": "this number is too long",
    "bool_type": "write true or false",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "list_type": "this must be a list",
    "tuple_type": "this must be a list",
    "too_short": "at least {min_length} entry is needed",
    "too_long": "at most {max_length} entries",
    "model_type": "this must be a JSON object",
    "dict_type": "this must be a JSON object",
    "enum": "use one of {expected}",
    "literal_error": "use one of {expected}",
    "timezone_aware": "say the time zone too, such as 2026-01-31T08:00:00Z",
    "datetime_type": "this must be a moment, such as 2026-01-31T08:00:00Z",
    "datetime_parsing": "this must be a moment, such as 2026-01-31T08:00:00Z",
    "datetime_from_date_parsing": "this must be a moment, such as 2026-01-31T08:00:00Z",
}
_LONGEST_ECHO = 60
_KEY = "[key]"
"""How pydantic marks that a field's name is wrong and not its value."""


def read_model(model: type[Model], document: object) -> Model:
    """Raise `InvalidRequest` with every fault at once."""
    try:
        read = model.model_validate(document)
    except ValidationError as error:
        raise InvalidRequest(faults_of(model, error)) from error
    faults = tuple(read.faults())
    if faults:
        raise InvalidRequest(faults)
    return read


def read_query(model: type[Query], query: Mapping[str, str]) -> Query:
    """A misspelt parameter is refused: ``dryrun`` must not buy."""
    try:
        return model.model_validate(dict(query))
    except ValidationError as error:
        faults = (
            Fault(f"query parameter {fault.pointer[1:]!r}: {fault.detail}")
            for fault in faults_of(model, error)
        )
        raise InvalidRequest(faults) from error


def faults_of(model: type[BaseModel], error: ValidationError) -> list[Fault]:
    return [
        Fault(_words(model, found), pointer=to_pointer(found["loc"]))
        for found in error.errors(include_url=False, include_input=False)
    ]


def to_pointer(place: Iterable[str | int]) -> str:
    """Write where a fault is: https://www.rfc-editor.org/rfc/rfc6901 ."""
    return "".join(f"/{_escaped(str(step)[:_LONGEST_ECHO])}" for step in place if step != _KEY)


def nearest(name: str, names: Iterable[str]) -> str:
    """A half-sentence that helps with a misspelling, or none."""
    return _nearest(name.lower()[:_LONGEST_ECHO], tuple(names))


@lru_cache(maxsize=1024)
def _nearest(name: str, names: tuple[str, ...]) -> str:
    """A document makes the same mistake in fifty thousand rows."""
    known = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {known[close[0]]!r}?" if close else ""


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _words(model: type[BaseModel], found: ErrorDetails) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "extra_forbidden":
        *outer, name = found["loc"]
        return "unknown field" + nearest(str(name), _fields_at(model, outer))
    if kind == "string_pattern_mismatch":
        return _pattern_words(model, found["loc"], str(context.get("pattern", "")))
    if kind in _WORDS:
        return _WORDS[kind].format_map(context)
    return found["msg"][:1].lower() + found["msg"][1:]


def _pattern_words(model: type[BaseModel], place: tuple[str | int, ...], pattern: str) -> str:
    if pattern == COUNTRY_PATTERN:
        return "use a two-letter country code in capitals (ISO 3166-1), such as GB"
    field = _field_at(model, place)
    example = next(iter(field.examples or ()), None) if field is not None else None
    return f"use the form of {example!r}" if example else f"this must fit {pattern}"


def _field_at(model: type[BaseModel], place: tuple[str | int, ...]) -> FieldInfo | None:
    *outer, name = place
    return _fields_at(model, outer).get(str(name))


def _fields_at(model: type[BaseModel], outer: Iterable[str | int]) -> dict[str, FieldInfo]:
    for step in outer:
        if isinstance(step, str):
            field = _named(model).get(step)
            model = _model_in(field.annotation) if field is not None else BaseModel
    return _named(model)


def _named(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_in(annotation: object) -> type[BaseModel]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not BaseModel:
            return found
    return BaseModel

"""Hold one request as its handler sees it, and the answer that it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel

from shared.api.office import Limits, Office
from shared.domain.callers import Caller
from shared.domain.ids import OperationId
from shared.workflows.own_desk import own_desk
from shared.workflows.ports import Desk

Shape = TypeVar("Shape")

LOOK_AGAIN = {"Retry-After": "2"}
"""Seconds until a look at unfinished work is worth a request."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request before anybody looked into it."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed every check.

    ``operation_id`` is the same for the same caller, route and Idempotency-Key.
    """

    request: Request
    open_office: Callable[[], Office]
    caller: Caller
    path: Mapping[str, str]
    query: BaseModel
    body: object
    operation_id: OperationId
    dry_run: bool = False

    @property
    def office(self) -> Office:
        return self.open_office()

    @property
    def desk(self) -> Desk:
        """What of everything is the caller's organisation's own."""
        return own_desk(self.office.desk, self.caller.organisation)

    @property
    def limits(self) -> Limits:
        return self.office.limits

    def body_as(self, shape: type[Shape]) -> Shape:
        return _as(shape, self.body)

    def query_as(self, shape: type[Shape]) -> Shape:
        return _as(shape, self.query)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a model, or text where the media type is another."""

    body: BaseModel | str | None = None
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    @property
    def text(self) -> str:
        if isinstance(self.body, BaseModel):
            return self.body.model_dump_json(by_alias=True, exclude_none=True)
        return self.body or ""


def created(body: BaseModel, location: str) -> Answer:
    return Answer(body, HTTPStatus.CREATED, {"Location": location})


def accepted(body: BaseModel, location: str) -> Answer:
    return Answer(body, HTTPStatus.ACCEPTED, {"Location": location, **LOOK_AGAIN})


def _as(shape: type[Shape], value: object) -> Shape:
    if not isinstance(value, shape):
        raise TypeError(f"the endpoint's table promises {shape.__name__}, not {type(value)}")
    return value

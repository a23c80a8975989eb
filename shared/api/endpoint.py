"""Describe one endpoint completely: how it is called, by whom, and what it may answer."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Protocol

from pydantic import BaseModel

from shared.api.call import Answer, Call
from shared.api.models import (
    COUNTRY_PATTERN,
    GUID_PATTERN,
    NAME_PATTERN,
    OFFER_PATTERN,
    PERIOD_PATTERN,
    SLUG_PATTERN,
    DryRun,
    NoQuery,
    Query,
)
from shared.api.office import Limits
from shared.domain import errors
from shared.domain.errors import Fault, InvalidRequest, MissingError

JSON = "application/json"
CSV = "text/csv"


class Handler(Protocol):
    """Reads a call, calls one workflow, and presents what comes back."""

    __name__: str

    def __call__(self, call: Call, /) -> Awaitable[Answer]: ...


Reader = Callable[[object, Query, Limits], object]
"""Makes a body of parsed JSON, or of bytes where the content type is another."""


class Roles(Enum):
    """Who may call, as sets of app roles."""

    ANYBODY = frozenset[str]()
    READERS = frozenset({"Provider.Admin", "Operator", "Reader", "Automation"})
    OPERATORS = frozenset({"Provider.Admin", "Operator", "Automation"})
    APPROVERS = frozenset({"Provider.Admin", "Operator"})
    """People: no automation agrees to a purchase."""
    ADMINS = frozenset({"Provider.Admin"})


@dataclass(frozen=True, slots=True)
class PathValue:
    """A name in braces: what it may look like, and what is missing where it does not.

    Where it names no thing of ours (``missing`` is None), another form is the request's fault.
    """

    pattern: str
    missing: type[MissingError] | None
    description: str

    def read(self, name: str, value: str) -> str:
        if re.fullmatch(self.pattern.rstrip("$"), value):
            return value.lower() if self.pattern == GUID_PATTERN else value
        if self.missing is None:
            raise InvalidRequest([Fault(f"path parameter {name!r}: {self.description}")])
        raise self.missing(value[:100])


PATH_VALUES: Mapping[str, PathValue] = {
    "connectionId": PathValue(SLUG_PATTERN, errors.ConnectionNotFound, "As it was registered."),
    "organisationId": PathValue(
        SLUG_PATTERN, None, "As a connection's `owner`: small letters, digits and hyphens."
    ),
    "offerId": PathValue(OFFER_PATTERN, errors.OfferNotFound, "`product:sku`."),
    "prefix": PathValue(
        SLUG_PATTERN, None, "Before `.onmicrosoft.com`: small letters, digits and hyphens."
    ),
    "country": PathValue(COUNTRY_PATTERN, None, "Two capitals, such as GB."),
    "planId": PathValue(SLUG_PATTERN, errors.UserPlanNotFound, "As it was defined."),
    "customerId": PathValue(GUID_PATTERN, errors.CustomerNotFound, "The customer's tenant id."),
    "subscriptionId": PathValue(NAME_PATTERN, errors.SubscriptionNotFound, "Microsoft's id."),
    "batchId": PathValue(NAME_PATTERN, errors.BatchNotFound, "As given, or as answered."),
    "row": PathValue(r"^[1-9][0-9]{0,5}$", errors.BatchNotFound, "Counted from 1."),
    "runId": PathValue(NAME_PATTERN, errors.RunNotFound, "As answered."),
    "userId": PathValue(GUID_PATTERN, errors.PlanDoubtNotFound, "As listed."),
    "driftId": PathValue(NAME_PATTERN, errors.DriftNotFound, "As listed."),
    "poisonId": PathValue(NAME_PATTERN, errors.PoisonNotFound, "As listed."),
    "period": PathValue(PERIOD_PATTERN, None, "Year and month, such as 2026-03."),
    "operationId": PathValue(NAME_PATTERN, errors.OperationNotFound, "As answered."),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One line of the table of routes; everything that documents the API is made from it.

    ``spends`` means that a request needs an Idempotency-Key, ``matches`` that it needs an If-Match.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    roles: Roles
    answers: Mapping[HTTPStatus, type[BaseModel] | str | None]
    description: str = ""
    query: type[Query] = NoQuery
    body: type[BaseModel] | None = None
    reader: Reader | None = None
    content_types: tuple[str, ...] = (JSON,)
    body_needed: bool = True
    spends: bool = False
    or_csv: bool = False
    """Its answer may be asked for as a table."""
    matches: bool = False
    may_match: bool = False
    """An If-Match is held to where one comes, and not asked for."""

    @property
    def name(self) -> str:
        """The function's name on the platform, and the operation id in OpenAPI."""
        return self.handler.__name__

    @property
    def public(self) -> bool:
        return self.roles is Roles.ANYBODY

    @property
    def dry_run(self) -> bool:
        return issubclass(self.query, DryRun)

    @property
    def path_values(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @property
    def address(self) -> str:
        return f"/api/{self.path}"

"""Take a request through its checks, in the order that gives nothing away.

Who (401) comes before what (404, 403), size (413) before content (415, 400, 422), and a claim of
the Idempotency-Key comes last, right before the work.
"""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

import azure.functions as func

from shared.api.call import Answer, Call, Request
from shared.api.endpoint import JSON, PATH_VALUES, Endpoint, Roles
from shared.api.idempotency import key_of, once
from shared.api.json_text import read_json
from shared.api.models import Body, Query
from shared.api.office import Limits, Office
from shared.api.problem_documents import problem_answer
from shared.api.problems import UNEXPECTED, kind_of
from shared.api.validation import read_model, read_query
from shared.domain.budgets import Priority
from shared.domain.callers import Caller
from shared.domain.errors import (
    BodyTooLarge,
    CallerNotAllowed,
    CallerUnknown,
    ConnectionProtected,
    Fault,
    InvalidRequest,
    RouteNotFound,
    UnsupportedContent,
)
from shared.domain.ids import OperationId
from shared.domain.operations import operation_id
from shared.transport.priority import at_priority

OpenOffice = Callable[[], Office]
NOBODY = Caller(id="", tenant_id="")
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE)
_CORRELATION = re.compile(r"[A-Za-z0-9-]{1,64}")
logger = logging.getLogger(__name__)


async def receive(
    endpoint: Endpoint, req: func.HttpRequest, open_office: OpenOffice
) -> func.HttpResponse:
    """Answer one request, somebody waits for it; what goes wrong becomes a problem document."""
    work = _public if endpoint.public else _protected
    request = _request(req)
    return await _settle(
        request,
        endpoint.name,
        lambda: work(endpoint, request, req.route_params, open_office),
        open_office,
    )


async def turn_away(req: func.HttpRequest, open_office: OpenOffice) -> func.HttpResponse:
    """Answer a route that does not exist, to known callers only."""
    request = _request(req)

    async def nothing_here() -> Answer:
        await _caller(_open(open_office), request)
        raise RouteNotFound(f"{request.method} {request.path}"[:200])

    return await _settle(request, "unknown_route", nothing_here, open_office)


async def _settle(
    request: Request, name: str, work: Callable[[], Awaitable[Answer]], open_office: OpenOffice
) -> func.HttpResponse:
    correlation_id, started = _correlation_id(request), time.perf_counter()
    try:
        with at_priority(Priority.URGENT):
            answer = await work()
    except Exception as error:
        answer = problem_answer(error, correlation_id, listed=_listed(error, open_office))
        if kind_of(error) is UNEXPECTED:
            logger.exception("%s failed, correlation id %s", name, correlation_id)
    took = round((time.perf_counter() - started) * 1000)
    logger.info("%s answered %d in %d ms (%s)", name, answer.status, took, correlation_id)
    return _response(answer, correlation_id)


async def _public(
    endpoint: Endpoint, request: Request, given: Mapping[str, str], open_office: OpenOffice
) -> Answer:
    query = read_query(endpoint.query, request.query)
    call = Call(request, open_office, NOBODY, given, query, None, OperationId(""))
    return await endpoint.handler(call)


async def _protected(
    endpoint: Endpoint, request: Request, given: Mapping[str, str], open_office: OpenOffice
) -> Answer:
    office = _open(open_office)
    caller = await _caller(office, request)
    _check_role(endpoint, caller)
    path = {
        name: PATH_VALUES[name].read(name, given.get(name, "")) for name in endpoint.path_values
    }
    request = replace(request, path=endpoint.address.format(**path))
    document = _document(endpoint, request, office.limits)
    trying = endpoint.dry_run and request.query.get("dryRun") == "true"
    key = key_of(request) if endpoint.spends and not trying else ""
    query, body = _read(endpoint, document, request, office.limits)
    work = _work_id(caller, request, key)
    call = Call(request, lambda: office, caller, path, query, body, work, trying)
    return await (once(call, key, endpoint.handler) if key else endpoint.handler(call))


def _listed(error: Exception, open_office: OpenOffice) -> int:
    """How many faults a problem lists; public routes have faults without any settings."""
    try:
        return open_office().limits.faults if isinstance(error, InvalidRequest) else 0
    except Exception:  # noqa: BLE001 (the problem itself is what the caller is owed)
        return Limits().faults


def _open(open_office: OpenOffice) -> Office:
    try:
        return open_office()
    except Exception as error:
        # Without settings nobody can be known; an outsider learns no more than that.
        logger.error("the office cannot be opened: %s", error)  # noqa: TRY400 (asked often)
        raise CallerUnknown("No access token can be accepted here yet.") from error


async def _caller(office: Office, request: Request) -> Caller:
    found = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if not found:
        raise CallerUnknown("Send an access token: Authorization: Bearer …")
    return await office.callers.read(found[1])


def _check_role(endpoint: Endpoint, caller: Caller) -> None:
    """A reseller's roles are given out by the reseller: none of them makes it the provider."""
    if endpoint.roles is Roles.ADMINS and not caller.is_provider:
        protected = "connectionId" in endpoint.path_values
        raise (ConnectionProtected if protected else CallerNotAllowed)(
            "This was set for you by your provider, and only your provider changes it."
        )
    if not caller.roles & endpoint.roles.value:
        wanted = ", ".join(sorted(endpoint.roles.value))
        raise CallerNotAllowed(f"This route asks for one of the app roles {wanted}.")


def _document(endpoint: Endpoint, request: Request, limits: Limits) -> object:
    if len(request.raw) > limits.body_bytes:
        raise BodyTooLarge(
            f"The body has {len(request.raw):,} bytes; the limit is {limits.body_bytes:,}."
        )
    if endpoint.body is None:
        return None
    if not request.raw and not endpoint.body_needed:
        return {}
    if request.media_type not in endpoint.content_types:
        raise UnsupportedContent(
            f"Send {' or '.join(endpoint.content_types)}, not {request.media_type[:100] or 'none'}."
        )
    return read_json(request.raw) if request.media_type == JSON else request.raw


def _read(
    endpoint: Endpoint, document: object, request: Request, limits: Limits
) -> tuple[Query, object]:
    """Read query and body; the faults of both are named at once."""
    faults: list[Fault] = []
    query, body = endpoint.query.model_construct(), None
    try:
        query = read_query(endpoint.query, request.query)
    except InvalidRequest as error:
        faults += error.faults
    try:
        body = _body(endpoint, document, query, limits)
    except InvalidRequest as error:
        faults += error.faults
    if faults:
        raise InvalidRequest(faults)
    return query, body


def _body(endpoint: Endpoint, document: object, query: Query, limits: Limits) -> object:
    if endpoint.reader is not None:
        return endpoint.reader(document, query, limits)
    if endpoint.body is None or not issubclass(endpoint.body, Body):
        return None
    return read_model(endpoint.body, document)


def _work_id(caller: Caller, request: Request, key: str) -> OperationId:
    if not key:
        return OperationId(str(uuid.uuid4()))
    return operation_id(caller.id, request.method, request.path, key)


def _request(req: func.HttpRequest) -> Request:
    path = urlsplit(req.url).path
    return Request(req.method.upper(), path, req.headers, req.params, req.get_body() or b"")


def _correlation_id(request: Request) -> str:
    given = request.headers.get("x-correlation-id", "")
    return given if _CORRELATION.fullmatch(given) else str(uuid.uuid4())


def _response(answer: Answer, correlation_id: str) -> func.HttpResponse:
    return func.HttpResponse(
        answer.text,
        status_code=int(answer.status),
        headers={
            "X-Correlation-Id": correlation_id,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            **answer.headers,
        },
        mimetype=answer.media_type,
    )

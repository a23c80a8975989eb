"""Start a sign-in for a connection, take the person back, and tell how the connection stands."""

import html
import logging
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self
from urllib.parse import parse_qs

from pydantic import ConfigDict, Field

from shared.api.call import Answer, Call
from shared.api.connections import connection_id_of
from shared.api.models import Query, Reply
from shared.domain.errors import ConsentRefused, RemoteError, SeatkeeperError
from shared.domain.health import ConnectionHealth, Finding, HealthStatus, SignInFailure
from shared.workflows.consent import begin_consent, finish_consent

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Seatkeeper</title>
<style>
body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto;
  padding: 0 1.5rem; color-scheme: light dark }}
</style>
<h1>{title}</h1>
<p>{text}</p>
<p>You may close this window.</p>
</html>
"""
FORM = "application/x-www-form-urlencoded"
_FIELDS = frozenset({"state", "code", "error"})
_LARGEST_FORM = 64 * 1024
_MOST_FIELDS = 20
_NO_FORM = "This is not what a sign-in sends. Start the consent again."
logger = logging.getLogger(__name__)


class ConsentReply(Reply):
    """Where a user of the partner signs in, with a second factor, once."""

    operation_id: str
    authorize_url: Annotated[str, Field(description="Open it in a browser; never share it.")]
    expires_at: datetime


class CallbackQuery(Query):
    """What sign-in sends back; whatever else it says is not looked at."""

    model_config = ConfigDict(extra="ignore")

    state: Annotated[str, Field(description="Which sign-in it was, as Entra was told.")] = ""
    code: Annotated[str, Field(description="What Entra gave; it is good once.")] = ""
    error: Annotated[str, Field(description="Entra's word for what went wrong.")] = ""


class CallbackBody(CallbackQuery):
    """The same, where sign-in was told to post a form (`response_mode=form_post`)."""


class FindingReply(Reply):
    """One thing to look at, and what to do about it."""

    status: HealthStatus
    detail: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(status=finding.status, detail=finding.detail)


class SignInFailureReply(Reply):
    """The last time that Microsoft did not let the connection in."""

    at: datetime
    code: str
    advice: str

    @classmethod
    def maybe(cls, failure: SignInFailure | None) -> Self | None:
        if failure is None:
            return None
        return cls(at=failure.at, code=failure.code, advice=failure.advice)


class ConnectionHealthReply(Reply):
    """How a connection stands with Microsoft; `attention` works, and will not for long."""

    status: HealthStatus
    findings: list[FindingReply]
    signed_in_at: Annotated[
        datetime | None, Field(description="When a person last signed in for it.")
    ] = None
    refresh_token_at: Annotated[
        datetime | None, Field(description="When the sign-in was stored or last renewed.")
    ] = None
    refresh_token_expires_at: Annotated[
        datetime | None, Field(description="When it dies unless it is used before.")
    ] = None
    mfa_missing_at: datetime | None = None
    last_failure: SignInFailureReply | None = None
    catalog_synchronised_at: datetime | None = None
    webhook_registered_at: datetime | None = None
    last_webhook_at: Annotated[
        datetime | None, Field(description="When an event last came whose signature passed.")
    ] = None

    @classmethod
    def of(cls, health: ConnectionHealth, now: datetime) -> Self:
        return cls(
            status=health.status(now),
            findings=[FindingReply.of(finding) for finding in health.findings(now)],
            signed_in_at=health.signed_in_at,
            refresh_token_at=health.refresh_token_at,
            refresh_token_expires_at=health.refresh_token_expires_at,
            mfa_missing_at=health.mfa_missing_at if health.is_mfa_missing else None,
            last_failure=SignInFailureReply.maybe(health.last_failure),
            catalog_synchronised_at=health.catalog_synchronised_at,
            webhook_registered_at=health.webhook_registered_at,
            last_webhook_at=health.last_webhook_at,
        )


async def start_consent(call: Call) -> Answer:
    begun = await begin_consent(
        call.desk,
        connection_id_of(call),
        requested_by=call.caller.id,
        organisation=call.caller.organisation,
        operation_id=call.operation_id,
    )
    reply = ConsentReply(
        operation_id=begun.operation.id,
        authorize_url=begun.authorize_url,
        expires_at=begun.expires_at,
    )
    return Answer(reply)


async def take_consent(call: Call) -> Answer:
    """Sign-in sends the person back with what it has to say in the address."""
    return await _take(call, call.query_as(CallbackQuery))


async def take_posted_consent(call: Call) -> Answer:
    """Sign-in posts what it has to say, so that it stands in no history and no log."""
    request = call.request
    if request.media_type != FORM or len(request.raw) > _LARGEST_FORM:
        return _page("Nothing was stored", _NO_FORM, HTTPStatus.BAD_REQUEST)
    try:
        fields = parse_qs(request.raw.decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return _page("Nothing was stored", _NO_FORM, HTTPStatus.BAD_REQUEST)
    return await _take(call, CallbackBody(**{n: v[0] for n, v in fields.items() if n in _FIELDS}))


async def _take(call: Call, given: CallbackQuery) -> Answer:
    """A person reads this: every end is a page with a sentence, none repeats what came in."""
    answer = given.model_dump(exclude_defaults=True)
    try:
        connection = await finish_consent(call.desk, answer)
    except ConsentRefused as error:
        return _page("Nothing was stored", str(error), HTTPStatus.BAD_REQUEST)
    except SeatkeeperError as error:
        return _page("Nothing was stored", _sentence(error), HTTPStatus.BAD_GATEWAY)
    except Exception as error:  # noqa: BLE001 (a person in a browser is owed a page, not a stack)
        logger.error("a consent could not be taken: %s", type(error).__name__)  # noqa: TRY400
        text = "The service could not finish this. Start the consent again in a few minutes."
        return _page("Nothing was stored", text, HTTPStatus.SERVICE_UNAVAILABLE)
    text = f"The connection {connection.name} is signed in and works from here on by itself."
    return _page("The sign-in is stored", text, HTTPStatus.OK)


async def get_connection_health(call: Call) -> Answer:
    connection = await call.desk.connections.get(connection_id_of(call))
    health = await call.desk.healths.of(connection.id)
    return Answer(ConnectionHealthReply.of(health, await call.desk.clock.now()))


def _sentence(error: SeatkeeperError) -> str:
    """Of Microsoft's refusals the code is enough; its own sentences may quote what came in."""
    code = error.answer.code if isinstance(error, RemoteError) else ""
    named = f" ({code})" if code else ""
    return (
        f"Microsoft did not complete the sign-in{named}. Start the consent again; if it happens "
        "twice, check the application's secret and registration."
    )


def _page(title: str, text: str, status: HTTPStatus) -> Answer:
    page = _PAGE.format(title=html.escape(title), text=html.escape(text))
    return Answer(page, status, _HEADERS, "text/html")

"""Take Partner Center's events, and register for them."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from shared.api.call import Answer, Call
from shared.api.connections import connection_id_of
from shared.api.json_text import read_json
from shared.api.models import Body, Reply
from shared.api.office import Office
from shared.domain.errors import MalformedRequest, SignatureRefused, WebhookUnavailable
from shared.domain.health import ConnectionHealth
from shared.domain.webhooks import WebhookRegistration, event_of
from shared.workflows.webhooks import (
    address_of,
    read_webhook,
    register_webhook,
    take_event,
    try_webhook,
)


class EventBody(Body):
    """What Microsoft posts; of it only the name and the ids in the address are used."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)

    event_name: Annotated[str, Field(max_length=200, examples=["subscription-updated"])]
    resource_uri: Annotated[str, Field(max_length=2000)] = ""
    resource_change_utc_date: Annotated[
        AwareDatetime | None, Field(examples=["2026-01-20T16:19:06.352Z"])
    ] = None


class WebhookReply(Reply):
    """What Microsoft has on record; `isOurs` where it sends to this service."""

    registered: bool
    is_ours: bool
    url: str | None = None
    events: list[str]
    last_event_at: Annotated[
        datetime | None, Field(description="When an event last came whose signature passed.")
    ] = None

    @classmethod
    def of(cls, found: WebhookRegistration | None, address: str, health: ConnectionHealth) -> Self:
        return cls(
            registered=found is not None,
            is_ours=found is not None and found.url == address,
            url=found.url if found else None,
            events=list(found.events) if found else [],
            last_event_at=health.last_webhook_at,
        )


class TrialReply(Reply):
    """Microsoft's id of the validation event."""

    correlation_id: str


async def receive_event(call: Call) -> Answer:
    """Whoever is not Microsoft learns nothing here, not even whether the service is set up."""
    office = _office(call)
    await office.signatures.check(call.request.headers, call.request.raw)
    body = _read(call.request.raw)
    changed_at = body.resource_change_utc_date or await office.desk.clock.now()
    event = event_of(body.event_name, body.resource_uri, changed_at.astimezone(UTC))
    await take_event(office.desk, connection_id_of(call), event)
    return Answer(status=HTTPStatus.OK)


def _office(call: Call) -> Office:
    try:
        return call.office
    except Exception as error:
        raise SignatureRefused("Nothing can be taken here yet.") from error


def _read(raw: bytes) -> EventBody:
    try:
        return EventBody.model_validate(read_json(raw))
    except ValidationError as error:
        raise MalformedRequest("The notice has not the fields of one.") from error


async def put_webhook(call: Call) -> Answer:
    connection_id = connection_id_of(call)
    if not call.office.signatures.is_ready:
        raise WebhookUnavailable(
            "Every event would be refused: set WEBHOOK_ANCHORS to the certificates that "
            "Microsoft's signatures lead to."
        )
    found = await register_webhook(
        call.desk,
        connection_id,
        requested_by=call.caller.id,
        organisation=call.caller.organisation,
    )
    return await _shown(call, found)


async def get_webhook(call: Call) -> Answer:
    return await _shown(call, await read_webhook(call.desk, connection_id_of(call)))


async def send_test_event(call: Call) -> Answer:
    trial = await try_webhook(
        call.desk, connection_id_of(call), organisation=call.caller.organisation
    )
    return Answer(TrialReply(correlation_id=trial))


async def _shown(call: Call, found: WebhookRegistration | None) -> Answer:
    connection_id = connection_id_of(call)
    address = address_of(call.desk, connection_id) if call.desk.public_url else ""
    health = await call.desk.healths.of(connection_id)
    return Answer(WebhookReply.of(found, address, health))

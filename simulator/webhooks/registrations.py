"""Take registrations, and try them with an event on request.

https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from simulator.partner_center.call import Answer, Call, require
from simulator.partner_center.documents import Json
from simulator.partner_center.errors import Refused, Throttled
from simulator.webhooks.events import BASE, KNOWN, TEST, baseline, tell
from simulator.webhooks.nouns import Registration


def event_names(_call: Call) -> Answer:
    return Answer(200, list(KNOWN))


def register(call: Call) -> Answer:
    status = call.switch("webhooks.duplicateStatus")
    if _mine(call) is not None and status != HTTPStatus.OK:
        raise Refused(800002, "The partner is registered already.", status=status)
    return _written(call, _mine(call))


def replace(call: Call) -> Answer:
    return _written(call, _registered(call))


def shown(call: Call) -> Answer:
    registration = _registered(call)
    return Answer(200, {"WebhookUrl": registration.url, "WebhookEvents": registration.events})


def remove(call: Call) -> Answer:
    """Microsoft's page does not have it; every other resource can be deleted, so can this."""
    del call.world.webhooks[_registered(call).partner_id]
    return Answer(204)


def validate(call: Call) -> Answer:
    registration = _registered(call)
    if TEST not in registration.events:
        raise Refused(3000, f"The registration does not name {TEST}.")
    minute = call.world.clock.real() - timedelta(minutes=1)
    times = [one for one in call.world.validations.get(call.partner.tenant_id, []) if one > minute]
    if len(times) >= call.switch("webhooks.perMinute"):
        raise Throttled
    call.world.validations[call.partner.tenant_id] = [*times, call.world.clock.real()]
    event = tell(call.world, call.partner.tenant_id, TEST, f"{BASE}/registration/test", "test")
    return Answer(200, {"correlationId": event.id if event else ""})


def validation(call: Call) -> Answer:
    wanted = call.params["correlation"].lower()
    mine = [one for one in call.world.events if one.partner_id == call.partner.tenant_id]
    event = next((one for one in mine if one.id == wanted and one.name == TEST), None)
    if event is None:
        raise Refused(1000)
    return Answer(
        200,
        {
            "correlationId": event.id,
            "partnerId": event.partner_id,
            "status": "completed" if event.outcome else "pending",
            "callbackUrl": _registered(call).url,
            "results": [_result(answer) for answer in event.answers],
        },
    )


def _result(answer: Json) -> Json:
    status = answer["status"]
    name = HTTPStatus(status).phrase.replace(" ", "") if status else ""
    return {
        "responseCode": "OK" if status == HTTPStatus.OK else name,
        "responseMessage": answer["error"],
        "systemError": status is None,
        "dateTimeUtc": answer["at"],
    }


def _written(call: Call, known: Registration | None) -> Answer:
    body = call.body
    require(body, "webhookUrl", "webhookEvents")
    address = urlsplit(str(body["webhookUrl"]))
    if address.scheme not in ("http", "https") or not address.hostname:
        raise Refused(3000, "WebhookUrl is not an address.")
    registration = Registration(
        partner_id=call.partner.tenant_id,
        subscriber_id=known.subscriber_id if known else call.world.new_guid(),
        url=str(body["webhookUrl"]),
        events=_events(body),
        in_ms_signature=body.get("signatureTokenToMsSignatureHeader") is True,
    )
    baseline(call.world, registration)
    call.world.webhooks[registration.partner_id] = registration
    return Answer(
        200,
        {
            "SubscriberId": registration.subscriber_id,
            "WebhookUrl": registration.url,
            "WebhookEvents": registration.events,
        },
    )


def _events(body: Json) -> list[str]:
    if not isinstance(body["webhookEvents"], list):
        raise Refused(3000, "WebhookEvents is not a list.")
    names = [str(one) for one in body["webhookEvents"]]
    known = {one.lower() for one in KNOWN}
    unknown = [one for one in names if one.lower() not in known]
    if unknown:
        raise Refused(3000, f"No event is called {unknown[0]}.")
    return names


def _mine(call: Call) -> Registration | None:
    return call.world.webhooks.get(call.partner.tenant_id)


def _registered(call: Call) -> Registration:
    registration = _mine(call)
    if registration is None:
        status = call.switch("webhooks.missingStatus")
        raise Refused(1000, "The partner has no registration.", status=status)
    return registration

"""Let the customer accept the agreement on a page of Microsoft's, and show the agreement's text.

How the newer form looks on the wire is nowhere published: all of it stands behind a switch.
"""

from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from simulator.nouns import Attestation
from simulator.partner_center import agreements
from simulator.partner_center.call import Answer, Call, require
from simulator.partner_center.documents import Json, kind, time
from simulator.partner_center.errors import Refused

if TYPE_CHECKING:
    from simulator.world import World


def create(call: Call) -> Answer:
    _check_form(call)
    require(call.body, "templateId", "primaryContact.email")
    attestation = Attestation(
        id=call.world.new_guid(),
        customer_id=call.customer.id,
        template_id=call.body["templateId"],
        created=call.now,
        expires=call.now + timedelta(days=call.switch("agreements.attestationDays")),
    )
    call.world.attestations[attestation.id] = attestation
    return Answer(201, _shown(call, attestation))


def get(call: Call) -> Answer:
    _check_form(call)
    return Answer(200, _shown(call, _found(call, call.params["attestation"])))


def confirm(call: Call) -> Answer:
    """The agreement itself; in the newer form it names an attestation that was accepted."""
    if call.switch("agreements.form") != "attestation":
        return Answer(201, agreements.confirm(call))
    require(call.body, "attestationId")
    attestation = _found(call, str(call.body["attestationId"]))
    if attestation.accepted is None:
        raise Refused(3000, "The customer has not accepted yet.")
    agreement = agreements.confirm(call) | {"attestationId": attestation.id}
    call.customer.agreements[-1]["attestationId"] = attestation.id
    return Answer(201, agreement)


def document(call: Call) -> Answer:
    """Links to the text, which die within minutes."""
    template = call.params["template"]
    known = (agreements.CUSTOMER_AGREEMENT, agreements.CLOUD_AGREEMENT)
    if template not in [agreements.template_id(call, name) for name in known]:
        raise Refused(1000, "There is no such template.")
    life = timedelta(minutes=call.switch("agreements.documentMinutes"))
    until = int((call.now + life).timestamp())
    uri = f"{_origin(call)}/documents/agreements/{template}?until={until}"
    language, country = call.query.get("language", "en-US"), call.query.get("country", "US")
    return Answer(
        200,
        {
            "displayUri": uri,
            "downloadUri": f"{uri}&download=true",
            "language": language,
            "country": country,
            **kind("AgreementDocument"),
        },
    )


def document_routes(world: "World") -> list[BaseRoute]:
    async def text(request: Request) -> Response:
        until = float(request.query_params.get("until", 0))
        if world.clock.now().timestamp() >= until:
            return PlainTextResponse("The link has expired.", 403)
        template = request.path_params["template"]
        return PlainTextResponse(f"The text of agreement {template}.")

    async def page(request: Request) -> Response:
        attestation = world.attestations.get(request.path_params["attestation"])
        if attestation is None or world.clock.now() >= attestation.expires:
            return PlainTextResponse("The link has expired.", 404)
        if request.method == "POST" and attestation.accepted is None:
            attestation.accepted = world.clock.now()
        return HTMLResponse(_page(world, attestation))

    return [
        Route("/agreements/{template}", text),
        Route("/attestations/{attestation}", page, methods=["GET", "POST"]),
    ]


def _page(world: "World", attestation: Attestation) -> str:
    name = escape(world.tenants[attestation.customer_id].display_name)
    if attestation.accepted is not None:
        return f"<!doctype html><p>{name} has accepted.</p>"
    button = '<form method="post"><button>Accept</button></form>'
    return f"<!doctype html><p>Microsoft Customer Agreement, {name}</p>{button}"


def _shown(call: Call, attestation: Attestation) -> Json:
    accepted = attestation.accepted
    document: Json = {
        "attestationId": attestation.id,
        "templateId": attestation.template_id,
        "status": _status(attestation, call.now),
        "link": f"{_origin(call)}/documents/attestations/{attestation.id}",
        "expirationDate": time(attestation.expires),
    }
    if accepted is not None:
        document["acceptedDate"] = time(accepted)
    return document | kind("AgreementAttestation")


def _status(attestation: Attestation, now: datetime) -> str:
    if attestation.accepted is not None:
        return "Accepted"
    return "Expired" if now >= attestation.expires else "Pending"


def _found(call: Call, attestation_id: str) -> Attestation:
    attestation = call.world.attestations.get(attestation_id.lower())
    if attestation is None or attestation.customer_id != call.customer.id:
        raise Refused(1000, "There is no such attestation.")
    return attestation


def _check_form(call: Call) -> None:
    if call.switch("agreements.form") != "attestation":
        raise Refused(1000, "Attestations are not in use.")


def _origin(call: Call) -> str:
    """Links lead to the simulator itself: a person must be able to follow them."""
    return f"http://{call.headers.get('host', '127.0.0.1')}"

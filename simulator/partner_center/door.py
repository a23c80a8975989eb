"""Let calls in: token, mode, roles, rate, customer, body; and send the answer out."""

import base64
import hashlib
import json
import math
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import timedelta
from http.client import UNAUTHORIZED
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.nouns import Customer, Partner, Replay
from simulator.partner_center.audit import record
from simulator.partner_center.call import USER, Answer, Call, Endpoint
from simulator.partner_center.documents import camel_case
from simulator.partner_center.errors import Refused, Throttled
from simulator.signin.rules import gdap_roles
from simulator.signin.tokens import (
    PARTNER_CENTER,
    PRICE_SHEETS,
    Claims,
    TokenRefused,
    read_bearer,
    unverified,
)

if TYPE_CHECKING:
    from simulator.world import World

_LICENCES = ("/subscribedskus", "/licenses", "/licenseupdates")
_LIMITED = ("/v1/customers", "/v1/subscriptions", "/v1/orders")


class Door:
    """The way in and out of Partner Center, for one world."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._arrivals: dict[str, deque[float]] = defaultdict(deque)

    def route(self, endpoint: Endpoint) -> Route:
        async def serve(request: Request) -> Response:
            try:
                answer = await self._answer(endpoint, request)
            except Refused as refused:
                as_text = self.world.switches["partnercenter.codesAsText"]
                realm = f"OAuth realm=urn:cpsvc:cpid:{uuid4()}"
                headers = {"WWW-Authenticate": realm} if refused.status == UNAUTHORIZED else {}
                answer = Answer(refused.status, refused.body(code_as_text=as_text), headers)
            except Throttled:
                answer = self._throttled()
            return self._response(endpoint, request, answer)

        return Route(endpoint.path, serve, methods=[endpoint.method])

    async def _answer(self, endpoint: Endpoint, request: Request) -> Answer:
        claims = self._claims(endpoint, request)
        self._check_version(request)
        partner = self._partner(endpoint, claims)
        await self._look_ahead(endpoint, request, partner, claims)
        self._check_rate(request, partner)
        customer = self._customer(endpoint, request, partner, claims)
        call = Call(
            world=self.world,
            partner=partner,
            claims=claims,
            params=request.path_params,
            query=request.query_params,
            headers=request.headers,
            body=_document(await request.body()),
            found_customer=customer,
        )
        return await self._once(endpoint, call)

    async def _look_ahead(
        self, endpoint: Endpoint, request: Request, partner: Partner, claims: Claims
    ) -> None:
        """Microsoft's order of checks is unpublished: what is looked at first says no first."""
        match self.world.switches["partnercenter.checksFirst"]:
            case "customer":
                self._customer(endpoint, request, partner, claims)
            case "body":
                _document(await request.body())

    def _claims(self, endpoint: Endpoint, request: Request) -> Claims:
        try:
            claims = read_bearer(self.world, request.headers.get("authorization"))
        except TokenRefused as refused:
            raise Refused(400, str(refused)) from refused
        if claims.aud not in self._audiences(endpoint):
            raise Refused(900420)
        if claims.app_only:
            if endpoint.mode == USER:
                raise Refused(900329)
        elif self.world.switches["mfa.enforced"] and not claims.has_mfa:
            raise Refused(900421)
        return claims

    def _check_version(self, request: Request) -> None:
        needed = self.world.switches["partnercenter.contractVersionRequired"]
        if needed and request.headers.get("ms-contract-version") != "v1":
            raise Refused(3000, "MS-Contract-Version is required.")

    def _audiences(self, endpoint: Endpoint) -> tuple[str, ...]:
        if not endpoint.price_sheet:
            return (PARTNER_CENTER,)
        strict = self.world.switches["pricesheet.strictAudience"]
        return (PRICE_SHEETS,) if strict else (PRICE_SHEETS, PARTNER_CENTER)

    def _partner(self, endpoint: Endpoint, claims: Claims) -> Partner:
        partner = self.world.partners.get(claims.tid)
        if partner is None or claims.appid != partner.client_id:
            raise Refused(2032)
        if endpoint.sells and partner.kind == "indirectReseller":
            raise Refused(800039)
        return partner

    def _check_rate(self, request: Request, partner: Partner) -> None:
        switches = self.world.switches
        path = request.url.path.removeprefix("/partnercenter")
        if not switches["partnercenter.throttle.enabled"] or not path.startswith(_LIMITED):
            return
        arrivals, now = self._arrivals[self._key(request, partner)], time.monotonic()
        arrivals.append(now)
        window = switches["partnercenter.throttle.windowSeconds"] * switches["timeScale"]
        while arrivals[0] < now - window:
            arrivals.popleft()
        if len(arrivals) > switches["partnercenter.throttle.perMinute"]:
            raise Throttled

    def _key(self, request: Request, partner: Partner) -> str:
        apart = self.world.switches["partnercenter.throttle.key"] == "customer"
        customer = request.path_params.get("customer", "") if apart else ""
        return f"{partner.tenant_id}/{customer}".lower()

    def _throttled(self) -> Answer:
        switches = self.world.switches
        told = switches["partnercenter.throttle.retryAfterSeconds"]
        seconds = math.ceil(told * switches["timeScale"])
        message = f"Rate limit is exceeded. Try again in {seconds} seconds."
        body = {"statusCode": 429, "message": message}
        return Answer(429, body, {"Retry-After": str(seconds)})

    def _customer(
        self, endpoint: Endpoint, request: Request, partner: Partner, claims: Claims
    ) -> Customer | None:
        customer_id = request.path_params.get("customer")
        if customer_id is None:
            return None
        customer = _customer(self.world, partner, customer_id)
        self._check_administration(endpoint, customer, claims)
        return customer

    def _check_administration(self, endpoint: Endpoint, customer: Customer, claims: Claims) -> None:
        """What reaches into a customer's directory takes more than having sold to it."""
        if claims.is_partner_token and endpoint.path.endswith(_LICENCES):
            raise Refused(900316)
        if endpoint.gdap is None:
            return
        kept_out = self.world.switches["gdap.conditionalAccess"]
        if "*" in kept_out or customer.id in kept_out:
            raise Refused(900309)
        tenant = self.world.tenants[customer.id]
        roles = set(gdap_roles(self.world, tenant, claims.tid))
        if self.world.switches["gdap.enforced"] and not endpoint.gdap & roles:
            raise Refused(900308)

    async def _once(self, endpoint: Endpoint, call: Call) -> Answer:
        """The same request id gets the same answer, as long as it is remembered."""
        request_id = call.headers.get("ms-requestid")
        if not endpoint.replays or not request_id:
            return await _run(endpoint, call)
        key = f"{call.partner.tenant_id}/{endpoint.method}{endpoint.path}/{request_id.lower()}"
        digest = hashlib.sha256(json.dumps([dict(call.params), call.body]).encode()).hexdigest()
        known = self._remembered(key)
        if known is not None and known.digest == digest:
            return Answer(known.status, known.body, known.headers)
        if known is not None and endpoint.method == "POST":
            raise Refused(800060, status=self.world.switches["replay.mismatch"])
        answer = await self._run_once(endpoint, call)
        headers = dict(answer.headers)
        self.world.replays[key] = Replay(digest, answer.status, answer.body, headers, call.now)
        return answer

    async def _run_once(self, endpoint: Endpoint, call: Call) -> Answer:
        """A refusal is an answer too, where the switch says that it is kept."""
        try:
            return await _run(endpoint, call)
        except Refused as refused:
            if not self.world.switches["replay.failures"]:
                raise
            as_text = self.world.switches["partnercenter.codesAsText"]
            return Answer(refused.status, refused.body(code_as_text=as_text))

    def _remembered(self, key: str) -> Replay | None:
        known = self.world.replays.get(key)
        window = timedelta(hours=self.world.switches["replay.hours"])
        if known is None or self.world.clock.now() - known.at > window:
            return None
        return known

    def _response(self, endpoint: Endpoint, request: Request, answer: Answer) -> Response:
        headers = _echoes(request.headers) | _mfa_report(request.headers) | dict(answer.headers)
        if isinstance(answer.body, bytes):
            return Response(answer.body, answer.status, headers)
        if answer.body is None:
            return Response(status_code=answer.status, headers=headers)
        content = json.dumps(answer.body).encode()
        if self._opens_with_a_mark(endpoint):
            content = b"\xef\xbb\xbf" + content
        headers |= {"Content-Type": "application/json; charset=utf-8"}
        return Response(content, answer.status, headers)

    def _opens_with_a_mark(self, endpoint: Endpoint) -> bool:
        everywhere = bool(self.world.switches["partnercenter.bomEverywhere"])
        return everywhere or (endpoint.bom and bool(self.world.switches["partnercenter.bom"]))


async def _run(endpoint: Endpoint, call: Call) -> Answer:
    made = endpoint.handler(call)
    answer = made if isinstance(made, Answer) else await made
    record(endpoint, call, answer)
    return answer


def _customer(world: "World", partner: Partner, customer_id: str) -> Customer:
    try:
        key = str(UUID(customer_id))
    except ValueError:
        raise Refused(900118) from None
    customer = world.customers.get(key)
    if customer is None and key not in world.tenants:
        raise Refused(60003)
    if customer is None or partner.tenant_id not in customer.partner_ids:
        raise Refused(20002)
    return customer


def _document(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        document = json.loads(body)
    except ValueError:
        raise Refused(800002, "The body is not JSON.") from None
    if not isinstance(document, dict):
        raise Refused(800002, "The body is not an object.")
    return dict(camel_case(document))


def _mfa_report(headers: Mapping[str, str]) -> dict[str, str]:
    """Whoever asks hears whether the sign-in of this user was multi-factor, refused or not."""
    claims = Claims(unverified(headers.get("authorization", "").partition(" ")[2]))
    if headers.get("validatemfa", "").lower() != "true" or claims.app_only:
        return {}
    return {"isMfaCompliant": str(claims.has_mfa).lower()}


def _echoes(headers: Mapping[str, str]) -> dict[str, str]:
    echoed = {
        "MS-RequestId": headers.get("ms-requestid") or str(uuid4()),
        "MS-CorrelationId": headers.get("ms-correlationid") or str(uuid4()),
        "MS-CV": base64.b64encode(secrets.token_bytes(12)).decode() + ".0",
        "MS-ServerId": secrets.token_hex(4),
        "Request-Context": f"appId=cid-v1:{uuid4()}",
    }
    locale = headers.get("x-locale")
    return echoed | ({"X-Locale": locale} if locale else {})

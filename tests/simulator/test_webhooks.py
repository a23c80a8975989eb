"""Partner Center tells a registered address what changed, signed, late, twice and out of order."""

import base64
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.app import create_app
from simulator.world import World
from tests.simulator.northwind import Json, Northwind

HOOK = "http://127.0.0.1:9999/api/webhooks/partner-center"
REGISTRATION = "/webhooks/v1/registration"
NAMES = [
    "subscription-updated",
    "test-created",
    "granular-admin-relationship-approved",
    "granular-admin-relationship-terminated",
]


class Receiver:
    """Whoever listens at the registered address: keeps what comes, answers as told."""

    def __init__(self) -> None:
        self.posts: list[tuple[httpx.Headers, bytes]] = []
        self.status = 200
        self.transport = httpx.ASGITransport(
            Starlette(routes=[Route("/{path:path}", self.take, methods=["POST"])])
        )

    async def take(self, request: Request) -> Response:
        self.posts.append((httpx.Headers(request.headers.raw), await request.body()))
        return Response(status_code=self.status)

    @property
    def documents(self) -> list[Json]:
        return [json.loads(body) for _, body in self.posts]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def http(world: World, receiver: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    world.switches["webhooks.background"] = False
    transport = httpx.ASGITransport(create_app(world, receiver.transport))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator.test") as client:
        yield client


async def register(northwind: Northwind, **more: object) -> httpx.Response:
    body = {"WebhookUrl": HOOK, "WebhookEvents": NAMES} | more
    return await northwind.call("POST", REGISTRATION, body)


async def flush(northwind: Northwind) -> Json:
    return dict((await northwind.http.post("/_sim/webhooks/flush")).json())


async def is_genuine(northwind: Northwind, headers: httpx.Headers, body: bytes) -> bool:
    """Checks what a careful receiver checks: chain, issuer, algorithm, bytes."""
    anchor = x509.load_pem_x509_certificate(
        (await northwind.http.get("/_sim/webhooks/anchor")).content
    )
    address = headers["x-ms-certificate-url"]
    leaf = x509.load_der_x509_certificate((await northwind.http.get(address)).content)
    scheme, _, text = headers["authorization"].partition(" ")
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        leaf.verify_directly_issued_by(anchor)
        key.verify(base64.b64decode(text), body, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    issued = "O=Microsoft Corporation" in leaf.issuer.rfc4514_string()
    return issued and scheme == "Signature"


@pytest.mark.contract
async def test_a_partner_has_one_registration(northwind: Northwind) -> None:
    nothing = await northwind.call("GET", REGISTRATION)
    names = await northwind.call("GET", f"{REGISTRATION}/events")
    made = await register(northwind)
    again = await register(northwind)
    changed = await northwind.call(
        "PUT", REGISTRATION, {"WebhookUrl": HOOK, "WebhookEvents": ["invoice-ready"]}
    )
    shown = await northwind.get(REGISTRATION)

    assert (nothing.status_code, again.status_code) == (404, 409)
    assert "subscription-updated" in names.json()
    assert made.json()["SubscriberId"] == changed.json()["SubscriberId"]
    assert shown == {"WebhookUrl": HOOK, "WebhookEvents": ["invoice-ready"]}


@pytest.mark.contract
async def test_an_unknown_event_or_address_is_refused(northwind: Northwind) -> None:
    unknown = await register(northwind, WebhookEvents=["weather-changed"])
    nowhere = await register(northwind, WebhookUrl="nowhere")

    assert (unknown.status_code, nowhere.status_code) == (400, 400)


@pytest.mark.contract
async def test_every_change_of_a_subscription_is_told_and_signed(
    northwind: Northwind, receiver: Receiver
) -> None:
    customer = await northwind.customer()
    await register(northwind)

    subscription = await northwind.buy(customer)
    await northwind.change(subscription, quantity=12)
    await flush(northwind)

    assert [one["EventName"] for one in receiver.documents] == ["subscription-updated"] * 2
    assert receiver.documents[0]["ResourceUri"] == (
        "http://api.partnercenter.microsoft.com/webhooks/v1"
        f"/customers/{customer.id}/subscriptions/{subscription.id}"
    )
    assert receiver.posts[0][0]["x-ms-signature-algorithm"] == "rsa-sha256"
    assert await is_genuine(northwind, *receiver.posts[0])


@pytest.mark.case(97)
async def test_the_signature_may_travel_in_a_header_of_its_own(
    northwind: Northwind, receiver: Receiver
) -> None:
    await register(northwind, SignatureTokenToMsSignatureHeader=True)
    await northwind.call("POST", f"{REGISTRATION}/validationEvents")

    await flush(northwind)

    headers = receiver.posts[0][0]
    assert headers["x-ms-signature"].startswith("Signature ")
    assert "authorization" not in headers


@pytest.mark.case(98)
async def test_a_registration_is_tried_twice_a_minute_at_most(
    northwind: Northwind, receiver: Receiver
) -> None:
    await register(northwind)
    path = f"{REGISTRATION}/validationEvents"

    first, second, third = [await northwind.call("POST", path) for _ in range(3)]
    correlation = first.json()["correlationId"]
    before = await northwind.get(f"{path}/{correlation}")
    await flush(northwind)
    after = await northwind.get(f"{path}/{correlation}")

    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    assert third.headers["retry-after"]
    assert receiver.documents[0]["EventName"] == "test-created"
    assert (before["status"], after["status"]) == ("pending", "completed")
    assert after["results"][0]["responseCode"] == "OK"


@pytest.mark.contract
async def test_delegated_administration_is_told_when_it_begins_and_ends(
    northwind: Northwind, receiver: Receiver
) -> None:
    await register(northwind)
    customer = await northwind.customer()
    await northwind.http.delete(f"/_sim/portal/customers/{customer.id}/gdap")

    await flush(northwind)

    assert [one["EventName"] for one in receiver.documents] == [
        "granular-admin-relationship-approved",
        "granular-admin-relationship-terminated",
    ]


@pytest.mark.contract
async def test_a_notice_is_dropped_after_ten_attempts(
    northwind: Northwind, receiver: Receiver
) -> None:
    receiver.status = 503
    await register(northwind)
    await northwind.call("POST", f"{REGISTRATION}/validationEvents")

    told = await flush(northwind)

    state = (await northwind.http.get("/_sim/webhooks")).json()
    assert told == {"posts": 10, "waiting": 0}
    assert len(state["offline"]) == 1


async def test_notices_may_come_late_twice_and_out_of_order(
    northwind: Northwind, receiver: Receiver
) -> None:
    customer = await northwind.customer()
    first = await northwind.buy(customer)
    second = await northwind.buy(customer)
    northwind.world.switches.update(
        {"webhooks.lateHours": 47, "webhooks.duplicates": 1, "webhooks.newestFirst": True}
    )
    await register(northwind)
    await northwind.change(first, quantity=11)
    await northwind.change(second, quantity=11)

    early = await flush(northwind)
    northwind.wait(hours=47)
    late = await flush(northwind)

    assert (early["posts"], late["posts"]) == (0, 4)
    uris = [one["ResourceUri"].rpartition("/")[2] for one in receiver.documents]
    assert uris == [second.id, second.id, first.id, first.id]


async def test_nobody_but_loopback_is_ever_called(northwind: Northwind, receiver: Receiver) -> None:
    await register(northwind, WebhookUrl="https://seatkeeper.example/hook")
    await northwind.call("POST", f"{REGISTRATION}/validationEvents")

    await flush(northwind)

    assert not receiver.posts


async def test_notices_are_posted_without_being_asked_for(
    northwind: Northwind, receiver: Receiver
) -> None:
    northwind.world.switches["webhooks.background"] = True
    await register(northwind)
    await northwind.call("POST", f"{REGISTRATION}/validationEvents")

    await flush(northwind)

    assert len(receiver.posts) == 1


@pytest.mark.parametrize("signature", ["tampered", "garbage", "impostor"])
async def test_a_forged_notice_can_be_sent_by_hand(
    northwind: Northwind, receiver: Receiver, signature: str
) -> None:
    wish = {"url": HOOK, "customerId": "c", "subscriptionId": "s"}

    await northwind.http.post("/_sim/webhooks/send", json=wish)
    await northwind.http.post("/_sim/webhooks/send", json=wish | {"signature": signature})

    good, bad = receiver.posts
    assert await is_genuine(northwind, *good)
    assert not await is_genuine(northwind, *bad)


async def test_headers_can_be_left_out_by_hand(northwind: Northwind, receiver: Receiver) -> None:
    wish = {"url": HOOK, "signature": "missing", "omit": ["X-MS-Certificate-Url"], "copies": 2}

    answer = await northwind.http.post("/_sim/webhooks/send", json=wish)

    assert [one["status"] for one in answer.json()["answers"]] == [200, 200]
    assert "authorization" not in receiver.posts[0][0]
    assert "x-ms-certificate-url" not in receiver.posts[0][0]


async def test_what_waits_is_saved_and_loaded(northwind: Northwind) -> None:
    await register(northwind)
    await northwind.call("POST", f"{REGISTRATION}/validationEvents")
    await northwind.http.get("/_sim/webhooks/anchor")

    loaded = World.from_json(json.loads(json.dumps(northwind.world.to_json())))

    assert loaded.events == northwind.world.events
    assert loaded.webhooks == northwind.world.webhooks
    assert loaded.certificates == northwind.world.certificates

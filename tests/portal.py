"""Speak to the product as a portal does, and to the simulated world as Microsoft's people do."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from functions import build_app
from local.host import Host
from shared.settings import Settings
from shared.wiring import Works, build
from simulator.app import create_app
from simulator.webhooks.authority import ANCHOR, identity
from simulator.world import World

Json = dict[str, Any]
MICROSOFT = "http://127.0.0.1:1"
PUBLIC_URL = "http://127.0.0.1:2"
BUSINESS_PREMIUM = "CFQ7TTC0LCHC:0002"
BUSINESS_BASIC = "CFQ7TTC0LH18:0001"
BUSINESS_BASIC_SKU = "3b555118-da6a-4418-894f-7df1e2096870"
BUSINESS_PREMIUM_SKU = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"

SOLD = (BUSINESS_PREMIUM,)


class Killed(BaseException):
    """The process died at a remote call: nothing of ours may catch it."""


class Wire(httpx.AsyncBaseTransport):
    """Calls the simulator in process; a lost reply looks as it does on a real wire.

    ``dies_at`` counts the remote calls from now on; the process dies before that one is sent, or
    right after Microsoft has taken it.
    """

    def __init__(self, world: World) -> None:
        self._inner = httpx.ASGITransport(create_app(world))
        self.dies_at = 0
        self.after_commit = False
        self.before: Callable[[httpx.Request], None] = lambda _request: None
        self.calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        remote = not request.url.path.startswith(("/_sim", "/login"))
        self.calls += remote
        self.before(request)
        dies = remote and self.calls == self.dies_at
        if dies and not self.after_commit:
            raise Killed
        try:
            answer = await self._inner.handle_async_request(request)
        except ConnectionResetError as error:
            raise httpx.ReadError("the connection was reset", request=request) from error
        if dies:
            raise Killed
        return answer


@dataclass
class Portal:
    """Somebody with an access token."""

    http: httpx.AsyncClient

    async def send(
        self, method: str, path: str, *, key: str | None = None, **words: Any
    ) -> httpx.Response:
        headers = words.pop("headers", {})
        if method == "POST" and key != "":
            headers = {"Idempotency-Key": key or str(uuid.uuid4()), **headers}
        place = path if path.startswith("/api/") else f"/api/{path}"
        return await self.http.request(method, place, headers=headers, **words)

    async def get(self, path: str) -> Json:
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def post(self, path: str, body: Json | None = None, key: str | None = None) -> Json:
        answer = await self.send("POST", path, json=body or {}, key=key)
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}

    async def put(self, path: str, body: Json) -> Json:
        answer = await self.send("PUT", path, json=body)
        assert answer.is_success, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def post_csv(self, path: str, text: str | bytes) -> httpx.Response:
        return await self.send("POST", path, content=text, headers={"Content-Type": "text/csv"})


@dataclass(repr=False)
class Seatkeeper:
    """The product with one host around it; its world is too much to print with a failure."""

    host: Host
    world: World
    works: Works
    prefix: str
    wire: Wire

    async def portal(self, client: str) -> Portal:
        """Sign in as one of the simulator's clients: portal, operator, reader, automation."""
        async with self.microsoft() as microsoft:
            known = (await microsoft.get("/_sim/signin")).json()
            app = known["clients"][client]
            form = {
                "grant_type": "client_credentials",
                "client_id": app["clientId"],
                "client_secret": app["clientSecret"],
                "scope": f"{known['audience']}/.default",
            }
            answer = await microsoft.post(f"/login/{app['tenantId']}/oauth2/v2.0/token", data=form)
        token = answer.json()["access_token"]
        return Portal(self.caller({"Authorization": f"Bearer {token}"}))

    def caller(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.host.asgi)
        return httpx.AsyncClient(
            transport=transport, base_url="http://seatkeeper", headers=headers, timeout=60
        )

    def microsoft(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=Wire(self.world), base_url=MICROSOFT)

    async def sim(self, method: str, path: str, body: Any = None) -> Any:
        """Use the simulator's control interface."""
        async with self.microsoft() as microsoft:
            answer = await microsoft.request(method, f"/_sim/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def settle(self, within: float = 60, *, delayed: bool = True) -> None:
        """Let the queues run empty; of delayed messages only where they are asked for."""
        await self.host.settle(within, delayed=delayed)

    async def sign_in(self, authorize_url: str) -> httpx.URL:
        """Be the partner's user in a browser: answer where sign-in sends them back to."""
        async with self.microsoft() as browser:
            answer = await browser.get(authorize_url)
        assert answer.is_redirect, f"{answer.status_code} {answer.text}"
        return httpx.URL(answer.headers["location"])

    async def consent(self, portal: Portal, connection: str = "northwind") -> httpx.Response:
        """Start a sign-in, sign in, and follow the browser back to us."""
        begun = await portal.post(f"connections/{connection}/consent", key="")
        back = await self.sign_in(begun["authorizeUrl"])
        async with self.caller() as browser:
            return await browser.get(back.raw_path.decode())

    async def connect(self, portal: Portal, **changes: Any) -> Json:
        """Register the direct partner and synchronise its catalog."""
        connection = await portal.post("connections", await self.connection_body(**changes))
        await portal.post(f"connections/{connection['id']}/sync")
        await self.settle()
        for market in connection["countries"]:
            await self.sell(portal, market=market, connection=connection["id"])
        return connection

    async def sell(
        self,
        portal: Portal,
        *offers: str,
        market: str = "US",
        connection: str = "northwind",
        sellable: bool = True,
    ) -> None:
        """Tick what the stories sell, or what is named."""
        body = {
            "connectionId": connection,
            "market": market,
            "offerIds": list(offers or SOLD),
            "sellable": sellable,
        }
        await portal.post("catalog/selection", body, key="")

    async def connection_body(self, **changes: Any) -> Json:
        kind = "indirect" if changes.get("role") == "indirectReseller" else "direct"
        known = await self.sim("GET", "signin")
        partner = next(p for p in known["partners"] if p["kind"].startswith(kind))
        wish = {"kind": "refresh", "partner": partner["tenantId"]}
        refresh = await self.sim("POST", "signin", wish)
        return {
            "id": "northwind",
            "name": partner["name"],
            "role": "direct",
            "partnerTenantId": partner["tenantId"],
            "clientId": partner["clientId"],
            "clientSecret": partner["clientSecret"],
            "refreshToken": refresh["refreshToken"],
            "countries": ["US"],
            **changes,
        }


@asynccontextmanager
async def open_seatkeeper(
    storage: str, prefix: str, world: World, folder: Path, **changes: Any
) -> AsyncIterator[Seatkeeper]:
    settings = Settings(
        api_audience="api://seatkeeper",
        api_tenant_id=next(iter(world.partners)),
        storage=storage,
        secrets_file=str(folder / "secrets.json"),
        login_url=f"{MICROSOFT}/login",
        partner_center_url=f"{MICROSOFT}/partnercenter",
        price_sheet_url=f"{MICROSOFT}/partnercenter",
        graph_url=f"{MICROSOFT}/graph",
        dev_clock_url=f"{MICROSOFT}/_sim/clock",
        time_scale=0.01,
        public_url=PUBLIC_URL,
        **changes,
    )
    wire = Wire(world)
    works = build(settings, transport=wire, prefix=prefix)
    app = build_app(lambda: works.office, prefix)
    host = Host(app, {"AzureWebJobsStorage": storage}, time_scale=settings.time_scale)
    try:
        yield Seatkeeper(host, world, works, prefix, wire)
    finally:
        await works.close()


def trust_in(world: World) -> Json:
    """Settings that let notices in which this world's Microsoft has signed."""
    return {"webhook_anchors": identity(world, ANCHOR).pem, "webhook_hosts": "127.0.0.1"}


async def etag_of(portal: Portal, path: str) -> str:
    return str((await portal.send("GET", path)).headers["ETag"])


async def allow(portal: Portal, customer: Json, **policy: Any) -> httpx.Response:
    """Say what the customer's batches may do; what is not named takes its default."""
    place = f"customers/{customer['id']}/policy/batches"
    match = {"If-Match": await etag_of(portal, place)}
    return await portal.send("PUT", place, json=policy, headers=match)


async def let_go(portal: Portal, customer: Json, *, spare: int = 0, **changes: Any) -> None:
    """Let the night give back whatever is idle tonight, however much it is."""
    policy = {"mode": "apply", "spareSeats": spare, "idleNights": 1, "limitPercent": 100}
    await portal.put(f"customers/{customer['id']}/policy", policy | changes)


def customer_body(prefix: str = "contosotest", **changes: Any) -> Json:
    return {
        "connectionId": "northwind",
        "companyName": "Contoso Test",
        "domainPrefix": prefix,
        "email": "billing@contoso.example",
        "culture": "en-US",
        "language": "en",
        "address": {
            "country": "US",
            "city": "Redmond",
            "state": "WA",
            "addressLine1": "1 Microsoft Way",
            "postalCode": "98052",
            "firstName": "Ada",
            "lastName": "Moss",
        },
        "agreement": {
            "firstName": "Ada",
            "lastName": "Moss",
            "email": "ada@contoso.example",
            "agreedAt": "2026-01-14T00:00:00Z",
        },
        **changes,
    }


def plan_body(**changes: Any) -> Json:
    return {
        "id": "office-worker",
        "name": "Office worker",
        "baseSkuId": BUSINESS_PREMIUM_SKU,
        "addOnSkuIds": [],
        "disabledServicePlanIds": [],
        **changes,
    }


def subscription_body(**changes: Any) -> Json:
    return {
        "offerId": BUSINESS_PREMIUM,
        "seats": 10,
        "term": "P1Y",
        "billingPlan": "monthly",
        "name": "Business Premium",
        **changes,
    }


def row(number: int, domain: str = "contosotest.onmicrosoft.com", **changes: Any) -> Json:
    return {
        "action": "create",
        "userPrincipalName": f"person{number}@{domain}",
        "displayName": f"Person {number}",
        "plan": "office-worker",
        "usageLocation": "US",
        **changes,
    }

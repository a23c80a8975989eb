"""An integration sandbox with one customer: the simulator's, or a real one of Microsoft's."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from simulator.app import create_app
from simulator.seeds import SANDBOX, add_customer, approve_gdap
from simulator.world import World
from tests.contract.caller import Caller, Json

PARTNER_CENTER = "https://api.partnercenter.microsoft.com"
LOGIN = "https://login.microsoftonline.com"
BASIC = "CFQ7TTC0LH18"
ADDRESS = {
    "firstName": "Ada",
    "lastName": "Moss",
    "addressLine1": "1 Microsoft Way",
    "city": "Redmond",
    "state": "WA",
    "postalCode": "98052",
    "country": "US",
    "phoneNumber": "4255550101",
}
NEEDED = (
    "CONTRACT_TENANT_ID",
    "CONTRACT_CLIENT_ID",
    "CONTRACT_CLIENT_SECRET",
    "CONTRACT_REFRESH_TOKEN",
    "CONTRACT_CUSTOMER_ID",
)


@dataclass
class Sandbox(Caller):
    """A sandbox partner; what its tests make is taken back at their end."""

    customer_id: str = ""
    bought: list[str] = field(default_factory=list)
    founded: list[str] = field(default_factory=list)

    @property
    def customer(self) -> str:
        return f"/v1/customers/{self.customer_id}"

    async def item(self, product: str = BASIC, sku: str = "0001") -> str:
        """The id that is for sale right now."""
        path = f"{self.customer}/products/{product}/skus/{sku}/availabilities"
        return str((await self.get(path))["items"][0]["catalogItemId"])

    async def cart(self, *lines: Json, customer: str = "") -> httpx.Response:
        body = {"partnerOnRecordAttestationAccepted": True, "lineItems": list(lines)}
        return await self.call("POST", f"{customer or self.customer}/carts", body)

    async def buy(self, seats: int = 2) -> str:
        """The path of a new subscription."""
        cart = (await self.cart(line(await self.item(), seats))).raise_for_status().json()
        path = f"{self.customer}/carts/{cart['id']}/checkout"
        order = (await self.call("POST", path)).raise_for_status().json()["orders"][0]
        while "subscriptionId" not in order["lineItems"][0]:
            order = await self.get(f"{self.customer}/orders/{order['id']}")
        path = f"{self.customer}/subscriptions/{order['lineItems'][0]['subscriptionId']}"
        self.bought.append(path)
        return path

    async def change(self, path: str, **changes: object) -> httpx.Response:
        """The whole resource as read, with the changes."""
        return await self.call("PATCH", path, await self.get(path) | changes)

    async def found(self, body: Json, request_id: str = "") -> httpx.Response:
        """A customer that lives as long as its test."""
        request = request_id or str(uuid4())
        answer = await self.call("POST", "/v1/customers", body, MS_RequestId=request)
        if answer.is_success and answer.json()["id"] not in self.founded:
            self.founded.append(answer.json()["id"])
        return answer

    async def tidy(self) -> None:
        for path in self.bought:
            await self.change(path, status="deleted")
        for customer_id in self.founded:
            await self.call("DELETE", f"/v1/customers/{customer_id}")


def line(item: str, quantity: int = 10, term: str = "P1Y", billing: str = "monthly") -> Json:
    named = {"id": 0, "catalogItemId": item, "quantity": quantity}
    return named | {"termDuration": term, "billingCycle": billing}


def newcomer(name: str = "") -> Json:
    """The wish for a customer that nobody has asked for before."""
    prefix = name or f"seatkeeper{uuid4().hex[:12]}"
    return {
        "companyProfile": {"domain": f"{prefix}.onmicrosoft.com"},
        "billingProfile": {
            "culture": "en-US",
            "email": "billing@fabrikam.example",
            "language": "en",
            "companyName": prefix.title(),
            "defaultAddress": ADDRESS,
        },
    }


def is_live(environ: Mapping[str, str]) -> bool:
    return environ.get("CONTRACT_TARGET", "simulator") == "live"


@asynccontextmanager
async def simulated(world: World) -> AsyncIterator[Sandbox]:
    """The simulator's sandbox, signed in over its own token endpoint."""
    customer = add_customer(world, SANDBOX, "contoso.onmicrosoft.com", "Contoso", "US")
    customer.signed_directly = True
    approve_gdap(world, world.tenants[customer.id], SANDBOX)
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator.test") as http:
        partner = world.partners[SANDBOX]
        wish = {"kind": "refresh", "partner": SANDBOX}
        refresh = (await http.post("/_sim/signin", json=wish)).raise_for_status().json()
        environ = {
            "CONTRACT_TENANT_ID": SANDBOX,
            "CONTRACT_CLIENT_ID": partner.client_id,
            "CONTRACT_CLIENT_SECRET": world.apps[partner.client_id].secret,
            "CONTRACT_REFRESH_TOKEN": refresh["refreshToken"],
        }
        tokens = await _signed_in(http, "/login", environ)
        yield Sandbox(http, "/partnercenter", *tokens, customer_id=customer.id)


@asynccontextmanager
async def live(environ: Mapping[str, str]) -> AsyncIterator[Sandbox]:
    """A real sandbox; whoever sets the variables says that it is one."""
    missing = [name for name in NEEDED if not environ.get(name)]
    if missing or environ.get("CONTRACT_IS_SANDBOX") != "yes":
        raise LookupError(f"set CONTRACT_IS_SANDBOX=yes and {', '.join(missing) or 'nothing else'}")
    async with httpx.AsyncClient(timeout=180) as http:
        tokens = await _signed_in(http, LOGIN, environ)
        customer_id = environ["CONTRACT_CUSTOMER_ID"].lower()
        sandbox = Sandbox(http, PARTNER_CENTER, *tokens, customer_id=customer_id)
        try:
            yield sandbox
        finally:
            await sandbox.tidy()


async def _signed_in(
    http: httpx.AsyncClient, login: str, environ: Mapping[str, str]
) -> tuple[str, str]:
    """As the app, and as the user who consented."""
    known = {
        "client_id": environ["CONTRACT_CLIENT_ID"],
        "client_secret": environ["CONTRACT_CLIENT_SECRET"],
        "scope": f"{PARTNER_CENTER}/.default",
    }
    refresh = {"refresh_token": environ["CONTRACT_REFRESH_TOKEN"]}
    path = f"{login}/{environ['CONTRACT_TENANT_ID']}/oauth2/v2.0/token"
    app = await http.post(path, data=known | {"grant_type": "client_credentials"})
    user = await http.post(path, data=known | {"grant_type": "refresh_token"} | refresh)
    return (
        str(app.raise_for_status().json()["access_token"]),
        str(user.raise_for_status().json()["access_token"]),
    )

"""Call the simulator as the partner Northwind does: as its app, or as its user."""

from datetime import timedelta

import httpx

from simulator.nouns import Customer, Subscription
from simulator.seeds import NORTHWIND
from simulator.signin.rules import mint_refresh_token
from simulator.world import World
from tests.contract.caller import Caller, Json
from tests.contract.sandbox import ADDRESS, BASIC, PARTNER_CENTER, line

__all__ = [
    "ADDRESS",
    "BASIC",
    "PARTNER_CENTER",
    "PHONE",
    "Json",
    "Northwind",
    "line",
    "new_customer",
    "next_term",
    "path_of",
]

PHONE = "CFQ7TTC0LH0T"


def new_customer(domain: str = "fabrikam.onmicrosoft.com", name: str = "Fabrikam") -> Json:
    return {
        "enableGDAPByDefault": True,
        "companyProfile": {"domain": domain},
        "billingProfile": {
            "culture": "en-US",
            "email": "billing@fabrikam.example",
            "language": "en",
            "companyName": name,
            "defaultAddress": ADDRESS,
        },
    }


class Northwind(Caller):
    """The direct partner of the default world."""

    def __init__(self, world: World, http: httpx.AsyncClient, partner_id: str = NORTHWIND) -> None:
        super().__init__(http, "/partnercenter")
        self.world = world
        self.partner = world.partners[partner_id]

    async def sign_in(self) -> None:
        self.app_token = (await self.app_only())["access_token"]
        self.user_token = (await self.redeem())["access_token"]

    async def token(self, tenant: str = "", **form: str) -> httpx.Response:
        app = self.world.apps[self.partner.client_id]
        known = {
            "client_id": app.client_id,
            "client_secret": app.secret,
            "scope": f"{PARTNER_CENTER}/.default",
        }
        path = f"/login/{tenant or self.partner.tenant_id}/oauth2/v2.0/token"
        return await self.http.post(path, data=known | form)

    async def app_only(self, **form: str) -> Json:
        answer = await self.token(grant_type="client_credentials", **form)
        return dict(answer.raise_for_status().json())

    async def redeem(self, *, mfa: bool = True, tenant: str = "", **form: str) -> Json:
        token = mint_refresh_token(self.world, self.partner, mfa=mfa)
        form = {"grant_type": "refresh_token", "refresh_token": token} | form
        return dict((await self.token(tenant, **form)).raise_for_status().json())

    async def customer(self, domain: str = "fabrikam.onmicrosoft.com") -> Customer:
        """One that may buy."""
        body = new_customer(domain, domain.partition(".")[0].title())
        answer = await self.call("POST", "/v1/customers", body)
        customer = self.world.customers[answer.raise_for_status().json()["id"]]
        customer.signed_directly = True
        return customer

    async def item(self, customer: Customer, product: str = BASIC, sku: str = "0001") -> str:
        path = f"/v1/customers/{customer.id}/products/{product}/skus/{sku}/availabilities"
        return str((await self.get(path))["items"][0]["catalogItemId"])

    async def cart(self, customer: Customer, *lines: Json) -> httpx.Response:
        body = {"partnerOnRecordAttestationAccepted": True, "lineItems": list(lines)}
        return await self.call("POST", f"/v1/customers/{customer.id}/carts", body)

    async def buy(self, customer: Customer, quantity: int = 10, term: str = "P1Y") -> Subscription:
        item = await self.item(customer)
        return await self.order(customer, line(item, quantity, term))

    async def order(self, customer: Customer, wanted: Json) -> Subscription:
        cart = await self.cart(customer, wanted)
        path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}/checkout"
        order = (await self.call("POST", path)).raise_for_status().json()["orders"][0]
        return self.world.subscriptions[order["lineItems"][0]["subscriptionId"]]

    async def read(self, subscription: Subscription) -> Json:
        return await self.get(path_of(subscription))

    async def change(self, subscription: Subscription, **changes: object) -> httpx.Response:
        """The whole resource as read, with the changes: the only safe way."""
        whole = (await self.read(subscription)) | changes
        return await self.call("PATCH", path_of(subscription), whole)

    def wait(self, **time: float) -> None:
        self.world.clock.advance(timedelta(**time))


def path_of(subscription: Subscription) -> str:
    return f"/v1/customers/{subscription.customer_id}/subscriptions/{subscription.id}"


def next_term(quantity: int, term: str = "P1Y", billing: str = "monthly") -> Json:
    product = {"productId": BASIC, "skuId": "0001", "billingCycle": billing, "termDuration": term}
    return {"product": product, "quantity": quantity}

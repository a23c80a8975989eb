"""The tenant of these tests, its people and seats, and Graph as a client of it sees it."""

from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx

from simulator.nouns import ForeignPurchase
from simulator.signin.tokens import GRAPH, stamp
from simulator.world import World

TENANT = "5e0a1b7c-3d52-4a88-9d0b-0c1f2a3b4c5d"
PARTNER = "9c8b7a6d-1122-4334-8556-778899aabbcc"
APP = "3f2e1d0c-aaaa-4bbb-8ccc-ddddeeeeffff"
BASIC = "3b555118-da6a-4418-894f-7df1e2096870"
PASSWORD = "xWwvJ]6NMw+bWH-d"
ADMIN = "admin@contoso.onmicrosoft.com"


class Graph:
    """Graph as a client sees it, with the token of one delegated user."""

    def __init__(self, world: World, http: httpx.AsyncClient) -> None:
        self.world = world
        self.http = http
        self.scopes = "User.ReadWrite.All Directory.ReadWrite.All"

    def token(self, **claims: Any) -> str:
        who = {"aud": GRAPH, "iss": "https://sts.windows.net/", "tid": TENANT, "appid": APP}
        return stamp(self.world, {**who, "scp": self.scopes, **claims})

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token()}", **options.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.send("GET", path, **options)

    async def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        return await self.send(
            "POST", path, **({"json": body} if body is not None else {}), **options
        )

    async def patch(self, path: str, body: object) -> httpx.Response:
        return await self.send("PATCH", path, json=body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.send("DELETE", path)

    async def batch(self, *items: dict[str, Any]) -> httpx.Response:
        return await self.post("/$batch", {"requests": list(items)})

    async def create(self, name: str = "adele", **more: Any) -> dict[str, Any]:
        created = await self.post("/users", a_user(name, **more))
        assert created.status_code == 201, created.text
        return dict(created.json())

    async def assign(
        self, user: str, *add: str, remove: tuple[str, ...] = (), disabled: tuple[str, ...] = ()
    ) -> httpx.Response:
        additions = [{"skuId": sku, "disabledPlans": list(disabled)} for sku in add]
        body = {"addLicenses": additions, "removeLicenses": list(remove)}
        return await self.post(f"/users/{user}/assignLicense", body)


def a_user(name: str = "adele", **more: Any) -> dict[str, Any]:
    return {
        "accountEnabled": True,
        "displayName": name.title(),
        "mailNickname": name,
        "userPrincipalName": f"{name}@contoso.com",
        "usageLocation": "GB",
        "passwordProfile": {"password": PASSWORD},
        **more,
    }


def seats(world: World, sku_id: str = BASIC, quantity: int = 2, **more: Any) -> ForeignPurchase:
    """A purchase by somebody or other: Graph does not care who sold the seats."""
    key = str(uuid5(NAMESPACE_OID, f"{sku_id}/{len(world.foreign_purchases)}"))
    purchase = ForeignPurchase(key, TENANT, sku_id, quantity, PARTNER, world.clock.now(), **more)
    world.foreign_purchases[key] = purchase
    return purchase


def refuses(answer: httpx.Response, fragment: str, code: str = "Request_BadRequest") -> bool:
    """Whether an answer is Graph's 400 with this code and this fragment of its sentence."""
    error = answer.json()["error"]
    told = error["code"] == code and fragment in error["message"]
    return answer.status_code == 400 and told and bool(error["innerError"]["request-id"])

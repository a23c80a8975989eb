"""Provision people the way most tools do it: one after the other, a growth for each, no batches.

It speaks to the simulator itself, with no code of the product: what is measured beside the product
must not profit from it.
"""

import time
import uuid

from local.places import Json, Places

GRAPH, PARTNER_CENTER = "https://graph.microsoft.com", "https://api.partnercenter.microsoft.com"


class OneByOne:
    """A person's tool, with tokens that are good for the whole run."""

    def __init__(self, places: Places, customer: str, subscription: str, sku: str) -> None:
        self.places = places
        self.sku = sku
        self._graph = self._headers(GRAPH, customer)
        self._partner_center = self._headers(PARTNER_CENTER)
        self._users = f"{places.simulator['graph']}/v1.0/users"
        root = f"{places.simulator['partnerCenter']}/v1/customers"
        self._subscription = f"{root}/{customer}/subscriptions/{subscription}"

    def provision(self, rows: list[Json]) -> float:
        """Answer how many seconds all of them took."""
        started = time.perf_counter()
        for row in rows:
            self._grow()
            self._license(self._create(row))
        return time.perf_counter() - started

    def _grow(self) -> None:
        document = self._ask("GET", self._subscription, self._partner_center)
        document["quantity"] += 1
        self._ask("PATCH", self._subscription, self._partner_center, document)

    def _create(self, row: Json) -> str:
        body = {
            "accountEnabled": True,
            "displayName": row["displayName"],
            "mailNickname": row["userPrincipalName"].partition("@")[0],
            "userPrincipalName": row["userPrincipalName"],
            "usageLocation": row["usageLocation"],
            "passwordProfile": {"password": f"{uuid.uuid4()}-A1"},
        }
        return str(self._ask("POST", self._users, self._graph, body)["id"])

    def _license(self, user: str) -> None:
        body = {"addLicenses": [{"skuId": self.sku, "disabledPlans": []}], "removeLicenses": []}
        self._ask("POST", f"{self._users}/{user}/assignLicense", self._graph, body)
        self._ask("GET", f"{self._users}/{user}", self._graph)

    def _ask(
        self, method: str, url: str, headers: dict[str, str], body: Json | None = None
    ) -> Json:
        answer = self.places.http.request(method, url, headers=headers, json=body)
        answer.raise_for_status()
        document: Json = answer.json() if answer.content else {}
        return document

    def _headers(self, audience: str, tenant: str = "") -> dict[str, str]:
        wish = {"kind": "partnerUser", "audience": audience, "expiresIn": 24 * 3600}
        wish |= {"tenantId": tenant} if tenant else {}
        token = self.places.control("POST", "signin", wish)["accessToken"]
        return {"Authorization": f"Bearer {token}"}

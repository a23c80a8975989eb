"""Speak raw HTTP to Partner Center: the same words to the simulator and to Microsoft."""

from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]


@dataclass
class Caller:
    """Somebody who is signed in as an app and as a user, and knows where Partner Center is."""

    http: httpx.AsyncClient
    root: str
    app_token: str = ""
    user_token: str = ""

    async def call(
        self, method: str, path: str, body: object = None, *, user: bool = False, **headers: str
    ) -> httpx.Response:
        token = self.user_token if user else self.app_token
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(
            method,
            f"{self.root}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"} | spelled,
        )

    async def get(self, path: str, *, user: bool = False, **headers: str) -> Json:
        answer = await self.call("GET", path, user=user, **headers)
        return dict(answer.raise_for_status().json())


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code; Microsoft sends codes as numbers or as text."""
    return answer.status_code, str(answer.json()["code"])

"""Tell business time: the system's, or a simulator's that can be moved."""

from datetime import UTC, datetime

import httpx

from shared.domain.errors import RemoteAnswer, RemoteUnavailable


class SystemClock:
    """What Azure runs on."""

    async def now(self) -> datetime:
        return datetime.now(UTC)


class BorrowedClock:
    """The simulator's clock, for a machine without a cloud; settings refuse it in Azure."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    async def now(self) -> datetime:
        try:
            answer = await self._http.get(self._url)
            return datetime.fromisoformat(answer.raise_for_status().json()["now"]).astimezone(UTC)
        except httpx.HTTPError as error:
            raise RemoteUnavailable(
                "The simulator's clock does not answer.", RemoteAnswer("clock")
            ) from error

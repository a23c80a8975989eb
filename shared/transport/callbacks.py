"""Tell somebody else's server that a batch has ended, and reach nothing else by it.

The name is looked up once, every address it leads to is checked, and the connection goes to the
address that was checked: a name that changes its mind in between leads nowhere new.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence

import httpx

from shared.domain.callbacks import CallbackRules, Delivery

_TIMEOUT = httpx.Timeout(10)
_AGAIN = {408, 425, 429}
_SERVER_ERROR = 500
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name; none where it leads nowhere."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(address[0]) for *_, address in found]


class CallbackPost:
    """Follows no redirect, asks no proxy, and does not read what is answered."""

    def __init__(
        self,
        rules: CallbackRules,
        *,
        lookup: Resolve = resolve,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._rules = rules
        self._lookup = lookup
        self._transport = transport

    def why_not(self, url: str) -> str:
        return self._rules.why_not(url)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Delivery:
        """Never raises for the receiver's sake."""
        refused = self._rules.why_not(url)
        if refused:
            return Delivery(reason=f"The address is not called: {refused}.", is_final=True)
        parsed = httpx.URL(url)
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        addresses = await self._lookup(parsed.host, port)
        refused = self._rules.why_not_there(addresses)
        if refused:
            # A name server that is out of order today may answer tomorrow.
            return Delivery(reason=refused, is_final=bool(addresses))
        return await self._send(parsed, addresses[0], body, headers)

    async def _send(
        self, url: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]
    ) -> Delivery:
        client = httpx.AsyncClient(
            timeout=_TIMEOUT, follow_redirects=False, trust_env=False, transport=self._transport
        )
        # The certificate is still checked against the name.
        request = client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={**headers, "Host": url.netloc.decode(), "Content-Type": "application/json"},
            extensions={"sni_hostname": url.host},
        )
        async with client:
            try:
                answer = await client.send(request, stream=True)
                await answer.aclose()
            except httpx.HTTPError as error:
                return Delivery(reason=f"The server did not answer ({type(error).__name__}).")
        return _delivery(answer.status_code)


def _delivery(status: int) -> Delivery:
    again = status in _AGAIN or status >= _SERVER_ERROR
    return Delivery(status, f"The server answered {status}.", is_final=not again)

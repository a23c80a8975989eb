"""A callback reaches the address that was checked, and nobody else."""

from collections.abc import Sequence

import httpx

from shared.domain.callbacks import CallbackRules
from shared.transport.callbacks import CallbackPost, resolve

RULES = CallbackRules(("hooks.contoso.com",))
URL = "https://hooks.contoso.com/seats?of=us"
OPEN = "93.184.215.14"


class Receiver(httpx.AsyncBaseTransport):
    """Somebody's server, as far as the wire shows."""

    def __init__(self, status: int = 204, error: Exception | None = None) -> None:
        self.status = status
        self.error = error
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return httpx.Response(self.status, headers={"Location": "http://169.254.169.254/"})


def post_to(receiver: Receiver, *addresses: str) -> CallbackPost:
    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return CallbackPost(RULES, lookup=lookup, transport=receiver)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    receiver = Receiver()

    delivery = await post_to(receiver, OPEN).post(URL, b"{}", {"Seatkeeper-Signature": "s"})

    (request,) = receiver.requests
    assert delivery.is_taken
    assert str(request.url) == f"https://{OPEN}/seats?of=us"
    assert request.headers["Host"] == "hooks.contoso.com"
    assert request.headers["Seatkeeper-Signature"] == "s"
    assert request.extensions["sni_hostname"] == "hooks.contoso.com"


async def test_a_name_that_leads_inside_is_not_called() -> None:
    receiver = Receiver()

    delivery = await post_to(receiver, OPEN, "10.0.0.1").post(URL, b"{}", {})

    assert delivery.is_final
    assert not receiver.requests


async def test_a_host_that_is_not_listed_is_not_even_looked_up() -> None:
    receiver = Receiver()

    delivery = await post_to(receiver, OPEN).post("https://evil.example/", b"{}", {})

    assert delivery.is_final
    assert "evil.example" in delivery.reason
    assert not receiver.requests


async def test_a_name_that_leads_nowhere_is_tried_again() -> None:
    assert not (await post_to(Receiver()).post(URL, b"{}", {})).is_final


async def test_a_redirect_is_not_followed() -> None:
    receiver = Receiver(307)

    delivery = await post_to(receiver, OPEN).post(URL, b"{}", {})

    assert (delivery.status, delivery.is_final) == (307, True)
    assert len(receiver.requests) == 1


async def test_a_server_that_is_busy_or_silent_is_tried_again() -> None:
    busy = await post_to(Receiver(503), OPEN).post(URL, b"{}", {})
    silent = await post_to(Receiver(error=httpx.ConnectTimeout("")), OPEN).post(URL, b"{}", {})

    assert not busy.is_final
    assert not silent.is_final
    assert silent.status == 0


async def test_the_machines_own_name_server_is_asked() -> None:
    assert "127.0.0.1" in await resolve("127.0.0.1", 443)

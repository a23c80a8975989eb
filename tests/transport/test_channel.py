import json
import logging
from datetime import timedelta

import httpx
import pytest

from shared.domain.errors import (
    OutcomeUnknown,
    RemoteRefused,
    RemoteThrottled,
    RemoteUnavailable,
    SeatkeeperError,
    SignInRefused,
)
from shared.transport.call import Call
from shared.transport.channel import Channel, Dialect
from shared.transport.http import open_http

READ = Call(method="GET", route="/things/{thing}", place={"thing": "a/b#c@contoso.com"})
WRITE = Call(method="PATCH", route="/things/{thing}", place={"thing": "1"}, content=b"{}")


class Vendor:
    """Answers from a list, the last one for ever, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def channel(self) -> Channel:
        return Channel(
            open_http(transport=httpx.MockTransport(self)),
            "https://vendor.example",
            Dialect(
                "vendor",
                correlation_header="X-Correlation",
                request_header="X-Request",
                read_fault=lambda response: ("17", response.text),
            ),
            sleep=self.sleep,
            jitter=lambda: 0.0,
        )


async def test_a_name_in_a_path_is_encoded() -> None:
    vendor = Vendor(httpx.Response(200))

    await vendor.channel().send(READ)

    assert vendor.asked[0].url.raw_path == b"/things/a%2Fb%23c%40contoso.com"


async def test_attempts_share_the_request_id_and_have_correlation_ids_of_their_own() -> None:
    vendor = Vendor(httpx.Response(503), httpx.Response(200))

    await vendor.channel().send(READ)

    assert len({r.headers["X-Request"] for r in vendor.asked}) == 1
    assert len({r.headers["X-Correlation"] for r in vendor.asked}) == 2


async def test_waits_as_long_as_it_was_told() -> None:
    vendor = Vendor(httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200))

    await vendor.channel().send(WRITE)

    assert vendor.pauses == [7]


async def test_hands_a_long_pause_to_the_queue() -> None:
    vendor = Vendor(httpx.Response(429, headers={"Retry-After": "57"}))

    with pytest.raises(RemoteThrottled) as caught:
        await vendor.channel().send(READ)

    assert caught.value.retry_after == timedelta(seconds=57)
    assert vendor.pauses == []


@pytest.mark.parametrize(
    ("ended", "call", "error", "attempts"),
    [
        pytest.param(httpx.Response(503), READ, RemoteUnavailable, 4, id="a read finds nobody"),
        pytest.param(httpx.Response(503), WRITE, OutcomeUnknown, 1, id="a write finds a 503"),
        pytest.param(httpx.Response(504), WRITE, OutcomeUnknown, 1, id="a write finds a 504"),
        pytest.param(httpx.ReadTimeout("x"), WRITE, OutcomeUnknown, 1, id="a write waits in vain"),
        pytest.param(
            httpx.RemoteProtocolError("x"), WRITE, OutcomeUnknown, 1, id="a write is cut off"
        ),
        pytest.param(
            ConnectionResetError("x"), WRITE, OutcomeUnknown, 1, id="a write's reply is reset"
        ),
        pytest.param(
            httpx.ConnectError("x"), WRITE, RemoteUnavailable, 4, id="a write never leaves"
        ),
        pytest.param(httpx.ReadTimeout("x"), READ, RemoteUnavailable, 4, id="a read waits"),
        pytest.param(httpx.Response(401), READ, SignInRefused, 1, id="nobody knows us"),
        pytest.param(httpx.Response(400), WRITE, RemoteRefused, 1, id="a write is wrong"),
        pytest.param(httpx.Response(501), WRITE, RemoteRefused, 1, id="nobody wrote that call"),
    ],
)
async def test_every_unhappy_end_is_one_of_the_domains_errors(
    ended: httpx.Response | Exception, call: Call, error: type[SeatkeeperError], attempts: int
) -> None:
    vendor = Vendor(ended)

    with pytest.raises(error):
        await vendor.channel().send(call)

    assert len(vendor.asked) == attempts


async def test_a_write_that_may_be_repeated_stays_a_question_in_the_end() -> None:
    vendor = Vendor(httpx.ReadTimeout("x"))
    call = Call(method="POST", route="/orders", content=b"{}", repeatable=True)

    with pytest.raises(OutcomeUnknown):
        await vendor.channel().send(call)

    assert len(vendor.asked) == 4


async def test_keeps_the_vendors_code_and_a_short_sentence() -> None:
    vendor = Vendor(httpx.Response(400, text="x" * 1000))

    with pytest.raises(RemoteRefused) as caught:
        await vendor.channel().send(WRITE)

    assert caught.value.answer.code == "17"
    assert len(caught.value.answer.message) == 256


async def test_the_log_shows_templates_and_guids_but_no_names_and_no_bodies(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    guid = "5e0a1b7c-3d52-4a88-9d0b-0c1f2a3b4c5d"
    vendor = Vendor(httpx.Response(400, text="secret text"))
    call = Call(
        method="POST",
        route="/{tenant}/users/{user}",
        place={"tenant": guid, "user": "adele@contoso.com"},
        content=json.dumps({"password": "hush"}).encode(),
    )

    with pytest.raises(RemoteRefused):
        await vendor.channel().send(call)

    assert guid in caplog.text
    assert "/{tenant}/users/{user}" in caplog.text
    assert not any(word in caplog.text for word in ("adele", "hush", "secret text"))


async def test_a_stream_that_breaks_is_an_error_of_ours() -> None:
    class Breaking(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            yield b"one"
            raise httpx.ReadError("cut")

    vendor = Vendor(httpx.Response(200, stream=Breaking()))

    with pytest.raises(RemoteUnavailable):
        async with vendor.channel().stream(READ) as pieces:
            [piece async for piece in pieces]


async def test_a_call_may_be_less_patient_than_the_client() -> None:
    vendor = Vendor(httpx.Response(200))

    await vendor.channel().send(Call(method="GET", route="/token", timeout=10))
    await vendor.channel().send(READ)

    assert [request.extensions["timeout"]["read"] for request in vendor.asked] == [10, 60]

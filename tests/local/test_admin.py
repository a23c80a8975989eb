import asyncio

import azure.functions as func
import httpx
import pytest
from azure.storage.queue.aio import QueueClient

from local.functions import FunctionMisdeclared, NotSupportedHere
from local.host import Host
from local.invocation import AnswerWithoutBinding


def operations(host: Host) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(host.asgi), base_url="http://functions.example"
    )


async def test_starts_a_timer_by_hand(app: func.FunctionApp) -> None:
    fired = asyncio.Event()

    @app.timer_trigger("timer", "0 0 2 * * *")
    async def nightly(timer: func.TimerRequest) -> None:
        assert not timer.past_due
        fired.set()

    async with operations(Host(app, {})) as client:
        answer = await client.post("/admin/functions/nightly", json={"input": ""})
        await asyncio.wait_for(fired.wait(), 5)

    assert (answer.status_code, answer.content) == (202, b"")


async def test_starts_a_queue_function_with_the_given_text(app: func.FunctionApp) -> None:
    bodies: list[object] = []

    @app.queue_trigger("message", queue_name="work", connection="")
    async def drain(message: func.QueueMessage) -> None:
        bodies.append(message.get_json())

    host = Host(app, {})
    async with operations(host) as client:
        await client.post("/admin/functions/drain", json={"input": '{"id": 7}'})
        await host.stop()

    assert bodies == [{"id": 7}]


@pytest.mark.parametrize("name", ["unknown", "portal"])
async def test_starts_neither_unknown_nor_http_functions(app: func.FunctionApp, name: str) -> None:
    @app.route(route="portal")
    async def portal(req: func.HttpRequest) -> str:
        return "hello"

    async with operations(Host(app, {})) as client:
        assert (await client.post(f"/admin/functions/{name}", json={})).status_code == 404


async def test_says_how_the_host_is_and_what_it_runs(app: func.FunctionApp) -> None:
    @app.route(route="portal")
    async def portal(req: func.HttpRequest) -> str:
        return "hello"

    async with operations(Host(app, {})) as client:
        status = (await client.get("/admin/host/status")).json()
        functions = (await client.get("/admin/functions")).json()

    assert status["state"] == "Running"
    assert functions == [{"name": "portal"}]


async def test_a_listener_without_its_settings_leaves_the_others_alone(
    app: func.FunctionApp, queue: QueueClient, settings: dict[str, str]
) -> None:
    done: list[str] = []

    @app.queue_trigger("message", queue_name="%NOWHERE%", connection="AzureWebJobsStorage")
    async def lost(message: func.QueueMessage) -> None:
        done.append("lost")

    @app.queue_trigger("message", queue_name="%QUEUE%", connection="Storage")
    async def drain(message: func.QueueMessage) -> None:
        done.append("drained")

    await queue.send_message("aGVsbG8=")
    await Host(app, settings, {}).settle()

    assert done == ["drained"]


def test_refuses_what_it_does_not_imitate(app: func.FunctionApp) -> None:
    @app.route(route="portal")
    @app.queue_output("out", queue_name="work", connection="AzureWebJobsStorage")
    async def portal(req: func.HttpRequest, out: func.Out[str]) -> str:
        return "hello"

    with pytest.raises(NotSupportedHere, match="portal uses queue"):
        Host(app, {})


def test_refuses_parameters_that_no_binding_fills(app: func.FunctionApp) -> None:
    @app.route(route="portal")
    async def portal(req: func.HttpRequest, desk: str) -> str:
        return desk

    with pytest.raises(FunctionMisdeclared, match="portal takes desk, req"):
        Host(app, {})


async def test_a_queue_function_that_answers_fails_as_on_the_platform(
    app: func.FunctionApp,
) -> None:
    @app.queue_trigger("message", queue_name="work", connection="")
    async def drain(message: func.QueueMessage) -> str:
        return "done"

    outcome = await Host(app, {}).run("drain", "{}")

    assert isinstance(outcome.error, AnswerWithoutBinding)

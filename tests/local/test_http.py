import asyncio

import azure.functions as func
import httpx
import pytest

from local.host import Host


def portal(app: func.FunctionApp) -> httpx.AsyncClient:
    host = Host(app, settings={})
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(host.asgi), base_url="http://functions.example"
    )


async def test_hands_over_the_real_request(app: func.FunctionApp) -> None:
    seen: list[func.HttpRequest] = []

    @app.route(route="customers/{customer}/users/{user?}", methods=["POST"])
    async def echo(req: func.HttpRequest) -> func.HttpResponse:
        seen.append(req)
        return func.HttpResponse("done", status_code=202, headers={"Location": "/there"})

    async with portal(app) as client:
        answer = await client.post(
            "/api/customers/a%20b%2Fc/users/?x=1&x=2&empty=", json={"seats": 3}
        )

    request = seen[0]
    assert (answer.status_code, answer.text) == (202, "done")
    assert answer.headers["location"] == "/there"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert request.route_params == {"customer": "a b%2Fc"}
    assert request.params == {"x": "1,2", "empty": ""}
    assert request.get_json() == {"seats": 3}
    assert request.headers["Content-Type"] == "application/json"
    assert request.url.startswith("http://functions.example/api/customers/")


async def test_prefers_text_over_parameters_whatever_the_order(app: func.FunctionApp) -> None:
    @app.route(route="batches/{id}", methods=["GET"])
    async def one(req: func.HttpRequest) -> str:
        return "one"

    @app.route(route="batches/template", methods=["GET"])
    async def template(req: func.HttpRequest) -> str:
        return "template"

    async with portal(app) as client:
        assert (await client.get("/api/batches/template")).text == "template"
        assert (await client.get("/api/Batches/7")).text == "one"


@pytest.mark.parametrize(
    ("route", "path", "status"),
    [
        pytest.param("things/{id:int}", "/api/things/12", 200, id="a number where one is asked"),
        pytest.param("things/{id:int}", "/api/things/twelve", 404, id="a word where a number is"),
        pytest.param(
            "t/{id:guid}", "/api/t/0a1b2c3d-0000-1111-2222-333344445555", 200, id="a guid"
        ),
        pytest.param("files/{*path}", "/api/files/a/b/c", 200, id="the rest of a path"),
        pytest.param("files/{name}.csv", "/api/files/leavers.csv", 200, id="text around it"),
        pytest.param("files/{name}.csv", "/api/files/leavers.txt", 404, id="other text around it"),
        pytest.param("health", "/health", 404, id="without the prefix"),
        pytest.param("health", "/api/health/", 200, id="with a slash at the end"),
        pytest.param("health", "/api/healthy", 404, id="a longer word"),
    ],
)
async def test_matches_routes_as_the_platform_does(
    app: func.FunctionApp, route: str, path: str, status: int
) -> None:
    @app.route(route=route, methods=["GET"])
    async def found(req: func.HttpRequest) -> str:
        return "found"

    async with portal(app) as client:
        assert (await client.get(path)).status_code == status


async def test_a_method_without_a_function_is_not_found(app: func.FunctionApp) -> None:
    @app.route(route="things", methods=["POST"])
    async def post(req: func.HttpRequest) -> str:
        return "made"

    async with portal(app) as client:
        assert (await client.get("/api/things")).status_code == 404
        assert (await client.head("/api/things")).status_code == 404


async def test_head_answers_headers_and_no_body(app: func.FunctionApp) -> None:
    @app.route(route="things", methods=["GET", "HEAD"])
    async def things(req: func.HttpRequest) -> str:
        return "twelve bytes"

    async with portal(app) as client:
        answer = await client.head("/api/things")

    assert answer.headers["content-length"] == "12"
    assert answer.content == b""


async def test_a_failing_function_answers_500_and_nothing_else(app: func.FunctionApp) -> None:
    @app.route(route="broken")
    async def broken(req: func.HttpRequest) -> str:
        raise RuntimeError("with a secret in it")

    async with portal(app) as client:
        answer = await client.get("/api/broken")

    assert (answer.status_code, answer.content) == (500, b"")


async def test_a_body_above_the_limit_is_refused(
    app: func.FunctionApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.http.BODY_LIMIT", 1000)

    @app.route(route="upload", methods=["POST"])
    async def upload(req: func.HttpRequest) -> str:
        return str(len(req.get_body()))

    async with portal(app) as client:
        assert (await client.post("/api/upload", content=b"x" * 1000)).text == "1000"
        assert (await client.post("/api/upload", content=b"x" * 1001)).status_code == 413


async def test_a_plain_function_runs_beside_the_loop_and_knows_its_context(
    app: func.FunctionApp,
) -> None:
    @app.route(route="plain")
    def plain(req: func.HttpRequest, context: func.Context) -> str:
        return context.function_name

    async with portal(app) as client:
        assert (await client.get("/api/plain")).text == "plain"


async def test_a_function_beyond_its_time_fails(app: func.FunctionApp) -> None:
    @app.route(route="slow")
    async def slow(req: func.HttpRequest) -> str:
        await asyncio.sleep(60)
        return "late"

    host = Host(app, {}, host_json={"functionTimeout": "00:00:00.05"})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(host.asgi), base_url="http://functions.example"
    ) as client:
        assert (await client.get("/api/slow")).status_code == 500

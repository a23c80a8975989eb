"""Have Microsoft's own worker library index the app and invoke a function of it.

Runs under Python 3.13, where the worker is a library; `dev.py test` starts it.
The library is handed its gRPC message classes by the process that hosts it and ships none,
so the ones here are plain objects that hold what they are given.
"""

import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parent.parent.parent
LIVENESS = ("health/live", "health")


class Message:
    """Any gRPC message: its fields by name, and which of a choice of fields is set."""

    # The enumerations that the worker compares with (Status, Direction, DataType).
    Failure, Success = 0, 1
    out, inout = 1, 2
    undefined = 0

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)

    def WhichOneof(self, _: str) -> str | None:  # noqa: N802 (gRPC's name)
        return next(iter(self.__dict__), None)

    def __getattr__(self, name: str) -> Any:
        if name[0].isupper():  # a message nested in this one, which no message is
            raise AttributeError(name)


class Messages:
    """The module of generated gRPC classes, of which each is asked for by name."""

    def __getattr__(self, name: str) -> type[Message]:
        return Message


async def main() -> None:
    sys.path.insert(0, str(ROOT))
    functions = await indexed()
    health = next(f for route in LIVENESS for f in functions if route_of(f) == route)
    drain = next(f for f in functions if trigger_of(f)["type"] == "queueTrigger")
    for function in (health, drain):
        await load(function)
    status = await invoke(health)
    if status != "200":
        raise SystemExit(f"{health.name} answered {status}")
    sys.stdout.write(
        f"Microsoft's worker indexed {len(functions)} functions; {health.name} answered {status}\n"
    )


async def indexed() -> list[Any]:
    start = Message(capabilities={}, function_app_directory=str(ROOT))
    request = Message(
        request=Message(worker_init_request=start),
        properties={"host": "127.0.0.1", "protos": Messages()},
    )
    succeeded(await worker().worker_init_request(request))
    answer = await worker().functions_metadata_request(Message())
    found: list[Any] = succeeded(answer).function_metadata_results
    return found


async def load(function: Any) -> None:
    wanted = Message(function_id=function.function_id, metadata=function)
    request = Message(request=Message(function_load_request=wanted))
    answer = succeeded(await worker().function_load_request(request))
    if answer.function_id != function.function_id:
        raise SystemExit(f"{function.name} was not loaded")


async def invoke(function: Any) -> str:
    call = Message(
        invocation_id="00000000-0000-0000-0000-000000000001",
        function_id=function.function_id,
        input_data=[Input(trigger_of(function)["name"], a_get(route_of(function)))],
        trigger_metadata={},
        trace_context=Message(),
        retry_context=Message(),
    )
    answer = await worker().invocation_request(Message(request=Message(invocation_request=call)))
    return str(succeeded(answer).return_value.http.status_code)


class Input(SimpleNamespace):
    """One argument of an invocation."""

    def __init__(self, name: str, data: Message) -> None:
        super().__init__(name=name, data=data)

    def WhichOneof(self, _: str) -> str:  # noqa: N802 (gRPC's name)
        return "data"


def a_get(route: str) -> Message:
    url = f"http://127.0.0.1/api/{route}"
    return Message(
        http=Message(method="GET", url=url, headers={}, params={}, query={}, body=Message())
    )


def trigger_of(function: Any) -> dict[str, Any]:
    bindings = (json.loads(text) for text in function.raw_bindings)
    return next(binding for binding in bindings if "Trigger" in binding["type"])


def route_of(function: Any) -> str:
    return str(trigger_of(function).get("route", ""))


def succeeded(answer: Any) -> Any:
    if answer.result.status != Message.Success:
        raise SystemExit(f"The worker failed: {answer.result.exception.message}")
    return answer


def worker() -> Any:
    import azure_functions_runtime  # noqa: PLC0415 (installed under Python 3.13 only)

    return azure_functions_runtime


if __name__ == "__main__":
    asyncio.run(main())

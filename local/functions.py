"""List what a function app offers: its functions, told apart by what triggers them."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import azure.functions as func
from azure.functions.decorators.function_app import Function as Indexed
from azure.functions.decorators.retry_policy import RETRY_POLICY

SUPPORTED_BINDINGS = {"httpTrigger", "http", "queueTrigger", "timerTrigger"}
EVERY_METHOD = frozenset({"GET", "POST", "DELETE", "HEAD", "PATCH", "PUT", "OPTIONS"})


class FunctionMisdeclared(ValueError):
    """The platform's worker would refuse to index this function."""


class NotSupportedHere(NotImplementedError):
    """The app uses something of the platform that the local host does not imitate."""


@dataclass(frozen=True)
class Function:
    """One function and the name of the parameter that its trigger fills."""

    name: str
    code: Callable[..., Any]
    parameter: str


@dataclass(frozen=True)
class HttpFunction(Function):
    route: str
    methods: frozenset[str]


@dataclass(frozen=True)
class QueueFunction(Function):
    """Its texts may hold `%SETTING%`, as a timer's schedule may."""

    queue: str
    connection: str


@dataclass(frozen=True)
class Retries:
    """How often a function that failed runs again (without end where it is -1), and how soon."""

    most: int
    delay: timedelta


@dataclass(frozen=True)
class TimerFunction(Function):
    schedule: str
    use_monitor: bool
    run_on_startup: bool
    retries: Retries


def functions_of(app: func.FunctionApp) -> list[Function]:
    """Index an app, which an app allows once."""
    return [_function(indexed) for indexed in app.get_functions()]


def _function(indexed: Indexed) -> Function:
    _refuse_what_is_not_imitated(indexed)
    trigger: Any = indexed.get_trigger()
    _refuse_other_parameters(indexed, trigger.name)
    named: dict[str, Any] = {
        "name": indexed.get_function_name(),
        "code": indexed.get_user_function(),
        "parameter": trigger.name,
    }
    match trigger.get_binding_name():
        case "httpTrigger":
            methods = frozenset(str(method) for method in trigger.methods or EVERY_METHOD)
            return HttpFunction(**named, route=trigger.route, methods=methods)
        case "queueTrigger":
            return QueueFunction(**named, queue=trigger.queue_name, connection=trigger.connection)
        case _:
            return TimerFunction(
                **named,
                schedule=trigger.schedule,
                use_monitor=trigger.use_monitor is not False,
                run_on_startup=bool(trigger.run_on_startup),
                retries=_retries(indexed),
            )


def _refuse_what_is_not_imitated(indexed: Indexed) -> None:
    name = indexed.get_function_name()
    used = {binding.get_binding_name() for binding in indexed.get_bindings()}
    if foreign := used - SUPPORTED_BINDINGS:
        raise NotSupportedHere(f"{name} uses {', '.join(sorted(foreign))}")
    if used - {"timerTrigger"} and indexed.get_setting(RETRY_POLICY):
        raise NotSupportedHere(f"{name} uses a retry policy")


def _retries(indexed: Indexed) -> Retries:
    policy: Any = indexed.get_setting(RETRY_POLICY)
    if policy is None:
        return Retries(0, timedelta(0))
    if policy.strategy != "fixed_delay":
        name = indexed.get_function_name()
        raise NotSupportedHere(f"{name} is tried again by {policy.strategy}")
    hours, minutes, seconds = (int(part) for part in policy.delay_interval.split(":"))
    delay = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Retries(int(policy.max_retry_count), delay)


def _refuse_other_parameters(indexed: Indexed, trigger: str) -> None:
    """Decorators that add or hide a parameter work in tests and break in Azure."""
    parameters = set(inspect.signature(indexed.get_user_function()).parameters) - {"context"}
    if parameters != {trigger}:
        given = ", ".join(sorted(parameters)) or "none"
        raise FunctionMisdeclared(
            f"{indexed.get_function_name()} takes {given}, and its trigger fills {trigger}"
        )

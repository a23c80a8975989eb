"""The timer door: the nightly run, the queues that it fans out on, and the sweep."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import azure.functions as func

from functions.queue_bulk import register
from shared.api.inboxes import NIGHTLY_CONNECTION, NIGHTLY_CUSTOMER
from shared.api.office import Office
from shared.api.timers import start_night, start_sweep


@dataclass(frozen=True, slots=True)
class Again:
    """How often the platform runs a function anew that failed, and after which pause (hh:mm:ss)."""

    times: int
    pause: str


AGAIN = Again(24, "00:05:00")
"""For two hours: a night that is opened late is as good as one in time, and there is one a day."""


@dataclass(frozen=True, slots=True)
class Schedules:
    """NCRONTAB expressions with seconds, in UTC."""

    nightly: str
    sweep: str


def blueprint(
    open_office: Callable[[], Office], schedules: Schedules, prefix: str = ""
) -> func.Blueprint:
    """Register both timers and the night's two queues."""
    doors = func.Blueprint()

    async def nightly(timer: func.TimerRequest) -> None:
        await start_night(open_office(), past_due=timer.past_due)

    async def sweep(timer: func.TimerRequest) -> None:  # noqa: ARG001 (the platform hands it in)
        await start_sweep(open_office())

    _ticking(doors, "nightly", schedules.nightly, nightly, AGAIN)
    _ticking(doors, "sweep", schedules.sweep, sweep)
    register(doors, "nightly_connection", NIGHTLY_CONNECTION, open_office, prefix)
    register(doors, "nightly_customer", NIGHTLY_CUSTOMER, open_office, prefix)
    return doors


def _ticking(
    doors: func.Blueprint,
    name: str,
    schedule: str,
    function: Callable[[func.TimerRequest], Awaitable[None]],
    again: Again | None = None,
) -> None:
    timer = doors.timer_trigger(
        arg_name="timer", schedule=schedule, run_on_startup=False, use_monitor=True
    )
    built = timer(function)
    if again is not None:
        # https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages
        built = doors.retry("fixed_delay", str(again.times), again.pause)(built)
    doors.function_name(name)(built)

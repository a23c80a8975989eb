"""The timer door: the nightly run, the queues that it fans out on, and the sweep."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import azure.functions as func

from functions.queue_bulk import register
from shared.api.inboxes import NIGHTLY_CONNECTION, NIGHTLY_CUSTOMER
from shared.api.office import Office
from shared.api.timers import start_night, start_sweep


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

    _ticking(doors, "nightly", schedules.nightly, nightly)
    _ticking(doors, "sweep", schedules.sweep, sweep)
    register(doors, "nightly_connection", NIGHTLY_CONNECTION, open_office, prefix)
    register(doors, "nightly_customer", NIGHTLY_CUSTOMER, open_office, prefix)
    return doors


def _ticking(
    doors: func.Blueprint,
    name: str,
    schedule: str,
    function: Callable[[func.TimerRequest], Awaitable[None]],
) -> None:
    timer = doors.timer_trigger(
        arg_name="timer", schedule=schedule, run_on_startup=False, use_monitor=True
    )
    doors.function_name(name)(timer(function))

"""The timer door: the nightly run, and the queues that it fans out on."""

from collections.abc import Callable

import azure.functions as func

from functions.queue_bulk import register
from shared.api.messages import NIGHTLY_CONNECTION, NIGHTLY_CUSTOMER, start_night
from shared.api.office import Office


def blueprint(open_office: Callable[[], Office], schedule: str, prefix: str = "") -> func.Blueprint:
    """Register the timer and the night's two queues."""
    doors = func.Blueprint()

    async def nightly(timer: func.TimerRequest) -> None:
        await start_night(open_office(), past_due=timer.past_due)

    ticking = doors.timer_trigger(
        arg_name="timer", schedule=schedule, run_on_startup=False, use_monitor=True
    )
    doors.function_name("nightly")(ticking(nightly))
    register(doors, "nightly_connection", NIGHTLY_CONNECTION, open_office, prefix)
    register(doors, "nightly_customer", NIGHTLY_CUSTOMER, open_office, prefix)
    return doors

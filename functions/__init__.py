"""The doors: HTTP, queues and timer; each parses, calls one workflow and answers."""

from collections.abc import Callable

import azure.functions as func

from functions import http_provision, queue_bulk, timer_optimize
from shared.api.office import Office
from shared.wiring import nightly_schedule, open_office, sweep_schedule


def build_app(
    open_office: Callable[[], Office] = open_office, prefix: str = ""
) -> func.FunctionApp:
    """Answer a new app, as often as somebody wants one; nothing is opened before it is used."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    app.register_functions(http_provision.blueprint(open_office))
    app.register_functions(queue_bulk.blueprint(open_office, prefix))
    schedules = timer_optimize.Schedules(nightly_schedule(), sweep_schedule())
    app.register_functions(timer_optimize.blueprint(open_office, schedules, prefix))
    return app

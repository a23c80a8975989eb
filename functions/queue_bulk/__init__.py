"""The queue door: batches, growths, people, slow changes, and what Partner Center tells."""

from collections.abc import Callable

import azure.functions as func

from shared.api.messages import BATCH, CHANGE, CHUNK, GROWTH, WEBHOOK, Inbox, take
from shared.api.office import Office


def blueprint(open_office: Callable[[], Office], prefix: str = "") -> func.Blueprint:
    """Register one function per queue; ``prefix`` keeps tests apart on one storage account."""
    doors = func.Blueprint()
    for name, inbox in (
        ("plan_batch", BATCH),
        ("grow_subscription", GROWTH),
        ("provision", CHUNK),
        ("follow_change", CHANGE),
        ("follow_event", WEBHOOK),
    ):
        register(doors, name, inbox, open_office, prefix)
    return doors


def register(
    doors: func.Blueprint,
    name: str,
    inbox: Inbox,
    open_office: Callable[[], Office],
    prefix: str,
) -> None:
    async def drain(msg: func.QueueMessage) -> None:
        await take(open_office(), inbox, msg)

    drain.__name__ = name
    trigger = doors.queue_trigger(
        arg_name="msg", queue_name=prefix + inbox.queue, connection="AzureWebJobsStorage"
    )
    doors.function_name(name)(trigger(drain))

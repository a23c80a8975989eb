"""The queue door: batches, growths, people, slow changes, and what Partner Center tells."""

from collections.abc import Awaitable, Callable

import azure.functions as func

from shared.api.drains import drain
from shared.api.inboxes import BATCH, CALLBACK, CHANGE, CHUNK, GROWTH, WEBHOOK
from shared.api.messages import Inbox, take
from shared.api.office import Office


def blueprint(open_office: Callable[[], Office], prefix: str = "") -> func.Blueprint:
    """Register two functions per queue; ``prefix`` keeps tests apart on one storage account."""
    doors = func.Blueprint()
    for name, inbox in (
        ("plan_batch", BATCH),
        ("grow_subscription", GROWTH),
        ("provision", CHUNK),
        ("tell_end", CALLBACK),
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
    """One function works the queue, another brings to an end what ended in its poison queue."""

    async def work(msg: func.QueueMessage) -> None:
        await take(open_office(), inbox, msg)

    async def close(msg: func.QueueMessage) -> None:
        await drain(open_office(), inbox, msg)

    _trigger(doors, name, prefix + inbox.queue, work)
    _trigger(doors, f"{name}_poison", prefix + inbox.poison_queue, close)


def _trigger(
    doors: func.Blueprint,
    name: str,
    queue: str,
    function: Callable[[func.QueueMessage], Awaitable[None]],
) -> None:
    function.__name__ = name
    trigger = doors.queue_trigger(
        arg_name="msg", queue_name=queue, connection="AzureWebJobsStorage"
    )
    doors.function_name(name)(trigger(function))

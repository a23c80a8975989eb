"""Bring to an end what a message in a poison queue was about.

A message gets there from `messages`, which has put the reason on record, or from the platform
after its last delivery, where the process may have died without a word; both end here.
"""

import logging

from shared.api.messages import Inbox, QueueMessage, Try, as_it_came, decode
from shared.api.office import Office
from shared.domain.errors import NotOurMessage, RemoteThrottled, SeatkeeperError, SeatsBusy
from shared.transport.priority import at_priority
from shared.workflows.put_aside import put_aside

logger = logging.getLogger(__name__)


async def drain(office: Office, inbox: Inbox, msg: QueueMessage) -> None:
    """Keep the message for a person, and close its work; what may pass is tried again."""
    raw = msg.get_body().decode("utf-8-sig", "replace")
    try:
        attempt = Try(office, decode(raw), raw, is_last=True)
    except NotOurMessage:
        await put_aside(office.desk, inbox.queue, raw)
        return
    kept = await put_aside(office.desk, inbox.queue, as_it_came(attempt))
    logger.error("message %s of %s put aside, its work is closed", kept.id, inbox.queue)
    if kept.ours:
        await _close(attempt, inbox, kept.reason)


async def _close(attempt: Try, inbox: Inbox, reason: str) -> None:
    desk = attempt.office.desk
    try:
        with at_priority(inbox.priority):
            await inbox.give_up(attempt, reason)
    except (SeatsBusy, RemoteThrottled) as error:
        # A failed message rests for minutes in a poison queue: a busy one need not.
        wait = getattr(error, "retry_after", None) or desk.pauses.busy
        await desk.queues.send_raw(inbox.poison_queue, attempt.raw, wait)
    except NotOurMessage:
        logger.warning("a message of %s names no work of ours", inbox.queue)
    except SeatkeeperError as error:
        if error.retryable:
            raise
        logger.exception("what a message of %s was about could not be closed", inbox.queue)

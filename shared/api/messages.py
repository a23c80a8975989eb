"""Take a queue message: read it, call one workflow, and settle what goes wrong.

What may pass by itself is raised, so that the platform delivers it again; a lease that is taken or
a Retry-After goes back as a new message with a delay, which costs no delivery; what will never be
right goes to the poison queue with its reason on record, where `drains` closes what it was about.
"""

import base64
import binascii
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from shared.api.json_text import read_json
from shared.api.office import Office
from shared.domain.budgets import Priority
from shared.domain.errors import (
    MalformedRequest,
    NotOurMessage,
    RemoteThrottled,
    SeatkeeperError,
    SeatsBusy,
)
from shared.transport.priority import at_priority
from shared.workflows.put_aside import POISON, put_aside

WAITING_SINCE = "waitingSince"
logger = logging.getLogger(__name__)

Message = Mapping[str, object]


class QueueMessage(Protocol):
    """What we need of the platform's message."""

    @property
    def id(self) -> str | None: ...
    @property
    def dequeue_count(self) -> int | None: ...
    def get_body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Try:
    """One delivery of a message; the last one puts failures on record."""

    office: Office
    message: Message
    raw: str
    is_last: bool

    def text(self, field: str) -> str:
        """Raise `NotOurMessage` where the field is missing or no text."""
        value = self.message.get(field)
        if not isinstance(value, str) or not value:
            raise NotOurMessage(f"The message has no text {field!r}, so it is not one of ours.")
        return value


@dataclass(frozen=True, slots=True)
class Inbox:
    """A queue, what is done with its messages, and how the work ends where that fails."""

    queue: str
    work: Callable[[Try], Awaitable[None]]
    give_up: Callable[[Try, str], Awaitable[None]]
    priority: Priority = Priority.NORMAL
    """Whose calls go first where Microsoft allows no more."""

    @property
    def poison_queue(self) -> str:
        return self.queue + POISON


async def take(office: Office, inbox: Inbox, msg: QueueMessage) -> None:
    """Handle one message to an end that is on record, at the priority of its queue."""
    with at_priority(inbox.priority):
        await _take(office, inbox, msg)


async def _take(office: Office, inbox: Inbox, msg: QueueMessage) -> None:
    raw = msg.get_body().decode("utf-8-sig", "replace")
    is_last = (msg.dequeue_count or 1) >= office.max_dequeue_count
    try:
        attempt = Try(office, decode(raw), raw, is_last)
    except NotOurMessage as error:
        await _put_aside(Try(office, {}, raw, is_last), inbox, error)
        return
    try:
        await inbox.work(attempt)
    except SeatkeeperError as error:
        await _settle(attempt, inbox, error)
    except Exception as error:
        if is_last:
            bug = f"A fault of ours: {type(error).__name__}. See the log."
            await put_aside(office.desk, inbox.queue, as_it_came(attempt), bug)
        raise


def decode(raw: str) -> Message:
    """Read JSON, or base64 of JSON as some tools send it, as strictly as HTTP's bodies."""
    why = ""
    for content in filter(None, (raw.encode(), _from_base64(raw))):
        try:
            document = read_json(content)
        except MalformedRequest as error:
            why = f" {error}"
            continue
        if isinstance(document, dict):
            return document
    raise NotOurMessage(f"The message is no JSON object, plain or in base64.{why}")


def _from_base64(raw: str) -> bytes | None:
    try:
        return base64.b64decode(raw.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


async def _settle(attempt: Try, inbox: Inbox, error: SeatkeeperError) -> None:
    pause = _pause_after(attempt, error)
    if pause is not None and not _waited_too_long(attempt):
        await attempt.office.desk.queues.send(inbox.queue, _waiting(attempt), pause)
    elif error.retryable and pause is None:
        if attempt.is_last:
            desk = attempt.office.desk
            await put_aside(desk, inbox.queue, as_it_came(attempt), reason_of(error))
        raise error
    else:
        await _put_aside(attempt, inbox, error)


async def _put_aside(attempt: Try, inbox: Inbox, error: SeatkeeperError) -> None:
    """The reason goes on record first: the drain of the poison queue closes the work with it."""
    desk, text = attempt.office.desk, as_it_came(attempt)
    ours = not isinstance(error, NotOurMessage)
    logger.error("message of %s put aside: %s", inbox.queue, type(error).__name__)
    await put_aside(desk, inbox.queue, text, reason_of(error), ours=ours)
    await desk.queues.send_raw(inbox.poison_queue, text)


def as_it_came(attempt: Try) -> str:
    """Put back later, a message begins to wait anew."""
    if WAITING_SINCE not in attempt.message:
        return attempt.raw
    kept = {k: v for k, v in attempt.message.items() if k != WAITING_SINCE}
    return json.dumps(kept, separators=(",", ":"))


def _pause_after(attempt: Try, error: SeatkeeperError) -> timedelta | None:
    """What passes by itself after a known time costs no delivery."""
    if isinstance(error, SeatsBusy):
        return attempt.office.desk.pauses.busy
    return error.retry_after if isinstance(error, RemoteThrottled) else None


def _waiting(attempt: Try) -> Message:
    """Remember since when a message has been waiting; machine time, as the waits are."""
    return {WAITING_SINCE: time.time(), **attempt.message}


def _waited_too_long(attempt: Try) -> bool:
    since = attempt.message.get(WAITING_SINCE)
    bound = attempt.office.desk.pauses.busy_bound.total_seconds()
    return isinstance(since, int | float) and time.time() - since > bound


def reason_of(error: SeatkeeperError) -> str:
    """The sentence, and every fault where there are several."""
    faults = getattr(error, "faults", ())
    return "; ".join([str(error), *(str(f) for f in faults[:50])])

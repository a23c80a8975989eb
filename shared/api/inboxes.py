"""Say what each queue's messages mean: which workflow works one, and what ends it for good."""

from shared.api.documents import document_from_message
from shared.api.drops import BLOB, document_from_blob
from shared.api.messages import Inbox, Try
from shared.domain.batches import Source
from shared.domain.budgets import Priority
from shared.domain.errors import NotOurMessage, RunNotFound
from shared.domain.ids import (
    BatchId,
    ConnectionId,
    CustomerId,
    OperationId,
    RunId,
    SkuId,
    SubscriptionId,
)
from shared.workflows.admit_batch import BATCHES, admit_batch
from shared.workflows.after_end import CALLBACKS, deliver_callback, give_up_callback
from shared.workflows.catalog_sync import CONNECTIONS_QUEUE, give_up_sync, synchronise_catalog
from shared.workflows.end_batch import give_up_batch
from shared.workflows.fan_out import CHUNKS, give_up_chunk
from shared.workflows.follow_change import CHANGES, follow_change, give_up_change
from shared.workflows.grow_subscription import GrowthOrder, give_up_growth, grow_subscription
from shared.workflows.plan_batch import plan_batch
from shared.workflows.provision_chunk import provision_chunk
from shared.workflows.run_customer import give_up_customer, run_customer
from shared.workflows.runs import (
    CUSTOMERS_QUEUE,
    expand_connection,
    give_up_connection,
)
from shared.workflows.stages import GROWTHS
from shared.workflows.webhooks import (
    WEBHOOKS,
    Pointer,
    follow_event,
    give_up_event,
)

ROWS = "rows"


async def _batch(attempt: Try) -> None:
    """Ours names a batch; one that ops dropped carries its rows or says where they are."""
    desk = attempt.office.desk
    if ROWS in attempt.message:
        document = await document_from_message(attempt.office, attempt.message)
        await admit_batch(desk, document, Source.QUEUE)
    elif BLOB in attempt.message:
        document = await document_from_blob(attempt.office, attempt.message)
        await admit_batch(desk, document, Source.QUEUE)
    elif "batchId" in attempt.message:
        await plan_batch(desk, BatchId(attempt.text("batchId")))
    else:
        raise NotOurMessage(
            "The message has no 'rows' (a document), no 'blob' (where one is) and no 'batchId', so "
            "it is not one of ours."
        )


async def _growth(attempt: Try) -> None:
    await grow_subscription(attempt.office.desk, _order(attempt))


def _order(attempt: Try) -> GrowthOrder:
    return GrowthOrder(
        BatchId(attempt.text("batchId")),
        CustomerId(attempt.text("customerId")),
        SkuId(attempt.text("skuId")),
        SubscriptionId(attempt.text("subscriptionId")),
    )


async def _chunk(attempt: Try) -> None:
    await provision_chunk(attempt.office.desk, *_named_chunk(attempt))


def _named_chunk(attempt: Try) -> tuple[BatchId, int]:
    number = attempt.message.get("chunk")
    if not isinstance(number, int):
        raise NotOurMessage("The message has no number 'chunk', so it is not one of ours.")
    return BatchId(attempt.text("batchId")), number


async def _change(attempt: Try) -> None:
    await follow_change(attempt.office.desk, *_named_change(attempt))


def _named_change(attempt: Try) -> tuple[CustomerId, SubscriptionId, str]:
    return (
        CustomerId(attempt.text("customerId")),
        SubscriptionId(attempt.text("subscriptionId")),
        attempt.text("changeId"),
    )


async def _nightly_connection(attempt: Try) -> None:
    desk, connection = attempt.office.desk, ConnectionId(attempt.text("connectionId"))
    kind = attempt.text("kind")
    if kind == "catalog":
        await synchronise_catalog(desk, connection, OperationId(attempt.text("operationId")))
    elif kind == "run":
        cursor = attempt.text("cursor") if "cursor" in attempt.message else None
        await expand_connection(desk, RunId(attempt.text("runId")), connection, cursor)
    else:
        raise NotOurMessage(f"The message asks for {kind!r}, which nobody here does.")


async def _nightly_customer(attempt: Try) -> None:
    run, customer = RunId(attempt.text("runId")), CustomerId(attempt.text("customerId"))
    try:
        await run_customer(attempt.office.desk, run, customer)
    except RunNotFound as error:
        # Ours are sent after what they name was written.
        raise NotOurMessage("The message names a customer's part that no run has.") from error


async def _give_up_batch(attempt: Try, reason: str) -> None:
    if ROWS in attempt.message or BLOB in attempt.message:
        raise NotOurMessage("A drop that was not taken in has begun nothing, whatever it names.")
    await give_up_batch(attempt.office.desk, BatchId(attempt.text("batchId")), reason)


async def _give_up_change(attempt: Try, reason: str) -> None:
    await give_up_change(attempt.office.desk, *_named_change(attempt), reason)


async def _give_up_chunk(attempt: Try, reason: str) -> None:
    await give_up_chunk(attempt.office.desk, *_named_chunk(attempt), reason)


async def _give_up_growth(attempt: Try, reason: str) -> None:
    await give_up_growth(attempt.office.desk, _order(attempt), reason)


async def _give_up_connection(attempt: Try, reason: str) -> None:
    desk = attempt.office.desk
    if attempt.text("kind") == "catalog":
        await give_up_sync(desk, OperationId(attempt.text("operationId")), reason)
    else:
        connection = ConnectionId(attempt.text("connectionId"))
        await give_up_connection(desk, RunId(attempt.text("runId")), connection, reason)


async def _give_up_customer(attempt: Try, reason: str) -> None:
    run, customer = RunId(attempt.text("runId")), CustomerId(attempt.text("customerId"))
    await give_up_customer(attempt.office.desk, run, customer, reason)


def _pointer(attempt: Try) -> Pointer:
    look, subscription = attempt.message.get("look"), attempt.message.get("subscriptionId")
    if not isinstance(look, int) or not isinstance(subscription, str):
        raise NotOurMessage("The message does not say where to look, so it is not one of ours.")
    return Pointer(
        ConnectionId(attempt.text("connectionId")),
        attempt.text("event"),
        CustomerId(attempt.text("customerId")),
        SubscriptionId(subscription) if subscription else None,
        look,
    )


async def _webhook(attempt: Try) -> None:
    await follow_event(attempt.office.desk, _pointer(attempt))


async def _give_up_webhook(attempt: Try, reason: str) -> None:
    await give_up_event(attempt.office.desk, _pointer(attempt), reason)


async def _callback(attempt: Try) -> None:
    await deliver_callback(attempt.office.desk, BatchId(attempt.text("batchId")))


async def _give_up_callback(attempt: Try, reason: str) -> None:
    await give_up_callback(attempt.office.desk, BatchId(attempt.text("batchId")), reason)


CALLBACK = Inbox(CALLBACKS, _callback, _give_up_callback)
BATCH = Inbox(BATCHES, _batch, _give_up_batch)
GROWTH = Inbox(GROWTHS, _growth, _give_up_growth, Priority.URGENT)
CHUNK = Inbox(CHUNKS, _chunk, _give_up_chunk)
CHANGE = Inbox(CHANGES, _change, _give_up_change, Priority.URGENT)
NIGHTLY_CONNECTION = Inbox(
    CONNECTIONS_QUEUE, _nightly_connection, _give_up_connection, Priority.BACKGROUND
)
NIGHTLY_CUSTOMER = Inbox(CUSTOMERS_QUEUE, _nightly_customer, _give_up_customer, Priority.BACKGROUND)
WEBHOOK = Inbox(WEBHOOKS, _webhook, _give_up_webhook)

"""List the endpoints of batches."""

from http import HTTPStatus

from shared.api import batch_control, batch_plans, batch_results, batches, documents, passwords
from shared.api.batch_replies import BatchList, BatchReply, ItemList
from shared.api.csv_tables import TablePages
from shared.api.endpoint import CSV, JSON, Endpoint, Roles
from shared.api.models import Pages
from shared.api.previews import BatchPreviewReply

OK, ACCEPTED = HTTPStatus.OK, HTTPStatus.ACCEPTED
DONE = {HTTPStatus.NO_CONTENT: None}
READERS, OPERATORS, APPROVERS = Roles.READERS, Roles.OPERATORS, Roles.APPROVERS
A_BATCH = "batches/{batchId}"
AN_ITEM = "batches/{batchId}/items/{row}"

BATCHES = (
    Endpoint(
        "POST",
        "batches",
        batches.create_batch,
        "Create, change or remove many people at once",
        OPERATORS,
        {ACCEPTED: BatchReply, OK: BatchPreviewReply},
        "Every row is checked before anything is bought. 200 answers a dry run.",
        query=documents.BatchQuery,
        body=documents.BatchBody,
        reader=documents.read_draft,
        content_types=(JSON, CSV),
        spends=True,
    ),
    Endpoint(
        "GET",
        "batches",
        batches.list_batches,
        "List batches",
        READERS,
        {OK: BatchList},
        query=Pages,
    ),
    Endpoint(
        "GET",
        A_BATCH,
        batches.get_batch,
        "How far a batch has come, and what it bought",
        READERS,
        {OK: BatchReply},
    ),
    Endpoint(
        "POST",
        f"{A_BATCH}/approve",
        batches.approve_plan,
        "Agree to a batch's plan",
        APPROVERS,
        {ACCEPTED: BatchReply},
        "Names the digest that the batch shows. A plan that has grown since waits with a new one.",
        body=batch_plans.ApproveBody,
        spends=True,
    ),
    Endpoint(
        "POST",
        f"{A_BATCH}/reject",
        batches.reject_plan,
        "Refuse a batch that waits for approval",
        APPROVERS,
        {ACCEPTED: BatchReply},
        "It has bought nothing and ends as `refused`.",
        body=batch_plans.RejectBody,
    ),
    Endpoint(
        "GET",
        f"{A_BATCH}/items",
        batches.list_items,
        "How far every row has come",
        READERS,
        {OK: ItemList},
        query=Pages,
    ),
    Endpoint(
        "GET",
        f"{A_BATCH}/results",
        batch_results.list_results,
        "What became of every row, why, and what to do",
        READERS,
        {OK: batch_results.ResultList},
        "As JSON, or as CSV with `?format=csv` or `Accept: text/csv`; the `Link` header then names "
        "the next page, and pages can be joined as they are.",
        query=TablePages,
        or_csv=True,
    ),
    Endpoint(
        "POST",
        f"{A_BATCH}/pause",
        batch_control.pause_batch,
        "Let no further row of a batch begin",
        OPERATORS,
        {OK: BatchReply},
        "It keeps its seats for 24 hours (`PAUSE_LIMIT_HOURS`), and is cancelled then. Rows under "
        "way come to their end.",
        spends=True,
    ),
    Endpoint(
        "POST",
        f"{A_BATCH}/resume",
        batch_control.resume_batch,
        "Let a paused batch go on",
        OPERATORS,
        {OK: BatchReply},
        spends=True,
    ),
    Endpoint(
        "POST",
        f"{A_BATCH}/cancel",
        batch_control.cancel_batch,
        "End a batch without the rows that have not begun",
        OPERATORS,
        {OK: BatchReply},
        "Rows under way come to their end; `growths` say until when seats can be undone.",
        spends=True,
    ),
    Endpoint(
        "POST",
        f"{A_BATCH}/retry",
        batch_control.retry_batch,
        "Send the failed rows of a batch again, as a new batch",
        OPERATORS,
        {ACCEPTED: BatchReply},
        "It is planned and priced anew; `retryOf` names the old one.",
        spends=True,
    ),
    Endpoint(
        "POST",
        f"{AN_ITEM}/password/reveal",
        passwords.reveal_item_password,
        "Hand out a row's password",
        OPERATORS,
        {OK: passwords.PasswordReply},
        "To whoever sent the batch, until acknowledged or 24 hours have passed.",
    ),
    Endpoint(
        "POST",
        f"{AN_ITEM}/password/acknowledge",
        passwords.acknowledge_item_password,
        "Say that a row's password is safely written down",
        OPERATORS,
        DONE,
    ),
)

"""Read a drop that names a blob in our own container instead of carrying its rows."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.api.documents import BatchQuery, read_draft
from shared.api.json_text import read_json
from shared.api.models import Body, Guid, Line, Name
from shared.api.office import Office
from shared.api.validation import read_model
from shared.domain.batches import BatchDocument
from shared.domain.ids import BatchId

BLOB = "blob"
CSV_END = ".csv"
BLOB_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*\.(json|csv)$"
"""No address, no way out of the container, and an end that says how it is read."""


class BlobNote(Body):
    """A message that says where the rows are; its id and customer are the batch's."""

    id: Name
    customer_id: Guid
    requested_by: Annotated[Line, Field(description="Ignored: it is Automation's.")] = ""
    blob: Annotated[
        str,
        StringConstraints(pattern=BLOB_PATTERN, max_length=200),
        Field(examples=["2026-09/starters.csv"]),
    ]


async def document_from_blob(office: Office, message: Mapping[str, object]) -> BatchDocument:
    """Read the blob as its end says, through the readers that HTTP has.

    Raises `InvalidRequest` with every fault, `MalformedRequest` for what is no JSON, `BodyTooLarge`
    before the download, and `CustomerNotFound` for a stranger's tenant.
    """
    note = read_model(BlobNote, message)
    raw = await office.drops.read(note.blob, at_most=office.limits.body_bytes)
    said = {"id": note.id, "customerId": note.customer_id}
    if note.blob.endswith(CSV_END):
        draft = read_draft(raw, BatchQuery.model_validate(said), office.limits)
    else:
        draft = read_draft(_with(said, read_json(raw)), BatchQuery(), office.limits)
    return await draft.to_document(
        office.desk, requested_by=office.automation_id, otherwise=BatchId(note.id)
    )


def _with(said: Mapping[str, str], document: object) -> object:
    return {**document, **said} if isinstance(document, dict) else document

"""Describe the batch document as a JSON Schema, from the model that reads it."""

import json

from shared.api.documents import BatchBody
from shared.api.models import Untitled

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def batch_schema() -> dict[str, object]:
    """What an editor or a form needs to check a document before it is sent.

    Rows that repeat a user name, and what only the tenant knows, are found by the service.
    """
    schema = BatchBody.model_json_schema(by_alias=True, schema_generator=Untitled)
    return {"$schema": DIALECT, **schema, "title": "Seatkeeper batch"}


def batch_schema_text() -> str:
    return json.dumps(batch_schema(), ensure_ascii=False, indent=2) + "\n"

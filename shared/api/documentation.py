"""Serve what documents the API; it is made when first asked for."""

import functools
import json

from shared.api.batch_schema import batch_schema_text
from shared.api.call import Answer, Call
from shared.api.health import version_of


async def get_openapi(call: Call) -> Answer:
    return Answer(_openapi_text(version_of(call)))


async def get_docs(call: Call) -> Answer:
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Answer(_docs_text(version_of(call)), headers=headers, media_type="text/html")


async def get_batch_schema(_call: Call) -> Answer:
    return Answer(batch_schema_text(), media_type="application/schema+json")


# The table of routes lists these two handlers, so it cannot be imported above them.
@functools.cache
def _openapi_text(version: str) -> str:
    from shared.api.openapi import openapi_document  # noqa: PLC0415
    from shared.api.routes import ENDPOINTS  # noqa: PLC0415

    return json.dumps(openapi_document(ENDPOINTS, version), ensure_ascii=False)


@functools.cache
def _docs_text(version: str) -> str:
    from shared.api.docs_page import docs_html  # noqa: PLC0415
    from shared.api.routes import ENDPOINTS  # noqa: PLC0415

    return docs_html(ENDPOINTS, version)

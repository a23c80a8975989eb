"""Answer a list as a table that a spreadsheet can open."""

import csv
import io
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.endpoint import CSV
from shared.api.models import Pages, Reply
from shared.api.paging import next_link

_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class TablePages(Pages):
    """Long lists, as JSON or as a table."""

    limit: Annotated[int, Field(ge=1, le=5000, description="How many rows at most.")] = 1000
    format: Annotated[
        Literal["json", "csv"] | None, Field(description="Goes before the `Accept` header.")
    ] = None


def wants_csv(call: Call) -> bool:
    asked = call.query_as(TablePages).format
    if asked is not None:
        return asked == "csv"
    accept = call.request.headers.get("accept", "")
    return CSV in accept and "application/json" not in accept


def table(call: Call, kind: type[Reply], items: Iterable[Reply], cursor: str | None) -> Answer:
    """Only the first page has the mark of UTF-8 and the headings: pages can be joined as they are.

    The next one stands in the `Link` header (RFC 8288).
    """
    is_first = call.query_as(TablePages).cursor is None
    names = [field.alias or name for name, field in kind.model_fields.items()]
    text = io.StringIO()
    lines = csv.writer(text)
    if is_first:
        lines.writerow(names)
    for item in items:
        values = item.model_dump(by_alias=True, mode="json")
        lines.writerow([_cell(values[name]) for name in names])
    onward = next_link(call, cursor)
    headers = {"Link": f'<{onward}>; rel="next"'} if onward else {}
    return Answer((_BOM if is_first else "") + text.getvalue(), headers=headers, media_type=CSV)


def _cell(value: object) -> str:
    """A spreadsheet must not take a name for a formula: an apostrophe keeps it a text."""
    if isinstance(value, bool):
        return str(value).lower()
    listed = "; ".join(map(str, value)) if isinstance(value, list) else value
    text = "" if listed is None else str(listed)
    return f"'{text}" if text.startswith(_FORMULA) else text

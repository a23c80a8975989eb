"""Answer what became of each row, as JSON or as a table that a spreadsheet can open."""

import csv
import io
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from shared.api.batches import ItemReply, batch_id_of
from shared.api.call import Answer, Call
from shared.api.endpoint import CSV
from shared.api.models import Pages, Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.batches import RowResult, RowStatus
from shared.workflows.ports import Page

_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ResultsQuery(Pages):
    limit: Annotated[int, Field(ge=1, le=5000, description="How many rows at most.")] = 1000
    format: Annotated[
        Literal["json", "csv"] | None, Field(description="Goes before the `Accept` header.")
    ] = None


class ResultReply(ItemReply):
    """How one row ended, why, and what can be done about it."""

    what_to_do: str | None = None

    @classmethod
    def of(cls, batch: str, result: RowResult) -> Self:
        item = ItemReply.of(batch, result)
        return cls(**item.model_dump(), what_to_do=_what_to_do(batch, result))


class ResultList(Reply):
    items: list[ResultReply]
    next_link: str | None = None


async def list_results(call: Call) -> Answer:
    batch = await call.desk.batches.get(batch_id_of(call))
    limit = call.query_as(ResultsQuery).limit
    page = await call.desk.batches.results_page(batch.id, cursor_of(call), limit)
    items = [ResultReply.of(batch.id, result) for result in page.items]
    if _wants_csv(call):
        return _table(call, items, page)
    return Answer(ResultList(items=items, next_link=next_link(call, page.cursor)))


def _wants_csv(call: Call) -> bool:
    asked = call.query_as(ResultsQuery).format
    if asked is not None:
        return asked == "csv"
    accept = call.request.headers.get("accept", "")
    return CSV in accept and "application/json" not in accept


def _table(call: Call, items: Iterable[ResultReply], page: Page[RowResult]) -> Answer:
    """Only the first page has the mark of UTF-8 and the headings: pages can be joined as they are.

    The next one stands in the `Link` header (RFC 8288).
    """
    is_first = call.query_as(ResultsQuery).cursor is None
    names = [field.alias or name for name, field in ResultReply.model_fields.items()]
    text = io.StringIO()
    lines = csv.writer(text)
    if is_first:
        lines.writerow(names)
    for item in items:
        values = item.model_dump(by_alias=True)
        lines.writerow([_cell(values[name]) for name in names])
    onward = next_link(call, page.cursor)
    headers = {"Link": f'<{onward}>; rel="next"'} if onward else {}
    return Answer((_BOM if is_first else "") + text.getvalue(), headers=headers, media_type=CSV)


def _cell(value: object) -> str:
    """A spreadsheet must not take a name for a formula: an apostrophe keeps it a text."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _what_to_do(batch: str, result: RowResult) -> str | None:
    if result.status is not RowStatus.FAILED:
        return None
    again = f"POST /api/batches/{batch}/retry sends the failed rows again"
    if result.user_id:
        return f"The account exists. {again}, and gives this one what is missing."
    return (
        f"Mend what the reason names. Then {again}; a row that itself is wrong needs a new batch."
    )

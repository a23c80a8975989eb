"""Answer what became of each row, as JSON or as a table that a spreadsheet can open."""

from typing import Self

from shared.api.batch_replies import ItemReply
from shared.api.batches import batch_id_of
from shared.api.call import Answer, Call
from shared.api.csv_tables import TablePages, table, wants_csv
from shared.api.models import Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.batches import RowResult, RowStatus


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
    limit = call.query_as(TablePages).limit
    page = await call.desk.batches.results_page(batch.id, cursor_of(call), limit)
    items = [ResultReply.of(batch.id, result) for result in page.items]
    if wants_csv(call):
        return table(call, ResultReply, items, page.cursor)
    return Answer(ResultList(items=items, next_link=next_link(call, page.cursor)))


def _what_to_do(batch: str, result: RowResult) -> str | None:
    if result.status is not RowStatus.FAILED:
        return None
    again = f"POST /api/batches/{batch}/retry sends the failed rows again"
    if result.user_id:
        return f"The account exists. {again}, and gives this one what is missing."
    return (
        f"Mend what the reason names. Then {again}; a row that itself is wrong needs a new batch."
    )

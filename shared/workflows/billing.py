"""Read a period's statement, and what is assigned beside what is billed, from the mirror."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.batches import Batch
from shared.domain.comparison import Compared, compare
from shared.domain.customers import Customer
from shared.domain.errors import BatchNotFound
from shared.domain.ids import BatchId
from shared.domain.spells import batch_behind
from shared.domain.statements import Line, Period, statement
from shared.together import together
from shared.workflows.ports import Desk, Page

_SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Some of a period's lines, with the batches behind them."""

    period: Period
    lines: Page[Line]
    batches: dict[BatchId, Batch]
    read_at: datetime | None
    """When the customer's people were last read."""


async def read_statement(
    desk: Desk, customer: Customer, name: str, cursor: str | None, size: int
) -> StatementPage:
    """A page covers so many people, and may hold fewer lines, or more: two for who left."""
    period = Period.named(name, await closing_day_of(desk, customer))
    state = await desk.people.state(customer.id)
    page = await desk.people.spells(customer.id, period.since, cursor, size)
    lines = statement(page.items, period, state.trials or {})
    batches = await _batches_behind(desk, lines)
    return StatementPage(period, Page(lines, page.cursor), batches, state.read_at)


async def closing_day_of(desk: Desk, customer: Customer) -> int:
    """The connection's, or the setting's."""
    connection = await desk.connections.get(customer.connection_id)
    own = connection.baseline.closing_day
    return desk.closing_day if own is None else own


async def _batches_behind(desk: Desk, lines: Sequence[Line]) -> dict[BatchId, Batch]:
    found = {}
    for batch_id in sorted({batch for line in lines if (batch := batch_behind(line.by))}):
        try:
            found[batch_id] = await desk.batches.get(batch_id)
        except BatchNotFound:
            continue
    return found


@dataclass(frozen=True, slots=True)
class CustomerComparison:
    """One customer, product by product, as the last reading left it."""

    customer: Customer
    read_at: datetime | None
    lines: Sequence[Compared]


async def read_comparisons(desk: Desk, cursor: str | None, size: int) -> Page[CustomerComparison]:
    """Over all customers, so many at a time."""
    page = await desk.customers.page(cursor, size)

    async def one(customer: Customer) -> CustomerComparison:
        return CustomerComparison(customer, *await read_comparison(desk, customer))

    return Page(await together(_SIDE_BY_SIDE, one, page.items), page.cursor)


async def read_comparison(
    desk: Desk, customer: Customer
) -> tuple[datetime | None, Sequence[Compared]]:
    """As the last reading left it, with when that was."""
    state = await desk.people.state(customer.id)
    held = await desk.subscriptions.of(customer.id)
    return state.read_at, compare(state.counts, held)

"""Forget what changed outside and was decided long ago, a part of it once a week."""

import zlib

from shared.domain.ids import CustomerId
from shared.domain.runs import Run
from shared.workflows.ports import Desk

PORTION = 500
_WEEK = 7


async def forget_drift(desk: Desk, run: Run, customer: CustomerId) -> None:
    """Open entries stay, however old; a customer that fails on its day waits for the next one."""
    if _has_its_day(run, customer):
        before = await desk.clock.now() - desk.run_retention
        await desk.drift.purge(customer, before, PORTION)


def _has_its_day(run: Run, customer: CustomerId) -> bool:
    """Customers are spread over the week, so that no night looks for all of them."""
    return zlib.crc32(customer.encode()) % _WEEK == run.opened_at.toordinal() % _WEEK

"""Do what the timers ask for: open the night, and sweep."""

import logging

from shared.api.office import Office
from shared.domain.budgets import Priority
from shared.transport.priority import at_priority
from shared.workflows.open_run import open_night
from shared.workflows.sweep import sweep

logger = logging.getLogger(__name__)


async def start_night(office: Office, *, past_due: bool) -> None:
    """Open the business day's run; a late one is as good as one in time."""
    if past_due:
        logger.warning("the nightly timer fires late")
    await open_night(office.desk)


async def start_sweep(office: Office) -> None:
    """Look after what has no message any more, behind everybody else's calls."""
    with at_priority(Priority.BACKGROUND):
        await sweep(office.desk)

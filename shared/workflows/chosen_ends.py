"""Remember what somebody chose for the end of a subscription's term."""

from shared.domain.ends import choice_of
from shared.domain.history import ChangeRecord
from shared.workflows.ports import Desk


async def keep_choice(desk: Desk, record: ChangeRecord) -> None:
    """Of a change that has come about, beside the history, which grows past any page."""
    chosen = choice_of(record)
    if chosen is not None:
        await desk.ends.keep(chosen)

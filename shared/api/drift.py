"""Show what changed outside of the product, and hear what is to be thought of it."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.customers import customer_id_of
from shared.api.models import Pages, Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftState
from shared.workflows.chosen_ends import adopt
from shared.workflows.drift import decide


class DriftReply(Reply):
    """One difference that nobody here has made."""

    id: str
    kind: DriftKind
    subject: Annotated[
        str,
        Field(
            description="By `kind`: the id of a subscription, person, holding or relationship; a "
            "domain; the customer's own id for an agreement."
        ),
    ]
    what: DriftField
    before: Annotated[str, Field(description="Empty: there was nothing.")]
    after: Annotated[str, Field(description="Empty: there is nothing any more.")]
    since: Annotated[datetime, Field(description="The reading that found it.")]
    state: DriftState
    decided_by: Annotated[
        str | None,
        Field(description="A caller's id; `policy`: a rule; `reading`: it went back by itself."),
    ] = None
    decided_at: datetime | None = None
    reason: Annotated[
        str | None, Field(description="Why it is still open, where the rule is `enforce`.")
    ] = None

    @classmethod
    def of(cls, entry: DriftEntry) -> Self:
        return cls(
            id=entry.id,
            kind=entry.kind,
            subject=entry.subject,
            what=entry.what,
            before=entry.before,
            after=entry.after,
            since=entry.since,
            state=entry.state,
            decided_by=entry.decided_by or None,
            decided_at=entry.decided_at,
            reason=entry.reason or None,
        )


class DriftList(Reply):
    items: list[DriftReply]
    next_link: str | None = None


async def list_drift(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    page = await call.desk.drift.page(customer.id, cursor_of(call), call.query_as(Pages).limit)
    items = [DriftReply.of(entry) for entry in page.items]
    return Answer(DriftList(items=items, next_link=next_link(call, page.cursor)))


async def adopt_drift(call: Call) -> Answer:
    return Answer(DriftReply.of(await adopt(call.desk, await _entry(call), call.caller.id)))


async def resolve_drift(call: Call) -> Answer:
    entry, by = await _entry(call), call.caller.id
    return Answer(DriftReply.of(await decide(call.desk, entry, DriftState.RESOLVED, by)))


async def _entry(call: Call) -> DriftEntry:
    customer = await call.desk.customers.get(customer_id_of(call))
    return await call.desk.drift.get(customer.id, call.path["driftId"])

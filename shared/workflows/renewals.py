"""Find what was chosen for the ends of terms, and plan a customer's renewals with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from shared.domain.catalog import CatalogEntry
from shared.domain.changes import SetEndOfTerm
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.history import RecordStatus, Snapshot
from shared.domain.ids import OfferId, SkuId
from shared.domain.policies import Policy
from shared.domain.renewals import (
    LOOK_AHEAD,
    Renewal,
    ends_within,
    idle_beyond_ends,
    plan_renewals,
)
from shared.domain.subscriptions import EndOfTerm, Subscription
from shared.domain.zones import zone_name
from shared.workflows.ports import Desk
from shared.workflows.tenant import entries_of

_CHOICES = (SetEndOfTerm.kind, "bought")
_RECENT = 50
"""Changes of one subscription that are looked through for what was chosen."""


async def mirrored_renewals(
    desk: Desk, customer: Customer, horizon: timedelta = LOOK_AHEAD
) -> tuple[Renewal, ...]:
    """Plan from the mirror, calling nobody; idle seats are those of the last night."""
    now = await desk.clock.now()
    held = await desk.subscriptions.of(customer.id)
    ending = [s for s in held if ends_within(s, now, horizon)]
    if not ending:
        return ()
    connection = await desk.connections.get(customer.connection_id)
    entries = await entries_of(desk, customer, ending)
    idle = (await desk.idle.of(customer.id)).left
    return await planned_renewals(desk, connection, held, entries, now, idle=idle, horizon=horizon)


async def planned_renewals(
    desk: Desk,
    connection: Connection,
    subscriptions: Sequence[Subscription],
    entries: Mapping[OfferId, CatalogEntry],
    now: datetime,
    *,
    idle: Mapping[SkuId, int],
    horizon: timedelta = LOOK_AHEAD,
) -> tuple[Renewal, ...]:
    """The history is read of what ends within the horizon only."""
    ending = [s for s in subscriptions if ends_within(s, now, horizon)]
    chosen = {s.id: await _chosen(desk, s) for s in ending}
    intents = {id_: end for id_, end in chosen.items() if end is not None}
    usual = EndOfTerm.RENEW if connection.baseline.auto_renew else EndOfTerm.CANCEL
    spare = idle_beyond_ends(idle, subscriptions)
    return plan_renewals(ending, entries, intents, now, horizon, usual=usual, idle=spare)


async def _chosen(desk: Desk, subscription: Subscription) -> EndOfTerm | None:
    """The newest end that somebody set here for this term; a baseline and a policy are nobody."""
    customer, id_ = subscription.customer_id, subscription.id
    page = await desk.history.page(customer, id_, None, _RECENT)
    for record in page.items:
        is_said = record.is_choice and record.status is RecordStatus.DONE
        if is_said and record.kind in _CHOICES and record.after is not None:
            return _end_of(record.kind, record.after, subscription)
    return None


def _end_of(kind: str, after: Snapshot, subscription: Subscription) -> EndOfTerm | None:
    """To cancel is said of one term; to go on, either way, holds until something else is said.

    An extended term ends every month, and nobody says every month that it shall go on.
    """
    if kind != SetEndOfTerm.kind:
        return EndOfTerm.RENEW
    said = after.end_of_term or (EndOfTerm.RENEW if after.auto_renew else EndOfTerm.EXTEND)
    is_over = said is EndOfTerm.CANCEL and after.ends_at < subscription.ends_at
    return None if is_over else said


def zone_of(customer: Customer, policy: Policy) -> str:
    """The zone that the customer's policy names, or its country's."""
    return policy.time_zone or zone_name(customer.country)

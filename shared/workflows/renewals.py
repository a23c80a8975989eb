"""Find what was chosen for the ends of terms, and plan a customer's renewals with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.catalog import CatalogEntry
from shared.domain.connections import Connection
from shared.domain.customers import Customer
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
from shared.together import together
from shared.workflows.ports import Desk, Page
from shared.workflows.tenant import entries_of

_SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True)
class EndingTerms:
    """Of one customer, what ends soon, and its time zone."""

    customer: Customer
    zone: str
    renewals: Sequence[Renewal]


async def read_renewals(
    desk: Desk, cursor: str | None, size: int, horizon: timedelta
) -> Page[EndingTerms]:
    """Over all customers, so many at a time."""
    page = await desk.customers.page(cursor, size)

    async def one(customer: Customer) -> EndingTerms:
        return await renewals_of(desk, customer, horizon)

    return Page(await together(_SIDE_BY_SIDE, one, page.items), page.cursor)


async def renewals_of(desk: Desk, customer: Customer, horizon: timedelta) -> EndingTerms:
    found = await mirrored_renewals(desk, customer, horizon)
    name = zone_of(customer, await desk.policies.of(customer.id)) if found else ""
    return EndingTerms(customer, name, found)


async def mirrored_renewals(
    desk: Desk, customer: Customer, horizon: timedelta
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
    """What was chosen is looked up only where something ends within the horizon."""
    ending = [s for s in subscriptions if ends_within(s, now, horizon)]
    if not ending:
        return ()
    chosen = await desk.ends.of(ending[0].customer_id)
    intents = {
        s.id: chosen[s.id].intent for s in ending if s.id in chosen and chosen[s.id].holds_for(s)
    }
    usual = EndOfTerm.RENEW if connection.baseline.auto_renew else EndOfTerm.CANCEL
    spare = idle_beyond_ends(idle, subscriptions)
    return plan_renewals(ending, entries, intents, now, horizon, usual=usual, idle=spare)


def zone_of(customer: Customer, policy: Policy) -> str:
    """The zone that the customer's policy names, or its country's."""
    return policy.time_zone or zone_name(customer.country)

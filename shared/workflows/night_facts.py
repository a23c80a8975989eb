"""Note what a run's report says of one customer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.domain.decisions import Decision
from shared.domain.ids import CustomerId, SkuId
from shared.domain.night_facts import NightFacts, savings_of, sku_facts, titles_of
from shared.domain.renewals import Renewal
from shared.domain.runs import Run
from shared.domain.subscriptions import Subscription
from shared.workflows.extended_terms import mind_extended_terms
from shared.workflows.give_back import NightWork
from shared.workflows.ports import Desk
from shared.workflows.read_situation import Room
from shared.workflows.renewals import planned_renewals, zone_of
from shared.workflows.tenant import Tenant, entries_of


async def note_facts(
    desk: Desk,
    run: Run,
    tenant: Tenant,
    work: NightWork,
    *,
    decisions: Sequence[Decision],
    found: Sequence[Subscription],
) -> NightFacts:
    """``tenant`` is what the night found, ``found`` are the subscriptions as it leaves them.

    Minds the extended terms on the way, so that the renewals are told as they stand afterwards.
    """
    now = await desk.clock.now()
    left = idle_left(work.tonight, decisions)
    planned = await _renewals(desk, tenant, found, left)
    room = Room(desk, tenant.customer, tenant.connection)
    mended = await mind_extended_terms(room, run, work.policy, planned)
    if mended:
        found = [mended.get(s.id, s) for s in found]
        planned = await _renewals(desk, tenant, found, left)
    return NightFacts(
        company=tenant.customer.company_name,
        zone=zone_of(tenant.customer, work.policy),
        skus=sku_facts(work.views, tenant.subscriptions, titles_of(tenant.entries.values())),
        savings=savings_of(decisions, tenant.subscriptions, tenant.entries, now),
        renewals=planned,
    )


async def facts_of_deeds(
    desk: Desk, customer_id: CustomerId, done: Sequence[Decision]
) -> NightFacts:
    """Of a customer whose part failed: what was carried out before, from what is kept here."""
    customer = await desk.customers.get(customer_id)
    mirrored = await desk.subscriptions.of(customer_id)
    entries, now = await entries_of(desk, customer, mirrored), await desk.clock.now()
    savings = savings_of(done, mirrored, entries, now)
    return NightFacts(company=customer.company_name, savings=savings)


async def _renewals(
    desk: Desk, tenant: Tenant, found: Sequence[Subscription], idle: Mapping[SkuId, int]
) -> tuple[Renewal, ...]:
    known = {s.id: s for s in tenant.subscriptions}
    as_counted = [replace(s, sku=known[s.id].sku) if s.id in known else s for s in found]
    now, entries = await desk.clock.now(), tenant.entries
    return await planned_renewals(desk, tenant.connection, as_counted, entries, now, idle=idle)


def idle_left(tonight: Mapping[SkuId, int], done: Sequence[Decision]) -> dict[SkuId, int]:
    """Idle seats that are neither gone nor scheduled away when the night is over."""
    left = dict(tonight)
    for decision in done:
        if decision.applied and decision.sku is not None:
            left[decision.sku] = max(0, left.get(decision.sku, 0) - decision.seats_going)
    return left

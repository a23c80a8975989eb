"""Note what a run's report says of one customer, its renewals included."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.domain.decisions import Decision
from shared.domain.ids import CustomerId, SkuId
from shared.domain.night_facts import NightFacts, SkuFacts, savings_of, sku_facts, titles_of
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
    tenant: Tenant,
    work: NightWork,
    *,
    decisions: Sequence[Decision],
    renewals: tuple[Renewal, ...],
) -> NightFacts:
    """``tenant`` is what the night found, ``decisions`` are what it did."""
    now = await desk.clock.now()
    return NightFacts(
        company=tenant.customer.company_name,
        zone=zone_of(tenant.customer, work.policy),
        skus=found_skus(tenant, work),
        savings=savings_of(decisions, tenant.subscriptions, tenant.entries, now),
        renewals=renewals,
    )


def found_skus(tenant: Tenant, work: NightWork) -> tuple[SkuFacts, ...]:
    return sku_facts(work.views, tenant.subscriptions, titles_of(tenant.entries.values()))


async def facts_of_outcomes(
    desk: Desk, customer_id: CustomerId, done: Sequence[Decision]
) -> NightFacts:
    """Of a customer whose part failed: what was carried out before, from what is kept here."""
    customer = await desk.customers.get(customer_id)
    mirrored = await desk.subscriptions.of(customer_id)
    entries, now = await entries_of(desk, customer, mirrored), await desk.clock.now()
    savings = savings_of(done, mirrored, entries, now)
    return NightFacts(company=customer.company_name, savings=savings)


async def minded_renewals(
    desk: Desk,
    run: Run,
    tenant: Tenant,
    work: NightWork,
    *,
    decisions: Sequence[Decision],
    found: Sequence[Subscription],
) -> tuple[Renewal, ...]:
    """Mind the extended terms, and answer the renewals as they stand after that.

    ``found`` are the subscriptions as the night leaves them.
    """
    left = idle_left(work.tonight, decisions)
    planned = await _renewals(desk, tenant, found, left)
    room = Room(desk, tenant.customer, tenant.connection)
    mended = await mind_extended_terms(room, run, work.policy, planned)
    if not mended:
        return planned
    return await _renewals(desk, tenant, [mended.get(s.id, s) for s in found], left)


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

"""Carry out what the night decided for one customer, SKU by SKU, under the ledger's lease.

Each change is written down before it is sent and settled like a growth, so that a night that died
in the middle goes on where it stopped and tells what it did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from shared.domain.decisions import Decision, DecisionKind, GiveBackPlan
from shared.domain.errors import SeatkeeperError, SubscriptionNotFound
from shared.domain.giveback import plan_give_back
from shared.domain.idle import IdleHistory
from shared.domain.ids import SkuId, SubscriptionId
from shared.domain.night_views import NightlyView
from shared.domain.operations import request_id
from shared.domain.outcomes import outcome_of
from shared.domain.plans import UserPlan
from shared.domain.policies import ExtensionRule, Policy
from shared.domain.pricing import quote_growth
from shared.domain.seats import Growth, GrowthStatus
from shared.domain.subscriptions import Subscription
from shared.workflows.alarms import Alarm, raise_alarm
from shared.workflows.ports import Desk, Lease, LedgerPage
from shared.workflows.promise_seats import changes_under_way, standing_promises
from shared.workflows.settle_growth import Account, settle_growth
from shared.workflows.settle_night import settle_night
from shared.workflows.tenant import Tenant, read_tenant


@dataclass(frozen=True, slots=True)
class NightWork:
    """One customer's part of a run: how the ledger knows it, and what it may do."""

    holder: str
    requested_by: str
    day: date
    """Of the run: a night that goes on beyond midnight is one night."""
    policy: Policy
    assigned: Mapping[SkuId, int]
    plans: Sequence[UserPlan] = ()
    idle: IdleHistory = field(default_factory=IdleHistory)
    """Tonight included."""
    tonight: Mapping[SkuId, int] = field(default_factory=dict)
    """Idle seats as they were found, whatever may be done about them."""
    views: Sequence[NightlyView] = ()
    """What they were counted from."""
    put_backs: str = ""
    """How the ledger knows what the run put back before, which counts as drift alone."""


async def plan_tenant(desk: Desk, tenant: Tenant, work: NightWork) -> GiveBackPlan:
    """Decide for every subscription of a customer, from the ledger as it stands now.

    What has its turn before its base is done by then, or was refused.
    """
    views = await nightly_views(desk, tenant, work)
    return plan_views(tenant, views, work, await desk.clock.now(), relying=False)


def plan_views(
    tenant: Tenant,
    views: Sequence[NightlyView],
    work: NightWork,
    now: datetime,
    *,
    relying: bool = True,
) -> GiveBackPlan:
    uncounted = [s for s in tenant.subscriptions if s.sku not in tenant.stocks]
    bounds = tenant.minimum_of
    plan = plan_give_back(views, uncounted, minimum_of=bounds, now=now, relying=relying)
    return plan.within(work.policy.limit_percent, sum(view.held for view in views))


async def nightly_views(desk: Desk, tenant: Tenant, work: NightWork) -> list[NightlyView]:
    """Every SKU that is counted, with what the policy says of it tonight."""
    return [await _view(desk, tenant, sku, work) for sku in counted_skus(tenant)]


def counted_skus(tenant: Tenant) -> list[SkuId]:
    """What we sell there and the directory counts licences of; add-ons go before their bases."""
    skus = {s.sku for s in tenant.subscriptions if s.sku in tenant.stocks and s.sku}
    add_ons = {e.offer.sku for e in tenant.entries.values() if e.offer.is_addon}
    return sorted(skus, key=lambda sku: (sku not in add_ons, sku))


async def _view(desk: Desk, tenant: Tenant, sku: SkuId, work: NightWork) -> NightlyView:
    page = await desk.ledger.read(tenant.customer.id, sku)
    now = await desk.clock.now()
    standing = await standing_promises(desk, tenant, sku, page, now)
    rule = work.policy.rule_of(sku, work.plans, now)
    steadily = _steadily(work, sku)
    view, connection = tenant.view(sku, standing, rule.floor), tenant.connection
    if work.policy.extended_terms is ExtensionRule.ENFORCE:
        # The same night may end it yet.
        kept = tuple(s.unless_extended for s in view.subscriptions)
        view = replace(view, subscriptions=kept)
    speaks = connection.sends_scheduled_actions
    partner = connection.partner_tenant_id
    return NightlyView(view, rule.mode, steadily, page.cuts, partner, speaks)


def with_history(view: NightlyView, work: NightWork) -> NightlyView:
    """As the history of idle nights has it, to which tonight may have come since."""
    return replace(view, steadily_idle=_steadily(work, view.seats.stock.sku))


def _steadily(work: NightWork, sku: SkuId) -> int | None:
    nights = work.policy.idle_nights
    return work.idle.steadily(sku, nights, work.day) if nights > 1 else None


async def give_back(
    desk: Desk, tenant: Tenant, wanted: Sequence[Decision], work: NightWork
) -> tuple[Decision, ...]:
    """Apply what is wanted, read and planned again while each SKU's lease is held.

    Answers what was really done by this run, by an earlier delivery of it too. One SKU that is
    stuck keeps no other from its turn, whose window may close tonight; then its error is raised,
    a retryable one first: the queue brings the message again.
    """
    done: list[Decision] = []
    errors: list[SeatkeeperError] = []
    wanted_skus = {d.sku for d in wanted}
    for sku in counted_skus(tenant):
        page = await desk.ledger.read(tenant.customer.id, sku)
        try:
            await _close_put_backs(desk, tenant, page, work)
            if sku in wanted_skus or page.of(work.holder):
                done += await _with_lease(desk, tenant, sku, work)
        except SeatkeeperError as error:
            errors.append(error)
    if errors:
        raise min(errors, key=lambda error: not error.retryable)
    return tuple(done)


async def _close_put_backs(desk: Desk, tenant: Tenant, page: LedgerPage, work: NightWork) -> None:
    """One that is open still was begun before the host died, and nobody wants it any more."""
    if any(g.status is GrowthStatus.INTENT for g in page.of(work.put_backs)):
        whose = {"holder": work.put_backs, "requested_by": work.requested_by}
        await settle_night(desk, tenant.customer.id, **whose)


async def _with_lease(desk: Desk, tenant: Tenant, sku: SkuId, work: NightWork) -> list[Decision]:
    lease = await desk.ledger.lease(tenant.customer.id, sku, work.holder)
    try:
        return await _apply_sku(desk, lease, work)
    finally:
        await desk.ledger.release(lease)


async def _apply_sku(desk: Desk, lease: Lease, work: NightWork) -> list[Decision]:
    page = await desk.ledger.read(lease.customer_id, lease.sku)
    tenant = replace(await read_tenant(desk, lease.customer_id), assigned=work.assigned)
    done = []
    for growth in page.of(work.holder):
        deed, lease = await _settle(desk, (lease, page), growth, tenant, work)
        done.append(deed)
    work = await _with_gone(desk, lease, work, done)
    if any(g.status is GrowthStatus.INTENT and g.holder != work.holder for g in page.growths):
        # A growth under way makes tonight's numbers stale; tomorrow is early enough.
        return done
    if await changes_under_way(desk, tenant, lease.sku):
        return done
    changed = {d.subscription_id for d in done}
    for decision in (await plan_tenant(desk, tenant, work)).allowed:
        if decision.sku == lease.sku and decision.subscription_id not in changed:
            growth = await _intent(desk, tenant, decision, work)
            lease = await desk.ledger.write_growth(lease, growth, None)
            deed, lease = await _settle(desk, (lease, page), growth, tenant, work)
            done.append(deed)
            work = await _with_gone(desk, lease, work, done)
    return done


async def _with_gone(
    desk: Desk, lease: Lease, work: NightWork, done: Sequence[Decision]
) -> NightWork:
    """Seats that went lend their nights to no others, in this delivery or the next."""
    gone = sum(d.seats_going for d in done if d.applied)
    if not gone:
        return work
    history = await desk.idle.of(lease.customer_id)
    history = history.less(work.day, work.holder, lease.sku, gone)
    await desk.idle.save(lease.customer_id, history)
    return replace(work, idle=work.idle.less(work.day, work.holder, lease.sku, gone))


async def _intent(desk: Desk, tenant: Tenant, decision: Decision, work: NightWork) -> Growth:
    found = _found(tenant, decision.subscription_id)
    return Growth(
        decision.subscription_id,
        work.holder,
        base=decision.seats,
        target=decision.target if decision.kind is DecisionKind.RETURN else decision.seats,
        request_id=request_id(work.holder, decision.subscription_id),
        scheduled_base=found.scheduled_seats,
        scheduled_target=decision.scheduled_target,
        reason=decision.reason,
        intended_at=await desk.clock.now(),
        term_ends_at=found.ends_at,
    )


def _found(tenant: Tenant, wanted: SubscriptionId) -> Subscription:
    """One that a night has written a change of may be gone when its message comes again."""
    found = next((s for s in tenant.subscriptions if s.id == wanted), None)
    if found is None:
        raise SubscriptionNotFound(wanted)
    return found


async def _settle(
    desk: Desk,
    held: tuple[Lease, LedgerPage],
    growth: Growth,
    tenant: Tenant,
    work: NightWork,
) -> tuple[Decision, Lease]:
    lease, page = held
    subscription = _found(tenant, growth.subscription_id)
    account = await _account(desk, tenant, subscription, growth, work)
    ended, lease = await settle_growth(desk, lease, page, growth, account)
    if ended.status is GrowthStatus.REVIEW:
        await raise_alarm(desk, Alarm.NIGHT_IN_REVIEW, subscription.id, work.requested_by)
    return outcome_of(ended, subscription, growth.reason), lease


async def _account(
    desk: Desk, tenant: Tenant, subscription: Subscription, growth: Growth, work: NightWork
) -> Account:
    """Seats that go back are refunded by the day, as growths are charged by it."""
    entry = tenant.entries.get(subscription.offer)
    returned = growth.base - growth.target
    if entry is None or returned <= 0:
        return Account(work.requested_by, note=growth.reason)
    quote = quote_growth(subscription, returned, entry, await desk.clock.now())
    if quote is None:
        return Account(work.requested_by, note=growth.reason)
    return Account(work.requested_by, quote.now * -1, quote.until_term_end * -1, note=growth.reason)

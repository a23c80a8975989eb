"""Do one customer's part of a run: synchronise, decide, give back where the policy says so."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.decisions import Decision, GiveBackPlan
from shared.domain.drift_tally import COUNTED, night_drift
from shared.domain.errors import ChangedMeanwhile, SeatkeeperError
from shared.domain.ids import CustomerId, RunId
from shared.domain.night_views import only_reports
from shared.domain.outcomes import beside, with_outcomes
from shared.domain.plans import UserPlan
from shared.domain.policies import Policy
from shared.domain.renewals import SPEAK_UP
from shared.domain.runs import (
    PUT_ASIDE,
    CustomerRun,
    CustomerRunStatus,
    Run,
    night_holder,
)
from shared.domain.subscriptions import Subscription
from shared.workflows.close_run import add_up_again, close_if_complete, tell_if_untold
from shared.workflows.enforce_drift import enforce_drift
from shared.workflows.events import event
from shared.workflows.forget_drift import forget_drift
from shared.workflows.give_back import (
    NightWork,
    give_back,
    nightly_views,
    plan_views,
    with_history,
)
from shared.workflows.night_facts import (
    facts_of_outcomes,
    found_skus,
    idle_left,
    minded_renewals,
    note_facts,
)
from shared.workflows.part_in_hand import PartInHand
from shared.workflows.ports import Desk
from shared.workflows.read_situation import Room
from shared.workflows.read_standing import read_standing
from shared.workflows.runs import send_customer
from shared.workflows.settle_night import (
    outcomes_of_night,
    settle_night,
    settle_put_backs,
)
from shared.workflows.subscriptions import keep_mirror
from shared.workflows.synchronise import ShutOut, Synchronised, synchronise
from shared.workflows.tenant import Tenant, read_tenant, with_skus


async def run_customer(desk: Desk, run_id: RunId, customer_id: CustomerId) -> None:
    """Do one customer's part; its failure is its own, retried by the queue and then recorded.

    A customer with many people is read by several messages, each of which sends the next.
    """
    part, run = await desk.runs.part(run_id, customer_id), await desk.runs.get(run_id)
    if run.status.is_final:
        await _come_late(desk, run, part)
        return
    if not part.status.is_final:
        hand = PartInHand(desk, part)
        try:
            found = await _read(desk, run, customer_id)
            if found is None:
                return
            part = await _work_of(desk, run, hand, found)
        except SeatkeeperError as error:
            if error.retryable:
                raise
            part = _failed(hand.part, type(error).__name__, str(error))
        await _end_part(desk, run, await _with_all_settled(desk, run, part))
    await close_if_complete(desk, run_id)


async def _come_late(desk: Desk, run: Run, part: CustomerRun) -> None:
    """The run was closed at its deadline, and what this part had begun may be open still.

    Or its host died while it told of the end.
    """
    done = await _settled(desk, run, part)
    if done and not part.status.is_final:
        await desk.runs.save_part(await _having_done(desk, part, done))
        await add_up_again(desk, run.id)
    await tell_if_untold(desk, run.id)


async def _with_all_settled(desk: Desk, run: Run, part: CustomerRun) -> CustomerRun:
    """What an earlier delivery had begun may be what this one has no eye for any more."""
    done = await _settled(desk, run, part)
    if part.status is CustomerRunStatus.FAILED:
        return await _having_done(desk, part, done)
    return part


async def _read(desk: Desk, run: Run, customer_id: CustomerId) -> Synchronised | ShutOut | None:
    """Send the next message where this one does not come to the end of what is to be read."""
    pause = timedelta(0)
    try:
        found = await synchronise(desk, customer_id)
    except ChangedMeanwhile:
        found, pause = None, desk.pauses.busy
    if found is None:
        await send_customer(desk, run.id, customer_id, pause)
    return found


async def give_up_customer(desk: Desk, run_id: RunId, customer_id: CustomerId, reason: str) -> None:
    """Record the failure of a part whose message will not come again."""
    part, run = await desk.runs.part(run_id, customer_id), await desk.runs.get(run_id)
    if not part.status.is_final:
        done = await _settled_or_told(desk, run, part)
        failed = _failed(await _having_done(desk, part, done), PUT_ASIDE, reason)
        await _end_part(desk, run, failed)
    await close_if_complete(desk, run_id)
    await _settled(desk, run, part)


async def _settled(desk: Desk, run: Run, part: CustomerRun) -> tuple[Decision, ...]:
    return await settle_night(desk, part, requested_by=run.requested_by)


async def _settled_or_told(desk: Desk, run: Run, part: CustomerRun) -> tuple[Decision, ...]:
    """The run waits neither for who else is at the customer's seats nor for Microsoft."""
    with suppress(SeatkeeperError):
        return await _settled(desk, run, part)
    return await outcomes_of_night(desk, part)


def _failed(part: CustomerRun, failure: str, reason: str) -> CustomerRun:
    return replace(part, status=CustomerRunStatus.FAILED, failure=failure, reason=reason)


async def _having_done(desk: Desk, part: CustomerRun, done: tuple[Decision, ...]) -> CustomerRun:
    """What was carried out is told with its money, however the part ended."""
    if not done:
        return part
    told = await facts_of_outcomes(desk, part.customer_id, done)
    facts = replace(part.facts, company=told.company, savings=told.savings)
    return replace(part, decisions=done, applied=True, facts=facts)


async def _end_part(desk: Desk, run: Run, part: CustomerRun) -> None:
    if part.failure:
        event("customer-failed", run=part.run_id, customer=part.customer_id, reason=part.failure)
    await forget_drift(desk, run, part.customer_id)
    newest = await desk.drift.page(part.customer_id, None, COUNTED)
    drift = night_drift(newest.items, run.opened_at)
    await desk.runs.save_part(replace(part, drift=drift, finished_at=await desk.clock.now()))


async def _work_of(
    desk: Desk, run: Run, hand: PartInHand, found: Synchronised | ShutOut
) -> CustomerRun:
    if isinstance(found, ShutOut):
        return await _looked_from_outside(desk, run, hand, found)
    return await _work(desk, run, hand, found)


async def _work(desk: Desk, run: Run, hand: PartInHand, read: Synchronised) -> CustomerRun:
    tenant = read.tenant
    warnings = await read_standing(desk, run, tenant.customer, tenant.connection)
    tenant = await _mirrored(desk, tenant)
    tenant = await _enforced(run, tenant, read.policy, hand)
    work = _night_work(run, tenant, read.policy, hand, read.plans)
    work = await _with_idle(desk, run, tenant, work)
    plan = plan_views(tenant, work.views, work, await desk.clock.now())
    if plan.held:
        event("giveback-held", run=run.id, customer=tenant.customer.id)
    hand.note_found(sum(work.tonight.values()), found_skus(tenant, work))
    why_not = _why_not_applied(run, tenant, work)
    if why_not:
        # By an earlier delivery, before somebody decided otherwise.
        done = await _settled(desk, run, hand.part)
        decisions, found = beside(plan.decisions, done), tenant.subscriptions
    else:
        decisions, found = await _carried_out(desk, tenant, plan, work)
    _warn_of_losses(run, hand.part, decisions, await desk.clock.now())
    renewals = await minded_renewals(desk, run, tenant, work, decisions=decisions, found=found)
    facts = await note_facts(desk, tenant, work, decisions=decisions, renewals=renewals)
    return replace(
        hand.part,
        status=CustomerRunStatus.DONE,
        decisions=decisions,
        applied=not why_not or any(d.applied for d in decisions),
        users=read.people.people,
        warnings=warnings,
        reason=why_not,
        facts=replace(facts, skus=hand.part.facts.skus),
    )


async def _looked_from_outside(
    desk: Desk, run: Run, hand: PartInHand, read: ShutOut
) -> CustomerRun:
    """Nothing goes back where nobody knows what is used; what Partner Center tells is kept."""
    warnings = await read_standing(desk, run, read.tenant.customer, read.tenant.connection)
    tenant = await _mirrored(desk, read.tenant)
    work = _night_work(run, tenant, read.policy, hand)
    # Seats without a count of their use would make the report's sums wrong, so it lists none.
    uncounted, found = replace(tenant, subscriptions=()), tenant.subscriptions
    renewals = await minded_renewals(desk, run, uncounted, work, decisions=(), found=found)
    facts = await note_facts(desk, uncounted, work, decisions=(), renewals=renewals)
    failed = _failed(hand.part, type(read.why).__name__, str(read.why))
    return replace(failed, warnings=warnings, facts=facts)


async def _carried_out(
    desk: Desk, tenant: Tenant, plan: GiveBackPlan, work: NightWork
) -> tuple[tuple[Decision, ...], Sequence[Subscription]]:
    """What was done of the plan, and the subscriptions as they stand after it."""
    done = await give_back(desk, tenant, plan.allowed, work)
    decisions = with_outcomes(plan.decisions, done)
    if not done:
        return decisions, tenant.subscriptions
    after = await _mirrored(desk, await read_tenant(desk, tenant.customer.id))
    history = await desk.idle.of(tenant.customer.id)
    left = idle_left(work.tonight, decisions)
    await desk.idle.save(tenant.customer.id, replace(history, left=left))
    return decisions, after.subscriptions


async def _mirrored(desk: Desk, tenant: Tenant) -> Tenant:
    kept = await keep_mirror(desk, tenant.connection, tenant.customer.id, tenant.subscriptions)
    return replace(tenant, subscriptions=kept)


async def _enforced(run: Run, tenant: Tenant, policy: Policy, hand: PartInHand) -> Tenant:
    """What was begun there, and nobody wants any more, is closed before the seats are counted."""
    room = Room(hand.desk, tenant.customer, tenant.connection, tenant.assigned)
    kept = await enforce_drift(room, run, policy, tenant.subscriptions, hand)
    await settle_put_backs(hand.desk, hand.part, requested_by=run.requested_by)
    return replace(tenant, subscriptions=with_skus(kept, tenant.entries))


def _night_work(
    run: Run, tenant: Tenant, policy: Policy, hand: PartInHand, plans: Sequence[UserPlan] = ()
) -> NightWork:
    holder = night_holder(run.id, tenant.customer.id)
    day = run.opened_at.date()
    return NightWork(holder, run.requested_by, day, policy, tenant.assigned, hand, plans)


async def _with_idle(desk: Desk, run: Run, tenant: Tenant, work: NightWork) -> NightWork:
    """Note tonight's idle seats; a dry run only looks at what was noted.

    A run by hand counts as a night for its own plan, and for nobody else's.
    """
    views = await nightly_views(desk, tenant, work)
    idle = {view.seats.stock.sku: view.idle for view in views}
    kept = await desk.idle.of(tenant.customer.id)
    history = kept.noted(work.day, idle)
    if not run.dry_run:
        noted = history if run.nightly else kept.lowered(work.day, idle)
        await desk.idle.save(tenant.customer.id, noted)
    work = replace(work, idle=history, tonight=idle)
    return replace(work, views=[with_history(view, work) for view in views])


def _warn_of_losses(
    run: Run, part: CustomerRun, decisions: tuple[Decision, ...], now: datetime
) -> None:
    """A renewal that is a year away is told of in the run's record only."""
    for decision in decisions:
        renewal = decision.effective_at
        if decision.at_risk and renewal is not None and renewal <= now + SPEAK_UP:
            event(
                "seats-at-risk",
                run=run.id,
                customer=part.customer_id,
                subscription=decision.subscription_id,
                seats=decision.at_risk,
                renewal=renewal.isoformat(),
            )


def _why_not_applied(run: Run, tenant: Tenant, work: NightWork) -> str:
    if run.dry_run:
        return "a dry run only reports"
    if not tenant.connection.role.bills_directly:
        return "the connection is an indirect reseller's: its provider gives seats back"
    if only_reports(work.views, work.policy.mode):
        return "the customer's policy is to report only"
    return ""

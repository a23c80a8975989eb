"""Read one customer anew: subscriptions, licences, domains, and the people who changed.

Two requests tell of a customer in which nothing happened.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.drift import DriftRules
from shared.domain.errors import RemoteError, RemoteRefused, SignInRefused
from shared.domain.estate import DomainState, Estate, owned, stocks_kept
from shared.domain.estate_drift import of_estate
from shared.domain.fitting import digest_of
from shared.domain.ids import CustomerId
from shared.domain.mirror import FORM, Headcount, SyncState
from shared.domain.plans import UserPlan
from shared.domain.policies import Policy
from shared.domain.subscriptions import Subscription
from shared.domain.trials import noted, plans_on_trial
from shared.workflows.drift import rules_of
from shared.workflows.ports import Desk, Survey
from shared.workflows.read_people import Round
from shared.workflows.tenant import Tenant, customer_and_connection, tenant_of
from shared.workflows.user_plans import all_plans

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Synchronised:
    """A customer as Microsoft tells of it now; ``tenant`` knows how many people hold what."""

    tenant: Tenant
    people: Headcount
    policy: Policy
    plans: Sequence[UserPlan]


@dataclass(frozen=True, slots=True)
class ShutOut:
    """A customer whose directory does not let us in: Partner Center alone tells of it."""

    tenant: Tenant
    policy: Policy
    why: RemoteError


async def synchronise(desk: Desk, customer_id: CustomerId) -> Synchronised | ShutOut | None:
    """Answer None where there is more to read than one message does: ask again in another one.

    Raises `ChangedMeanwhile` where another delivery reads the same people.
    """
    whose = _, connection = await customer_and_connection(desk, customer_id)
    plans = await all_plans(desk)
    policy = await desk.policies.of(customer_id)
    rules = rules_of(desk, connection, policy, customer_id)
    directory = desk.microsoft.directory(connection, customer_id)
    round_ = Round(directory, desk.people, desk.clock, plans, rules)
    so_far = await _or_refusal(round_.goes_on(await desk.people.state(customer_id)))
    if isinstance(so_far, SyncState) and so_far.is_under_way:
        return None
    if isinstance(so_far, SyncState) and so_far.form != FORM:
        await desk.drift.index(customer_id)
    # Calls to Partner Center are the scarce ones: whoever must wait for one has asked for nothing
    # else in vain.
    subscriptions = await desk.microsoft.partner_center(connection).subscriptions(customer_id)
    if isinstance(so_far, RemoteError):
        return ShutOut(await tenant_of(desk, whose, subscriptions, (), ()), policy, so_far)
    begun = _begun(so_far, digest_of(plans))
    found = await _or_refusal(_read_to_the_end(desk, whose, round_, begun, subscriptions))
    if isinstance(found, RemoteError):
        return ShutOut(await tenant_of(desk, whose, subscriptions, (), ()), policy, found)
    if found is None:
        return None
    state, survey, tenant = found
    await _estate_kept(desk, rules, tenant, survey.domains)
    counted = replace(tenant, assigned=state.counts.holders)
    return Synchronised(counted, state.counts, policy, plans)


async def _or_refusal(work: Awaitable[Found]) -> Found | RemoteError:
    """A directory's final no is an answer: Partner Center still tells of its customer."""
    try:
        return await work
    except (RemoteRefused, SignInRefused) as refusal:
        return refusal


async def _read_to_the_end(
    desk: Desk,
    whose: tuple[Customer, Connection],
    round_: Round,
    begun: SyncState,
    subscriptions: Sequence[Subscription],
) -> tuple[SyncState, Survey, Tenant] | None:
    survey = await round_.directory.survey(begun.link)
    tenant = await tenant_of(desk, whose, subscriptions, survey.stocks, survey.holdings)
    begun = _trials_noted(begun, tenant, round_.plans, await desk.clock.now())
    state = await round_.ends(await round_.takes(begun, survey.people))
    return None if state.is_fresh or state.is_under_way else (state, survey, tenant)


def _trials_noted(
    state: SyncState, tenant: Tenant, plans: Sequence[UserPlan], now: datetime
) -> SyncState:
    """Kept with the people that this reading tells of: a month never closes without it."""
    on_trial = plans_on_trial(tenant.subscriptions, tenant.holdings, plans)
    return replace(state, trials=noted(state.trials, on_trial, state.read_at, now))


async def _estate_kept(
    desk: Desk, rules: DriftRules, tenant: Tenant, domains: tuple[DomainState, ...]
) -> None:
    """Written where it differs only: most nights read one row for it."""
    partner, customer = tenant.connection.partner_tenant_id, tenant.customer.id
    known, now = await desk.estates.of(customer), await desk.clock.now()
    found = Estate(
        customer,
        stocks_kept(tenant.stocks.values()),
        owned(tenant.holdings, customer, partner, tenant.subscriptions),
        tuple(sorted(domains, key=lambda domain: domain.name)),
        now,
        known.etag,
    )
    if not (known.is_known and known.is_as(found)):
        await desk.estates.save(found, tuple(of_estate(rules, known, found, now)))


def _begun(state: SyncState, plans: str) -> SyncState:
    """Everybody is read again where other plans are offered: theirs may be another one now.

    So they are where more is kept of each than was when they were last read.
    """
    is_as_kept = state.fitted == plans and state.form == FORM
    if is_as_kept and (state.link or state.is_fresh):
        return state
    return replace(state.started_over(), fitted=plans, form=FORM)

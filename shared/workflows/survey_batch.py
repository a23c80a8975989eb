"""See what a batch meets in the tenant: who is there, what is wrong, which seats are missing."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.batches import RowResult, RowStatus, seats_wanted
from shared.domain.errors import DirectBillingRequired, Fault
from shared.domain.ids import CustomerId, PlanId, SkuId
from shared.domain.plans import UserPlan
from shared.domain.pricing import Quote, quote_growth
from shared.domain.seats import Raise, Reservation, SeatPlan
from shared.domain.users import DirectoryUser, marker, to_fault
from shared.workflows.ports import Desk
from shared.workflows.promise_seats import baseline, plan_for, standing_promises
from shared.workflows.tenant import Tenant, plans_of, read_tenant


@dataclass(frozen=True, slots=True)
class Survey:
    """``taken`` are rows whose user name belongs to somebody that this batch did not make."""

    tenant: Tenant
    plans: Mapping[PlanId, UserPlan]
    present: Mapping[str, DirectoryUser]
    taken: tuple[RowResult, ...]
    wanted: Mapping[SkuId, int]
    seat_plans: tuple[SeatPlan, ...]
    faults: tuple[Fault, ...]
    now: datetime

    def quote(self, part: Raise) -> Quote | None:
        """Price one raise; None where the price sheet has no such line."""
        entry = self.tenant.entries.get(part.subscription.offer)
        seats = part.target - part.subscription.seats
        return quote_growth(part.subscription, seats, entry, self.now) if entry else None


async def survey_batch(
    desk: Desk, customer_id: CustomerId, holder: str, results: Sequence[RowResult]
) -> Survey:
    """Read everything that a plan rests on; nothing is written."""
    tenant, plans = await asyncio.gather(read_tenant(desk, customer_id), plans_of(desk, results))
    directory = desk.microsoft.directory(tenant.connection, customer_id)
    present, domains = await asyncio.gather(
        directory.users_named([r.row.user.user_principal_name for r in results]),
        directory.verified_domains(),
    )
    now = await desk.clock.now()
    taken = tuple(r for r in results if _is_taken(r, present, holder))
    wanted = _wanted(results, taken, plans, present)
    seat_plans = await _seat_plans(desk, tenant, holder, wanted, now)
    faults = (
        *_faults_of_domains(results, domains),
        *_faults_of_service_plans(results, plans, tenant),
        *_faults_of_seats(tenant, seat_plans),
    )
    survey = Survey(tenant, plans, present, taken, wanted, seat_plans, faults, now)
    return replace(survey, faults=(*faults, *_faults_of_prices(survey)))


def _name(result: RowResult) -> str:
    return result.row.user.user_principal_name.lower()


def _is_taken(result: RowResult, present: Mapping[str, DirectoryUser], holder: str) -> bool:
    person = present.get(_name(result))
    return person is not None and person.marker != marker(holder, result.row.number)


def _wanted(
    results: Sequence[RowResult],
    taken: Sequence[RowResult],
    plans: Mapping[PlanId, UserPlan],
    present: Mapping[str, DirectoryUser],
) -> dict[SkuId, int]:
    out = {r.row.number for r in taken}
    return seats_wanted(
        (r.row for r in results if r.row.number not in out and r.status is not RowStatus.FAILED),
        {p: plan.skus for p, plan in plans.items()},
        {name: frozenset(person.licences) for name, person in present.items()},
    )


async def _seat_plans(
    desk: Desk, tenant: Tenant, holder: str, wanted: Mapping[SkuId, int], now: datetime
) -> tuple[SeatPlan, ...]:
    plans = []
    for sku, needed in wanted.items():
        page = await desk.ledger.read(tenant.customer.id, sku)
        standing = await standing_promises(desk, tenant, sku, page, now)
        others = [r for r in standing if r.holder != holder]
        consumed = tenant.view(sku).stock.consumed
        mine = Reservation(holder, needed, consumed_before=baseline(consumed, others))
        plans.append(plan_for(tenant, sku, [*others, mine], needed, now))
    return tuple(plans)


def _faults_of_domains(results: Sequence[RowResult], domains: frozenset[str]) -> Iterator[Fault]:
    for result in results:
        domain = result.row.user.domain
        if domain not in domains:
            yield to_fault(
                result.row.number,
                "userPrincipalName",
                f"{domain!r} is not a verified domain of this tenant; it has "
                f"{', '.join(sorted(domains))}",
            )


def _faults_of_service_plans(
    results: Sequence[RowResult], plans: Mapping[PlanId, UserPlan], tenant: Tenant
) -> Iterator[Fault]:
    """A service plan that no SKU of the plan contains would be refused at every assignment."""
    wrong = {p: sorted(unknown_service_plans(plan, tenant)) for p, plan in plans.items()}
    for result in results:
        if wrong[result.row.plan]:
            yield to_fault(
                result.row.number,
                "plan",
                f"the plan {result.row.plan!r} switches off service plans that its SKUs do not "
                f"have: {', '.join(wrong[result.row.plan])}",
            )


def unknown_service_plans(plan: UserPlan, tenant: Tenant) -> set[str]:
    """What a plan switches off and none of its SKUs has, as far as the directory shows them all."""
    stocks = [tenant.stocks.get(sku) for sku in plan.skus]
    if any(stock is None or not stock.service_plans for stock in stocks):
        return set()
    known = {p for stock in stocks if stock is not None for p in stock.service_plans}
    return {str(p) for p in plan.switched_off if p not in known}


def _faults_of_prices(survey: Survey) -> Iterator[Fault]:
    """Nothing is bought whose price nobody knows."""
    for plan in survey.seat_plans:
        for part in plan.raises:
            bought = part.target - part.subscription.seats
            if bought and survey.quote(part) is None:
                yield Fault(
                    f"{part.subscription.name} must grow by {bought}, and the catalogue has no "
                    f"price of {part.subscription.offer} for {part.subscription.term.value} billed "
                    f"{part.subscription.billing.value}; synchronise the connection's catalogue",
                    pointer="/rows",
                )


def _faults_of_seats(tenant: Tenant, seat_plans: Sequence[SeatPlan]) -> Iterator[Fault]:
    for plan in seat_plans:
        if plan.missing:
            yield Fault(
                f"{plan.missing} of {plan.needed} seats of {plan.sku} cannot be had: "
                f"{plan.why_missing}",
                pointer="/rows",
            )
        elif plan.seats_to_buy:
            try:
                tenant.connection.require_direct_billing(f"buy the {plan.seats_to_buy} seats")
            except DirectBillingRequired as error:
                yield Fault(str(error), pointer="/rows")

"""See what a batch meets in the tenant: who is there, what is wrong, which seats are missing."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.actions import Action
from shared.domain.batches import RowResult, RowStatus
from shared.domain.chunks import Chunk
from shared.domain.errors import DirectBillingRequired, Fault
from shared.domain.ids import PlanId, SkuId
from shared.domain.plans import UserPlan
from shared.domain.pricing import Quote, quote_growth
from shared.domain.purchases import PurchaseLine
from shared.domain.row_plans import RowFault, RowPlanner
from shared.domain.seat_plans import Raise, SeatPlan
from shared.domain.seats import Reservation
from shared.domain.users import DirectoryUser, to_fault
from shared.workflows.first_subscriptions import first_lines
from shared.workflows.ports import Desk, Directory
from shared.workflows.promise_seats import baseline, plan_for, standing_promises
from shared.workflows.tenant import Tenant, all_plans, plans_named


@dataclass(frozen=True, slots=True)
class Survey:
    """What a plan rests on; ``wanted`` are seats per SKU that the rows' people do not hold."""

    tenant: Tenant
    wanted: Mapping[SkuId, int]
    seat_plans: tuple[SeatPlan, ...]
    """At the most: no seat that the batch frees itself is counted on."""
    faults: tuple[Fault, ...]
    now: datetime
    expected_plans: tuple[SeatPlan, ...] = ()
    """Where everything that the batch frees is free in time."""
    wanted_by_plan: Mapping[PlanId, Mapping[SkuId, int]] = field(default_factory=dict)
    people: int = 0
    """Who would be blocked, deleted or left without a licence."""
    people_total: int = 0
    first: tuple[PurchaseLine, ...] = ()
    """First subscriptions of SKUs that nothing of ours holds, where the batch may buy them."""

    def quote(self, part: Raise) -> Quote | None:
        """Price one raise; None where the price sheet has no such line."""
        entry = self.tenant.entries.get(part.subscription.offer)
        seats = part.target - part.subscription.seats
        return quote_growth(part.subscription, seats, entry, self.now) if entry else None


Claim = Callable[[Sequence[RowResult]], Awaitable[Sequence[RowResult]]]


async def _claims_nobody(results: Sequence[RowResult]) -> Sequence[RowResult]:
    return results


@dataclass(slots=True)
class Surveyor:
    """Looks at a batch's rows chunk by chunk, and keeps only what it counted."""

    desk: Desk
    tenant: Tenant
    directory: Directory
    domains: frozenset[str]
    holder: str
    buy_first: bool = False
    plans: dict[PlanId, UserPlan] = field(default_factory=dict)
    wanted: dict[SkuId, int] = field(default_factory=dict)
    wanted_by_plan: dict[PlanId, dict[SkuId, int]] = field(default_factory=dict)
    released: dict[SkuId, int] = field(default_factory=dict)
    people: int = 0
    faults: list[Fault] = field(default_factory=list)
    existing: int = 0
    creations: int = 0
    claim: Claim = _claims_nobody

    async def look(self, chunk: Chunk) -> Chunk:
        """Answer the chunk with what each row takes; who is somebody else fails alone."""
        rows = [r for r in chunk.rows if r.status is RowStatus.WAITING]
        self.plans |= await plans_for(self.desk, rows, set(self.plans))
        names = [r.row.user.user_principal_name for r in rows]
        present = await self.directory.users_named(names) if names else {}
        self.existing += len(present)
        found = [self._planned(r, present.get(_name(r))) for r in rows]
        planned = await self.claim([r for r in found if r is not None])
        for result in planned:
            if not result.status.is_final:
                self._count(result, present.get(_name(result)))
        return chunk.having(planned)

    def _planned(self, result: RowResult, person: DirectoryUser | None) -> RowResult | None:
        self.faults += self._faults(result)
        planned = RowPlanner(self.plans, self.holder).plan(result, person)
        if isinstance(planned, RowFault):
            self.faults.append(to_fault(result.row.number, planned.column, planned.detail))
            return None
        return planned

    def _count(self, result: RowResult, person: DirectoryUser | None) -> None:
        row = result.row
        for sku in dict.fromkeys(s for p in row.gives for s in self.plans[p].skus):
            self.wanted[sku] = self.wanted.get(sku, 0) + (sku in result.takes)
        for plan in row.gives:
            of_plan = self.wanted_by_plan.setdefault(plan, {})
            for sku in (s for s in self.plans[plan].skus if s in result.takes):
                of_plan[sku] = of_plan.get(sku, 0) + 1
        self._count_releases(result, person)
        self.creations += row.action is Action.CREATE and person is None

    def _count_releases(self, result: RowResult, person: DirectoryUser | None) -> None:
        for sku in result.frees:
            self.released[sku] = self.released.get(sku, 0) + 1
        left = set(person.licences) - set(result.frees) if person else set()
        bereft = bool(result.frees) and not left and not result.row.gives
        self.people += result.row.action.takes_leave or bereft

    def _faults(self, result: RowResult) -> Iterator[Fault]:
        row = result.row
        if row.action is Action.CREATE and row.user.domain not in self.domains:
            yield to_fault(
                row.number,
                "userPrincipalName",
                f"{row.user.domain!r} is not a verified domain of this tenant; it has "
                f"{', '.join(sorted(self.domains))}",
            )
        for plan in row.gives:
            if wrong := unknown_service_plans(self.plans[plan], self.tenant):
                yield to_fault(
                    row.number,
                    "plan" if row.plan else "addOns",
                    f"the plan {plan!r} switches off service plans that its SKUs do not "
                    f"have: {', '.join(sorted(wrong))}",
                )

    async def _faults_of_quota(self) -> list[Fault]:
        """A full directory would refuse the last people after their seats were bought."""
        quota = await self.directory.quota() if self.creations else None
        if quota is None or quota.used + self.creations <= quota.total:
            return []
        room = max(0, quota.total - quota.used)
        detail = (
            f"the directory has room for {room:,} more objects of its {quota.total:,}, and "
            f"{self.creations:,} people are to be created; delete what nobody needs, verify a "
            "domain, or ask Microsoft for a larger quota"
        )
        return [Fault(detail, pointer="/rows")]

    async def survey(self) -> Survey:
        """Say which seats are missing for what was looked at, and what is wrong."""
        now = await self.desk.clock.now()
        needs = Needs(self.holder, self.wanted, self.released)
        highest, expected = await seat_plans_for(self.desk, self.tenant, needs, now)
        first = await first_lines(self.desk, self.tenant, highest, now) if self.buy_first else ()
        bought = {line.sku for line in first}
        survey = Survey(
            self.tenant,
            self.wanted,
            highest,
            (),
            now,
            expected,
            self.wanted_by_plan,
            self.people,
            await self.directory.people() if self.people > 1 else 0,
            first,
        )
        quota = await self._faults_of_quota()
        faults = (*self.faults, *quota, *_faults_of_seats(self.tenant, highest, bought))
        return replace(survey, faults=(*faults, *_faults_of_prices(survey)))


async def surveyor_for(
    desk: Desk, tenant: Tenant, holder: str, *, buy_first: bool = False
) -> Surveyor:
    directory = desk.microsoft.directory(tenant.connection, tenant.customer.id)
    return Surveyor(desk, tenant, directory, await directory.verified_domains(), holder, buy_first)


async def plans_for(
    desk: Desk, rows: Sequence[RowResult], known: AbstractSet[PlanId] = frozenset()
) -> Mapping[PlanId, UserPlan]:
    """Where a row does not say which plan is given up, any plan may be it."""
    if any(r.row.action is Action.CHANGE_PLAN and not r.row.from_plan for r in rows):
        return await all_plans(desk)
    named = {p for r in rows for plans in r.row.plans.values() for p in plans}
    return await plans_named(desk, named - known)


def _name(result: RowResult) -> str:
    return result.row.user.user_principal_name.lower()


@dataclass(frozen=True, slots=True)
class Needs:
    """Seats per SKU that a piece of work wants, and those in use that it gives free itself."""

    holder: str
    wanted: Mapping[SkuId, int]
    released: Mapping[SkuId, int] = field(default_factory=dict)


async def seat_plans_for(
    desk: Desk, tenant: Tenant, needs: Needs, now: datetime
) -> tuple[tuple[SeatPlan, ...], tuple[SeatPlan, ...]]:
    """What is missing at the most, and what is expected to be."""
    highest, expected = [], []
    for sku, needed in needs.wanted.items():
        page = await desk.ledger.read(tenant.customer.id, sku)
        standing = await standing_promises(desk, tenant, sku, page, now)
        others = [r for r in standing if r.holder != needs.holder]
        consumed = tenant.view(sku).stock.consumed
        mine = Reservation(needs.holder, needed, consumed_before=baseline(consumed, others))
        view = tenant.view(sku, [*others, mine])
        released = replace(view, released=needs.released.get(sku, 0))
        highest.append(plan_for(tenant, view, needed, now))
        expected.append(plan_for(tenant, released, needed, now))
    return tuple(highest), tuple(expected)


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
                    f"{part.subscription.name} must grow by {bought}, and the catalog has no "
                    f"price of {part.subscription.offer} for {part.subscription.term.value} billed "
                    f"{part.subscription.billing.value}; synchronise the connection's catalog",
                    pointer="/rows",
                )


def _faults_of_seats(
    tenant: Tenant, seat_plans: Sequence[SeatPlan], bought: AbstractSet[SkuId]
) -> Iterator[Fault]:
    for plan in seat_plans:
        if plan.missing and plan.sku not in bought:
            yield Fault(
                f"{plan.missing} of {plan.needed} seats of {plan.sku} cannot be had: "
                f"{plan.why_missing}",
                pointer="/rows",
            )
        elif plan.seats_to_buy or plan.missing:
            try:
                tenant.connection.require_direct_billing(
                    f"buy the {plan.seats_to_buy + plan.missing} seats"
                )
            except DirectBillingRequired as error:
                yield Fault(str(error), pointer="/rows")

"""See what a batch meets in the tenant: who is there, what is wrong, which seats are missing."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.batches import RowResult, RowStatus
from shared.domain.chunks import Chunk
from shared.domain.errors import DirectBillingRequired, Fault
from shared.domain.ids import PlanId, SkuId
from shared.domain.plans import UserPlan
from shared.domain.pricing import Quote, quote_growth
from shared.domain.purchases import PurchaseLine
from shared.domain.seats import Raise, Reservation, SeatPlan
from shared.domain.users import TAKEN, DirectoryUser, to_fault
from shared.workflows.first_subscriptions import first_lines
from shared.workflows.ports import Desk, Directory
from shared.workflows.promise_seats import baseline, plan_for, standing_promises
from shared.workflows.tenant import Tenant, plans_named


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

    async def look(self, chunk: Chunk) -> Chunk:
        """Answer the chunk with what each row takes; who is somebody else fails alone."""
        rows = [r for r in chunk.rows if r.status is RowStatus.WAITING]
        self.plans |= await plans_named(self.desk, {r.row.plan for r in rows} - set(self.plans))
        names = [r.row.user.user_principal_name for r in rows]
        present = await self.directory.users_named(names) if names else {}
        self.existing += len(present)
        planned = [self._planned(r, present.get(_name(r))) for r in rows]
        for result in planned:
            self._count(result)
        return chunk.having(planned)

    def _planned(self, result: RowResult, person: DirectoryUser | None) -> RowResult:
        if person is not None and not result.is_of(person, self.holder):
            return result.ended(RowStatus.FAILED, TAKEN)
        held = person.licences if person is not None else {}
        skus = dict.fromkeys(self.plans[result.row.plan].skus)
        return replace(result, takes=tuple(sku for sku in skus if sku not in held))

    def _count(self, result: RowResult) -> None:
        self.faults += self._faults(result)
        if not result.status.is_final:
            for sku in self.plans[result.row.plan].skus:
                self.wanted[sku] = self.wanted.get(sku, 0) + (sku in result.takes)
            of_plan = self.wanted_by_plan.setdefault(result.row.plan, {})
            for sku in result.takes:
                of_plan[sku] = of_plan.get(sku, 0) + 1

    def _faults(self, result: RowResult) -> Iterator[Fault]:
        domain, number = result.row.user.domain, result.row.number
        if domain not in self.domains:
            yield to_fault(
                number,
                "userPrincipalName",
                f"{domain!r} is not a verified domain of this tenant; it has "
                f"{', '.join(sorted(self.domains))}",
            )
        wrong = unknown_service_plans(self.plans[result.row.plan], self.tenant)
        if wrong:
            yield to_fault(
                number,
                "plan",
                f"the plan {result.row.plan!r} switches off service plans that its SKUs do not "
                f"have: {', '.join(sorted(wrong))}",
            )

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
        faults = (*self.faults, *_faults_of_seats(self.tenant, highest, bought))
        return replace(survey, faults=(*faults, *_faults_of_prices(survey)))


async def surveyor_for(
    desk: Desk, tenant: Tenant, holder: str, *, buy_first: bool = False
) -> Surveyor:
    directory = desk.microsoft.directory(tenant.connection, tenant.customer.id)
    return Surveyor(desk, tenant, directory, await directory.verified_domains(), holder, buy_first)


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
                    f"{part.subscription.name} must grow by {bought}, and the catalogue has no "
                    f"price of {part.subscription.offer} for {part.subscription.term.value} billed "
                    f"{part.subscription.billing.value}; synchronise the connection's catalogue",
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

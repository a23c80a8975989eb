"""Say what a customer's batches may buy, and whom they may take away from; and read it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from shared.api.call import Answer, Call
from shared.api.customers import customer_id_of
from shared.api.models import Body, MoneyReply, PlanSlug, Reply
from shared.api.versions import etag_of, require_match
from shared.domain.ceilings import ApprovalMode, ApprovalRule, BatchPolicy, Ceilings
from shared.domain.errors import Fault, InvalidRequest, UserPlanNotFound
from shared.domain.ids import PlanId
from shared.domain.money import Money

Seats = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Percent = Annotated[int, Field(ge=0, le=10_000, strict=True)]
PlanCeilings = Annotated[dict[PlanSlug, "CeilingsBody"], Field(max_length=200)]


class MoneyBody(Body):
    """An exact amount: text, never a floating-point number."""

    amount: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$"),
        Field(examples=["2500.00"]),
    ]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["USD"])]

    def to_money(self) -> Money:
        return Money(Decimal(self.amount), self.currency)


class CeilingsBody(Body):
    """What one batch may buy at the most; what is left out has no ceiling."""

    seats: Seats | None = None
    money: Annotated[MoneyBody | None, Field(description="Committed until the terms end.")] = None
    growth_percent: Annotated[
        Percent | None, Field(description="Of the seats that our subscriptions of a SKU hold.")
    ] = None

    def to_ceilings(self) -> Ceilings:
        money = self.money.to_money() if self.money else None
        return Ceilings(self.seats, money, self.growth_percent)


class ApprovalBody(Body):
    """When a person has to agree before a batch acts."""

    when: ApprovalMode = ApprovalMode.NEVER
    seats: Annotated[Seats | None, Field(description="Bought unasked, with `above`.")] = None
    money: Annotated[MoneyBody | None, Field(description="Committed unasked, with `above`.")] = None
    by_another: Annotated[
        bool, Field(strict=True, description="Whoever sent a batch may not approve it.")
    ] = False
    expires_after_hours: Annotated[int, Field(ge=1, le=720, strict=True)] = 48

    def to_rule(self) -> ApprovalRule:
        money = self.money.to_money() if self.money else None
        return ApprovalRule(self.when, self.seats, money, self.by_another, self.expires_after_hours)


class BatchPolicyBody(Body):
    """What batches may do; every limit is held against the highest purchase."""

    ceilings: CeilingsBody = CeilingsBody()
    ceilings_by_plan: Annotated[
        PlanCeilings,
        Field(default_factory=dict, description="By a plan's id, for what its rows need."),
    ]
    people_percent: Annotated[
        int,
        Field(
            ge=0,
            le=100,
            strict=True,
            description="How many of the tenant's people one batch may block, delete or leave "
            "without a licence.",
        ),
    ] = 10
    require_approval: ApprovalBody = ApprovalBody()
    horizon_months: Annotated[
        int,
        Field(
            ge=1,
            le=36,
            strict=True,
            description="The subscription grows that is cheapest over so many months.",
        ),
    ] = 12

    def faults(self) -> Iterator[Fault]:
        rule = self.require_approval
        if rule.when is ApprovalMode.ABOVE and rule.seats is None and rule.money is None:
            yield Fault(
                "say above how many seats or above which amount", pointer="/requireApproval/seats"
            )

    def to_policy(self, etag: str) -> BatchPolicy:
        return BatchPolicy(
            self.ceilings.to_ceilings(),
            {PlanId(p): c.to_ceilings() for p, c in self.ceilings_by_plan.items()},
            self.people_percent,
            self.require_approval.to_rule(),
            self.horizon_months,
            etag,
        )


class CeilingsReply(Reply):
    """What one batch may buy at the most."""

    seats: int | None = None
    money: MoneyReply | None = None
    growth_percent: int | None = None

    @classmethod
    def of(cls, ceilings: Ceilings) -> Self:
        return cls(
            seats=ceilings.seats,
            money=MoneyReply.maybe(ceilings.money),
            growth_percent=ceilings.growth_percent,
        )


class ApprovalReply(Reply):
    """When a person has to agree before a batch acts."""

    when: ApprovalMode
    seats: int | None = None
    money: MoneyReply | None = None
    by_another: bool
    expires_after_hours: int

    @classmethod
    def of(cls, rule: ApprovalRule) -> Self:
        return cls(
            when=rule.mode,
            seats=rule.seats,
            money=MoneyReply.maybe(rule.money),
            by_another=rule.by_another,
            expires_after_hours=rule.hours,
        )


class BatchPolicyReply(Reply):
    """What batches may do."""

    ceilings: CeilingsReply
    ceilings_by_plan: dict[str, CeilingsReply]
    people_percent: int
    require_approval: ApprovalReply
    horizon_months: int

    @classmethod
    def of(cls, policy: BatchPolicy) -> Self:
        return cls(
            ceilings=CeilingsReply.of(policy.ceilings),
            ceilings_by_plan={
                plan: CeilingsReply.of(ceilings)
                for plan, ceilings in policy.ceilings_by_plan.items()
            },
            people_percent=policy.people_percent,
            require_approval=ApprovalReply.of(policy.approval),
            horizon_months=policy.horizon_months,
        )


async def get_batch_policy(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    return _answer(await call.desk.policies.batches_of(customer.id))


async def put_batch_policy(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    body = call.body_as(BatchPolicyBody)
    before = await call.desk.policies.batches_of(customer.id)
    require_match(call, before.etag)
    await _require_plans(call, body)
    policy = body.to_policy(before.etag)
    return _answer(await call.desk.policies.save_batches(customer.id, policy))


async def _require_plans(call: Call, body: BatchPolicyBody) -> None:
    faults = []
    for plan in sorted(body.ceilings_by_plan):
        try:
            await call.desk.plans.get(PlanId(plan))
        except UserPlanNotFound:
            detail = f"there is no plan {plan!r}; GET /api/plans lists them"
            faults.append(Fault(detail, pointer=f"/ceilingsByPlan/{plan}"))
    if faults:
        raise InvalidRequest(faults)


def _answer(policy: BatchPolicy) -> Answer:
    return Answer(BatchPolicyReply.of(policy), headers={"ETag": etag_of(policy.etag)})

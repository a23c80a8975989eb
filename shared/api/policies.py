"""Read and say what the nightly run may do with a customer's idle seats."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.models import Body, Guid, Line, Moment, PlanSlug, Reply
from shared.api.versions import HEADER, etag_of, require_match
from shared.domain.customers import Customer
from shared.domain.drift import DriftField, DriftRule, faults_of_rules
from shared.domain.drift_levels import DriftLevel, DriftLevels
from shared.domain.errors import Fault, InvalidRequest, UserPlanNotFound
from shared.domain.ids import CustomerId, PlanId, SkuId
from shared.domain.policies import ExtensionRule, GiveBackMode, Hold, PlanRule, Policy
from shared.domain.zones import is_zone
from shared.workflows.drift import drift_levels

Seats = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Spare = Annotated[Seats, Field(description="Seats per SKU that stay idle.")]
Nights = Annotated[
    int, Field(ge=1, le=30, strict=True, description="Nights in a row before seats go back.")
]
Percent = Annotated[
    int, Field(ge=1, le=100, strict=True, description="Share of the seats that one night may take.")
]


class PlanRuleBody(Body):
    """What differs for the SKUs of one plan; what is left out is as for the customer."""

    plan_id: PlanSlug
    mode: GiveBackMode | None = None
    spare_seats: Spare | None = None


class HoldBody(Body):
    """Idle seats to keep until a moment, such as those bought ahead of a project."""

    sku_id: Guid
    seats: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    until: Moment
    reason: Line = ""


class PolicyBody(Body):
    """What the nightly run may do with idle seats; what is left out takes its default."""

    mode: Annotated[
        GiveBackMode,
        Field(description="What the night does with idle seats."),
    ]
    spare_seats: Spare = 0
    idle_nights: Nights = 2
    limit_percent: Percent = 30
    plans: Annotated[
        tuple[PlanRuleBody, ...],
        Field(
            max_length=100,
            description="Where plans share a SKU, the most cautious rule holds; what a plan does "
            "not say itself counts with the customer's.",
        ),
    ] = ()
    holds: Annotated[
        tuple[HoldBody, ...], Field(max_length=100, description="Idle seats that stay for a while.")
    ] = ()
    extended_terms: Annotated[
        ExtensionRule,
        Field(description="What to do about a paid extended term that nobody chose."),
    ] = ExtensionRule.REPORT
    drift: dict[DriftField, DriftRule] = Field(
        default_factory=dict,
        description="About what changed outside; else the connection's, else the provider's.",
    )
    time_zone: Annotated[
        Line, Field(description="Empty: by the customer's country.", examples=["America/Denver"])
    ] = ""

    def faults(self) -> Iterator[Fault]:
        yield from faults_of_rules(self.drift, "/drift")
        seen: set[str] = set()
        for index, rule in enumerate(self.plans):
            if rule.plan_id in seen:
                yield Fault("this plan has a rule already", pointer=f"/plans/{index}/planId")
            seen.add(rule.plan_id)
        if self.time_zone and not is_zone(self.time_zone):
            yield Fault(
                "use a name of the IANA time zone database, such as Europe/London",
                pointer="/timeZone",
            )

    def to_policy(self, etag: str) -> Policy:
        return Policy(
            mode=self.mode,
            spare_seats=self.spare_seats,
            idle_nights=self.idle_nights,
            limit_percent=self.limit_percent,
            plans=tuple(PlanRule(PlanId(r.plan_id), r.mode, r.spare_seats) for r in self.plans),
            holds=tuple(Hold(SkuId(h.sku_id), h.seats, h.until, h.reason) for h in self.holds),
            extended_terms=self.extended_terms,
            drift=self.drift,
            time_zone=self.time_zone,
            etag=etag,
        )


class PlanRuleReply(Reply):
    """What differs for the SKUs of one plan."""

    plan_id: str
    mode: GiveBackMode | None = None
    spare_seats: int | None = None


class HoldReply(Reply):
    """Idle seats that are kept until a moment."""

    sku_id: str
    seats: int
    until: Moment
    reason: str


class DriftRuleReply(Reply):
    """The rule that holds for one field, and whose it is."""

    rule: DriftRule
    level: DriftLevel


class PolicyReply(Reply):
    """What the nightly run may do with idle seats."""

    mode: GiveBackMode
    spare_seats: int
    idle_nights: int
    limit_percent: int
    plans: list[PlanRuleReply]
    holds: list[HoldReply]
    extended_terms: ExtensionRule
    drift: dict[DriftField, DriftRule]
    time_zone: str
    drift_rules: Annotated[
        dict[DriftField, DriftRuleReply],
        Field(description="What holds for each field, `drift` and the levels above it together."),
    ]

    @classmethod
    def of(cls, policy: Policy, levels: DriftLevels) -> Self:
        return cls(
            mode=policy.mode,
            spare_seats=policy.spare_seats,
            idle_nights=policy.idle_nights,
            limit_percent=policy.limit_percent,
            plans=[
                PlanRuleReply(plan_id=r.plan, mode=r.mode, spare_seats=r.spare_seats)
                for r in policy.plans
            ],
            holds=[
                HoldReply(sku_id=h.sku, seats=h.seats, until=h.until, reason=h.reason)
                for h in policy.holds
            ],
            extended_terms=policy.extended_terms,
            drift=dict(policy.drift),
            time_zone=policy.time_zone,
            drift_rules={
                what: DriftRuleReply(rule=ruling.rule, level=ruling.level)
                for what, ruling in levels.rulings().items()
            },
        )


async def get_policy(call: Call) -> Answer:
    customer = await _customer(call)
    return await _shown(call, customer, await call.desk.policies.of(customer.id))


async def put_policy(call: Call) -> Answer:
    """A caller that says which version it read is held to it."""
    customer, body = await _customer(call), call.body_as(PolicyBody)
    before = await call.desk.policies.of(customer.id)
    if HEADER.lower() in call.request.headers:
        require_match(call, before.etag)
    for index, rule in enumerate(body.plans):
        await _require_plan(call, PlanId(rule.plan_id), f"/plans/{index}/planId")
    after = await call.desk.policies.save(customer.id, body.to_policy(before.etag))
    return await _shown(call, customer, after)


async def _require_plan(call: Call, plan: PlanId, pointer: str) -> None:
    try:
        await call.desk.plans.get(plan)
    except UserPlanNotFound as error:
        fault = Fault(f"there is no plan {plan!r}; GET /api/plans lists them", pointer=pointer)
        raise InvalidRequest([fault]) from error


async def _customer(call: Call) -> Customer:
    return await call.desk.customers.get(CustomerId(call.path["customerId"].lower()))


async def _shown(call: Call, customer: Customer, policy: Policy) -> Answer:
    connection = await call.desk.connections.get(customer.connection_id)
    levels = drift_levels(call.desk, connection, policy)
    return Answer(PolicyReply.of(policy, levels), headers={"ETag": etag_of(policy.etag)})

"""Define what is sold to a person under one name, and list it."""

from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call, created
from shared.api.models import Body, Guid, Pages, PlanSlug, Reply, Text
from shared.api.paging import cursor_of, next_link
from shared.domain.ids import PlanId, ServicePlanId, SkuId
from shared.domain.plans import UserPlan
from shared.workflows.user_plans import define_plan


class PlanBody(Body):
    """A base licence, add-ons to it, and services that stay switched off."""

    id: PlanSlug
    name: Annotated[Text, Field(examples=["Office worker"])]
    base_sku_id: Annotated[
        Guid,
        Field(description="The licence that everybody has; the catalog lists SKU ids."),
    ]
    add_on_sku_ids: Annotated[
        tuple[Guid, ...], Field(max_length=50, description="Licences that come on top.")
    ] = ()
    disabled_service_plan_ids: Annotated[
        tuple[Guid, ...],
        Field(max_length=200, description="Services of these licences that stay switched off."),
    ] = ()

    def to_plan(self) -> UserPlan:
        return UserPlan(
            id=PlanId(self.id),
            name=self.name,
            base=SkuId(self.base_sku_id),
            add_ons=tuple(SkuId(sku) for sku in self.add_on_sku_ids),
            switched_off=tuple(ServicePlanId(plan) for plan in self.disabled_service_plan_ids),
        )


class PlanReply(Reply):
    """What is sold under one name."""

    id: str
    name: str
    base_sku_id: str
    add_on_sku_ids: list[str]
    disabled_service_plan_ids: list[str]

    @classmethod
    def of(cls, plan: UserPlan) -> Self:
        return cls(
            id=plan.id,
            name=plan.name,
            base_sku_id=plan.base,
            add_on_sku_ids=list(plan.add_ons),
            disabled_service_plan_ids=list(plan.switched_off),
        )


class PlanList(Reply):
    items: list[PlanReply]
    next_link: str | None = None


async def create_plan(call: Call) -> Answer:
    plan = await define_plan(call.desk, call.body_as(PlanBody).to_plan())
    return created(PlanReply.of(plan), f"/api/plans/{plan.id}")


async def list_plans(call: Call) -> Answer:
    page = await call.desk.plans.page(cursor_of(call), call.query_as(Pages).limit)
    items = [PlanReply.of(plan) for plan in page.items]
    return Answer(PlanList(items=items, next_link=next_link(call, page.cursor)))


async def get_plan(call: Call) -> Answer:
    return Answer(PlanReply.of(await call.desk.plans.get(PlanId(call.path["planId"]))))

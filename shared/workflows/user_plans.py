"""Define what is sold to a person under one name."""

from collections.abc import Iterator, Mapping

from shared.domain.catalog import Offer
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import SkuId
from shared.domain.plans import UserPlan
from shared.workflows.ports import Desk


async def define_plan(desk: Desk, plan: UserPlan) -> UserPlan:
    """Keep a plan whose SKUs some connection's catalog knows."""
    faults = [*_faults_of_shape(plan), *_faults_of_skus(plan, await _known_offers(desk))]
    if faults:
        raise InvalidRequest(faults)
    return await desk.plans.add(plan)


def _faults_of_shape(plan: UserPlan) -> Iterator[Fault]:
    seen = {plan.base}
    for index, sku in enumerate(plan.add_ons):
        if sku in seen:
            yield Fault("this SKU is already in the plan", pointer=f"/addOnSkuIds/{index}")
        seen.add(sku)


async def _known_offers(desk: Desk) -> dict[SkuId, Offer]:
    known = {}
    for connection in await desk.connections.all():
        for market in connection.countries:
            for entry in await desk.catalog.all(connection.id, market):
                if entry.offer.sku is not None:
                    known[entry.offer.sku] = entry.offer
    return known


def _faults_of_skus(plan: UserPlan, known: Mapping[SkuId, Offer]) -> Iterator[Fault]:
    pointers = [("/baseSkuId", plan.base)]
    pointers += [(f"/addOnSkuIds/{i}", sku) for i, sku in enumerate(plan.add_ons)]
    for pointer, sku in pointers:
        if sku not in known:
            yield Fault(
                f"no connection's catalog has the SKU {sku}; synchronise the catalog first",
                pointer=pointer,
            )
        elif pointer == "/baseSkuId" and known[sku].is_addon:
            yield Fault(
                f"{known[sku].title} is an add-on and cannot be a plan's base", pointer=pointer
            )


async def all_plans(desk: Desk) -> list[UserPlan]:
    plans: list[UserPlan] = []
    cursor: str | None = None
    while True:
        page = await desk.plans.page(cursor, 100)
        plans += page.items
        cursor = page.cursor
        if cursor is None:
            return plans

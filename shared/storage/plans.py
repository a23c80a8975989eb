"""Keep what is sold to people."""

from dataclasses import replace

from shared.domain.errors import AlreadyExists, UserPlanNotFound
from shared.domain.ids import PlanId
from shared.domain.plans import UserPlan
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.workflows.ports import Page

_TOGETHER = "plans"


class PlanTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["plans"]

    async def add(self, plan: UserPlan) -> UserPlan:
        try:
            etag = await self._table.insert(to_row(plan, _TOGETHER, keys.escaped(plan.id)))
        except AlreadyExists as error:
            raise AlreadyExists(f"There is a plan {plan.id!r} already.") from error
        return replace(plan, etag=etag)

    async def get(self, plan: PlanId) -> UserPlan:
        row = await self._table.get(_TOGETHER, keys.escaped(plan))
        if row is None:
            raise UserPlanNotFound(plan)
        return from_row(UserPlan, row)

    async def page(self, cursor: str | None, size: int) -> Page[UserPlan]:
        rows, onward = await self._table.page(_TOGETHER, keys.EVERYTHING, cursor, size)
        return Page([from_row(UserPlan, row) for row in rows], onward)

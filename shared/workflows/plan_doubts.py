"""Let a person say which plan somebody has whose licences do not tell it."""

from shared.domain.customers import Customer
from shared.domain.errors import Fault, InvalidRequest, PlanDoubtNotFound
from shared.domain.ids import PlanId
from shared.domain.mirror import MirroredUser
from shared.domain.spells import chosen_plan
from shared.workflows.ports import AuditEntry, Desk


async def resolve_doubt(
    desk: Desk, customer: Customer, user_id: str, plan: PlanId, by: str
) -> MirroredUser:
    """Answer the person with that plan; named again it is the same.

    Raises `PlanDoubtNotFound` where nobody doubts, `InvalidRequest` where the plan does not come
    into question, and `ChangedMeanwhile` where the people are read at this moment.
    """
    state = await desk.people.state(customer.id)
    known = await desk.people.known(customer.id, [user_id])
    user = next(iter(known.values()), None)
    if user is None or (user.doubt is None and user.chosen != plan):
        raise PlanDoubtNotFound(user_id)
    if user.chosen == plan:
        return user
    if plan not in user.doubt_plans:
        names = ", ".join(user.doubt_plans)
        raise InvalidRequest([Fault(f"use one of those in question: {names}", pointer="/planId")])
    now = await desk.clock.now()
    settled = chosen_plan(user, plan, by, now, state.read_at)
    await desk.people.save(state, settled)
    details = {"plan": plan}
    await desk.audit.record(AuditEntry(now, by, "plan of a person named", user.id, details))
    return settled.moves[0].after or user

"""Follow which plan each person has, from when until when, and by whose doing.

The spell that goes on is kept on the mirrored person; one that ended is a record of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.drift import DriftEntry, DriftRules, DriftState
from shared.domain.fitting import ByGroup, Doubt, Fit, fit_plans
from shared.domain.ids import BatchId, PlanId
from shared.domain.mirror import MirroredUser, Move
from shared.domain.people_drift import of_move
from shared.domain.plans import UserPlan
from shared.domain.users import batch_of_marker

FOUND = "found"
"""It was there when the customer was first read."""
OUTSIDE = "outside"
"""An administrator's doing, or somebody else's."""
DEFINITION = "definition"
"""The licences are the same; the plans were defined anew."""
NIGHT = BatchId("night")
"""Stands in a batch's place where a night gave licences back that somebody took."""
BATCH = "batch:"
"""Stands before the id of the batch that made the person."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A batch of ours, or a night, has worked on a person."""

    user_id: str
    batch_id: BatchId
    at: datetime


@dataclass(frozen=True, slots=True)
class Spell:
    """One person with one plan; ``until`` is when it was seen to have ended.

    Moments are those at which we read the directory, up to a night after the change itself.
    """

    user_id: str
    plan: PlanId
    since: datetime
    by: str = OUTSIDE
    came_from: PlanId | None = None
    until: datetime | None = None
    ended_by: str = ""
    moved_to: PlanId | None = None
    last_seen: datetime | None = None
    """When a reading last found it going on."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Moves with everybody's plan on them, the spells that they ended, and what is drift."""

    moves: tuple[Move, ...] = ()
    ended: tuple[Spell, ...] = ()
    drift: tuple[DriftEntry, ...] = ()

    @property
    def writes(self) -> int:
        """How many rows it takes to keep them."""
        doubts = sum(m.was_doubted or m.is_doubted for m in self.moves)
        open_ones = sum(entry.state is DriftState.OPEN for entry in self.drift)
        return len(self.moves) + doubts + len(self.ended) + len(self.drift) + open_ones


def open_spell(user: MirroredUser) -> Spell | None:
    if user.plan is None or user.plan_since is None:
        return None
    return Spell(user.id, user.plan, user.plan_since, user.plan_by, user.plan_from)


def batch_behind(by: str) -> BatchId | None:
    return BatchId(by.removeprefix(BATCH)) if by.startswith(BATCH) else None


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans that people may have, at one moment.

    ``last_read`` is when the customer's people were last read to the end; None: never before.
    ``ours`` names the batch that has worked on a person since then.
    """

    offered: Mapping[PlanId, UserPlan]
    now: datetime
    last_read: datetime | None = None
    ours: Mapping[str, BatchId] = field(default_factory=dict)
    rules: DriftRules | None = None

    def settle(self, moves: Iterable[Move]) -> Settled:
        settled = tuple(Move(m.before, self._with_plan(m)) for m in moves)
        ended = (self._ended(move) for move in settled)
        drift = [entry for move in settled for entry in self._drift(move)]
        return Settled(settled, tuple(spell for spell in ended if spell is not None), tuple(drift))

    def _drift(self, move: Move) -> Iterable[DriftEntry]:
        """Nothing is outside of what was never read, nor what a batch of ours has done."""
        if self.rules is None or self.last_read is None or self._is_ours(move):
            return ()
        return of_move(self.rules, move, self.now)

    def _is_ours(self, move: Move) -> bool:
        """Whom we have made is known by the marker: nobody could note them before they were."""
        made = move.before is None and move.after is not None
        is_marked = move.after is not None and bool(batch_of_marker(move.after.marker))
        return move.user_id in self.ours or (made and is_marked)

    def _with_plan(self, move: Move) -> MirroredUser | None:
        if move.after is None:
            return None
        if (chosen := self._still_chosen(move)) is not None:
            told = replace(move.after, doubt=None, doubt_plans=(), chosen=chosen)
            return self._since(move.before, told, chosen)
        fit = fit_plans(move.after.direct, move.after.by_group, self.offered.values())
        plan = self._known_plan(move, fit) or fit.plan
        settled = fit.doubt is Doubt.TIE and plan is not None
        doubt = None if settled else fit.doubt
        plans = fit.plans if doubt else ()
        doubted = replace(move.after, doubt=doubt, doubt_plans=plans, chosen=None)
        return self._since(move.before, doubted, plan)

    def _still_chosen(self, move: Move) -> PlanId | None:
        before, after = move.before, move.after
        if before is None or after is None or before.chosen not in self.offered:
            return None
        return before.chosen if _is_same(before, after) else None

    def _known_plan(self, move: Move, fit: Fit) -> PlanId | None:
        """A plan that is on record stays through a doubt, as long as it is held as a whole."""
        known = move.before.plan if move.before is not None else None
        if known not in fit.plans or known not in self.offered or move.after is None:
            return None
        return known if move.after.skus.issuperset(self.offered[known].skus) else None

    def _since(
        self, before: MirroredUser | None, user: MirroredUser, plan: PlanId | None
    ) -> MirroredUser:
        last = before.plan if before is not None else None
        if before is not None and plan == last:
            kept = {"plan_since": before.plan_since, "plan_by": before.plan_by}
            return replace(user, plan=plan, plan_from=before.plan_from, **kept)  # type: ignore[arg-type]
        if plan is None and last is None:
            return replace(user, plan=None)
        cause = self._cause(before, user)
        return replace(user, plan=plan, plan_since=self.now, plan_by=cause, plan_from=last)

    def _cause(self, before: MirroredUser | None, user: MirroredUser) -> str:
        if user.id in self.ours:
            return _by(self.ours[user.id])
        batch = batch_of_marker(user.marker)
        if batch and (before is None or before.plan_since is None):
            return f"{BATCH}{batch}"
        if self.last_read is None:
            return FOUND
        if before is not None and _is_same(before, user):
            return DEFINITION
        return OUTSIDE

    def _ended(self, move: Move) -> Spell | None:
        deleted_by = self._who_deleted(move.before.id) if move.before is not None else ""
        return _ended(move, self.now, self.last_read, deleted_by)

    def _who_deleted(self, user: str) -> str:
        return _by(self.ours[user]) if user in self.ours else OUTSIDE


def _by(batch: BatchId) -> str:
    return NIGHT if batch == NIGHT else f"{BATCH}{batch}"


def chosen_plan(
    user: MirroredUser, plan: PlanId, by: str, now: datetime, last_read: datetime | None
) -> Settled:
    """Somebody says which plan it is; one that was on record ends where it is another one."""
    after = replace(user, doubt=None, doubt_plans=(), chosen=plan)
    if plan != user.plan:
        after = replace(after, plan=plan, plan_since=now, plan_by=by, plan_from=user.plan)
    move = Move(user, after)
    ended = _ended(move, now, last_read, "")
    return Settled((move,), (ended,) if ended is not None else ())


def _ended(move: Move, now: datetime, last_read: datetime | None, deleted_by: str) -> Spell | None:
    """What this move ended, with where the person went from there."""
    before = open_spell(move.before) if move.before is not None else None
    after = move.after
    if before is None or (after is not None and after.plan == before.plan):
        return None
    return replace(
        before,
        until=now,
        ended_by=after.plan_by if after is not None else deleted_by,
        moved_to=after.plan if after is not None else None,
        last_seen=last_read,
    )


def _is_same(before: MirroredUser, after: MirroredUser) -> bool:
    """Whether the licences are; what an older reading did not tell of them is no difference."""
    ways = [(before.direct, after.direct), (before.by_group, after.by_group)]
    return all({*was} == {*here} and _is_alike(was, here) for was, here in ways)


def _is_alike(was: ByGroup, here: ByGroup) -> bool:
    """Microsoft tells services in any order."""
    pairs = ((was[sku], here[sku]) for sku in was)
    return all(a is None or b is None or {*a} == {*b} for a, b in pairs)

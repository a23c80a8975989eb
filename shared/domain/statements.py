"""Say who had which plan in a billing period, what changed, and what is billed or why not."""

import calendar
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from shared.domain.ids import PlanId
from shared.domain.spells import FOUND, Spell
from shared.domain.trials import Trials

NO_TRIALS: Trials = MappingProxyType({})
MONTH_END = 0
"""Instead of a closing day from 1 to 28: a period is a calendar month."""


@dataclass(frozen=True, slots=True)
class Period:
    """A month of billing, named by the month that it closes in; moments are UTC.

    The closing day is its last one: with 15, ``2026-03`` goes from 16 February to 15 March.
    """

    year: int
    month: int
    closing_day: int = MONTH_END

    @classmethod
    def named(cls, name: str, closing_day: int) -> "Period":
        year, _, month = name.partition("-")
        return cls(int(year), int(month), closing_day)

    @classmethod
    def holding(cls, moment: datetime, closing_day: int) -> "Period":
        day = moment.astimezone(UTC).date()
        here = cls(day.year, day.month, closing_day)
        return here if moment < here.until else here.following

    @property
    def name(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def following(self) -> "Period":
        first = date(self.year, self.month, 1) + timedelta(days=31)
        return Period(first.year, first.month, self.closing_day)

    @property
    def previous(self) -> "Period":
        last = date(self.year, self.month, 1) - timedelta(days=1)
        return Period(last.year, last.month, self.closing_day)

    @property
    def since(self) -> datetime:
        return self.previous.until

    @property
    def until(self) -> datetime:
        """The first moment that is not in it any more."""
        last = self.closing_day or calendar.monthrange(self.year, self.month)[1]
        return datetime(self.year, self.month, last, tzinfo=UTC) + timedelta(days=1)

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


class LineKind(StrEnum):
    """What happened to one person's plan in a period."""

    CARRIED = "carried"
    """It began before the period, or was there when the customer was first read."""
    ADDED = "added"
    REMOVED = "removed"


class NotBilled(StrEnum):
    GONE_BEFORE = "goneBefore"
    """It was gone when the period's first reading looked."""
    SAME_DAY = "sameDay"
    """Added and removed within one day."""
    MOVED = "movedToAnotherPlan"
    """A later plan of the same period is billed."""
    RETURNED = "returned"
    """The person came back to the plan in the same period: that line is billed."""
    TRIAL = "trial"
    """The plan's base rested on trial subscriptions alone, as long as the person had it."""
    REMOVAL = "removal"
    """What was billed for the plan stands on the line that carried or added it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One transaction of a user plan; ``why_not`` is empty exactly where it is billed."""

    kind: LineKind
    user_id: str
    plan: PlanId
    at: datetime
    by: str
    why_not: NotBilled | None = None
    other_plan: PlanId | None = None
    """Where the person came from, or went to."""

    @property
    def billable(self) -> bool:
        return self.why_not is None


def statement(
    people: Iterable[Sequence[Spell]], period: Period, trials: Trials = NO_TRIALS
) -> list[Line]:
    return [line for spells in people for line in lines_of(spells, period, trials)]


def lines_of(spells: Iterable[Spell], period: Period, trials: Trials = NO_TRIALS) -> Iterator[Line]:
    """What one person's spells come to in a period: of those that can be billed, the last is.

    So a person is billed once, whatever came between: another plan, a doubt, or nothing at all.
    """
    here = sorted((s for s in spells if _is_in(s, period)), key=lambda s: (s.since, _end(s)))
    reasons = [_why_not(spell, period, trials) for spell in here]
    billed = [spell for spell, reason in zip(here, reasons, strict=True) if reason is None][-1:]
    for spell, reason in zip(here, reasons, strict=True):
        yield from _told(spell, period, reason or _in_place_of(spell, billed))


def _is_in(spell: Spell, period: Period) -> bool:
    return spell.since < period.until and _end(spell) >= period.since


def _end(spell: Spell) -> datetime:
    return spell.until or datetime.max.replace(tzinfo=UTC)


def _in_place_of(spell: Spell, billed: Sequence[Spell]) -> NotBilled | None:
    if spell in billed:
        return None
    return NotBilled.RETURNED if spell.plan == billed[0].plan else NotBilled.MOVED


def _told(spell: Spell, period: Period, why_not: NotBilled | None) -> Iterator[Line]:
    began_here = period.holds(spell.since) and spell.by != FOUND
    yield Line(
        LineKind.ADDED if began_here else LineKind.CARRIED,
        spell.user_id,
        spell.plan,
        spell.since,
        spell.by,
        why_not,
        spell.came_from,
    )
    if spell.until is not None and period.holds(spell.until):
        yield Line(
            LineKind.REMOVED,
            spell.user_id,
            spell.plan,
            spell.until,
            spell.ended_by,
            NotBilled.REMOVAL,
            spell.moved_to,
        )


def _why_not(spell: Spell, period: Period, trials: Trials) -> NotBilled | None:
    """Why this one is not billed, whatever else the person had."""
    ended = spell.until
    if ended is not None and period.holds(ended):
        if spell.last_seen is not None and spell.last_seen < period.since > spell.since:
            return NotBilled.GONE_BEFORE
        is_short = ended.date() == spell.since.date() and spell.by != FOUND
        if is_short and spell.came_from is None:
            return NotBilled.SAME_DAY
    return NotBilled.TRIAL if _is_on_trial(spell, period, trials) else None


def _is_on_trial(spell: Spell, period: Period, trials: Trials) -> bool:
    """All the while in the period; of a plan that ended, as far as a reading has seen it."""
    first, last = max(spell.since, period.since), period.until
    if _end(spell) < period.until:
        last = max(first, spell.last_seen or first)
    return any(trial.covers(first, last) for trial in trials.get(spell.plan, ()))

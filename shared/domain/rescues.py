"""Find the seats in use that a renewal would take, and put back those that are ours (law 5).

A night schedules idle seats away; until the renewal somebody may give them to people again, in
Microsoft's portal or by a group's licence, and nobody tells us.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.decisions import Decision, DecisionKind
from shared.domain.ids import SubscriptionId
from shared.domain.night_views import NightlyView
from shared.domain.subscriptions import Subscription, SubscriptionStatus

Parts = Mapping[SubscriptionId, int]


@dataclass(frozen=True, slots=True)
class _Missing:
    """Seats that will not last, by Partner Center's count and by the directory's."""

    listed: int
    shown: int

    def less(self, seats: int) -> "_Missing":
        return _Missing(self.listed - seats, self.shown - seats)


@dataclass(frozen=True, slots=True)
class _Rescue:
    """One subscription: seats put back, and seats in use that are lost if nothing is done."""

    subscription: Subscription
    back: int
    at_risk: int

    @property
    def starts_with(self) -> int:
        return self.subscription.lasting_seats + self.back

    @property
    def lost(self) -> int:
        return max(0, self.at_risk - self.back)


def plan_rescues(night: NightlyView, now: datetime) -> dict[SubscriptionId, Decision]:
    """Decide for the subscriptions whose schedule takes seats that are needed; none twice.

    Seats that are in use, promised or spare are put back where a night of ours had scheduled them
    away. Elsewhere those in use or promised are only told of, and it is said why.
    """
    if not night.seats.stock.per_user:
        return {}
    view = night.seats
    short = [s for s in view.subscriptions if _shortfall(s) > 0]
    order = sorted(short, key=lambda s: (night.proves(s), s.ends_at, s.id), reverse=True)
    missing = _Missing(view.wanted - view.lasting, view.wanted - night.shown)
    back = _spread(night, missing, order, {s.id: _room(s, night, now) for s in order})
    used = missing.less(view.floor)
    saved = _spread(night, used, order, back)
    rest = _Missing(used.listed - sum(saved.values()), used.shown - _proved(night, order, saved))
    lost = _spread(night, rest, order, {s.id: _shortfall(s) - back[s.id] for s in order})
    found = [_Rescue(s, back[s.id], saved[s.id] + lost[s.id]) for s in order]
    return {r.subscription.id: _decide(r, night, now) for r in found if r.back or r.at_risk}


def _shortfall(subscription: Subscription) -> int:
    """Seats that a schedule takes; an undecided end may be an extended term, so they count too."""
    passes = subscription.is_trial or subscription.is_ending
    if subscription.status is not SubscriptionStatus.ACTIVE or passes:
        return 0
    return subscription.seats - subscription.lasting_seats


def _room(subscription: Subscription, night: NightlyView, now: datetime) -> int:
    cut = night.cut_of(subscription)
    if cut is None or not subscription.auto_renew or subscription.why_not_changeable(now):
        return 0
    return cut.room(subscription)


def _spread(
    night: NightlyView, missing: _Missing, order: Iterable[Subscription], room: Parts
) -> dict[SubscriptionId, int]:
    """The last renewals first: until then the others' seats are still there.

    What the directory misses only a subscription can bring back that it shows.
    """
    parts = {}
    for subscription in order:
        proved = night.proves(subscription)
        need = max(missing.listed, missing.shown) if proved else missing.listed
        part = max(0, min(need, room[subscription.id]))
        missing = _Missing(missing.listed - part, missing.shown - part * proved)
        parts[subscription.id] = part
    return parts


def _proved(night: NightlyView, order: Iterable[Subscription], parts: Parts) -> int:
    return sum(parts[s.id] for s in order if night.proves(s))


def _decide(rescue: _Rescue, night: NightlyView, now: datetime) -> Decision:
    subscription, back = rescue.subscription, rescue.back
    return Decision(
        DecisionKind.RESTORE if back else DecisionKind.KEEP,
        subscription.id,
        subscription.name,
        subscription.sku,
        subscription.seats,
        rescue.starts_with if back else subscription.seats,
        "; ".join(_reasons(rescue, night, now)),
        effective_at=subscription.ends_at,
        scheduled_target=rescue.starts_with if back else None,
        mode=night.mode,
        restored=back,
        at_risk=rescue.at_risk,
    )


def _reasons(rescue: _Rescue, night: NightlyView, now: datetime) -> Iterator[str]:
    renewal = f"the renewal on {rescue.subscription.ends_at:%Y-%m-%d}"
    if rescue.back:
        one = rescue.back == 1
        seats = "seat that was" if one else "seats that were"
        yield f"{rescue.back} {seats} scheduled away as idle {'is' if one else 'are'} needed again"
        yield f"{renewal} starts with {rescue.starts_with}"
    if rescue.lost:
        seats = f"{rescue.lost} seat{'' if rescue.lost == 1 else 's'} in use or promised"
        yield f"{renewal} takes {seats}: {_why_lost(rescue.subscription, night, now)}"


def _why_lost(subscription: Subscription, night: NightlyView, now: datetime) -> str:
    blocked = subscription.why_not_changeable(now)
    if blocked is not None:
        return f"{blocked}. See that nobody is left without a seat after it"
    if night.cut_of(subscription) is not None and not subscription.auto_renew:
        return "its auto-renew is off"
    return "somebody else scheduled it. Schedule more, or take licences away before that day"

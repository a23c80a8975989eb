"""Share idle seats out over the subscriptions of a SKU: what goes now, and what at renewals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.decisions import Decision
from shared.domain.ends import held_end, why_end_is_lost
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.night_views import NightlyView
from shared.domain.policies import GiveBackMode
from shared.domain.subscriptions import EndOfTerm, Subscription, SubscriptionStatus

NIGHTLY = timedelta(hours=26)
"""Until the next run has surely looked, which is the next chance to give a seat back: it comes
after a day, and reaches a customer sooner or later than this one did.
"""


@dataclass(frozen=True, slots=True)
class Floors:
    """What a subscription must keep: its product's minimum, and the base of its add-ons' seats."""

    minimum_of: Mapping[OfferId, int]
    resting: Mapping[SubscriptionId, int]

    def of(self, subscription: Subscription) -> int:
        rests = self.resting.get(subscription.id, 0)
        return max(1, self.minimum_of.get(subscription.offer, 1), rests)


def resting_on(
    known: Iterable[Subscription], decided: Iterable[Decision]
) -> dict[SubscriptionId, int]:
    """Seats of legacy add-ons on their bases, once what was decided of them is carried out.

    https://learn.microsoft.com/partner-center/developer/change-the-quantity-of-a-subscription
    """
    left = {d.subscription_id: d.target for d in decided if d.mode is not GiveBackMode.REPORT}
    resting: dict[SubscriptionId, int] = {}
    for addon in known:
        if addon.parent is not None and addon.status is SubscriptionStatus.ACTIVE:
            seats = left.get(addon.id, addon.seats)
            resting[addon.parent] = max(seats, resting.get(addon.parent, 0))
    return resting


@dataclass(frozen=True, slots=True)
class Idle:
    """Idle seats by today's count, and those of them that nobody needs when others have ended.

    Seats that do not last go first out of what is idle: the others must last for all.
    """

    seats: int
    lasting: int

    def of(self, subscription: Subscription) -> int:
        return self.seats if subscription.is_passing else min(self.seats, self.lasting)

    def less(self, seats: int, subscription: Subscription) -> "Idle":
        lasting = 0 if subscription.is_passing else seats
        return Idle(self.seats - seats, self.lasting - lasting)


def idle_in(night: NightlyView, restored: int) -> Idle:
    """Once the seats that the renewals shall keep again are back."""
    lasting = night.spare + restored
    return Idle(max(0, lasting + night.ending), max(0, lasting))


@dataclass(frozen=True, slots=True)
class Share:
    """One subscription's part of the idle seats: what goes now, and what at the renewal.

    ``waiting`` seats could go now and have not been idle for long enough; ``extended`` ones go on
    with an extended term, since no schedule takes them.
    """

    subscription: Subscription
    back: int
    later: int
    waiting: int
    extended: int = 0


def share_out(
    night: NightlyView, idle: Idle, floors: Floors, now: datetime
) -> tuple[list[Share], Idle]:
    """Whatever can go now goes first, from all; the first renewals take what is left."""
    room = {s.id: _room(s, night, floors.of(s), now) for s in night.seats.subscriptions}
    parts, idle = _share_now(night, idle, room, now)
    shares = []
    for subscription in sorted(night.seats.subscriptions, key=lambda s: s.ends_at):
        part = parts[subscription.id]
        most = min(idle.of(subscription), room[subscription.id] - part.taken)
        later = 0 if why_not_schedulable(subscription) else most
        shares.append(Share(subscription, part.back, later, part.waiting))
        idle = idle.less(later, subscription)
    return _with_extended(shares, idle, room), idle


def _with_extended(
    shares: Iterable[Share], idle: Idle, room: Mapping[SubscriptionId, int]
) -> list[Share]:
    """What no renewal can start without goes on where terms are extended, first in the first."""
    found = []
    for share in shares:
        subscription, extended = share.subscription, 0
        if held_end(subscription) is EndOfTerm.EXTEND:
            free = room[subscription.id] - share.back - share.waiting
            extended = min(idle.of(subscription), free)
        found.append(replace(share, extended=extended))
        idle = idle.less(extended, subscription)
    return found


@dataclass(slots=True)
class _Part:
    """What one subscription may give now: ``closing`` seats of it cannot go in the next night."""

    subscription: Subscription
    most: int
    closing: int
    back: int = 0
    waiting: int = 0

    @property
    def taken(self) -> int:
        return self.back + self.waiting


def _share_now(
    night: NightlyView, idle: Idle, room: Mapping[SubscriptionId, int], now: datetime
) -> tuple[dict[SubscriptionId, _Part], Idle]:
    """What cannot go in the next night goes from all first, however short it has been idle."""
    found = sorted(night.seats.subscriptions, key=lambda s: _now_order(s, now))
    parts = [_part(s, room[s.id], night, now) for s in found]
    opens = sum(min(idle.of(part.subscription), part.most) for part in parts)
    ready = _ready(idle, opens, night.steadily_idle)
    for part in parts:
        part.back = min(idle.of(part.subscription), part.closing)
        ready, idle = max(0, ready - part.back), idle.less(part.back, part.subscription)
    for part in parts:
        rest = min(idle.of(part.subscription), part.most - part.back)
        aged = min(rest, ready)
        part.back, part.waiting = part.back + aged, rest - aged
        ready, idle = ready - aged, idle.less(rest, part.subscription)
    return {part.subscription.id: part for part in parts}, idle


def _now_order(subscription: Subscription, now: datetime) -> tuple[bool, int, SubscriptionId]:
    """Legacy seats, which may go on any day, go after those whose windows close."""
    return subscription.is_legacy, -subscription.refundable_seats(now), subscription.id


def _part(subscription: Subscription, room: int, night: NightlyView, now: datetime) -> _Part:
    most = min(room, _open_now(subscription, night, now))
    return _Part(subscription, most, min(most, _closing(subscription, now)))


def _closing(subscription: Subscription, now: datetime) -> int:
    """Seats whose last night this is: the window closes before the next, or the renewal is near."""
    tomorrow = now + NIGHTLY
    locked = subscription.why_not_shrinkable(tomorrow) is not None
    open_then = 0 if locked else subscription.refundable_seats(tomorrow)
    return subscription.refundable_seats(now) - open_then


def _ready(idle: Idle, opens: int, steadily: int | None) -> int:
    """Seats that may go by their age: the oldest are taken to be those that cannot go."""
    if steadily is None:
        return idle.seats
    return max(0, min(idle.seats, steadily) - max(0, idle.seats - opens))


def _open_now(subscription: Subscription, night: NightlyView, now: datetime) -> int:
    if night.mode is GiveBackMode.SCHEDULE_ONLY:
        return 0
    return subscription.refundable_seats(now)


def _room(subscription: Subscription, night: NightlyView, floor: int, now: datetime) -> int:
    if subscription.why_not_shrinkable(now) is not None or not night.proves(subscription):
        return 0
    if why_end_is_lost(subscription, speaks=night.speaks_of_ends) is not None:
        return 0
    return max(0, subscription.lasting_seats - floor)


def why_not_schedulable(subscription: Subscription) -> str | None:
    if subscription.is_legacy:
        return "legacy seats go back on any day, and no renewal is scheduled with fewer"
    if subscription.is_converting or subscription.is_ending:
        return why_not_lasting(subscription)
    if not subscription.auto_renew:
        return f"a schedule needs auto-renew, which is off{_and_then(subscription)}"
    scheduled = subscription.scheduled_seats
    if scheduled is not None and scheduled > subscription.seats:
        return f"somebody wants the renewal to start with {scheduled} seats"
    return None


def _and_then(subscription: Subscription) -> str:
    if held_end(subscription) is not EndOfTerm.EXTEND:
        return ""
    ends = f"{subscription.ends_at:%Y-%m-%d}"
    return f": after {ends} they are paid by the month, in an extended term"


def why_not_lasting(subscription: Subscription) -> str:
    if subscription.other_end:
        return f"Microsoft was told to end it ({subscription.other_end})"
    last_day = f"{subscription.ends_at:%Y-%m-%d}"
    if subscription.is_ending:
        return f"its seats end with its term on {last_day}"
    return f"from {last_day} on it is another product, whose seats stay as somebody scheduled them"

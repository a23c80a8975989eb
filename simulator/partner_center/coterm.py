"""Let first terms end where others do: with a month, or with another subscription."""

import calendar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from simulator.nouns import Subscription
from simulator.partner_center.call import Answer, Call
from simulator.partner_center.documents import Json, collection, compact
from simulator.partner_center.errors import Refused
from simulator.partner_center.terms import MONTHS, add_months, last_day, midnight, term_end

if TYPE_CHECKING:
    from simulator.world import World

_TOKEN = "MS-ContinuationToken"
_SHORT_MONTHS_DAYS = range(28, 31)


@dataclass(frozen=True)
class End:
    """A last day that a first term may have, and whose last day it is."""

    day: datetime
    kind: str
    subscription_ids: tuple[str, ...] = ()


def parsed_day(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return midnight(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def is_inside(day: datetime, start: datetime, term: str) -> bool:
    return midnight(start) < day <= last_day(term_end(start, term))


def allowed_ends(world: "World", customer_id: str, term: str, start: datetime) -> list[End]:
    """Every last day that a term from `start` on may have instead of its own."""
    found = {day: End(day, "calendarMonthAligned") for day in _month_ends(start, term)}
    for one in world.subscriptions_of(customer_id):
        day = last_day(one.term_ends)
        if _can_align(one, term) and is_inside(day, start, term) and _is_safe(day, term):
            known = found.get(day, End(day, ""))
            ids = (*known.subscription_ids, one.id)
            found[day] = replace(known, kind="subscriptionAligned", subscription_ids=ids)
    return sorted(found.values(), key=lambda end: end.day)


def may_end(world: "World", customer_id: str, term: str, start: datetime, day: object) -> bool:
    wanted = parsed_day(day)
    return any(end.day == wanted for end in allowed_ends(world, customer_id, term, start))


def ends_of(start: datetime, term: str, custom: object = None) -> datetime:
    """The first moment after the first term."""
    day = parsed_day(custom) if custom else None
    return term_end(start, term) if day is None else day + timedelta(days=1)


def share_of_term(start: datetime, term: str, custom: object = None) -> Fraction:
    """How much of a full term the first one is, in days."""
    begin = midnight(start)
    whole = term_end(begin, term) - begin
    return Fraction((ends_of(begin, term, custom) - begin).days, whole.days)


def listed(call: Call) -> Answer:
    """Pages of end dates; where there is more, a response header says from where."""
    term = _asked(call, "term_duration").upper()
    if term not in MONTHS:
        raise Refused(800121)
    start = parsed_day(_asked(call, "term_start_date")) or call.now
    target = _asked(call, "target_coterm_subscription_id").lower()
    ends = allowed_ends(call.world, call.customer.id, term, start)
    wanted = [end for end in ends if not target or target in end.subscription_ids]
    return _page(call, wanted)


def _page(call: Call, ends: list[End]) -> Answer:
    token = call.headers.get(_TOKEN.lower(), "0")
    if not token.isdigit():
        raise Refused(3000, "The continuation token is not known.")
    first, size = int(token), call.switch("coterm.pageSize")
    page = collection(_shown(end) for end in ends[first : first + size])
    more = first + size < len(ends)
    return Answer(200, page, {_TOKEN: str(first + size)} if more else {})


def _shown(end: End) -> Json:
    return compact(
        {
            "allowedCustomTermEndDateType": end.kind,
            "cotermSubscriptionIds": list(end.subscription_ids) or None,
            "allowedCustomTermEndDate": end.day.strftime("%Y-%m-%dT%H:%M:%S"),
        }
    )


def _asked(call: Call, name: str) -> str:
    """The pages spell the parameters in two ways."""
    spelled = name.replace("_", "")
    found = (value for key, value in call.query.items() if key.replace("_", "").lower() == spelled)
    return next(found, "")


def _month_ends(start: datetime, term: str) -> list[datetime]:
    first = midnight(start).replace(day=1)
    ends = (_month_end(add_months(first, number)) for number in range(MONTHS[term] + 1))
    return [day for day in ends if is_inside(day, start, term)]


def _month_end(day: datetime) -> datetime:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _can_align(subscription: Subscription, term: str) -> bool:
    is_fit = subscription.status == "active" and not subscription.is_trial
    return is_fit and (term == "P1M" or subscription.term != "P1M")


def _is_safe(day: datetime, term: str) -> bool:
    """A month that began on the 28th to the 30th would not come round in February."""
    return term != "P1M" or day.day not in _SHORT_MONTHS_DAYS or day == _month_end(day)

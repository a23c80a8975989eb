"""Reckon with terms: where one ends, where a billing period ends."""

import calendar
from datetime import datetime, timedelta

MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
_CYCLE_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36}


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def add_months(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def term_end(start: datetime, term: str) -> datetime:
    """The first moment that is no longer in the term."""
    return add_months(midnight(start), MONTHS[term])


def last_day(end: datetime) -> datetime:
    return end - timedelta(days=1)


def period_end(start: datetime, end: datetime, cycle: str, now: datetime) -> datetime:
    """The end of the billing period that `now` is in."""
    step, number = _CYCLE_MONTHS.get(cycle, 1), 1
    while (closing := add_months(midnight(start), step * number)) <= now and closing < end:
        number += 1
    return min(closing, end)

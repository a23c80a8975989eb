"""The batches that the crash matrix plays, and how each must end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.portal import BUSINESS_BASIC_SKU, BUSINESS_PREMIUM_SKU, Json, row

PREMIUM, BASIC = BUSINESS_PREMIUM_SKU, BUSINESS_BASIC_SKU
PLANS = ("office-worker", "lean")


@dataclass(frozen=True, slots=True)
class Story:
    """Sixty rows over two subscriptions; ``licences`` are what people hold at the end."""

    rows: Callable[[str], list[Json]]
    licences: Mapping[str, int]
    people: int
    """That the directory has at the end, those who left included."""
    first: Callable[[str], list[Json]] | None = None
    """Of a batch that is carried out undisturbed, and brings in who is there already."""


def joiner(domain: str, number: int) -> Json:
    """Every second person gets the other plan."""
    return row(number, domain, plan=PLANS[number % 2])


def _joiners(domain: str) -> list[Json]:
    return [joiner(domain, n) for n in range(1, 61)]


def _who_is_there(domain: str) -> list[Json]:
    return [joiner(domain, n) for n in range(1, 21)]


def _everything(domain: str) -> list[Json]:
    """Ten leave, ten change to what those had, and forty come."""
    leavers = [_named(domain, n, action="deprovision") for n in range(2, 21, 2)]
    changes = [_named(domain, n, action="changePlan", plan=PLANS[0]) for n in range(1, 21, 2)]
    return [*leavers, *changes, *(joiner(domain, n) for n in range(21, 61))]


def _named(domain: str, number: int, **fields: str) -> Json:
    return {"userPrincipalName": f"person{number}@{domain}", **fields}


STORIES = {
    "joiners": Story(_joiners, {PREMIUM: 30, BASIC: 30}, people=60),
    "movers": Story(_everything, {PREMIUM: 30, BASIC: 20}, people=60, first=_who_is_there),
}

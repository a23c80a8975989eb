"""Tell what changed in what a customer's directory holds: others' seats, and domains."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRules
from shared.domain.estate import DomainState, Estate, OwnedSeats, Owner

_WHOSE = {Owner.CUSTOMER: "the customer's own", Owner.OTHER_PARTNER: "another partner's"}


def of_estate(
    rules: DriftRules, before: Estate, after: Estate, since: datetime
) -> Iterator[DriftEntry]:
    """Nothing differs from what was never read."""
    if before.is_known:
        yield from _of_holdings(rules, before.holdings, after.holdings, since)
        yield from _of_domains(rules, before.domains, after.domains, since)


def _of_holdings(
    rules: DriftRules, before: Iterable[OwnedSeats], after: Iterable[OwnedSeats], since: datetime
) -> Iterator[DriftEntry]:
    """Of our own Partner Center tells."""
    known, here = _foreign(before), _foreign(after)
    for id_ in sorted({*known, *here}):
        for what, was, now in _of_holding(known.get(id_), here.get(id_)):
            yield rules.entry((DriftKind.HOLDING, id_), what, was, now, since)


def _foreign(holdings: Iterable[OwnedSeats]) -> dict[str, OwnedSeats]:
    return {holding.id: holding for holding in holdings if holding.owner is not Owner.OURS}


def _of_holding(
    before: OwnedSeats | None, after: OwnedSeats | None
) -> Iterator[tuple[DriftField, str, str]]:
    if before is None or after is None:
        what = DriftField.GONE if after is None else DriftField.APPEARED
        yield what, _told(before), _told(after)
        return
    if before.seats != after.seats:
        yield DriftField.SEATS, str(before.seats), str(after.seats)
    if before.status != after.status:
        yield DriftField.STATUS, before.status, after.status


def _told(holding: OwnedSeats | None) -> str:
    if holding is None:
        return ""
    return f"{holding.seats} seats of {holding.sku}, {_WHOSE[holding.owner]}"


def _of_domains(
    rules: DriftRules, before: Iterable[DomainState], after: Iterable[DomainState], since: datetime
) -> Iterator[DriftEntry]:
    known, here = ({domain.name: domain for domain in domains} for domains in (before, after))
    for name in sorted({*known, *here}):
        for what, was, now in _of_domain(known.get(name), here.get(name)):
            yield rules.entry((DriftKind.DOMAIN, name), what, was, now, since)


def _of_domain(
    before: DomainState | None, after: DomainState | None
) -> Iterator[tuple[DriftField, str, str]]:
    if before is None or after is None:
        what = DriftField.REMOVED if after is None else DriftField.ADDED
        yield what, before.name if before else "", after.name if after else ""
        return
    for what, was, now in (
        (DriftField.VERIFIED, before.is_verified, after.is_verified),
        (DriftField.DEFAULT, before.is_default, after.is_default),
    ):
        if was != now:
            yield what, str(was).lower(), str(now).lower()

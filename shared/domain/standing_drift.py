"""Tell what changed in what a customer lets us do: its agreement, and what it delegated."""

from collections.abc import Iterator
from datetime import datetime

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRules
from shared.domain.standing import Delegation, Standing


def of_standing(
    rules: DriftRules, before: Standing, after: Standing, since: datetime
) -> Iterator[DriftEntry]:
    """Nothing differs from what was never read, nor from what we might not look at."""
    if before.read_at is None:
        return
    if before.has_agreement is not None and after.has_agreement is not None:
        yield from _of_agreement(rules, before, after, since)
    if before.delegations is not None and after.delegations is not None:
        yield from _of_delegations(rules, before.delegations, after.delegations, since)


def _of_agreement(
    rules: DriftRules, before: Standing, after: Standing, since: datetime
) -> Iterator[DriftEntry]:
    """A version that is not known on both sides says nothing."""
    what = (DriftKind.AGREEMENT, str(after.customer_id))
    if before.has_agreement != after.has_agreement:
        was, here = _flag(before.has_agreement), _flag(after.has_agreement)
        yield rules.entry(what, DriftField.AGREEMENT, was, here, since)
        return
    versions = before.agreement_version, after.agreement_version
    if all(versions) and versions[0] != versions[1]:
        yield rules.entry(what, DriftField.AGREEMENT_VERSION, *versions, since)
    if _day(before.agreed_at) != _day(after.agreed_at):
        days = _day(before.agreed_at), _day(after.agreed_at)
        yield rules.entry(what, DriftField.AGREED_AT, *days, since)


def _of_delegations(
    rules: DriftRules,
    before: tuple[Delegation, ...],
    after: tuple[Delegation, ...],
    since: datetime,
) -> Iterator[DriftEntry]:
    known, here = {d.id: d for d in before}, {d.id: d for d in after}
    for id_ in sorted({*known, *here}):
        yield from _of_delegation(rules, id_, known.get(id_), here.get(id_), since)


def _of_delegation(
    rules: DriftRules,
    id_: str,
    before: Delegation | None,
    after: Delegation | None,
    since: datetime,
) -> Iterator[DriftEntry]:
    """One that ended long ago may leave Microsoft's list, and that changes nothing."""
    what = (DriftKind.RELATIONSHIP, id_)
    if before is None or after is None:
        told = before or after
        if told is not None and (before is None or told.is_live(since)):
            was, here = before.status if before else "", after.status if after else ""
            yield rules.entry(what, DriftField.RELATIONSHIP, was, here, since)
        return
    if before.status != after.status:
        yield rules.entry(what, DriftField.RELATIONSHIP, before.status, after.status, since)
    if _was_moved(before, after):
        ends = before.ends_at.isoformat(), after.ends_at.isoformat()
        yield rules.entry(what, DriftField.RELATIONSHIP_ENDS_AT, *ends, since)
    if {*before.roles} != {*after.roles}:
        roles = _listed(before.roles), _listed(after.roles)
        yield rules.entry(what, DriftField.RELATIONSHIP_ROLES, *roles, since)


def _was_moved(before: Delegation, after: Delegation) -> bool:
    """One that renews itself is given a later end by Microsoft."""
    renewed = before.renews and after.ends_at > before.ends_at
    return before.ends_at != after.ends_at and not renewed


def _listed(roles: tuple[str, ...]) -> str:
    return ", ".join(sorted(roles))


def _flag(value: object) -> str:
    return str(value).lower()


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment is not None else ""

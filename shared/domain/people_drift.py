"""Tell what changed of a person past us: licences, services, country, aliases, blocks."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRules
from shared.domain.ids import SkuId
from shared.domain.mirror import MirroredUser, Move


def of_move(rules: DriftRules, move: Move, now: datetime) -> Iterator[DriftEntry]:
    """Who is new is news where they hold anything; guests by the hundred are not."""
    if move.before is not None and move.after is not None:
        yield from _of_change(rules, move.before, move.after, now)
    elif move.before is not None:
        who = (DriftKind.USER, move.before.id)
        yield rules.entry(who, DriftField.DELETED, held_by(move.before), "", now)
    elif move.after is not None and move.after.skus:
        who = (DriftKind.USER, move.after.id)
        yield rules.entry(who, DriftField.APPEARED, "", held_by(move.after), now)


def _of_change(
    rules: DriftRules, before: MirroredUser, after: MirroredUser, now: datetime
) -> Iterator[DriftEntry]:
    for what, was, here in _differences(before, after):
        entry = rules.entry((DriftKind.USER, before.id), what, was, here, now)
        if what is DriftField.LICENCES:
            entry = replace(entry, direct=tuple(sorted(before.direct)))
        yield entry


def held_by(user: MirroredUser) -> str:
    """Say a person's licences as entries say them."""
    return ", ".join(sorted(user.skus))


def _differences(
    before: MirroredUser, after: MirroredUser
) -> Iterator[tuple[DriftField, str, str]]:
    """What the directory says otherwise of one person; what it did not tell before is no news."""
    if held_by(before) != held_by(after):
        yield DriftField.LICENCES, held_by(before), held_by(after)
    kept = sorted(before.skus & after.skus)
    if other := [sku for sku in kept if _is_switched(before, after, sku)]:
        yield DriftField.SERVICES, _off(before, other), _off(after, other)
    if other := [sku for sku in kept if _way(before, sku) != _way(after, sku)]:
        yield DriftField.BY_GROUP, _ways(before, other), _ways(after, other)
    if before.enabled != after.enabled:
        yield DriftField.BLOCKED, _flag(not before.enabled), _flag(not after.enabled)
    if before.usage_location != after.usage_location:
        yield DriftField.COUNTRY, before.usage_location, after.usage_location
    if _has_others(before, after):
        yield DriftField.ALIASES, _aliases(before), _aliases(after)


def _is_switched(before: MirroredUser, after: MirroredUser, sku: SkuId) -> bool:
    was, here = before.off.get(sku), after.off.get(sku)
    return was is not None and here is not None and was != here


def _off(user: MirroredUser, skus: Iterable[SkuId]) -> str:
    texts = ((sku, ", ".join(sorted(user.off[sku]))) for sku in skus)
    return "; ".join(f"{sku} without {off}" if off else f"{sku} with all" for sku, off in texts)


def _way(user: MirroredUser, sku: SkuId) -> str:
    if sku not in user.by_group:
        return "direct"
    return "both ways" if sku in user.direct else "by a group"


def _ways(user: MirroredUser, skus: Iterable[SkuId]) -> str:
    return "; ".join(f"{sku} {_way(user, sku)}" for sku in skus)


def _has_others(before: MirroredUser, after: MirroredUser) -> bool:
    is_known = before.alias_digest is not None and after.alias_digest is not None
    swapped = is_known and before.alias_digest != after.alias_digest
    return swapped or before.aliases != after.aliases


def _aliases(user: MirroredUser) -> str:
    return f"{user.aliases} ({user.alias_digest})" if user.alias_digest else str(user.aliases)


def _flag(value: object) -> str:
    return str(value).lower()

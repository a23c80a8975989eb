"""Page through which plans a customer's people had, everybody's together, however many they are.

What goes on stands on the person, and what ended in rows of its own that outlive the person; both
lie in the order of the people's ids, so that two ranges are joined as they are read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.mirror import MirroredUser
from shared.domain.spells import Spell, open_spell
from shared.storage import keys
from shared.storage.codec import moment_to_text
from shared.storage.cursors import from_cursor, to_cursor
from shared.storage.rows import from_row
from shared.storage.tables import Table
from shared.workflows.ports import Page

_PEOPLE, _ENDED = keys.under("u"), keys.under("spell")


@dataclass(frozen=True, slots=True)
class _Part:
    """Spells by their people's ids, of everybody up to the last one; None: of all."""

    spells: Mapping[str, Sequence[Spell]] = field(default_factory=dict)
    last: str | None = None


async def page_of_spells(
    table: Table, partition: str, since: datetime, cursor: str | None, size: int
) -> Page[Sequence[Spell]]:
    """What goes on is read first: what ends in between is seen twice, and never missed."""
    after = from_cursor(cursor)["RowKey"] if cursor is not None else None
    going_on = await _going_on(table, partition, after, size)
    ended = await _ended(table, partition, since, (after, going_on.last), size)
    return _joined(going_on, ended, partition, size)


async def _going_on(table: Table, partition: str, after: str | None, size: int) -> _Part:
    first = keys.after_user(after) if after is not None else _PEOPLE[0]
    rows, onward = await table.page(partition, (first, _PEOPLE[1]), None, size)
    users = [from_row(MirroredUser, row) for row in rows]
    spells = {keys.guid(user.id): open_spell(user) for user in users}
    last = keys.guid(users[-1].id) if onward else None
    return _Part({id_: [spell] if spell else [] for id_, spell in spells.items()}, last)


async def _ended(
    table: Table, partition: str, since: datetime, within: tuple[str | None, str | None], size: int
) -> _Part:
    """A person whose rows the page cuts in two is read to the end."""
    after, last = within
    first = keys.after_ended(after) if after is not None else _ENDED[0]
    end = keys.after_ended(last) if last is not None else _ENDED[1]
    enough = "until", moment_to_text(since)
    rows, onward = await table.page(partition, (first, end), None, size, at_least=enough)
    if onward:
        last = keys.guid(from_row(Spell, rows[-1]).user_id)
        rows += await table.between(partition, (str(rows[-1]["RowKey"]), keys.after_ended(last)))
    found: dict[str, list[Spell]] = defaultdict(list)
    for spell in (from_row(Spell, row) for row in rows):
        if spell.until is not None and spell.until >= since:
            found[keys.guid(spell.user_id)].append(spell)
    return _Part(found, last)


def _joined(going_on: _Part, ended: _Part, partition: str, size: int) -> Page[Sequence[Spell]]:
    """As many people as are asked for, and none of whom a part has not told yet."""
    known = min((part.last for part in (going_on, ended) if part.last is not None), default=None)
    told = sorted({*going_on.spells, *ended.spells})
    here = [id_ for id_ in told if known is None or id_ <= known][:size]
    everybody = known is None and len(here) == len(told)
    spells = [_of_one(going_on.spells.get(i, ()), ended.spells.get(i, ())) for i in here]
    onward = None if everybody else to_cursor({"PartitionKey": partition, "RowKey": here[-1]})
    return Page([one for one in spells if one], onward)


def _of_one(going_on: Sequence[Spell], ended: Sequence[Spell]) -> Sequence[Spell]:
    """A spell that ended while it was read is told as ended."""
    spells = {(spell.plan, spell.since): spell for spell in (*going_on, *ended)}
    return tuple(spells.values())

r"""Build every key of every table: what is read together, and what is unique in it.

Parts are joined by a bar. Inside a part only letters, digits and a few signs stand for themselves;
everything else (Table Storage refuses ``/ \ # ?`` and control characters, and several clients
stumble over quotes and percent signs) becomes ``~`` and four hexadecimal digits of UTF-16.
"""

import hashlib
import re
from datetime import UTC, datetime

from shared.domain.drift import DriftEntry, DriftField
from shared.domain.drift import newest_first as newest_drift_first
from shared.domain.ids import (
    BatchId,
    ConnectionId,
    CustomerId,
    OperationId,
    RunId,
    SkuId,
    SubscriptionId,
)
from shared.domain.spells import Spell

INDEX = "index"
HEAD = "head"
ESTATE = "a-estate"
LEASE = "lease"
EXPIRING = "expiring|"
"""No operation has this key: the bar is escaped in ids."""
LOTS = "lots"
BATCHES = "batches"
OPEN = "open"
NIGHTS = "nights"
_ESCAPED = re.compile(r"[^A-Za-z0-9@:._-]")
_LONGEST = 240
"""Characters per part: a key takes 512 of them, and two free texts are the most one holds."""
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
EVERYTHING = ("", "~~~~")
"""Every row key of a partition: none of ours sorts behind it."""


def escaped(text: str) -> str:
    """Make a free text fit for a key; one too long for that is told apart by its digest."""
    if not text:
        return "~"
    safe = _ESCAPED.sub(lambda found: _units(found[0]), text)
    if len(safe) <= _LONGEST:
        return safe
    return "~~" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _units(character: str) -> str:
    code = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"~{code[at : at + 4]}" for at in range(0, len(code), 4))


def joined(*parts: str) -> str:
    return "|".join(escaped(part) for part in parts)


def guid(text: str) -> str:
    """The case of a GUID is not stable over Microsoft's APIs."""
    return escaped(text.lower())


def newest_first(moment: datetime, unique: str) -> str:
    """Later moments sort before earlier ones."""
    left = _END_OF_TIME - moment
    ticks = (left.days * 86_400 + left.seconds) * 1_000_000 + left.microseconds
    return f"{ticks:020d}|{escaped(unique)}"


def day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d")


def connection(of: ConnectionId) -> str:
    return escaped(of)


def customer(of: CustomerId) -> str:
    return f"c|{guid(of)}"


def customers_of(connection_id: ConnectionId) -> str:
    return f"of|{escaped(connection_id)}"


def market(connection_id: ConnectionId, name: str) -> str:
    return joined(connection_id, name.upper())


def ledger(customer_id: CustomerId, sku: SkuId) -> str:
    return f"{guid(customer_id)}|{guid(sku)}"


def head_of(subscription: SubscriptionId) -> str:
    return f"head|{guid(subscription)}"


def reservation(holder: str) -> str:
    return f"r|{escaped(holder)}"


def growth(subscription: SubscriptionId, holder: str) -> str:
    return f"g|{guid(subscription)}|{escaped(holder)}"


def batch(of: BatchId) -> str:
    return f"b|{escaped(of)}"


def chunk(number: int) -> str:
    return f"chunk|{number:06d}"


def open_chunk(number: int) -> str:
    """The mark of a chunk that has rows left."""
    return f"open|{number:06d}"


def run(of: RunId) -> str:
    return f"r|{escaped(of)}"


def part(of: CustomerId) -> str:
    return f"part|{guid(of)}"


def open_part(of: CustomerId) -> str:
    return f"open|{guid(of)}"


def user(of: str) -> str:
    return f"u|{guid(of)}"


def doubt(user_id: str) -> str:
    return f"a-doubt|{guid(user_id)}"


def drift(unique: str) -> str:
    """The id sorts later moments first by itself."""
    return f"a-drift|{escaped(unique)}"


def drift_until(moment: datetime) -> tuple[str, str]:
    """All entries that were found at that moment or before."""
    return f"a-drift|{newest_drift_first(moment)}", under("a-drift")[1]


def open_drift(entry: DriftEntry) -> str:
    """Those of one field, never tried ones first; the entry's own id is the last part."""
    tried = int(entry.tried_at.timestamp()) if entry.tried_at is not None else 0
    return f"a-open|{entry.what}|{tried:010d}|{escaped(entry.id)}"


def drift_of_mark(mark: str) -> str:
    """The entry that an open one's mark stands for."""
    return f"a-drift|{mark.rpartition('|')[2]}"


def open_drift_of(what: DriftField) -> tuple[str, str]:
    return under(f"a-open|{what}")


def ours(user_id: str) -> str:
    """The last work of ours on a person."""
    return f"b-of|{guid(user_id)}"


def given(on: datetime, holder: str, user_id: str) -> str:
    return f"b-given|{day(on)}|{escaped(holder)}|{guid(user_id)}"


def given_since(first: datetime) -> tuple[str, str]:
    return f"b-given|{day(first)}|", "b-given}"


def given_before(last: datetime) -> tuple[str, str]:
    return "b-given|", f"b-given|{day(last)}|"


def ended_spell(of: Spell) -> str:
    """Sorts by person; the moment is part of the key, for one may end a plan twice a day."""
    ended = (of.until or _END_OF_TIME).astimezone(UTC)
    return f"spell|{guid(of.user_id)}!{ended:%Y%m%d%H%M%S%f}|{escaped(of.plan)}"


def after_user(place: str) -> str:
    """Behind somebody's row, and before that of an id which goes on where this one ends.

    No id has an exclamation mark in it, and what ids are made of sorts behind one.
    """
    return f"u|{place}!"


def after_ended(place: str) -> str:
    """Behind all of somebody's ended spells, and before everybody's whose id comes later."""
    return f'spell|{place}"'


def expected(of: ConnectionId) -> str:
    return f"connection|{escaped(of)}"


def under(first: str) -> tuple[str, str]:
    """The range of all row keys whose first part is this: a brace sorts right behind a bar."""
    return f"{first}|", f"{first}}}"


def transaction(at: datetime, unique: str) -> str:
    return f"t|{newest_first(at, unique)}"


def transaction_claim(unique: str) -> str:
    return f"id|{escaped(unique)}"


def subscription(customer_id: CustomerId, of: SubscriptionId) -> str:
    return f"{guid(customer_id)}|{guid(of)}"


def change(at: datetime, unique: str) -> str:
    return f"h|{newest_first(at, unique)}"


def updates_of(subscription: SubscriptionId) -> str:
    return f"updates|{guid(subscription)}"


def end_of(subscription: SubscriptionId) -> str:
    return f"end|{guid(subscription)}"


def change_claim(unique: str) -> str:
    return f"id|{escaped(unique)}"


def open_change(unique: str) -> str:
    return f"open|{escaped(unique)}"


def open_index(unique: str) -> str:
    return f"change|{escaped(unique)}"


def poisoned(message: str) -> str:
    return f"p|{escaped(message)}"


def syncs_of(connection_id: ConnectionId) -> str:
    return f"of|{escaped(connection_id)}"


def sync(connection_id: ConnectionId, operation: OperationId) -> str:
    return f"sync|{joined(connection_id, operation)}"

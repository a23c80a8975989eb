"""Keep what a tenant was asked with until it is made: it names people, so it lies with secrets."""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime, timedelta

from shared.domain.customers import Address, AgreementContact, NewCustomer
from shared.domain.ids import OperationId
from shared.domain.passwords import Secret
from shared.domain.reminders import ReminderKind
from shared.workflows.ports import Desk
from shared.workflows.watch import forget_secret

KEPT_FOR = timedelta(days=3)
"""Longer than anybody goes on with it."""


async def keep_body(desk: Desk, operation: OperationId, new: NewCustomer) -> None:
    """Its deletion is written down first; what is kept already is not written again."""
    name = _name(operation)
    if await desk.secrets.get(name) is None:
        await forget_secret(desk, name, await desk.clock.now() + KEPT_FOR)
        await desk.secrets.put(name, Secret(_text_of(new)))


async def kept_body(desk: Desk, operation: OperationId) -> NewCustomer | None:
    """None where nothing was sent, or where it has been kept long enough."""
    kept = await desk.secrets.get(_name(operation))
    return None if kept is None else _read(kept.value)


async def forget_body(desk: Desk, operation: OperationId) -> None:
    await desk.secrets.delete(_name(operation))
    await desk.reminders.drop(ReminderKind.FORGET, _name(operation))


def digest_of(new: NewCustomer) -> str:
    """The same for what was kept and read back."""
    return hashlib.sha256(_text_of(new).encode()).hexdigest()


def _name(operation: OperationId) -> str:
    return f"tenant-{operation}"


def _text_of(new: NewCustomer) -> str:
    return json.dumps(asdict(new), sort_keys=True, default=datetime.isoformat)


def _read(text: str) -> NewCustomer:
    kept = json.loads(text)
    contact = kept["agreement"]
    agreed_at = datetime.fromisoformat(contact["agreed_at"])
    return NewCustomer(
        **{
            **kept,
            "address": Address(**kept["address"]),
            "agreement": AgreementContact(**{**contact, "agreed_at": agreed_at}),
        }
    )

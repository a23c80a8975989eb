"""Know who works here beside the provider: resellers, and which callers are theirs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.callers import PROVIDER, Caller


@dataclass(frozen=True, slots=True)
class Organisation:
    """A reseller under the provider; what it owns are connections, and through them customers.

    ``tenants`` are those whose callers are let in as its own, whatever their roles say;
    ``callers`` are object or application ids of single callers, in the provider's tenant too.
    """

    id: str
    name: str
    changed_at: datetime
    tenants: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()
    etag: str = field(default="", compare=False)

    def has(self, caller: Caller) -> bool:
        return bool({caller.id, caller.app_id} & set(self.callers))


def place_of(caller: Caller, organisations: Iterable[Organisation]) -> str:
    """Whose work a caller does: who is named himself goes before his tenant."""
    known = tuple(organisations)
    for organisation in known:
        if organisation.has(caller):
            return organisation.id
    for organisation in known:
        if caller.tenant_id in organisation.tenants:
            return organisation.id
    return PROVIDER


def taken_by(new: Organisation, others: Iterable[Organisation]) -> dict[str, str]:
    """What of a new organisation's callers and tenants belongs to another one, and to which."""
    wanted = {*new.tenants, *new.callers}
    return {
        one: other.id
        for other in others
        if other.id != new.id
        for one in wanted & {*other.tenants, *other.callers}
    }

"""Say which resellers there are, and whose callers are whose."""

from shared.domain.errors import Fault, InvalidRequest
from shared.domain.organisations import Organisation, taken_by
from shared.workflows.ports import AuditEntry, Desk


async def keep_organisation(
    desk: Desk, organisation: Organisation, *, requested_by: str
) -> Organisation:
    """Raise `InvalidRequest` where a caller or a tenant is somebody else's already."""
    taken = taken_by(organisation, await desk.organisations.all())
    if taken:
        raise InvalidRequest(
            [Fault(f"{one} belongs to the organisation {other!r}") for one, other in taken.items()]
        )
    kept = await desk.organisations.save(organisation)
    now = await desk.clock.now()
    counts = {"tenants": str(len(kept.tenants)), "callers": str(len(kept.callers))}
    await desk.audit.record(AuditEntry(now, requested_by, "organisation set", kept.id, counts))
    return kept

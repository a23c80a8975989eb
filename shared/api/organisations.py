"""Say which resellers work here, and by what their callers are known."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.models import Body, Guid, Line, Reply
from shared.domain.callers import PROVIDER
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.organisations import Organisation
from shared.workflows.organisations import keep_organisation


class OrganisationBody(Body):
    """A reseller under the provider; its connections name it as their `owner`."""

    name: Annotated[Line, Field(min_length=1, examples=["Fabrikam"])]
    tenant_ids: Annotated[
        tuple[Guid, ...],
        Field(max_length=20, description="Tenants whose callers are let in as the reseller's."),
    ] = ()
    caller_ids: Annotated[
        tuple[Guid, ...],
        Field(max_length=200, description="Object or application ids of single callers."),
    ] = ()


class OrganisationReply(Reply):
    """A reseller, and by what its callers are known."""

    id: str
    name: str
    tenant_ids: list[str]
    caller_ids: list[str]
    changed_at: datetime

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        return cls(
            id=organisation.id,
            name=organisation.name,
            tenant_ids=list(organisation.tenants),
            caller_ids=list(organisation.callers),
            changed_at=organisation.changed_at,
        )


class OrganisationList(Reply):
    items: list[OrganisationReply]


async def list_organisations(call: Call) -> Answer:
    known = await call.desk.organisations.all()
    return Answer(OrganisationList(items=[OrganisationReply.of(one) for one in known]))


async def put_organisation(call: Call) -> Answer:
    body = call.body_as(OrganisationBody)
    wanted = Organisation(
        id=call.path["organisationId"],
        name=body.name,
        changed_at=await call.desk.clock.now(),
        tenants=_once(body.tenant_ids),
        callers=_once(body.caller_ids),
    )
    _keep_the_provider(call, wanted)
    kept = await keep_organisation(call.desk, wanted, requested_by=call.caller.id)
    return Answer(OrganisationReply.of(kept))


def _once(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lower() for one in ids))


def _keep_the_provider(call: Call, wanted: Organisation) -> None:
    """Whoever made himself a reseller could never take it back."""
    faults = []
    if wanted.id == PROVIDER:
        faults.append(Fault(f"{PROVIDER!r} is the provider itself"))
    if call.caller.tenant_id in wanted.tenants:
        faults.append(Fault("that is the provider's own tenant", pointer="/tenantIds"))
    if wanted.has(call.caller):
        faults.append(Fault("that is yourself", pointer="/callerIds"))
    if faults:
        raise InvalidRequest(faults)

"""Show a customer as the last night read it: seats and their owners, people, domains, standing."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.customers import customer_id_of
from shared.api.models import Pages, Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.estate import DomainState, OwnedSeats, Owner
from shared.domain.fitting import Doubt
from shared.domain.ids import SkuId
from shared.domain.mirror import MirroredUser
from shared.domain.seats import SkuStock
from shared.domain.standing import Delegation, Standing

ReadAt = Annotated[
    datetime | None, Field(description="When a night last read all of it; absent: never.")
]


class SkuStockReply(Reply):
    """What the tenant has of one product, over all owners."""

    sku_id: str
    part_number: Annotated[str, Field(examples=["SPB"])]
    enabled: int
    consumed: int
    warning: Annotated[int, Field(description="Of terms that are over; not free.")]
    suspended: int
    per_user: Annotated[bool, Field(description="Whether it is counted by user.")]

    @classmethod
    def of(cls, stock: SkuStock) -> Self:
        return cls(
            sku_id=stock.sku,
            part_number=stock.part_number,
            enabled=stock.enabled,
            consumed=stock.consumed,
            warning=stock.warning,
            suspended=stock.suspended,
            per_user=stock.per_user,
        )


class HoldingReply(Reply):
    """One subscription as the directory shows it, whoever sold it."""

    id: Annotated[str, Field(description="The directory's own.")]
    commerce_id: Annotated[str, Field(description="By which Partner Center may know it.")]
    sku_id: str
    owner: Owner
    seats: int
    status: Annotated[str, Field(description="Microsoft's word.", examples=["Enabled"])]
    trial: bool

    @classmethod
    def of(cls, holding: OwnedSeats) -> Self:
        return cls(
            id=holding.id,
            commerce_id=holding.commerce_id,
            sku_id=holding.sku,
            owner=holding.owner,
            seats=holding.seats,
            status=holding.status,
            trial=holding.is_trial,
        )


class DirectoryReply(Reply):
    """The seats of a tenant, and whose they are."""

    read_at: ReadAt = None
    changed_at: Annotated[
        datetime | None, Field(description="When it was last found to differ, domains included.")
    ] = None
    stocks: list[SkuStockReply]
    holdings: list[HoldingReply]


class DomainStateReply(Reply):
    name: str
    verified: bool
    default: Annotated[bool, Field(description="New people get it where nobody says another.")]

    @classmethod
    def of(cls, domain: DomainState) -> Self:
        return cls(name=domain.name, verified=domain.is_verified, default=domain.is_default)


class DomainStateList(Reply):
    read_at: ReadAt = None
    items: list[DomainStateReply]


class HeldReply(Reply):
    """One licence of a person, and the way it came."""

    sku_id: str
    direct: bool
    by_group: bool
    disabled_service_plan_ids: Annotated[
        list[str] | None, Field(description="What is off in it; absent: no reading told it.")
    ] = None

    @classmethod
    def of(cls, user: MirroredUser, sku: SkuId) -> Self:
        off = user.off.get(sku)
        return cls(
            sku_id=sku,
            direct=sku in user.direct,
            by_group=sku in user.by_group,
            disabled_service_plan_ids=None if off is None else sorted(off),
        )


class PersonReply(Reply):
    """A person without a name."""

    id: str
    enabled: bool
    country: Annotated[str | None, Field(examples=["GB"])] = None
    licences: list[HeldReply]
    aliases: Annotated[int, Field(description="How many mail addresses beside the main one.")]
    plan_id: str | None = None
    plan_since: datetime | None = None
    doubt: Annotated[
        Doubt | None, Field(description="Why no plan is said to be theirs, or it is not certain.")
    ] = None

    @classmethod
    def of(cls, user: MirroredUser) -> Self:
        return cls(
            id=user.id,
            enabled=user.enabled,
            country=user.usage_location or None,
            licences=[HeldReply.of(user, sku) for sku in sorted(user.skus)],
            aliases=user.aliases,
            plan_id=user.plan,
            plan_since=user.plan_since if user.plan is not None else None,
            doubt=user.doubt,
        )


class PersonList(Reply):
    read_at: ReadAt = None
    items: list[PersonReply]
    next_link: str | None = None


class AgreementStandingReply(Reply):
    """Whether Microsoft has the customer's agreement on record."""

    accepted: bool
    version: Annotated[str | None, Field(description="The id of its text, where it is told.")] = (
        None
    )
    agreed_at: datetime | None = None
    readable: Annotated[bool, Field(description="False: this is what was known before.")]


class RelationshipReply(Reply):
    """A delegated relationship (GDAP)."""

    id: str
    status: Annotated[str, Field(description="Microsoft's word.", examples=["active"])]
    ends_at: datetime
    renews_itself: bool
    role_ids: list[str]

    @classmethod
    def of(cls, delegation: Delegation) -> Self:
        return cls(
            id=delegation.id,
            status=delegation.status,
            ends_at=delegation.ends_at,
            renews_itself=delegation.renews,
            role_ids=sorted(delegation.roles),
        )


class StandingReply(Reply):
    """What a customer lets us do, and until when."""

    read_at: Annotated[datetime | None, Field(description="Once a week; absent: never.")] = None
    agreement: Annotated[
        AgreementStandingReply | None, Field(description="Absent: we were never let look.")
    ] = None
    relationships: Annotated[
        list[RelationshipReply] | None, Field(description="Absent: we were never let look.")
    ] = None
    relationships_readable: Annotated[
        bool, Field(description="False: these are as they were known before.")
    ]
    warnings: Annotated[list[str], Field(description="What stops our work or will, at present.")]

    @classmethod
    def of(cls, standing: Standing, now: datetime) -> Self:
        given = standing.delegations
        relationships = None if given is None else [RelationshipReply.of(one) for one in given]
        return cls(
            read_at=standing.read_at,
            agreement=_agreement(standing),
            relationships=relationships,
            relationships_readable=given is not None and not standing.delegations_hidden,
            warnings=list(standing.warnings(now)),
        )


def _agreement(standing: Standing) -> AgreementStandingReply | None:
    if standing.has_agreement is None:
        return None
    return AgreementStandingReply(
        accepted=standing.has_agreement,
        version=standing.agreement_version or None,
        agreed_at=standing.agreed_at,
        readable=not standing.agreement_hidden,
    )


async def get_directory(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    state = await call.desk.people.state(customer.id)
    estate = await call.desk.estates.of(customer.id)
    return Answer(
        DirectoryReply(
            read_at=state.read_at,
            changed_at=estate.changed_at,
            stocks=[SkuStockReply.of(stock) for stock in estate.stocks],
            holdings=[HoldingReply.of(holding) for holding in estate.holdings],
        )
    )


async def list_domains(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    state = await call.desk.people.state(customer.id)
    domains = (await call.desk.estates.of(customer.id)).domains
    items = [DomainStateReply.of(domain) for domain in domains]
    return Answer(DomainStateList(read_at=state.read_at, items=items))


async def list_people(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    state = await call.desk.people.state(customer.id)
    limit = call.query_as(Pages).limit
    page = await call.desk.people.page(customer.id, cursor_of(call), limit)
    items = [PersonReply.of(user) for user in page.items]
    onward = next_link(call, page.cursor)
    return Answer(PersonList(read_at=state.read_at, items=items, next_link=onward))


async def get_standing(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    standing = await call.desk.standings.of(customer.id)
    return Answer(StandingReply.of(standing, await call.desk.clock.now()))

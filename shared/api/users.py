"""Create one person with licences, and show who is in a customer's directory."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import Field

from shared.api.batch_replies import GrowthReply
from shared.api.call import Answer, Call, accepted, created
from shared.api.customers import customer_id_of
from shared.api.models import Pages, Query, Reply
from shared.api.office import Limits
from shared.api.operations import password_url
from shared.api.paging import cursor_of, next_link
from shared.api.previews import BatchPreviewReply
from shared.api.rows import read_user
from shared.domain.batches import Batch, BatchDocument, BatchStatus, Row, RowResult, RowStatus
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import BatchId
from shared.domain.users import DirectoryUser
from shared.workflows.preview_batch import preview_batch
from shared.workflows.provision_user import provision_user


class LicenceReply(Reply):
    sku_id: str
    disabled_service_plan_ids: list[str]


class UserReply(Reply):
    """A person as the directory holds one."""

    id: str
    user_principal_name: str
    display_name: str
    usage_location: str | None = None
    enabled: bool
    licences: Annotated[list[LicenceReply], Field(description="Assigned directly, not by a group.")]

    @classmethod
    def of(cls, user: DirectoryUser) -> Self:
        return cls(
            id=user.id,
            user_principal_name=user.user_principal_name,
            display_name=user.display_name,
            usage_location=user.usage_location,
            enabled=user.enabled,
            licences=[
                LicenceReply(sku_id=sku, disabled_service_plan_ids=sorted(off))
                for sku, off in user.licences.items()
            ],
        )


class UserList(Reply):
    items: list[UserReply]
    next_link: str | None = None


class NewUserReply(Reply):
    """How far a new person has come: `waitingForSeat` while bought seats are not visible yet."""

    operation_id: str
    status: Literal["waiting", "created", "waitingForSeat", "done", "review"]
    user_principal_name: str
    user_id: str | None = None
    plan: str
    password_url: str | None = None
    growths: Annotated[
        tuple[GrowthReply, ...], Field(description="What was bought for it, and at what price.")
    ] = ()

    @classmethod
    def of(cls, batch: Batch, result: RowResult) -> Self:
        in_review = batch.status is BatchStatus.REVIEW and not result.status.is_final
        return cls.model_validate(
            {
                "operation_id": batch.id,
                "status": "review" if in_review else result.status.value,
                "user_principal_name": result.row.user.user_principal_name,
                "user_id": result.user_id or None,
                "plan": result.row.plan,
                "password_url": password_url(batch.id) if result.user_id else None,
                "growths": [GrowthReply.of(growth) for growth in batch.growths],
            }
        )


def read_new_user(document: object, _query: Query, limits: Limits) -> Row:
    return read_user(document, limits)


async def list_users(call: Call) -> Answer:
    """Live from the directory: nothing about people is kept for a list."""
    customer = await call.desk.customers.get(customer_id_of(call))
    connection = await call.desk.connections.get(customer.connection_id)
    directory = call.desk.microsoft.directory(connection, customer.id)
    users, cursor = await directory.users_page(cursor_of(call), call.query_as(Pages).limit)
    items = [UserReply.of(user) for user in users]
    return Answer(UserList(items=items, next_link=next_link(call, cursor)))


async def create_user(call: Call) -> Answer:
    """A person is a batch of one row, so that seats are promised in one way only."""
    document = BatchDocument(
        BatchId(call.operation_id), customer_id_of(call), call.caller.id, (call.body_as(Row),)
    )
    try:
        if call.dry_run:
            return Answer(BatchPreviewReply.of(await preview_batch(call.desk, document)))
        batch = await provision_user(call.desk, document)
    except InvalidRequest as error:
        raise InvalidRequest(_of_one(error.faults), summary=str(error)) from error
    return await _answer(call, batch)


async def _answer(call: Call, batch: Batch) -> Answer:
    result = (await call.desk.batches.chunk(batch.id, 1)).rows[0]
    reply = NewUserReply.of(batch, result)
    location = f"/api/operations/{batch.id}"
    return (created if result.status is RowStatus.DONE else accepted)(reply, location)


def _of_one(faults: Iterable[Fault]) -> list[Fault]:
    """The caller sent one person and knows of no rows."""
    return [
        replace(fault, pointer=fault.pointer.removeprefix("/rows/0"), row=None) for fault in faults
    ]

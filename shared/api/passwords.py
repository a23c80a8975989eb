"""Hand out passwords to whoever asked for the account, until they are acknowledged."""

from http import HTTPStatus

from shared.api.batches import batch_id_of
from shared.api.call import Answer, Call
from shared.api.models import Reply
from shared.domain.batches import Source, chunk_of
from shared.domain.errors import BatchNotFound, OperationNotFound, PasswordGone
from shared.domain.ids import BatchId, OperationId
from shared.workflows import passwords as slips


class PasswordReply(Reply):
    """Only ever in this answer: acknowledge it once it is written down."""

    user_principal_name: str
    password: str


async def reveal_item_password(call: Call) -> Answer:
    return await _reveal_row(call, batch_id_of(call), int(call.path["row"]))


async def acknowledge_item_password(call: Call) -> Answer:
    row = int(call.path["row"])
    batch = batch_id_of(call)
    await slips.acknowledge_row_password(
        call.desk, batch, row, caller=await _requester(call, batch)
    )
    return Answer(status=HTTPStatus.NO_CONTENT)


async def reveal_operation_password(call: Call) -> Answer:
    work = call.path["operationId"]
    try:
        name, password = await slips.reveal_operation_password(
            call.desk, OperationId(work), caller=call.caller.id
        )
    except OperationNotFound:
        return await _reveal_row(call, await _single_user(call, work), 1)
    return Answer(PasswordReply(user_principal_name=name, password=password.value))


async def acknowledge_operation_password(call: Call) -> Answer:
    work, caller = call.path["operationId"], call.caller.id
    try:
        await slips.acknowledge_operation_password(call.desk, OperationId(work), caller=caller)
    except OperationNotFound:
        batch = await _single_user(call, work)
        await slips.acknowledge_row_password(call.desk, batch, 1, caller=caller)
    return Answer(status=HTTPStatus.NO_CONTENT)


async def _requester(call: Call, batch_id: BatchId) -> str:
    """What was dropped into the queue was asked for by whoever has the role Automation."""
    batch = await call.desk.batches.get(batch_id)
    dropped = batch.source is Source.QUEUE and "Automation" in call.caller.roles
    return call.office.automation_id if dropped else call.caller.id


async def _reveal_row(call: Call, batch: BatchId, row: int) -> Answer:
    caller = await _requester(call, batch)
    password = await slips.reveal_row_password(call.desk, batch, row, caller=caller)
    result = (await call.desk.batches.chunk(batch, chunk_of(row))).row(row)
    if result is None:
        raise PasswordGone(f"{batch}/{row}")
    name = result.row.user.user_principal_name
    return Answer(PasswordReply(user_principal_name=name, password=password.value))


async def _single_user(call: Call, work: str) -> BatchId:
    """One user over HTTP is a batch of one row under the operation's id."""
    try:
        batch = await call.desk.batches.get(BatchId(work))
    except BatchNotFound as missing:
        raise OperationNotFound(work) from missing
    if batch.source is not Source.USER:
        raise OperationNotFound(work)
    return batch.id

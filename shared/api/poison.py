"""Show the messages that could not be handled, and send one again."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.models import Pages, Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.ids import PoisonId
from shared.domain.poison import PutAside
from shared.workflows.put_aside import send_again


class PoisonReply(Reply):
    """One message: in which queue, why it ended there, and since when."""

    id: str
    queue: str
    reason: Annotated[str, Field(description="Why it could not be handled.")]
    first_at: datetime
    at: Annotated[datetime, Field(description="When it last ended there.")]
    times: Annotated[int, Field(description="How often it has ended there.")]
    retried_at: Annotated[
        datetime | None, Field(description="When it was sent again, if it has not failed since.")
    ] = None

    @classmethod
    def of(cls, message: PutAside) -> Self:
        return cls(
            id=message.id,
            queue=message.queue,
            reason=message.reason,
            first_at=message.first_at,
            at=message.at,
            times=message.times,
            retried_at=message.retried_at,
        )


class PoisonBodyReply(PoisonReply):
    """One message with its text as it came."""

    body: str

    @classmethod
    def of(cls, message: PutAside) -> Self:
        return cls(**PoisonReply.of(message).model_dump(), body=message.body)


class PoisonList(Reply):
    items: list[PoisonReply]
    next_link: str | None = None


async def list_poison(call: Call) -> Answer:
    page = await call.desk.poison.page(cursor_of(call), call.query_as(Pages).limit)
    items = [PoisonReply.of(message) for message in page.items]
    return Answer(PoisonList(items=items, next_link=next_link(call, page.cursor)))


async def get_poison(call: Call) -> Answer:
    return Answer(PoisonBodyReply.of(await call.desk.poison.get(_id_of(call))))


async def retry_poison(call: Call) -> Answer:
    return Answer(PoisonReply.of(await send_again(call.desk, _id_of(call), call.caller.id)))


def _id_of(call: Call) -> PoisonId:
    return PoisonId(call.path["poisonId"])

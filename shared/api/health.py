"""Say whether we are alive, and whether what we stand on is."""

import asyncio
import logging
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.models import Reply
from shared.domain.runs import Nights

_PATIENCE = 5.0
UNKNOWN_VERSION = "unconfigured"
logger = logging.getLogger(__name__)


class LiveReply(Reply):
    status: Literal["ok"] = "ok"


class NightReply(Reply):
    """The last night in which every customer came to an end, and no connection was left out."""

    run_id: str
    finished_at: datetime
    customers: int
    failed: Annotated[int, Field(description="Customers whose part failed for good.")]


class HealthReply(Reply):
    """`unavailable`: requests would fail now. `stale`: no night was complete for 26 hours."""

    status: Literal["ok", "stale", "unavailable"]
    version: str
    storage: Annotated[bool, Field(description="Whether the state can be reached.")]
    business_time: Annotated[
        datetime | None, Field(description="What windows and renewals are counted by.")
    ] = None
    last_complete_night: NightReply | None = None


async def get_liveness(_call: Call) -> Answer:
    return Answer(LiveReply())


async def get_health(call: Call) -> Answer:
    now = await _business_time(call)
    nights = None if now is None else await _nights(call, now)
    reply = HealthReply(
        status=_status(nights, now),
        version=version_of(call),
        storage=nights is not None,
        business_time=now,
        last_complete_night=_night(nights),
    )
    return Answer(reply, HTTPStatus.OK if reply.status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE)


def _status(nights: Nights | None, now: datetime | None) -> Literal["ok", "stale", "unavailable"]:
    if nights is None or now is None:
        return "unavailable"
    return "stale" if nights.is_stale(now) else "ok"


def _night(nights: Nights | None) -> NightReply | None:
    if nights is None or nights.last is None:
        return None
    last = nights.last
    return NightReply(
        run_id=last.run_id,
        finished_at=last.finished_at,
        customers=last.customers,
        failed=last.failed,
    )


def version_of(call: Call) -> str:
    """Public routes answer without any settings."""
    try:
        return call.office.version
    except Exception as error:  # noqa: BLE001 (whatever is missing, we are still up)
        logger.warning("no settings yet: %s", type(error).__name__)
        return UNKNOWN_VERSION


async def _business_time(call: Call) -> datetime | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await call.desk.clock.now()
    except Exception as error:  # noqa: BLE001 (a health check reports, it never fails)
        logger.warning("no business time: %s", type(error).__name__)
        return None


async def _nights(call: Call, now: datetime) -> Nights | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await call.desk.runs.nights(now)
    except Exception as error:  # noqa: BLE001 (a health check reports, it never fails)
        logger.warning("storage does not answer: %s", type(error).__name__)
        return None

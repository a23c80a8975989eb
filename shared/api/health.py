"""Say whether we are alive, and whether what we stand on is."""

import asyncio
import logging
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.models import Reply

_PATIENCE = 5.0
UNKNOWN_VERSION = "unconfigured"
logger = logging.getLogger(__name__)


class LiveReply(Reply):
    status: Literal["ok"] = "ok"


class HealthReply(Reply):
    """`unavailable` means that requests would fail now."""

    status: Literal["ok", "unavailable"]
    version: str
    storage: Annotated[bool, Field(description="Whether the state can be reached.")]
    business_time: Annotated[
        datetime | None, Field(description="What windows and renewals are counted by.")
    ] = None


async def get_liveness(_call: Call) -> Answer:
    return Answer(LiveReply())


async def get_health(call: Call) -> Answer:
    now = await _business_time(call)
    storage = now is not None and await _storage_answers(call)
    return Answer(
        HealthReply(
            status="ok" if storage else "unavailable",
            version=version_of(call),
            storage=storage,
            business_time=now,
        ),
        HTTPStatus.OK if storage else HTTPStatus.SERVICE_UNAVAILABLE,
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


async def _storage_answers(call: Call) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            await call.desk.connections.all()
    except Exception as error:  # noqa: BLE001 (a health check reports, it never fails)
        logger.warning("storage does not answer: %s", type(error).__name__)
        return False
    return True

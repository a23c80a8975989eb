"""Function apps of a few lines, for trying the local host."""

from collections.abc import AsyncIterator

import azure.functions as func
import pytest
from azure.storage.queue.aio import QueueClient

from tests.azurite import azurite, prefix

__all__ = ["azurite", "prefix"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def app() -> func.FunctionApp:
    return func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@pytest.fixture
async def queue(azurite: str, prefix: str) -> AsyncIterator[QueueClient]:
    """An empty queue that the test's app may drain as `%QUEUE%`."""
    async with QueueClient.from_connection_string(azurite, prefix) as client:
        await client.create_queue()
        yield client


@pytest.fixture
async def poison(azurite: str, prefix: str) -> AsyncIterator[QueueClient]:
    async with QueueClient.from_connection_string(azurite, f"{prefix}-poison") as client:
        yield client


@pytest.fixture
def settings(azurite: str, prefix: str) -> dict[str, str]:
    return {
        "AzureWebJobsStorage": azurite,
        "QUEUE": prefix,
        "AzureFunctionsWebHost__hostid": prefix,
    }

"""Let one host of many do a thing, by a blob lease as the platform does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError
from azure.storage.blob.aio import BlobLeaseClient, ContainerClient

logger = logging.getLogger("local.host")


@dataclass
class HostLock:
    """A lock that outlives nobody: a dead owner's lease ends by itself."""

    container: ContainerClient
    name: str
    seconds: int
    abandoned: bool = False

    @asynccontextmanager
    async def held(self, retry_after: float) -> AsyncIterator[None]:
        """Wait until the lock is ours, keep it, and hand it back."""
        await self._exist()
        lease = await self._awaited(retry_after)
        renewing = asyncio.create_task(self._renew(lease))
        try:
            yield
        finally:
            renewing.cancel()
            if not self.abandoned:
                await _released(lease)

    async def _exist(self) -> None:
        with suppress(ResourceExistsError):
            await self.container.create_container()
        with suppress(HttpResponseError):
            await self.container.upload_blob(self.name, b"", overwrite=False)

    async def _awaited(self, retry_after: float) -> BlobLeaseClient:
        while True:
            if lease := await self._taken():
                return lease
            await asyncio.sleep(retry_after)

    async def _taken(self) -> BlobLeaseClient | None:
        try:
            blob = self.container.get_blob_client(self.name)
            return await blob.acquire_lease(lease_duration=self.seconds)
        except HttpResponseError:
            return None

    async def _renew(self, lease: BlobLeaseClient) -> None:
        while True:
            await asyncio.sleep(self.seconds / 3)
            try:
                await lease.renew()
            except AzureError:
                logger.warning("The lock %s could not be renewed", self.name, exc_info=True)


async def _released(lease: BlobLeaseClient) -> None:
    with suppress(AzureError):
        await lease.release()

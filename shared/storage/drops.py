"""Read the documents that operations put into the container for drops."""

from typing import TYPE_CHECKING

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ResourceNotFoundError

from shared.domain.errors import BodyTooLarge, Fault, InvalidRequest
from shared.storage.account import default_credential
from shared.storage.failures import state_unavailable

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.storage.blob.aio import BlobClient, ContainerClient


class BlobDrops:
    """One container of the storage account; nothing is opened before the first read."""

    def __init__(self, connection_string: str = "", *, endpoint: str = "", container: str) -> None:
        self._connection_string = connection_string
        self._endpoint = endpoint
        self._name = container
        self._container: ContainerClient | None = None
        self._credential: AsyncTokenCredential | None = None

    async def read(self, name: str, *, at_most: int) -> bytes:
        """Answer a blob of ``at_most`` bytes.

        Raises `BodyTooLarge` before anything is downloaded, `InvalidRequest` where there is no
        such blob, and `StateUnavailable` where the store does not answer.
        https://learn.microsoft.com/rest/api/storageservices/get-blob-properties
        """
        blob = self._opened().get_blob_client(name)
        try:
            return await _download(blob, at_most)
        except ResourceNotFoundError as error:
            raise InvalidRequest([self._missing(name)]) from error
        except AzureError as error:
            raise state_unavailable() from error

    async def close(self) -> None:
        if self._container is not None:
            await self._container.close()
        if self._credential is not None:
            await self._credential.close()

    def _missing(self, name: str) -> Fault:
        return Fault(
            f"the container {self._name!r} holds no blob {name!r}; upload it, then drop again",
            pointer="/blob",
        )

    def _opened(self) -> "ContainerClient":
        if self._container is None:
            self._container = self._open()
        return self._container

    def _open(self) -> "ContainerClient":
        # Most hosts never read a blob, and each would pay for the import at its cold start.
        from azure.storage.blob.aio import ContainerClient  # noqa: PLC0415

        if self._connection_string:
            return ContainerClient.from_connection_string(self._connection_string, self._name)
        self._credential = default_credential()
        return ContainerClient(self._endpoint, self._name, credential=self._credential)


async def _download(blob: "BlobClient", at_most: int) -> bytes:
    found = await blob.get_blob_properties()
    if found.size > at_most:
        raise BodyTooLarge(f"The blob has {found.size:,} bytes; the limit is {at_most:,}.")
    # Written over meanwhile, it may have any size: that is a failure, and a later delivery's read.
    stream = await blob.download_blob(
        etag=found.etag, match_condition=MatchConditions.IfNotModified
    )
    return await stream.readall()

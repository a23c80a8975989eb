"""Know how the clients of the storage account are opened."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

DIRECT: dict[str, Any] = {"use_env_settings": False}
"""Otherwise a client looks for a proxy, and reads the user's .netrc, at every single request."""


def default_credential() -> "AsyncTokenCredential":
    """The host's identity; the library is loaded only where one is needed."""
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415

    return DefaultAzureCredential()

"""Keep secrets in Azure Key Vault."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from shared.domain.errors import (
    PasswordGone,
    RemoteAnswer,
    RemoteUnavailable,
    SignInRefused,
)
from shared.domain.passwords import Secret
from shared.identity.secrets import new_secret

_SAFE = re.compile(r"[0-9a-z-]{1,100}")
_MADE = "seatkeeper/made"
"""Content type of secrets that `get_or_make` made, and whose first version counts."""
_SETTLE = 1.5
"""Seconds after which no other version can carry the same second of creation."""
_FIRST = datetime.min.replace(tzinfo=UTC)


def vault_name(name: str) -> str:
    """Names in a vault are letters, digits and hyphens, whatever their case."""
    if _SAFE.fullmatch(name):
        return name
    plain = re.sub(r"[^0-9a-z-]", "-", name.lower())[:80]
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


class KeyVaultSecrets:
    """Fulfils the port for any number of hosts.

    A vault cannot create a name only if it is free. Of two hosts that make the same secret at the
    same time, the one whose version is older wins, and both read it back as theirs.
    """

    def __init__(
        self,
        url: str,
        *,
        open_client: Callable[[str], Any] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._open = open_client or _open_client
        self._sleep = sleep
        self._opened: Any = None

    async def put(self, name: str, secret: Secret) -> None:
        with _in_our_words():
            await self._client.set_secret(vault_name(name), secret.value)

    async def get(self, name: str) -> Secret | None:
        with _in_our_words():
            return await self._get(vault_name(name))

    async def get_or_make(self, name: str) -> Secret:
        safe = vault_name(name)
        with _in_our_words(name):
            found = await self._get(safe)
            if found is not None:
                return found
            await self._client.set_secret(safe, new_secret().value, content_type=_MADE)
            await self._sleep(_SETTLE)
            return await self._first_version(safe)

    async def delete(self, name: str) -> None:
        from azure.core.exceptions import ResourceNotFoundError  # noqa: PLC0415 - heavy

        with _in_our_words():
            try:
                await self._client.delete_secret(vault_name(name))
            except ResourceNotFoundError:
                return

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    @property
    def _client(self) -> Any:  # noqa: ANN401 - loaded when first needed
        if self._opened is None:
            self._opened = self._open(self._url)
        return self._opened

    async def _get(self, safe: str) -> Secret | None:
        from azure.core.exceptions import ResourceNotFoundError  # noqa: PLC0415 - heavy

        try:
            latest = await self._client.get_secret(safe)
        except ResourceNotFoundError:
            return None
        if latest.properties.content_type == _MADE:
            return await self._first_version(safe)
        return Secret(latest.value)

    async def _first_version(self, safe: str) -> Secret:
        listed: AsyncIterator[Any] = self._client.list_properties_of_secret_versions(safe)
        versions = [v async for v in listed if v.content_type == _MADE]
        first = min(versions, key=lambda v: (v.created_on or _FIRST, v.version))
        return Secret((await self._client.get_secret(safe, first.version)).value)


@contextmanager
def _in_our_words(made: str = "") -> Iterator[None]:
    from azure.core.exceptions import (  # noqa: PLC0415 - heavy
        AzureError,
        ClientAuthenticationError,
        ResourceExistsError,
    )

    answer = RemoteAnswer("key_vault")
    try:
        yield
    except ResourceExistsError as error:
        # The name was deleted, and a vault keeps deleted names for a while.
        raise PasswordGone(made) from error
    except ClientAuthenticationError as error:
        sentence = "Key Vault does not let us in: give the app's identity a role on the vault"
        raise SignInRefused(sentence, answer) from error
    except AzureError as error:
        raise RemoteUnavailable("Key Vault is not available", answer) from error


def _open_client(url: str) -> Any:  # noqa: ANN401 - loaded when first needed
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - heavy
    from azure.keyvault.secrets.aio import SecretClient  # noqa: PLC0415 - heavy

    return SecretClient(url, DefaultAzureCredential())

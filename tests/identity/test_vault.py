"""A vault as far as we use one: versions with a second of creation, and no create-if-absent."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError, ServiceRequestError

from shared.domain.errors import PasswordGone, RemoteUnavailable
from shared.domain.passwords import Secret
from shared.identity.vault import KeyVaultSecrets, vault_name

NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)


@dataclass
class Properties:
    version: str
    created_on: datetime
    content_type: str | None


@dataclass
class Version:
    value: str
    properties: Properties


@dataclass
class Vault:
    """What the SDK's client answers, from memory; time is told from outside."""

    now: datetime = NOON
    kept: dict[str, list[Version]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    is_down: bool = False
    ids: Callable[[], str] = iter([f"{n * 7 % 10}" for n in range(99)]).__next__

    async def set_secret(self, name: str, value: str, *, content_type: str | None = None) -> None:
        await self._answer(name)
        if name in self.deleted:
            raise ResourceExistsError("deleted but recoverable")
        created = self.now.replace(microsecond=0)
        version = Version(value, Properties(self.ids(), created, content_type))
        self.kept.setdefault(name, []).append(version)

    async def get_secret(self, name: str, version: str | None = None) -> Version:
        await self._answer(name)
        versions = self.kept.get(name, [])
        if not versions:
            raise ResourceNotFoundError(name)
        return next((v for v in versions if v.properties.version == version), versions[-1])

    async def list_properties_of_secret_versions(self, name: str) -> AsyncIterator[Properties]:
        for version in self.kept.get(name, []):
            yield version.properties

    async def delete_secret(self, name: str) -> None:
        await self.get_secret(name)
        del self.kept[name]
        self.deleted.add(name)

    async def _answer(self, name: str) -> None:
        await asyncio.sleep(0)
        assert re.fullmatch(r"[0-9a-zA-Z-]{1,127}", name)
        if self.is_down:
            raise ServiceRequestError("no route")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.01)
        self.now += timedelta(seconds=seconds)

    def host(self) -> KeyVaultSecrets:
        return KeyVaultSecrets("https://v.example", open_client=lambda _: self, sleep=self.sleep)


async def test_what_was_put_last_is_what_is_there() -> None:
    vault = Vault()
    await vault.host().put("connection-1-refresh-token", Secret("1"))
    await vault.host().put("connection-1-refresh-token", Secret("2"))

    assert await vault.host().get("connection-1-refresh-token") == Secret("2")
    assert await vault.host().get("nothing") is None


async def test_hosts_that_make_the_same_secret_at_once_agree() -> None:
    vault = Vault()

    made = await asyncio.gather(*(vault.host().get_or_make("batch/1") for _ in range(5)))

    assert len(vault.kept[vault_name("batch/1")]) > 1
    assert len(set(made)) == 1
    assert await vault.host().get("batch/1") == made[0]


async def test_a_host_that_was_frozen_before_its_write_agrees_too() -> None:
    vault = Vault()
    first = await vault.host().get_or_make("batch/1")
    await vault.set_secret(vault_name("batch/1"), "late", content_type="seatkeeper/made")

    assert await vault.host().get_or_make("batch/1") == first
    assert await vault.host().get("batch/1") == first


async def test_a_deleted_secret_is_not_made_again() -> None:
    vault = Vault()
    host = vault.host()
    await host.get_or_make("batch/1")

    await host.delete("batch/1")
    await host.delete("batch/1")

    assert await host.get("batch/1") is None
    with pytest.raises(PasswordGone):
        await host.get_or_make("batch/1")


async def test_a_vault_that_is_away_is_an_error_of_ours() -> None:
    with pytest.raises(RemoteUnavailable):
        await Vault(is_down=True).host().get("a")


@pytest.mark.parametrize("name", ["connection-1-client-secret", "a/b", "A_b", "ä" * 300])
def test_any_name_has_a_safe_one_of_its_own(name: str) -> None:
    assert re.fullmatch(r"[0-9a-z-]{1,127}", vault_name(name))
    assert vault_name(name) != vault_name(name + "x")

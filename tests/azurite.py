"""Give every test session one real storage emulator, and every test its own names in it."""

import secrets
from collections.abc import Iterator

import pytest

from local.azurite import azurite as running_azurite


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """The connection string of this session's storage account."""
    with running_azurite() as connection_string:
        yield connection_string


@pytest.fixture
def prefix() -> str:
    """Begins every table, queue and container name of one test (letters and digits only)."""
    return f"t{secrets.token_hex(5)}"

"""Give every test session one real storage emulator, and every test its own names in it."""

import secrets
from contextlib import ExitStack

import pytest

from local.azurite import azurite as running_azurite

ACCOUNT = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def azurite(pytestconfig: pytest.Config) -> str:
    """The connection string of this session's storage account, whoever imports this fixture."""
    if ACCOUNT not in pytestconfig.stash:
        stack = ExitStack()
        pytestconfig.stash[ACCOUNT] = stack.enter_context(running_azurite())
        pytestconfig.add_cleanup(stack.close)
    return pytestconfig.stash[ACCOUNT]


@pytest.fixture
def prefix() -> str:
    """Begins every table, queue and container name of one test (letters and digits only)."""
    return f"t{secrets.token_hex(5)}"

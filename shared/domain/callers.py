"""Know who calls the API: a person or a program, with its roles."""

from dataclasses import dataclass

PROVIDER = "provider"
"""The organisation that runs this installation; everybody else's id is a reseller's."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever an access token was issued to; ``id`` is the object id in the tenant."""

    id: str
    tenant_id: str
    roles: frozenset[str] = frozenset()
    app_id: str = ""
    organisation: str = PROVIDER
    """Whose work the caller does: the provider's, or a reseller's by its id."""

    @property
    def is_provider(self) -> bool:
        return self.organisation == PROVIDER

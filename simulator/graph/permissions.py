"""Which scopes open which door, as Graph's permission reference lists them."""

from simulator.graph.call import Caller
from simulator.graph.errors import denied

DIRECTORY_READ = frozenset({"Directory.Read.All", "Directory.ReadWrite.All"})
DIRECTORY_WRITE = frozenset({"Directory.ReadWrite.All"})

READ_USERS = DIRECTORY_READ | {"User.Read.All", "User.ReadWrite.All"}
WRITE_USERS = DIRECTORY_WRITE | {"User.ReadWrite.All"}
RESTORE_USERS = WRITE_USERS | {"User.DeleteRestore.All"}
REVOKE_SESSIONS = WRITE_USERS | {"User.RevokeSessions.All"}
ASSIGN_LICENCES = WRITE_USERS | {"LicenseAssignment.ReadWrite.All"}
READ_USER_LICENCES = READ_USERS | {"LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All"}
READ_ORGANIZATION = DIRECTORY_READ | {"Organization.Read.All", "Organization.ReadWrite.All"}
READ_STOCK = READ_ORGANIZATION | {"LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All"}
READ_DELEGATIONS = frozenset(
    {"DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All"}
)
READ_DOMAINS = DIRECTORY_READ | {"Domain.Read.All", "Domain.ReadWrite.All"}


def check(caller: Caller, scopes: frozenset[str], *, strict: bool) -> None:
    """An empty set of scopes is a door that looks at nothing but the token."""
    if strict and scopes and not caller.scopes & scopes:
        raise denied()
    if not roles_allow(caller):
        raise denied()


def roles_allow(_caller: Caller) -> bool:
    """The place for GDAP roles: what a delegated caller may do in this tenant."""
    return True

"""List the endpoints that show a customer as the last night read it."""

from http import HTTPStatus

from shared.api import mirrors
from shared.api.endpoint import Endpoint, Roles
from shared.api.models import Pages

A_CUSTOMER = "customers/{customerId}"

MIRRORS = (
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/directory",
        mirrors.get_directory,
        "Show a tenant's seats, and whose they are",
        Roles.READERS,
        {HTTPStatus.OK: mirrors.DirectoryReply},
        "From the mirror: counts by product, and the subscriptions of all owners.",
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/people",
        mirrors.list_people,
        "List people without their names, as the last night read them",
        Roles.READERS,
        {HTTPStatus.OK: mirrors.PersonList},
        "From the mirror: licences with what is off in them, direct or by a group, and the plan.",
        query=Pages,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/domains",
        mirrors.list_domains,
        "List a tenant's domains, verified or not",
        Roles.READERS,
        {HTTPStatus.OK: mirrors.DomainStateList},
        "From the mirror.",
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/standing",
        mirrors.get_standing,
        "Show what a customer lets us do, and until when",
        Roles.READERS,
        {HTTPStatus.OK: mirrors.StandingReply},
        "From the mirror: the agreement, delegated relationships (GDAP), and warnings.",
    ),
)

"""List every endpoint: what is called, by whom, with what, and what it answers.

The HTTP door, the OpenAPI document and the docs page are made from this table.
"""

from http import HTTPStatus

from shared.api import connections, customers, documentation, health, operations
from shared.api.endpoint import Endpoint, Roles
from shared.api.models import Pages

OK, CREATED, ACCEPTED = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED

PUBLIC = (
    Endpoint(
        name="get_health",
        method="GET",
        path="health",
        handler=health.health,
        summary="Whether requests would succeed now",
        roles=Roles.ANYBODY,
        answers={
            OK: health.HealthReply,
            HTTPStatus.SERVICE_UNAVAILABLE: health.HealthReply,
        },
    ),
    Endpoint(
        name="get_liveness",
        method="GET",
        path="health/live",
        handler=health.live,
        summary="Whether the process answers at all",
        roles=Roles.ANYBODY,
        answers={OK: health.LiveReply},
    ),
    Endpoint(
        name="get_openapi",
        method="GET",
        path="openapi.json",
        handler=documentation.openapi_json,
        summary="This API as an OpenAPI 3.1 document",
        roles=Roles.ANYBODY,
        answers={OK: "application/json"},
    ),
    Endpoint(
        name="get_docs",
        method="GET",
        path="docs",
        handler=documentation.docs_page,
        summary="This API as a page for people",
        roles=Roles.ANYBODY,
        answers={OK: "text/html"},
    ),
)

CONNECTIONS = (
    Endpoint(
        name="create_connection",
        method="POST",
        path="connections",
        handler=connections.create_connection,
        summary="Register a partner connection",
        description="Secrets go to the secret store and are never answered back.",
        roles=Roles.ADMINS,
        body=connections.ConnectionBody,
        spends=True,
        answers={CREATED: connections.ConnectionReply},
    ),
    Endpoint(
        name="list_connections",
        method="GET",
        path="connections",
        handler=connections.list_connections,
        summary="List partner connections",
        roles=Roles.READERS,
        answers={OK: connections.ConnectionList},
    ),
    Endpoint(
        name="get_connection",
        method="GET",
        path="connections/{connectionId}",
        handler=connections.get_connection,
        summary="Read one connection",
        roles=Roles.READERS,
        answers={OK: connections.ConnectionReply},
    ),
    Endpoint(
        name="synchronise_connection",
        method="POST",
        path="connections/{connectionId}/sync",
        handler=connections.synchronise_connection,
        summary="Read offers and prices into the catalog",
        roles=Roles.OPERATORS,
        spends=True,
        answers={ACCEPTED: operations.OperationReply},
    ),
)

CUSTOMERS = (
    Endpoint(
        name="create_customer",
        method="POST",
        path="customers",
        handler=customers.create_customer,
        summary="Create a customer's tenant",
        description=(
            "Domain, address and country are checked before anything is made. "
            "The first admin's password is handed out once, behind `passwordUrl`."
        ),
        roles=Roles.OPERATORS,
        body=customers.CustomerBody,
        spends=True,
        answers={CREATED: customers.NewCustomerReply},
    ),
    Endpoint(
        name="list_customers",
        method="GET",
        path="customers",
        handler=customers.list_customers,
        summary="List customers",
        roles=Roles.READERS,
        query=Pages,
        answers={OK: customers.CustomerList},
    ),
    Endpoint(
        name="get_customer",
        method="GET",
        path="customers/{customerId}",
        handler=customers.get_customer,
        summary="Read one customer",
        roles=Roles.READERS,
        answers={OK: customers.CustomerReply},
    ),
    Endpoint(
        name="get_policy",
        method="GET",
        path="customers/{customerId}/policy",
        handler=customers.get_policy,
        summary="Read what the nightly run may do",
        roles=Roles.READERS,
        answers={OK: customers.PolicyReply},
    ),
    Endpoint(
        name="put_policy",
        method="PUT",
        path="customers/{customerId}/policy",
        handler=customers.put_policy,
        summary="Say what the nightly run may do",
        description="`report` lists idle seats, `apply` gives them back as the windows allow.",
        roles=Roles.OPERATORS,
        body=customers.PolicyBody,
        answers={OK: customers.PolicyReply},
    ),
)

OPERATIONS = (
    Endpoint(
        name="get_operation",
        method="GET",
        path="operations/{operationId}",
        handler=operations.get_operation,
        summary="How far a piece of work has come",
        description="Batches and runs are their own operations and are found here too.",
        roles=Roles.READERS,
        answers={OK: operations.OperationReply},
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (*PUBLIC, *CONNECTIONS, *CUSTOMERS, *OPERATIONS)

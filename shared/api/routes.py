"""List every endpoint: what is called, by whom, with what, and what it answers.

The HTTP door, the OpenAPI document and the docs page are made from this table.
"""

from http import HTTPStatus

from shared.api import documentation, health
from shared.api.batch_routes import BATCHES
from shared.api.billing_routes import BILLING, DRIFT
from shared.api.change_routes import CHANGES
from shared.api.customer_routes import CUSTOMERS, RENEWALS
from shared.api.endpoint import JSON, Endpoint, Roles
from shared.api.mirror_routes import MIRRORS
from shared.api.partner_routes import PARTNER
from shared.api.tenant_routes import TENANTS
from shared.api.webhook_routes import WEBHOOKS
from shared.api.work_routes import OPERATIONS, POISON, RUNS

OK = HTTPStatus.OK
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE
ANYBODY = Roles.ANYBODY

ABOUT = (
    Endpoint(
        "GET",
        "health",
        health.get_health,
        "Whether requests would succeed at this moment",
        ANYBODY,
        {OK: health.HealthReply, UNAVAILABLE: health.HealthReply},
    ),
    Endpoint(
        "GET",
        "health/live",
        health.get_liveness,
        "Whether the process answers at all",
        ANYBODY,
        {OK: health.LiveReply},
    ),
    Endpoint(
        "GET",
        "openapi.json",
        documentation.get_openapi,
        "This API as an OpenAPI 3.1 document",
        ANYBODY,
        {OK: JSON},
    ),
    Endpoint(
        "GET",
        "schemas/batch",
        documentation.get_batch_schema,
        "The batch document as a JSON Schema",
        ANYBODY,
        {OK: "application/schema+json"},
    ),
    Endpoint(
        "GET",
        "docs",
        documentation.get_docs,
        "This API as a page for people",
        ANYBODY,
        {OK: "text/html"},
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *ABOUT,
    *PARTNER,
    *WEBHOOKS,
    *TENANTS,
    *CUSTOMERS,
    *CHANGES,
    *RENEWALS,
    *BILLING,
    *DRIFT,
    *MIRRORS,
    *BATCHES,
    *RUNS,
    *OPERATIONS,
    *POISON,
)

"""List the routes of customers' standing: qualifications, resellers, profiles, attestations."""

from simulator.partner_center import (
    audit,
    qualifications,
    relationships,
    relationships_attestations,
    relationships_profiles,
    sandbox,
)
from simulator.partner_center import relationships_switches as _  # noqa: F401 - declares its own
from simulator.partner_center.call import USER
from simulator.partner_center.gdap import COUNT_ROLES
from simulator.partner_center.rows import row

_C = "/v1/customers/{customer}"
_ATTESTATIONS = f"{_C}/agreements/attestations"

ROWS = (
    row("PATCH", _C, relationships.detach, "remove-a-reseller-relationship-with-a-customer", USER),
    row("DELETE", _C, sandbox.delete_customer, "delete-a-customer-account-from-the-sandbox"),
    row(
        "GET",
        f"{_C}/customDomains",
        relationships.domains,
        "get-custom-domains",
        USER,
        gdap=COUNT_ROLES,
    ),
    row(
        "GET",
        f"{_C}/organization",
        relationships.organization,
        "get-organization",
        USER,
        gdap=COUNT_ROLES,
        bom=True,
    ),
    row("GET", f"{_C}/relationships", relationships.of_customer, "get-customer-resellers", USER),
    row(
        "GET",
        "/v1/relationships",
        relationships.of_partner,
        "get-a-list-of-indirect-resellers",
        USER,
    ),
    row(
        "GET",
        "/v1/compliance/csp/agreementstatus",
        relationships.agreement_status,
        "verify-indirect-reseller-mpa-status",
        USER,
    ),
    row(
        "GET",
        f"{_C}/qualifications",
        qualifications.listed,
        "get-customer-qualification-asynchronous",
    ),
    row(
        "POST",
        f"{_C}/qualifications",
        qualifications.add,
        "update-customer-qualification-asynchronous",
        USER,
    ),
    row(
        "GET",
        "/v1/customers/all/validations",
        qualifications.codes,
        "get-a-partner-s-validation-codes",
    ),
    row(
        "GET",
        "/v1/auditrecords",
        audit.listed,
        "get-a-record-of-partner-center-activity-by-user",
    ),
    row("GET", "/v1/profiles/mpn", relationships_profiles.mpn, "get-an-mpn-profile"),
    row("GET", "/v1/profiles/billing", relationships_profiles.billing, "get-a-billing-profile"),
    row(
        "GET",
        "/v1/profiles/legalbusiness",
        relationships_profiles.legal_business,
        "get-legal-business-profile",
    ),
    row("GET", "/v1/profiles/support", relationships_profiles.support, "get-support-profile"),
    row(
        "GET",
        "/v1/agreementtemplates/{template}/document",
        relationships_attestations.document,
        "download-customer-agreement-template",
        USER,
    ),
    row("POST", _ATTESTATIONS, relationships_attestations.create, "agreement-resources", USER),
    row(
        "GET",
        f"{_ATTESTATIONS}/{{attestation}}",
        relationships_attestations.get,
        "agreement-resources",
        USER,
    ),
)

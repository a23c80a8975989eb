"""List what Partner Center answers here; each row names the page that it imitates."""

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from simulator.partner_center import (
    agreements,
    analytics,
    carts,
    catalogue,
    changes,
    customers,
    legacy_orders,
    legacy_rows,
    legacy_subscriptions,
    orders,
    pages,
    people_rows,
    prices,
    relationships_attestations,
    relationships_rows,
    sandbox,
    subscriptions,
)
from simulator.partner_center.call import USER, Endpoint
from simulator.partner_center.door import Door
from simulator.partner_center.gdap import CONSENT_ROLES, COUNT_ROLES
from simulator.partner_center.new_commerce import NEW_COMMERCE
from simulator.partner_center.rows import row
from simulator.webhooks import rows as webhooks

if TYPE_CHECKING:
    from simulator.world import World

_C = "/v1/customers/{customer}"
_P = "/products/{product}"
_S = f"{_P}/skus/{{sku}}"
_A = f"{_S}/availabilities"
_SHEET = "/v1.0/sales/pricesheets({arguments})/$value"


def partner_center_routes(world: "World") -> list[BaseRoute]:
    door = Door(world)
    return [
        door.route(endpoint)
        for endpoint in (
            *_ENDPOINTS,
            *relationships_rows.ROWS,
            *people_rows.ROWS,
            *legacy_rows.ROWS,
            *analytics.ROWS,
            *webhooks.ROWS,
        )
    ]


def _products_of(prefix: str, suffix: str) -> tuple[Endpoint, ...]:
    return (
        row(
            "GET",
            f"{prefix}/products",
            pages.shows(catalogue.products),
            f"get-a-list-of-products{suffix}",
        ),
        row("GET", f"{prefix}{_P}", pages.shows(catalogue.product), f"get-a-product-by-id{suffix}"),
        row(
            "GET",
            f"{prefix}{_P}/skus",
            pages.shows(catalogue.skus),
            f"get-a-list-of-skus-for-a-product{suffix}",
        ),
        row("GET", f"{prefix}{_S}", pages.shows(catalogue.sku), f"get-a-sku-by-id{suffix}"),
        row(
            "GET",
            f"{prefix}{_A}",
            pages.shows(catalogue.availabilities),
            f"get-a-list-of-availabilities-for-a-sku{suffix}",
        ),
        row(
            "GET",
            f"{prefix}{_A}/{{availability}}",
            pages.shows(catalogue.availability),
            f"get-an-availability-by-id{suffix}",
        ),
    )


_ENDPOINTS = (
    *NEW_COMMERCE,
    row("HEAD", "/v1/domains/{domain}", pages.domain, "verify-domain-availability"),
    row(
        "GET",
        "/v1/countryvalidationrules/{country}",
        pages.country_rules,
        "get-address-formatting-rules-by-market",
    ),
    row("POST", "/v1/validations/address", pages.address, "validate-an-address"),
    row(
        "GET",
        "/v1/profiles/organization",
        pages.shows(pages.organization_profile),
        "get-an-organization-profile",
        bom=True,
    ),
    row(
        "POST",
        "/v1/customers",
        pages.creates(customers.create),
        "create-a-customer",
        replays=True,
        sells=True,
    ),
    row("GET", "/v1/customers", pages.shows(customers.page), "get-a-list-of-customers"),
    row(
        "GET",
        "/v1/customers/relationshiprequests",
        pages.shows(pages.relationship_request),
        "request-reseller-relationship",
        USER,
    ),
    row("GET", _C, pages.shows(pages.customer), "get-a-customer-by-id"),
    row(
        "GET",
        f"{_C}/profiles/company",
        pages.shows(pages.company_profile),
        "get-a-customer-s-company-profile",
        USER,
    ),
    row(
        "GET",
        f"{_C}/profiles/billing",
        pages.shows(pages.billing_profile),
        "get-a-customer-s-billing-profile",
    ),
    row(
        "PUT",
        f"{_C}/profiles/billing",
        pages.shows(customers.replace_billing_profile),
        "update-a-customer-s-billing-profile",
    ),
    row(
        "GET",
        "/v1/agreements",
        pages.shows(agreements.metadata),
        "get-customer-agreement-metadata",
        USER,
    ),
    row(
        "GET",
        f"{_C}/agreements",
        pages.shows(agreements.of_customer),
        "get-confirmation-of-customer-acceptance",
        USER,
    ),
    row(
        "POST",
        f"{_C}/agreements",
        relationships_attestations.confirm,
        "confirm-customer-consent-customer-agreement",
        USER,
    ),
    row(
        "GET",
        f"{_C}/directSignedMicrosoftCustomerAgreementStatus",
        pages.shows(pages.is_directly_signed),
        "get-direct-sign-status-of-customer-agreement",
        USER,
    ),
    row(
        "POST",
        f"{_C}/applicationconsents",
        agreements.consent,
        "control-panel-vendor-apis",
        USER,
        gdap=CONSENT_ROLES,
    ),
    row(
        "DELETE",
        f"{_C}/applicationconsents/{{app}}",
        agreements.withdraw_consent,
        "control-panel-vendor-apis",
        USER,
        gdap=CONSENT_ROLES,
    ),
    *_products_of("/v1", ""),
    *_products_of(_C, "-by-customer"),
    row("GET", _SHEET, prices.price_sheet, "get-a-price-sheet", USER, price_sheet=True),
    row(
        "POST",
        f"{_C}/carts",
        legacy_orders.closes_cart(sandbox.limits_cart(pages.creates(carts.create))),
        "create-a-cart",
        sells=True,
    ),
    row("GET", f"{_C}/carts/{{cart}}", pages.shows(carts.get), "get-a-cart"),
    row(
        "PUT",
        f"{_C}/carts/{{cart}}",
        legacy_orders.closes_cart(sandbox.limits_cart(carts.replace)),
        "update-a-cart",
        sells=True,
    ),
    row("POST", f"{_C}/carts/{{cart}}/checkout", pages.check_out, "checkout-a-cart", sells=True),
    row(
        "GET",
        f"{_C}/orders",
        legacy_orders.listed_with(pages.shows(orders.listed)),
        "get-all-of-a-customer-s-orders",
    ),
    row(
        "GET",
        f"{_C}/orders/{{order}}",
        legacy_orders.shown_or(pages.shows(orders.get)),
        "get-an-order-by-id",
    ),
    row(
        "PATCH",
        f"{_C}/orders/{{order}}",
        legacy_orders.patched_or(sandbox.cancels_order(pages.shows(orders.refuse_patch))),
        "cancel-an-order-from-the-integration-sandbox",
    ),
    row(
        "GET",
        f"{_C}/orders/{{order}}/provisioningstatus",
        pages.shows(orders.provisioning_status),
        "get-subscription-provisioning-status",
        USER,
    ),
    row(
        "GET",
        f"{_C}/subscriptions",
        legacy_subscriptions.listed_with(pages.shows(subscriptions.listed)),
        "get-all-of-a-customer-s-subscriptions",
    ),
    row(
        "GET",
        f"{_C}/subscriptions/{{subscription}}",
        legacy_subscriptions.or_legacy(pages.shows(subscriptions.get), legacy_subscriptions.get),
        "get-a-subscription-by-id",
    ),
    row(
        "PATCH",
        f"{_C}/subscriptions/{{subscription}}",
        sandbox.limits_change(
            legacy_subscriptions.or_legacy(changes.patch, legacy_subscriptions.patch)
        ),
        "update-a-subscription-by-id",
        replays=True,
        sells=True,
    ),
    row(
        "GET",
        f"{_C}/subscribedskus",
        pages.shows(subscriptions.licence_counts),
        "get-a-list-of-available-licenses",
        USER,
        gdap=COUNT_ROLES,
    ),
)

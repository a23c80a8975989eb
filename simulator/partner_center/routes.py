"""List what Partner Center answers here; each row names the page that it imitates."""

from typing import TYPE_CHECKING, TypedDict, Unpack

from starlette.routing import BaseRoute

from simulator.partner_center import (
    agreements,
    carts,
    catalogue,
    changes,
    customers,
    orders,
    pages,
    prices,
    subscriptions,
)
from simulator.partner_center.call import APP, USER, Endpoint, Handler
from simulator.partner_center.door import Door
from simulator.partner_center.gdap import CONSENT_ROLES, COUNT_ROLES

if TYPE_CHECKING:
    from simulator.world import World

_C = "/v1/customers/{customer}"
_P = "/products/{product}"
_S = f"{_P}/skus/{{sku}}"
_A = f"{_S}/availabilities"
_SHEET = "/v1.0/sales/pricesheets({arguments})/$value"


def partner_center_routes(world: "World") -> list[BaseRoute]:
    door = Door(world)
    return [door.route(endpoint) for endpoint in _ENDPOINTS]


class _Traits(TypedDict, total=False):
    gdap: frozenset[str]
    bom: bool
    replays: bool
    sells: bool
    price_sheet: bool


def _row(
    method: str,
    path: str,
    handler: Handler,
    page: str,
    mode: str = APP,
    **traits: Unpack[_Traits],
) -> Endpoint:
    link = f"https://learn.microsoft.com/partner-center/developer/{page}"
    return Endpoint(method, path, handler, mode, link, **traits)


def _products_of(prefix: str, suffix: str) -> tuple[Endpoint, ...]:
    return (
        _row(
            "GET",
            f"{prefix}/products",
            pages.shows(catalogue.products),
            f"get-a-list-of-products{suffix}",
        ),
        _row(
            "GET", f"{prefix}{_P}", pages.shows(catalogue.product), f"get-a-product-by-id{suffix}"
        ),
        _row(
            "GET",
            f"{prefix}{_P}/skus",
            pages.shows(catalogue.skus),
            f"get-a-list-of-skus-for-a-product{suffix}",
        ),
        _row("GET", f"{prefix}{_S}", pages.shows(catalogue.sku), f"get-a-sku-by-id{suffix}"),
        _row(
            "GET",
            f"{prefix}{_A}",
            pages.shows(catalogue.availabilities),
            f"get-a-list-of-availabilities-for-a-sku{suffix}",
        ),
        _row(
            "GET",
            f"{prefix}{_A}/{{availability}}",
            pages.shows(catalogue.availability),
            f"get-an-availability-by-id{suffix}",
        ),
    )


_ENDPOINTS = (
    _row("HEAD", "/v1/domains/{domain}", pages.domain, "verify-domain-availability"),
    _row(
        "GET",
        "/v1/countryvalidationrules/{country}",
        pages.country_rules,
        "get-address-formatting-rules-by-market",
    ),
    _row("POST", "/v1/validations/address", pages.address, "validate-an-address"),
    _row(
        "GET",
        "/v1/profiles/organization",
        pages.shows(pages.organization_profile),
        "get-an-organization-profile",
        bom=True,
    ),
    _row(
        "POST",
        "/v1/customers",
        pages.creates(customers.create),
        "create-a-customer",
        replays=True,
        sells=True,
    ),
    _row("GET", "/v1/customers", pages.shows(customers.page), "get-a-list-of-customers"),
    _row(
        "GET",
        "/v1/customers/relationshiprequests",
        pages.shows(pages.relationship_request),
        "request-reseller-relationship",
        USER,
    ),
    _row("GET", _C, pages.shows(pages.customer), "get-a-customer-by-id"),
    _row(
        "GET",
        f"{_C}/profiles/company",
        pages.shows(pages.company_profile),
        "get-a-customer-s-company-profile",
        USER,
    ),
    _row(
        "GET",
        f"{_C}/profiles/billing",
        pages.shows(pages.billing_profile),
        "get-a-customer-s-billing-profile",
    ),
    _row(
        "PUT",
        f"{_C}/profiles/billing",
        pages.shows(customers.replace_billing_profile),
        "update-a-customer-s-billing-profile",
    ),
    _row(
        "GET",
        "/v1/agreements",
        pages.shows(agreements.metadata),
        "get-customer-agreement-metadata",
        USER,
    ),
    _row(
        "GET",
        f"{_C}/agreements",
        pages.shows(agreements.of_customer),
        "get-confirmation-of-customer-acceptance",
        USER,
    ),
    _row(
        "POST",
        f"{_C}/agreements",
        pages.creates(agreements.confirm),
        "confirm-customer-consent-customer-agreement",
        USER,
    ),
    _row(
        "GET",
        f"{_C}/directSignedMicrosoftCustomerAgreementStatus",
        pages.shows(pages.is_directly_signed),
        "get-direct-sign-status-of-customer-agreement",
        USER,
    ),
    _row(
        "POST",
        f"{_C}/applicationconsents",
        agreements.consent,
        "control-panel-vendor-apis",
        USER,
        gdap=CONSENT_ROLES,
    ),
    _row(
        "DELETE",
        f"{_C}/applicationconsents/{{app}}",
        agreements.withdraw_consent,
        "control-panel-vendor-apis",
        USER,
        gdap=CONSENT_ROLES,
    ),
    *_products_of("/v1", ""),
    *_products_of(_C, "-by-customer"),
    _row("GET", _SHEET, prices.price_sheet, "get-a-price-sheet", USER, price_sheet=True),
    _row("POST", f"{_C}/carts", pages.creates(carts.create), "create-a-cart", sells=True),
    _row("GET", f"{_C}/carts/{{cart}}", pages.shows(carts.get), "get-a-cart"),
    _row("PUT", f"{_C}/carts/{{cart}}", pages.creates(carts.replace), "update-a-cart", sells=True),
    _row("POST", f"{_C}/carts/{{cart}}/checkout", pages.check_out, "checkout-a-cart", sells=True),
    _row("GET", f"{_C}/orders", pages.shows(orders.listed), "get-all-of-a-customer-s-orders"),
    _row("GET", f"{_C}/orders/{{order}}", pages.shows(orders.get), "get-an-order-by-id"),
    _row(
        "PATCH",
        f"{_C}/orders/{{order}}",
        pages.shows(orders.refuse_patch),
        "cancel-an-order-from-the-integration-sandbox",
    ),
    _row(
        "GET",
        f"{_C}/orders/{{order}}/provisioningstatus",
        pages.shows(orders.provisioning_status),
        "get-subscription-provisioning-status",
        USER,
    ),
    _row(
        "GET",
        f"{_C}/subscriptions",
        pages.shows(subscriptions.listed),
        "get-all-of-a-customer-s-subscriptions",
    ),
    _row(
        "GET",
        f"{_C}/subscriptions/{{subscription}}",
        pages.shows(subscriptions.get),
        "get-a-subscription-by-id",
    ),
    _row(
        "PATCH",
        f"{_C}/subscriptions/{{subscription}}",
        changes.patch,
        "update-a-subscription-by-id",
        replays=True,
        sells=True,
    ),
    _row(
        "GET",
        f"{_C}/subscribedskus",
        pages.shows(subscriptions.licence_counts),
        "get-a-list-of-available-licenses",
        USER,
        gdap=COUNT_ROLES,
    ),
)

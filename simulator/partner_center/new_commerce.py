"""List the routes of the new commerce beyond the plain reading and changing of subscriptions."""

from simulator.partner_center import (
    aftercare,
    coterm,
    legacy_orders,
    orders,
    pages,
    placing,
    promotions,
    sandbox,
    upgrades,
)
from simulator.partner_center.call import USER, Call
from simulator.partner_center.documents import Json
from simulator.partner_center.gdap import PROVISIONING_ROLES
from simulator.partner_center.rows import row

_C = "/v1/customers/{customer}"
_O = f"{_C}/orders/{{order}}"
_ALL = f"{_C}/subscriptions"
_S = f"{_ALL}/{{subscription}}"


def _order(call: Call) -> Json:
    return orders.shown(call, placing.ordered(call))


# The first three stand before the routes that take any word for a subscription's id.
NEW_COMMERCE = (
    row("GET", f"{_ALL}/customTermEndDates", coterm.listed, "custom-term-end-dates"),
    row("GET", f"{_ALL}/overage", pages.shows(aftercare.overage), "get-overage"),
    row("PUT", f"{_ALL}/overage", pages.shows(aftercare.set_overage), "update-overage"),
    row(
        "POST",
        f"{_C}/orders",
        sandbox.limits_order(legacy_orders.created_or(pages.creates(_order))),
        "create-an-order",
        replays=True,
        sells=True,
    ),
    row(
        "GET",
        f"{_O}/activationlinks",
        pages.shows(aftercare.order_activation_links),
        "get-activation-link-by-order",
    ),
    row(
        "GET",
        f"{_O}/lineitems/{{line}}/activationlinks",
        pages.shows(aftercare.order_activation_links),
        "get-activation-link-by-order-line-item",
    ),
    row(
        "GET",
        f"{_S}/provisioningstatus",
        pages.shows(aftercare.provisioning_status),
        "get-subscription-provisioning-status",
        USER,
        gdap=PROVISIONING_ROLES,
    ),
    row(
        "GET",
        f"{_S}/transitionEligibilities",
        pages.shows(upgrades.eligibilities),
        "get-eligible-transitions",
    ),
    row(
        "GET",
        f"{_S}/transitions",
        pages.shows(upgrades.listed),
        "transition-a-new-commerce-subscription",
    ),
    row(
        "POST",
        f"{_S}/transitions",
        pages.shows(upgrades.begin),
        "transition-a-new-commerce-subscription",
        replays=True,
        sells=True,
    ),
    row(
        "GET",
        f"{_S}/supportcontact",
        pages.shows(aftercare.support_contact),
        "get-a-subscription-s-support-contact",
    ),
    row(
        "PUT",
        f"{_S}/supportcontact",
        pages.shows(aftercare.set_support_contact),
        "update-a-subscription-support-contact",
    ),
    row("POST", f"{_S}/registrations", aftercare.register, "register-a-subscription"),
    row(
        "GET",
        f"{_S}/registrationstatus",
        pages.shows(aftercare.registration_status),
        "get-subscription-registration-status",
    ),
    row(
        "POST",
        f"{_S}/activate",
        pages.shows(sandbox.activate),
        "activate-a-sandbox-subscription",
    ),
    row(
        "GET",
        f"{_S}/activationlinks",
        pages.shows(aftercare.subscription_activation_links),
        "get-activation-link-by-subscription",
    ),
    row(
        "GET",
        "/v1/productpromotions",
        pages.shows(promotions.listed),
        "get-product-promotions",
    ),
    row(
        "GET",
        "/v1/productpromotions/{promotion}",
        pages.shows(promotions.get),
        "get-product-promotion-by-id",
    ),
    row(
        "POST",
        f"{_C}/promotionEligibilities",
        pages.shows(promotions.eligibilities),
        "verify-promotion-eligibility",
    ),
)

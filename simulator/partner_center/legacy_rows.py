"""List the routes that only the old commerce has."""

from simulator.partner_center import legacy_offers, legacy_subscriptions
from simulator.partner_center.rows import row

_OFFER = "/v1/offers/{offer}"

ROWS = (
    row("GET", "/v1/offers", legacy_offers.listed, "get-a-list-of-offers-for-a-market"),
    row("GET", _OFFER, legacy_offers.get, "get-an-offer-by-id"),
    row("GET", f"{_OFFER}/addons", legacy_offers.addons, "get-add-ons-for-an-offer-id"),
    row("GET", "/v1/offercategories", legacy_offers.categories, "get-a-list-of-offer-categories"),
    row(
        "GET",
        "/v1/customers/{customer}/offers",
        legacy_offers.of_customer,
        "get-a-list-of-offers-for-a-customer",
    ),
    row(
        "GET",
        "/v1/customers/{customer}/subscriptions/{subscription}/addons",
        legacy_subscriptions.addons,
        "get-a-list-of-add-ons-for-a-subscription",
    ),
)

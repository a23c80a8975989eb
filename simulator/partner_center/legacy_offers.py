"""List the old commerce's offers, as the one recording of them shows.

https://learn.microsoft.com/partner-center/developer/get-a-list-of-offers-for-a-market
"""

from simulator.legacy import OFFERS, Offer, is_guid
from simulator.markets import MARKETS
from simulator.partner_center.call import Answer, Call, whole_number
from simulator.partner_center.documents import Json, collection, kind, link
from simulator.partner_center.errors import Refused


def listed(call: Call) -> Answer:
    country = _country(call)
    start, size = whole_number(call.query.get("offset")), whole_number(call.query.get("size"))
    offers = list(OFFERS.values())[start:]
    chosen = offers[:size] if size > 0 else offers
    return Answer(200, collection(shown(call, offer, country) for offer in chosen))


def of_customer(call: Call) -> Answer:
    country = call.customer.country
    return Answer(200, collection(shown(call, offer, country) for offer in OFFERS.values()))


def get(call: Call) -> Answer:
    return Answer(200, shown(call, found(call.params["offer"]), _country(call)))


def addons(call: Call) -> Answer:
    base, country = found(call.params["offer"]), _country(call)
    mine = [one for one in OFFERS.values() if base.id in one.bases]
    return Answer(200, collection(shown(call, offer, country) for offer in mine))


def categories(call: Call) -> Answer:
    country = _country(call)
    names = dict.fromkeys(offer.category for offer in OFFERS.values())
    return Answer(200, collection(_category(name, country) for name in names))


def found(offer_id: str) -> Offer:
    """Ids of the new commerce are no ids here."""
    if not is_guid(offer_id):
        raise Refused(2100)
    offer = OFFERS.get(offer_id.upper())
    if offer is None:
        raise Refused(1000, "There is no such offer.")
    return offer


def shown(call: Call, offer: Offer, country: str) -> Json:
    uri = f"/offers/{offer.id}"
    is_closed = call.switch("legacy.closed") and not offer.is_addon
    return {
        **_names(offer, country),
        "minimumQuantity": offer.minimum,
        "maximumQuantity": offer.maximum,
        "rank": 0,
        "uri": f"/3c95518e-8c37-41e3-9627-0ca339200f53/offers/{offer.id}",
        "limitUnitOfMeasure": "None",
        "limit": 0,
        "termUnitOfMeasure": "Year",
        "term": 1,
        "prerequisiteOffers": list(offer.bases),
        "isAddOn": offer.is_addon,
        "hasAddOns": any(offer.id in one.bases for one in OFFERS.values()),
        "isAvailableForPurchase": not is_closed,
        **_commerce(offer),
        "links": {"learnMore": {"method": "GET", "headers": []}, "self": link(uri)},
        **kind("Offer"),
    }


def _names(offer: Offer, country: str) -> Json:
    return {
        "id": offer.id,
        "name": offer.name,
        "description": offer.description,
        "locale": "en-US",
        "country": country,
        "category": _category(offer.category, country),
    }


def _commerce(offer: Offer) -> Json:
    return {
        "billing": "license",
        "supportedBillingCycles": ["annual", "monthly"],
        "isAutoRenewable": True,
        "isInternal": False,
        "isMicrosoftProduct": True,
        "conversionTargetOffers": [],
        "upgradeTargetOffers": [],
        "reselleeQualifications": [],
        "resellerQualifications": [],
        "salesGroupId": "39-2",
        "isTrial": False,
        "acquisitionType": "purchase",
        "supportedCatalogTypes": ["sandbox", "live"],
        "actions": ["Cancel", "Edit"],
        "product": {
            "id": (offer.sku_id or "").upper(),
            "name": offer.name,
            "unit": "Licenses",
        },
        "unitType": "Add-On Licenses" if offer.is_addon else "Licenses",
    }


def _category(name: str, country: str) -> Json:
    return {
        "id": name.replace(" ", ""),
        "name": name,
        "rank": 10,
        "locale": "en-US",
        "country": country,
        **kind("OfferCategory"),
    }


def _country(call: Call) -> str:
    country = call.query.get("country", "").upper()
    if not country:
        raise Refused(3000, "country is required.")
    if country not in MARKETS:
        raise Refused(2091)
    return country

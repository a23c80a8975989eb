"""Show the catalogue: products, SKUs and the availabilities whose ids come and go."""

import hashlib
from typing import Any

from simulator.markets import MARKETS
from simulator.partner_center.call import Call, require
from simulator.partner_center.documents import Json, collection, link
from simulator.partner_center.errors import Refused
from simulator.products import CATALOGUE, TRIALS, Product, UnknownProduct, by_sku

_VIEWS = frozenset(
    "azure azurereservations azurereservationsvm azurereservationssql azurereservationscosmosdb "
    "microsoftazure onlineservices software softwaresuselinux softwareperpetual "
    "softwaresubscriptions specializedoffers marketplacesaas".split()
)
_SEGMENTS = ("commercial", "education", "government", "nonprofit")
_TERM_IDS = {"P1M": "7mqd2k1xwd3e", "P1Y": "5aeco6mffyxo", "P3Y": "rhmmyfdz3m9s"}
_COMMITMENTS = {"P1M": "One-Month", "P1Y": "One-Year", "P3Y": "Three-Year"}


def products(call: Call) -> Json:
    where = _place(call)
    require(dict(call.query), "targetView")
    view = call.query["targetView"].lower()
    if view not in _VIEWS:
        raise Refused(400036)
    is_sold = _segment_sold(call) and view == "onlineservices"
    sold = _listed(call) if is_sold else ()
    firsts = {one.product_id: one for one in reversed(sold)}
    shown = [one for one in sold if firsts[one.product_id] is one]
    return collection(_product(one, where) for one in shown)


def product(call: Call) -> Json:
    return _product(_skus_of(call)[0], _place(call))


def skus(call: Call) -> Json:
    where = _place(call)
    found = _skus_of(call) if _segment_sold(call) else []
    return collection(_sku(call, one, where) for one in found)


def sku(call: Call) -> Json:
    return _sku(call, _one_sku(call), _place(call))


def availabilities(call: Call) -> Json:
    where, country = _place(call), _country(call)
    found = [_one_sku(call)] if _segment_sold(call) else []
    return collection(availability_of(call, one, country, where) for one in found)


def availability(call: Call) -> Json:
    where, country, found = _place(call), _country(call), _one_sku(call)
    if call.params["availability"].upper() != availability_id(call, found):
        raise Refused(400019)
    return availability_of(call, found, country, where)


def availability_id(call: Call, product: Product) -> str:
    """The same until the switch turns it."""
    rotation = call.switch("availabilities.rotation")
    digest = hashlib.sha256(f"{product.key}/{rotation}".encode()).hexdigest().upper()
    return f"CFQ7TTC0{digest[:4]}"


def catalog_item_id(call: Call, product: Product) -> str:
    return f"{product.key}:{availability_id(call, product)}"


def parsed_item(catalog_item_id: str) -> tuple[Product, str]:
    """The product and the availability of "product:sku:availability"."""
    product_id, _, rest = catalog_item_id.partition(":")
    sku_id, _, availability = rest.partition(":")
    return by_sku(product_id, sku_id), availability.upper()


def needs_attestation(call: Call, product: Product) -> bool:
    return product.key in call.switch("catalogue.attestedSkus")


def availability_of(call: Call, product: Product, country: str, where: str) -> Json:
    market = MARKETS[country]
    identity = availability_id(call, product)
    uri = f"/products/{product.product_id}/skus/{product.sku_id}/availabilities/"
    return {
        "id": identity,
        "productId": product.product_id,
        "skuId": product.sku_id,
        "catalogItemId": f"{product.key}:{identity}",
        "defaultCurrency": {"code": market.currency, "symbol": market.symbol},
        "segment": "commercial",
        "country": country,
        "isPurchasable": True,
        "isRenewable": True,
        "renewalInstructions": [_renewal(product)],
        "terms": [_term(call, term, billing) for term, billing in product.terms],
        "links": {"self": link(f"{uri}{identity}{where}")},
    }


def _product(product: Product, where: str) -> Json:
    uri = f"/products/{product.product_id}"
    return {
        "id": product.product_id,
        "title": product.title,
        "description": product.title,
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft Corporation",
        "links": {"skus": link(f"{uri}/skus{where}"), "self": link(f"{uri}{where}")},
    }


def _sku(call: Call, product: Product, where: str) -> Json:
    """What a SKU is, and whether a line of it must be attested."""
    attestation = {"attestationType": "Generic", "enforceAttestation": True}
    shown = _described(product, where)
    if not call.switch("catalogue.provisioningIds"):
        del shown["dynamicAttributes"]["provisioningId"]
    return shown | (
        {"attestationProperties": attestation} if needs_attestation(call, product) else {}
    )


def _described(product: Product, where: str) -> Json:
    uri = f"/products/{product.product_id}/skus/{product.sku_id}"
    return {
        "id": product.sku_id,
        "productId": product.product_id,
        "title": product.title,
        "description": product.title,
        "minimumQuantity": product.minimum,
        "maximumQuantity": product.maximum,
        "isTrial": product.is_trial,
        "supportedBillingCycles": sorted({billing.lower() for _, billing in product.terms}),
        "purchasePrerequisites": ["MicrosoftCustomerAgreement"],
        "inventoryVariables": [],
        "provisioningVariables": [],
        "actions": ["Refund"],
        "dynamicAttributes": _dynamic_attributes(product),
        "links": {
            "availabilities": link(f"{uri}/availabilities{where}"),
            "self": link(f"{uri}{where}"),
        },
    }


def _dynamic_attributes(product: Product) -> dict[str, Any]:
    return {
        "isMicrosoftProduct": True,
        "hasConstraints": True,
        "isAddon": product.is_addon,
        "prerequisiteSkus": list(product.prerequisites),
        "isSoftwareAssuranceApplicable": False,
        "upgradeTargetOffers": list(product.upgrades),
        "provisioningId": product.entra_sku_id,
        "internal": False,
    }


def _term(call: Call, term: str, billing: str) -> Json:
    partial = {"sequenceId": 1, "type": "Partial", "expiresAfter": "P7D"}
    return {
        "id": _TERM_IDS[term],
        "duration": term,
        "description": f"{_COMMITMENTS[term]} commitment with {billing.lower()} billing",
        "billingCycle": billing,
        "cancellationPolicies": [
            {
                "refundOptions": [
                    {"sequenceId": 0, "type": "Full", "expiresAfter": "P1D"},
                    *([partial] if call.switch("catalogue.partialRefund") else []),
                ]
            }
        ],
    }


def _renewal(product: Product) -> Json:
    options = [{"renewToId": product.key, "isAutoRenewable": True}]
    terms = sorted({_TERM_IDS[term] for term, _ in product.terms})
    return {"applicableTermIds": terms, "renewalOptions": options}


def _listed(call: Call) -> tuple[Product, ...]:
    return (*CATALOGUE, *TRIALS) if call.switch("catalogue.trials") else CATALOGUE


def _country(call: Call) -> str:
    if call.found_customer is not None:
        return call.found_customer.country
    require(dict(call.query), "country")
    country = call.query["country"].upper()
    if country not in MARKETS:
        raise Refused(2091)
    return country


def _place(call: Call) -> str:
    return f"?country={_country(call)}"


def _segment_sold(call: Call) -> bool:
    """Only commercial products are in this catalogue."""
    segment = call.query.get("targetSegment", "commercial").lower()
    if segment not in _SEGMENTS:
        raise Refused(400030)
    return segment == "commercial"


def _skus_of(call: Call) -> list[Product]:
    wanted = call.params["product"].upper()
    found = [one for one in _listed(call) if one.product_id == wanted]
    if not found:
        raise Refused(400013)
    return found


def _one_sku(call: Call) -> Product:
    _skus_of(call)
    try:
        return by_sku(call.params["product"], call.params["sku"])
    except UnknownProduct:
        raise Refused(400018) from None

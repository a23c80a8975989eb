"""Answer what needs no rules of its own, and give what rules make a status."""

from collections.abc import Callable

from simulator.partner_center import addresses, carts, customers
from simulator.partner_center.call import Answer, Call, Handler
from simulator.partner_center.documents import Json, kind
from simulator.partner_center.errors import Refused
from simulator.signin.rules import gdap_roles


def answers(status: int, make: Callable[[Call], Json]) -> Handler:
    def handler(call: Call) -> Answer:
        return Answer(status, make(call))

    return handler


def shows(make: Callable[[Call], Json]) -> Handler:
    return answers(200, make)


def creates(make: Callable[[Call], Json]) -> Handler:
    return answers(201, make)


def domain(call: Call) -> Answer:
    return Answer(200 if customers.domain_exists(call, call.params["domain"]) else 404)


def country_rules(call: Call) -> Answer:
    rules = addresses.rules_of(call.params["country"])
    if rules is None:
        raise Refused(2091)
    if call.switch("customers.countryRules") == "nested":
        states = {"states": {"value": rules["supportedStatesList"]}}
        rules = {k: v for k, v in rules.items() if k != "supportedStatesList"} | states
    return Answer(200, rules)


def address(call: Call) -> Answer:
    return Answer(200, addresses.validated(call.body))


def customer(call: Call) -> Json:
    """What is in the tenant itself shows only to a partner with rights in it."""
    shown = customers.shown(call, call.customer)
    if not gdap_roles(call.world, call.tenant, call.partner.tenant_id):
        return shown
    names = [one.name for one in call.tenant.domains.values() if one.is_verified]
    profile = customers.company_profile(call.customer, whole=True)
    return shown | {"companyProfile": profile, "customDomains": names}


def company_profile(call: Call) -> Json:
    return customers.company_profile(call.customer, whole=True)


def billing_profile(call: Call) -> Json:
    return customers.billing_profile(call.customer)


def is_directly_signed(call: Call) -> Json:
    return {"isSigned": call.customer.signed_directly}


def relationship_request(call: Call) -> Json:
    query = f"invType=ResellerRelationship&partnerId={call.partner.tenant_id}&msppId=0&DAP=false"
    url = f"https://admin.microsoft.com/Adminportal/Home?{query}#/BillingAccounts"
    return {"url": f"{url}/partner-invitation", **kind("RelationshipRequest")}


def organization_profile(call: Call) -> Json:
    partner = call.partner
    return {
        "id": partner.tenant_id,
        "companyName": partner.name,
        "defaultAddress": {"country": partner.country},
        "tenantId": partner.tenant_id,
        "domain": partner.domain,
        "email": partner.user.user_principal_name,
        "language": "en",
        "culture": "en-US",
        **kind("PartnerOrganizationProfile"),
    }


async def check_out(call: Call) -> Answer:
    return Answer(201, await carts.check_out(call))

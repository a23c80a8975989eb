"""Keep customers: create once, list in pages, show profiles."""

import re
import secrets
from uuid import NAMESPACE_URL, uuid5

from simulator.nouns import Customer
from simulator.partner_center.call import Call, require
from simulator.partner_center.countries import COUNTRIES
from simulator.partner_center.documents import Json, compact, kind, link
from simulator.partner_center.errors import Refused
from simulator.partner_center.filters import Condition, Test, predicate
from simulator.partner_center.relationships_limits import check_customers
from simulator.partner_center.seek import seek_page
from simulator.seeds import approve_gdap
from simulator.tenants import Tenant

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,26}\.onmicrosoft\.com")
_REGISTRATION = re.compile(r"[A-Za-z0-9./ -]{5,20}")
_LENGTHS = {
    "country": 2,
    "state": 2,
    "addressLine1": 200,
    "addressLine2": 200,
    "firstName": 50,
    "lastName": 50,
}
_SOUGHT = {"companyname": "company_name", "domain": "domain"}
_THROUGH = ("indirectreseller", "indirectcloudsolutionprovider")


def domain_exists(call: Call, domain: str) -> bool:
    return any(domain.lower() in tenant.domains for tenant in call.world.tenants.values())


def create(call: Call) -> Json:
    body = call.body
    _check(call, body)
    check_customers(call)
    reseller = _reseller(call)
    domain = body["companyProfile"]["domain"].lower()
    profile = {**body["billingProfile"]}
    customer = Customer(
        id=call.world.new_guid(),
        partner_ids=[call.partner.tenant_id, *([reseller] if reseller else [])],
        associated_partner_id=reseller,
        domain=domain,
        company_name=profile["companyName"],
        country=profile["defaultAddress"]["country"].upper(),
        created=call.now,
        billing_profile=profile,
        gdap_by_default=bool(body.get("enableGDAPByDefault")),
    )
    password = f"Sim-{secrets.token_urlsafe(9)}!7"
    call.world.customers[customer.id] = customer
    _found(call, customer, password)
    credentials = {"userCredentials": {"userName": "admin", "password": password}}
    return shown(call, customer) | credentials


def page(call: Call) -> Json:
    return seek_page(
        call, "/customers", lambda text: _matching(call, text), lambda one: _brief(call, one)
    )


def shown(call: Call, customer: Customer) -> Json:
    return {
        "id": customer.id,
        "commerceId": customer.id,
        "companyProfile": company_profile(customer, whole=False),
        "billingProfile": billing_profile(customer),
        "enableGDAPByDefault": customer.gdap_by_default,
        "relationshipToPartner": call.switch("partnercenter.relationship"),
        "allowDelegatedAccess": False,
        **kind("Customer"),
    }


def company_profile(customer: Customer, *, whole: bool) -> Json:
    uri = f"/customers/{customer.id}/profiles/company"
    profile: Json = {
        "tenantId": customer.id,
        "domain": customer.domain,
        "companyName": customer.company_name,
        "links": {"self": link(uri)},
        **kind("CustomerCompanyProfile"),
    }
    if whole:
        profile |= {"address": customer.billing_profile["defaultAddress"]}
        profile |= {"email": customer.billing_profile["email"]}
    return profile


def billing_profile(customer: Customer) -> Json:
    etag = _etag(customer)
    identity = {"id": str(uuid5(NAMESPACE_URL, f"billing/{customer.id}"))}
    return identity | compact(customer.billing_profile) | kind("CustomerBillingProfile", etag=etag)


def replace_billing_profile(call: Call) -> Json:
    customer = call.customer
    if call.headers.get("if-match", "").strip('"') != _etag(customer):
        raise Refused(2055, status=call.switch("etag.staleStatus"))
    _check_profile(call.body)
    drop = ("id", "attributes", "links")
    customer.billing_profile = {k: v for k, v in call.body.items() if k not in drop}
    customer.company_name = call.body["companyName"]
    customer.billing_version += 1
    return billing_profile(customer)


def _check(call: Call, body: Json) -> None:
    require(body, "companyProfile.domain", "billingProfile")
    _check_profile(body["billingProfile"])
    domain = str(body["companyProfile"]["domain"]).lower()
    if not _DOMAIN.fullmatch(domain):
        raise Refused(3000, "companyProfile.domain is not a name under onmicrosoft.com.")
    _check_registration(body)
    if domain_exists(call, domain):
        _refuse_taken_domain(call)


def _reseller(call: Call) -> str | None:
    """Only an indirect provider's customers can belong to a reseller, and to one of its own."""
    wanted = str(call.body.get("associatedPartnerId") or "").lower()
    if not call.partner.agreement_signed:
        raise Refused(900124)
    if not wanted:
        return None
    if wanted not in call.partner.resellers:
        raise Refused(2072)
    if call.claims.app_only:
        raise Refused(900329)
    if not call.world.partners[wanted].agreement_signed:
        raise Refused(900123)
    return wanted


def _refuse_taken_domain(call: Call) -> None:
    refused = Refused(3001, status=call.switch("customers.domainTakenStatus"))
    refused.code = call.switch("customers.domainTakenCode")
    raise refused


def _check_profile(profile: Json) -> None:
    require(profile, "email", "culture", "language", "companyName", "defaultAddress")
    require(profile["defaultAddress"], "country", "addressLine1", "firstName", "lastName")
    for name, longest in _LENGTHS.items():
        if len(str(profile["defaultAddress"].get(name) or "")) > longest:
            raise Refused(3000, f"{name} has at most {longest} letters.")
    if str(profile["defaultAddress"]["country"]).upper() not in COUNTRIES:
        raise Refused(2091)


def _check_registration(body: Json) -> None:
    address = body["billingProfile"]["defaultAddress"]
    number = body["companyProfile"].get("organizationRegistrationNumber")
    if not COUNTRIES[address["country"].upper()].needs_registration:
        if number:
            raise Refused(600002)
        return
    if not number:
        raise Refused(600049)
    if not _REGISTRATION.fullmatch(number):
        raise Refused(600050, _REGISTRATION.pattern)
    if not address.get("phoneNumber"):
        raise Refused(600051)


def _found(call: Call, customer: Customer, password: str) -> None:
    """The tenant of a new customer: its first admin, and the partner's rights if asked for."""
    tenant = Tenant.create(
        customer.id, customer.domain, customer.company_name, customer.country, call.now
    )
    tenant.add_admin("admin", password)
    call.world.tenants[customer.id] = tenant
    if customer.gdap_by_default:
        approve_gdap(call.world, tenant, call.partner.tenant_id)


def _brief(call: Call, customer: Customer) -> Json:
    return {
        "id": customer.id,
        "companyProfile": {
            "tenantId": customer.id,
            "domain": customer.domain,
            "companyName": customer.company_name,
            **kind("CustomerCompanyProfile"),
        },
        "relationshipToPartner": call.switch("partnercenter.relationship"),
        "links": {"self": link(f"/customers/{customer.id}")},
        **kind("Customer"),
    }


def _matching(call: Call, text: str | None) -> list[Customer]:
    mine = call.world.customers.values()
    related = [one for one in mine if call.partner.tenant_id in one.partner_ids]
    if not text:
        return related
    fits = predicate(text, lambda wish: _test(call, wish))
    return [one for one in related if fits(one)]


def _test(call: Call, wish: Condition) -> Test[Customer]:
    """Those whom another partner serves as well, only a user may ask for."""
    if wish.get("operator", "").replace("_", "") != "startswith":
        raise Refused(800002, "The only operator is starts_with.")
    field, value = wish.get("field", ""), wish.get("value", "")
    if field not in _THROUGH:
        name = _SOUGHT.get(field)
        return lambda one: name is not None and getattr(one, name).lower().startswith(value)
    if call.claims.app_only:
        raise Refused(900329)
    return lambda one: value in one.partner_ids


def _etag(customer: Customer) -> str:
    number = uuid5(NAMESPACE_URL, f"{customer.id}/{customer.billing_version}").int
    return str(number % 2**63 - 2**62)

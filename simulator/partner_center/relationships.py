"""Tell who serves whom: providers, resellers, customers, and who accepted which agreement."""

from uuid import UUID

from simulator.nouns import Partner
from simulator.partner_center import customers
from simulator.partner_center.call import Answer, Call
from simulator.partner_center.documents import Json, collection, kind
from simulator.partner_center.errors import ComplianceRefused, Refused
from simulator.partner_center.filters import Condition, Test, predicate

_PROVIDER_OF = "isindirectcloudsolutionproviderof"
_RESELLER_OF = "isindirectresellerof"


def of_partner(call: Call) -> Answer:
    """A provider's resellers, or a reseller's providers."""
    wanted = call.query.get("relationship_type", "").lower().replace("_", "")
    everybody = call.world.partners.values()
    if wanted == _PROVIDER_OF:
        found = [one for one in everybody if one.tenant_id in call.partner.resellers]
        name = "is_indirect_cloud_solution_provider_of"
    elif wanted == _RESELLER_OF:
        found = [one for one in everybody if call.partner.tenant_id in one.resellers]
        name = "is_indirect_reseller_of"
    else:
        raise Refused(800002, "relationship_type is not known.")
    more = {"state": "Active"}
    text = call.query.get("filter")
    fits = predicate(text, _test) if text else None
    named = [one for one in found if fits is None or fits(one)]
    return Answer(200, collection(_shown(one, name) | more for one in named))


def _test(wish: Condition) -> Test[Partner]:
    value = wish.get("value", "") if wish.get("field") == "name" else ""
    return lambda one: one.name.lower().startswith(value)


def of_customer(call: Call) -> Answer:
    ids = call.customer.partner_ids
    resellers = [one for one in call.world.partners.values() if one.tenant_id in ids]
    found = [one for one in resellers if one.kind == "indirectReseller"]
    return Answer(200, collection(_shown(one, "is_indirect_reseller_of") for one in found))


def agreement_status(call: Call) -> Answer:
    """Whether a reseller accepted the Microsoft Partner Agreement; asked by one id, never two."""
    reseller = _asked_for(call)
    if reseller.agreement_signed:
        return Answer(200, {"isAgreementSigned": True})
    if call.switch("mpa.unsignedAnswers") == "2203":
        raise ComplianceRefused(2203)
    return Answer(200, {"isAgreementSigned": False})


def detach(call: Call) -> Answer:
    """The partner lets go of the customer; what it sold there must have ended first."""
    if str(call.body.get("relationshipToPartner", "")).lower() != "none":
        raise Refused(3000, "relationshipToPartner can become none, and nothing else.")
    mine = call.partner.tenant_id
    bought = [one for one in call.world.bought() if one.customer_id == call.customer.id]
    if any(one.partner_id == mine and one.status in ("active", "suspended") for one in bought):
        status = call.switch("customers.detachBlockedStatus")
        refused = Refused(3000, "The customer has active subscriptions.", status=status)
        refused.code = call.switch("customers.detachBlockedCode")
        raise refused
    answer = customers.shown(call, call.customer) | {"relationshipToPartner": "none"}
    call.customer.partner_ids.remove(mine)
    return Answer(200, answer)


def domains(call: Call) -> Answer:
    verified = [one.name for one in call.tenant.domains.values() if one.is_verified]
    return Answer(200, verified)


def organization(call: Call) -> Answer:
    address = call.customer.billing_profile["defaultAddress"]
    document: Json = {
        "id": call.tenant.id,
        "displayName": call.tenant.display_name,
        "street": address.get("addressLine1"),
        "city": address.get("city"),
        "state": address.get("state"),
        "postalCode": address.get("postalCode"),
        "countryLetterCode": address.get("country"),
        "technicalNotificationMails": [call.customer.billing_profile["email"]],
    }
    return Answer(200, [document])


def _shown(partner: Partner, relationship: str) -> Json:
    return {
        "id": partner.tenant_id,
        "name": partner.name,
        "relationshipType": relationship,
        "mpnId": partner.mpn_id,
        "location": partner.country,
        **kind("PartnerRelationship"),
    }


def _asked_for(call: Call) -> Partner:
    mpn_id, tenant_id = call.query.get("mpnId"), call.query.get("tenantId")
    if mpn_id and tenant_id:
        raise ComplianceRefused(2000, "Only one of mpnId and tenantId is taken.")
    if not mpn_id and not tenant_id:
        raise ComplianceRefused(2001)
    return _by_mpn(call, mpn_id) if mpn_id else _by_tenant(call, str(tenant_id))


def _by_mpn(call: Call, mpn_id: str) -> Partner:
    if not mpn_id.isdigit():
        raise ComplianceRefused(2000, "mpnId is not a number.")
    known = (one for one in call.world.partners.values() if one.mpn_id == mpn_id)
    partner = next(known, None)
    if partner is None:
        raise ComplianceRefused(2200)
    if partner.country != call.partner.country:
        raise ComplianceRefused(2201)
    return partner


def _by_tenant(call: Call, tenant_id: str) -> Partner:
    try:
        key = str(UUID(tenant_id))
    except ValueError:
        raise ComplianceRefused(2000, "tenantId is not a GUID.") from None
    partner = call.world.partners.get(key)
    if partner is None:
        raise ComplianceRefused(2204 if key in call.world.tenants else 2205)
    if partner.country != call.partner.country:
        raise ComplianceRefused(2206)
    return partner

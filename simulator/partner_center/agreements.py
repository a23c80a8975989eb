"""Record that customers accepted Microsoft's agreement, and that they let the app in."""

from uuid import NAMESPACE_URL, uuid5

from simulator.nouns import Customer
from simulator.partner_center.call import Answer, Call, require
from simulator.partner_center.documents import Json, collection, kind
from simulator.partner_center.errors import Refused, WidelyRefused

CUSTOMER_AGREEMENT = "MicrosoftCustomerAgreement"
CLOUD_AGREEMENT = "MicrosoftCloudAgreement"
_CONTACT = ("firstName", "lastName", "email", "phoneNumber")


def template_id(call: Call, agreement_type: str) -> str:
    """Another one in every world: nobody may write it into code."""
    return str(uuid5(NAMESPACE_URL, f"{call.world.seed}/{agreement_type}"))


def metadata(call: Call) -> Json:
    wanted = call.query.get("agreementType") or CLOUD_AGREEMENT
    types = [CUSTOMER_AGREEMENT, CLOUD_AGREEMENT] if wanted == "*" else [wanted]
    known = [name for name in types if name in (CUSTOMER_AGREEMENT, CLOUD_AGREEMENT)]
    return collection(
        {
            "templateId": template_id(call, name),
            "agreementType": name,
            "agreementLink": f"https://docs.microsoft.com/agreements/{name}",
            "versionRank": 0,
        }
        for name in known
    )


def of_customer(call: Call) -> Json:
    wanted = call.query.get("agreementType") or CLOUD_AGREEMENT
    all_of_them = call.customer.agreements
    items = [one for one in all_of_them if wanted in ("*", one["type"])]
    return collection(items)


def confirm(call: Call) -> Json:
    body = call.body
    require(body, "primaryContact.firstName", "primaryContact.lastName", "primaryContact.email")
    require(body, "templateId", "dateAgreed", "type")
    if body["type"] != CUSTOMER_AGREEMENT or body["templateId"] != template_id(call, body["type"]):
        raise Refused(3000, "The template is not the current one of this agreement.")
    agreement = {
        "primaryContact": body["primaryContact"],
        "templateId": body["templateId"],
        "dateAgreed": body["dateAgreed"],
        "type": body["type"],
    }
    _refuse_twice(call, agreement)
    call.customer.agreements.append(agreement | {"userId": call.claims.oid})
    return call.customer.agreements[-1] | kind("Agreement")


def is_signed(customer: Customer) -> bool:
    confirmed = (one["type"] == CUSTOMER_AGREEMENT for one in customer.agreements)
    return customer.signed_directly or any(confirmed)


def consent(call: Call) -> Answer:
    """The partner's app enters the customer's tenant without a click of the customer's."""
    require(call.body, "applicationId", "applicationGrants")
    app_id = str(call.body["applicationId"]).lower()
    if app_id != call.claims.appid.lower():
        raise Refused(900308, "The token belongs to another application.")
    if call.tenant.consents.get(app_id):
        status = call.switch("consents.duplicateStatus")
        raise Refused(800002, "Permission entry already exists.", status=status)
    scopes = [grant.get("scope", "") for grant in call.body["applicationGrants"]]
    names = {name.strip() for text in scopes for name in str(text).split(",")}
    call.tenant.consents[app_id] = names - {""}
    return Answer(201, call.body)


def withdraw_consent(call: Call) -> Answer:
    if call.tenant.consents.pop(call.params["app"].lower(), None) is None:
        raise Refused(60003, "The application has no consent.")
    return Answer(204)


def _refuse_twice(call: Call, agreement: Json) -> None:
    contact = _contact(agreement)
    if any(_contact(known) == contact for known in call.customer.agreements):
        name = "PartnerConfirmedAgreementAlreadyExists"
        raise WidelyRefused(600061, name, status=call.switch("agreements.duplicateStatus"))


def _contact(agreement: Json) -> list[str]:
    return [str(agreement["primaryContact"].get(name) or "").lower() for name in _CONTACT]

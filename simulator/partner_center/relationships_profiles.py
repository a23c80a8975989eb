"""Show the partner itself: its programme id, its billing, its legal name and its support."""

from simulator.partner_center.call import Answer, Call
from simulator.partner_center.documents import Json, kind
from simulator.partner_center.errors import Refused


def mpn(call: Call) -> Answer:
    wanted = call.query.get("mpnId") or call.partner.mpn_id
    known = [one for one in call.world.partners.values() if one.mpn_id == wanted]
    if not known:
        raise Refused(1000, "No partner has this id.")
    return Answer(200, {"mpnId": wanted, "partnerName": known[0].name, **kind("PartnerMpnProfile")})


def billing(call: Call) -> Answer:
    partner = call.partner
    return Answer(
        200,
        {
            "companyName": partner.name,
            "address": _address(call),
            "primaryContact": _contact(call),
            "billingCurrency": "USD",
            "billingDay": 1,
            **kind("PartnerBillingProfile"),
        },
    )


def legal_business(call: Call) -> Answer:
    return Answer(
        200,
        {
            "companyName": call.partner.name,
            "address": _address(call),
            "primaryContact": _contact(call),
            "companyApproverAddress": _address(call),
            "companyApproverEmail": call.partner.user.user_principal_name,
            "vettingStatus": "authorized",
            "vettingSubStatus": "none",
            **kind("LegalBusinessProfile"),
        },
    )


def support(call: Call) -> Answer:
    return Answer(
        200,
        {
            "email": f"support@{call.partner.domain}",
            "telephone": "4255550100",
            "website": f"https://www.{call.partner.domain}",
            **kind("PartnerSupportProfile"),
        },
    )


def _address(call: Call) -> Json:
    return {
        "country": call.partner.country,
        "city": "Seattle",
        "state": "WA",
        "addressLine1": "1 Cloud Avenue",
        "postalCode": "98101",
    }


def _contact(call: Call) -> Json:
    return {"firstName": "Ada", "lastName": "Moss", "email": call.partner.user.user_principal_name}

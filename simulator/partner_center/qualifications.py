"""Vet customers that claim to be a school, a government or a state's own: in review at first."""

from datetime import datetime, timedelta

from simulator.partner_center.call import Answer, Call, require
from simulator.partner_center.documents import Json, compact, time
from simulator.partner_center.errors import Refused

_SEGMENTS = ("K12", "HigherEducation")
_NEEDS = {
    "education": ("Education", "educationSegment"),
    "governmentcommunitycloud": ("GovernmentCommunityCloud", "validationCode"),
    "stateownedentity": ("StateOwnedEntity", "qualification"),
}


def listed(call: Call) -> Answer:
    """A plain array, without the envelope of a collection."""
    return Answer(200, [_shown(call, one) for one in call.customer.qualifications])


def add(call: Call) -> Answer:
    known = _NEEDS.get(str(call.body.get("qualification", "")).lower())
    if known is None:
        raise Refused(3000, "This qualification cannot be set.")
    name, needed = known
    require(call.body, needed)
    if name == "Education" and call.body["educationSegment"] not in _SEGMENTS:
        raise Refused(3000, "educationSegment is not known.")
    call.customer.qualifications.append({"qualification": name, "created": call.now.isoformat()})
    # Microsoft spells the date differently here than in the list.
    answer = {"qualification": name, "vettingStatus": "InReview", "vettingCreateDate": _date(call)}
    return Answer(201, answer)


def codes(call: Call) -> Answer:
    """The government codes of the partner, which here are the same for everybody."""
    code = {
        "partnerId": call.partner.tenant_id,
        "orderId": "simulated",
        "validationCode": "GCC-0001",
        "maxCreates": 10,
        "remainingCreates": 10,
        "eTag": "1",
    }
    return Answer(200, [code])


def _shown(call: Call, entry: Json) -> Json:
    created = datetime.fromisoformat(entry["created"])
    is_vetted = call.now >= created + timedelta(hours=call.switch("qualifications.vettingHours"))
    status = call.switch("qualifications.outcome") if is_vetted else "InReview"
    return compact(
        {
            "qualification": entry["qualification"],
            "vettingStatus": status,
            "vettingCreatedDate": time(created),
            "vettingReason": "Not enough evidence." if status == "Denied" else None,
        }
    )


def _date(call: Call) -> str:
    return time(call.now)

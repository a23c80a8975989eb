"""Keep the record of what a partner's staff and apps did, and show ninety days of it.

https://learn.microsoft.com/partner-center/developer/get-a-record-of-partner-center-activity-by-user
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from simulator.nouns import AuditRecord
from simulator.partner_center.call import Answer, Call, Endpoint
from simulator.partner_center.documents import Json, compact, kind, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.filters import Condition, Test, predicate
from simulator.partner_center.seek import seek_page

_KEPT = timedelta(days=90)
_SHOWN = timedelta(days=30)
_C = "/v1/customers/{customer}"
_DEEDS = {
    ("POST", "/v1/customers"): ("customer", "add_customer"),
    ("DELETE", _C): ("customer", "delete_customer"),
    ("PATCH", _C): ("customer", "remove_partner_customer_relationship"),
    ("PUT", f"{_C}/profiles/billing"): ("customer", "update_customer_billing_profile"),
    ("POST", f"{_C}/agreements"): ("agreement", "create_agreement"),
    ("POST", f"{_C}/orders"): ("order", "create_order"),
    ("POST", f"{_C}/carts/{{cart}}/checkout"): ("order", "create_order"),
    ("PATCH", f"{_C}/orders/{{order}}"): ("order", "update_order"),
    ("PATCH", f"{_C}/subscriptions/{{subscription}}"): ("subscription", "update_subscription"),
    ("POST", f"{_C}/users"): ("customer_user", "create_customer_user"),
    ("PATCH", f"{_C}/users/{{user}}"): ("customer_user", "update_customer_user"),
    ("DELETE", f"{_C}/users/{{user}}"): ("customer_user", "delete_customer_user"),
    ("POST", f"{_C}/users/{{user}}/licenseupdates"): ("license", "update_customer_user_licenses"),
}
_SECRET = ("userCredentials", "passwordProfile")


def record(endpoint: Endpoint, call: Call, answer: Answer) -> None:
    """Writes a deed down, without the passwords in it."""
    deed = _DEEDS.get((endpoint.method, endpoint.path))
    if deed is None:
        return
    body = answer.body if isinstance(answer.body, dict) else {}
    customer_id = call.params.get("customer") or body.get("id", "")
    known = call.found_customer or call.world.customers.get(customer_id)
    told = {name: value for name, value in body.items() if name not in _SECRET}
    made = AuditRecord(
        id=call.world.new_guid(),
        partner_id=call.partner.tenant_id,
        customer_id=customer_id.lower(),
        customer_name=known.company_name if known else "",
        user_principal_name=call.claims.document.get("upn"),
        application_id=call.claims.appid,
        resource_type=deed[0],
        operation=deed[1],
        new_value=json.dumps(told) if told else None,
        correlation_id=call.headers.get("ms-correlationid"),
        at=call.now,
    )
    call.world.audit = [one for one in call.world.audit if one.at > call.now - _KEPT] + [made]


def listed(call: Call) -> Answer:
    start = _day(call, "startDate") or call.now - _SHOWN
    end = _day(call, "endDate")
    if start < call.now - _KEPT:
        raise Refused(800002, "startDate is more than ninety days ago.")
    last = end + timedelta(days=1) if end else call.now

    def matching(text: str | None) -> Iterable[AuditRecord]:
        mine = [one for one in call.world.audit if one.partner_id == call.partner.tenant_id]
        return _filtered([one for one in mine if start <= one.at <= last], text)

    return Answer(200, seek_page(call, "/auditrecords", matching, _shown))


def _filtered(records: list[AuditRecord], text: str | None) -> list[AuditRecord]:
    if not text:
        return records
    fits = predicate(text, _test)
    return [one for one in records if fits(one)]


def _test(wish: Condition) -> Test[AuditRecord]:
    value = wish.get("value", "")
    match wish.get("field"), wish.get("operator"):
        case "companyname", "substring":
            return lambda one: value in one.customer_name.lower()
        case "customerid", "equals":
            return lambda one: value == one.customer_id
        case "resourcetype", "equals":
            plain = value.replace("_", "")
            return lambda one: plain == one.resource_type.replace("_", "")
    raise Refused(800002, "Audit records are not filtered by this.")


def _shown(one: AuditRecord) -> Json:
    document: Json = {
        "id": one.id,
        "partnerId": one.partner_id,
        "customerId": one.customer_id,
        "customerName": one.customer_name,
        "userPrincipalName": one.user_principal_name,
        "applicationId": one.application_id,
        "resourceType": one.resource_type,
        "resourceNewValue": one.new_value,
        "operationType": one.operation,
        "originalCorrelationId": one.correlation_id,
        "operationDate": time(one.at),
        "operationStatus": "succeeded",
        "customizedData": [],
    }
    return compact(document) | kind("AuditRecord")


def _day(call: Call, name: str) -> datetime | None:
    text = call.query.get(name)
    if not text:
        return None
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(800002, f"{name} is not a date.") from None
    return day if day.tzinfo else day.replace(tzinfo=UTC)

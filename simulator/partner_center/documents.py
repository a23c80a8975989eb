"""Shape documents as Partner Center does: links, collections, times, and forgiving input."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

Json = dict[str, Any]
_NAMES = """
addressLine1 addressLine2 agreementType allowDelegatedAccess applicationGrants applicationId
associatedPartnerId attestationAccepted attestationId autoRenewEnabled availabilityId
azureEntitlementId billingCycle billingProfile catalogItemId companyName companyProfile
currencyCode currentSubscriptionId customTermEndDate dateAgreed defaultAddress displayName
educationSegment enableGDAPByDefault enterpriseApplicationId excludedPlans firstName
forceChangePassword friendlyName fromCatalogItemId fromSubscriptionId immutableId lastName
licenseWarnings licensesToAssign licensesToRemove lineItemNumber lineItems middleName
nextChargeInstructions objectType offerId organizationRegistrationNumber overageEnabled
parentSubscriptionId partnerId partnerIdOnRecord partnerOnRecordAttestationAccepted
passwordProfile phoneNumber postalCode primaryContact productId promotionId provisioningContext
purchaseFullTerm referenceCustomerId relationshipToPartner renewsTo scheduledActions scheduleType
actionType scheduledNextTermInstructions signatureTokenToMsSignatureHeader skuId
supportMpnId supportTenantId templateId termDuration toCatalogItemId toSubscriptionId
transitionType usageLocation userPrincipalName validationCode webhookEvents webhookUrl
"""
_SPELLINGS = {name.lower(): name for name in _NAMES.split()}


def link(uri: str, method: str = "GET", headers: list[Json] | None = None) -> Json:
    """Relative, and without the version: that is how Partner Center links."""
    return {"uri": uri, "method": method, "headers": headers or []}


def collection(items: Iterable[Any], uri: str = "", next_link: Json | None = None) -> Json:
    found = list(items)
    links: Json = {"self": link(uri)} if uri else {}
    if next_link is not None:
        links["next"] = next_link
    body = {"totalCount": len(found), "items": found}
    return body | ({"links": links} if links else {}) | kind("Collection")


def kind(name: str, **more: str) -> Json:
    return {"attributes": {**more, "objectType": name}}


def time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"


def compact(document: Json) -> Json:
    """Null properties are left out of answers."""
    return {key: value for key, value in document.items() if value is not None}


def camel_case(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Requests may spell the names of properties in any case."""
    if isinstance(value, dict):
        return {_spelled(key): camel_case(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [camel_case(entry) for entry in value]
    return value


def _spelled(key: str) -> str:
    plain = key.lower() if key.isupper() else key[:1].lower() + key[1:]
    return _SPELLINGS.get(key.lower(), plain)

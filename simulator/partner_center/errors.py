"""Spell Partner Center's refusals: its codes and statuses, in sentences of our own."""

from typing import Any


class Refused(Exception):
    """Partner Center says no, in the body that its clients expect."""

    def __init__(
        self,
        code: int,
        detail: str = "",
        *,
        status: int | None = None,
        data: list[Any] | None = None,
    ) -> None:
        known_status, sentence = _REFUSALS[code]
        self.code = code
        self.status = status or known_status
        self.description = f"{sentence} {detail}".strip()
        self.data = data or []
        super().__init__(self.description)

    def body(self, *, code_as_text: bool = False) -> dict[str, Any]:
        return {
            "code": str(self.code) if code_as_text else self.code,
            "description": self.description,
            "data": self.data,
            "source": "PartnerFD",
        }


class Throttled(Exception):
    """The gateway in front of Partner Center says no, in a body of its own."""


class ComplianceRefused(Refused):
    """The compliance service numbers its refusals for itself."""

    def __init__(self, code: int, detail: str = "") -> None:
        Exception.__init__(self, detail)
        self.code, self.status, self.data = code, 400, []
        self.description = f"{_COMPLIANCE[code]} {detail}".strip()

    def body(self, *, code_as_text: bool = False) -> dict[str, Any]:
        return super().body(code_as_text=code_as_text) | {"source": "ComplianceController"}


class WidelyRefused(Refused):
    """The newer commerce services answer with a wider body."""

    def __init__(self, code: int, name: str, *, status: int | None = None) -> None:
        super().__init__(code, status=status)
        self.name = name

    def body(self, *, code_as_text: bool = False) -> dict[str, Any]:
        return {
            "code": str(self.code) if code_as_text else self.code,
            "message": self.description,
            "description": self.description,
            "errorName": self.name,
            "isRetryable": False,
            "parameters": {},
            "errorMessageExtended": f"InternalErrorCode={self.code}",
        }


_COMPLIANCE = {
    2000: "The id is not valid.",
    2001: "One of mpnId and tenantId is needed.",
    2200: "No partner has this id.",
    2201: "The partner is in another region.",
    2203: "The partner has not signed the Microsoft Partner Agreement.",
    2204: "The tenant has no reseller's account.",
    2205: "The tenant was not found.",
    2206: "The tenant is in another region.",
}
_REFUSALS: dict[int, tuple[int, str]] = {
    400: (401, "Access is denied: the token is missing or not valid."),
    1000: (404, "The resource was not found."),
    2001: (400, "The quantity cannot change while the subscription is suspended."),
    2002: (400, "The quantity is outside what the offer allows."),
    2011: (400, "The subscription is deleted."),
    2032: (403, "Access is denied."),
    2055: (400, "The etag is no longer valid."),
    2072: (400, "The partner cannot be the partner on record."),
    2091: (403, "The market is not served."),
    3000: (400, "A property is missing or not valid."),
    3001: (409, "The domain is already in use."),
    2054: (400, "The billing cycle cannot be changed through the subscription."),
    2100: (400, "Ids of the new commerce are not taken here."),
    13605: (403, "The customer has not accepted the Microsoft Customer Agreement."),
    20000: (404, "The order was not found."),
    20002: (403, "The partner has no commerce relationship with the customer."),
    20003: (404, "The subscription was not found."),
    27009: (409, "The add-on cannot be active while its base is not."),
    60002: (404, "The user was not found."),
    60003: (404, "The tenant was not found."),
    60012: (400, "There is no free licence of this product."),
    400013: (404, "The product was not found."),
    400018: (404, "The SKU was not found."),
    400019: (404, "The availability was not found."),
    400030: (403, "The segment is not allowed."),
    400036: (403, "The target view is not allowed."),
    400041: (400, "The add-on cannot be bought without a base product that it goes with."),
    600002: (400, "A registration number is not taken in this country."),
    600049: (400, "The organisation's registration number is missing."),
    600050: (400, "The registration number does not have the country's form."),
    600051: (400, "The phone number is missing."),
    600061: (409, "The partner has already confirmed this agreement for the customer."),
    800002: (400, "The input is not valid."),
    800007: (404, "There is no provisioning information yet."),
    800008: (404, "The cart was not found or has expired."),
    800009: (400, "The cart has items with errors."),
    800017: (400, "So many seats are not available."),
    800020: (403, "The offer is not sold any more."),
    800029: (400, "The add-on does not go with this base."),
    800039: (403, "The partner does not take part in this reseller programme."),
    800040: (400, "The subscription cannot go to this status."),
    800060: (409, "A request with this id is known, with other content."),
    800063: (400, "The order cannot be cancelled."),
    800064: (409, "The cart is being processed."),
    800065: (400, "The cart was already submitted."),
    800071: (400, "The line items are not numbered from nought on."),
    800077: (403, "An order of this kind is not cancelled through the order."),
    800081: (400, "The subscription is not activated yet."),
    800082: (409, "The subscription is not ready for a change; try again later."),
    800088: (403, "The customer may not have more seats."),
    800090: (400, "The subscription's seats cannot be decreased."),
    800091: (400, "The subscription is suspended."),
    800093: (400, "The subscription is not set to renew by itself."),
    800095: (400, "The seats of this subscription cannot be changed."),
    800096: (400, "The status of this subscription cannot be changed."),
    800097: (400, "The billing cycle cannot be changed here."),
    800107: (400, "The term of a trial cannot be changed."),
    800112: (403, "The customer has nothing that overage could be switched on for."),
    800114: (403, "The Azure entitlement is missing."),
    800121: (400, "The term is not valid."),
    800122: (400, "The term cannot become shorter."),
    900117: (400, "The days in which the subscription could be cancelled are over."),
    800018: (400, "The limit of the sandbox is reached."),
    900118: (400, "The customer id is not valid."),
    900126: (400, "A word is not one of those that are known."),
    900127: (400, "This is not supported here."),
    900169: (400, "The currency is not the market's."),
    900263: (403, "This is not there for subscriptions of the old commerce."),
    900203: (400, "A line of the order needs an attestation."),
    900123: (403, "The reseller has not signed the Microsoft Partner Agreement."),
    900124: (403, "The partner has not signed the Microsoft Partner Agreement."),
    900206: (400, "The partner's attestation is missing."),
    900213: (400, "The hours in which the subscription could be cancelled are over."),
    900214: (400, "The hours in which seats could be returned are over."),
    900236: (400, "The subscription cannot be changed to this product."),
    900242: (400, "The term cannot end on this day."),
    900244: (400, "The next term cannot end on this day."),
    900245: (400, "The day is outside the next term."),
    900246: (400, "Nothing of the customer's, nor a month, ends on this day."),
    900257: (400, "The days in which seats could be returned are over."),
    900258: (400, "So many seats cannot be changed to another product."),
    900259: (400, "The subscription that should take the seats cannot take them."),
    900260: (400, "This kind of transition is not known."),
    900261: (400, "The product that the seats should come from is another one."),
    900267: (400, "The product of the next term is not valid."),
    900268: (400, "The term of the next term is not valid."),
    900269: (400, "The promotion of the next term is not valid."),
    900270: (400, "The billing cycle does not go with the term."),
    900275: (400, "The quantity of a line is outside what the offer allows."),
    900277: (400, "The subscription is about to expire."),
    900278: (409, "Another operation on the subscription is under way; try again in a day."),
    900279: (400, "The subscription takes no changes any more."),
    900280: (400, "The subscription takes no such changes at the moment."),
    900308: (403, "The caller's role or delegated administration is not enough."),
    900309: (403, "The customer's Conditional Access keeps the caller out."),
    900311: (400, "The subscription has had too many updates."),
    900316: (400, "The kind of token that Partner Center made itself is not taken here."),
    900322: (403, "The item is not sold in the sandbox."),
    900329: (403, "This resource does not take app-only tokens."),
    900420: (401, "The token's audience is not accepted."),
    900421: (401, "The token carries no sign of multi-factor authentication."),
}

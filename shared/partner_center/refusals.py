"""List Partner Center's codes: what happened, which of our errors that is, and what to do.

https://learn.microsoft.com/partner-center/developer/error-codes

`docs/refusals.md` prints this table. Where an answer's status is 5xx or 429, the status decides.
"""

from collections.abc import Iterator, Mapping

from shared.domain.errors import (
    AgreementMissing,
    ChangedMeanwhile,
    CustomerNotFound,
    OfferNotFound,
    RemoteRefused,
    RemoteUnavailable,
    SeatkeeperError,
    SignInRefused,
    SubscriptionNotFound,
)
from shared.transport.refusals import Refusal

CART_NOT_FOUND = "800008"
CART_SUBMITTED = "800065"
AGREED_ALREADY = "600061"

_ROLE = "give the connection's user the role or the GDAP role that this call needs"
_CASE = "open a case with Microsoft, with the correlation id"
_CATALOG = "synchronise the connection's catalog, and choose an offer that it lists"
_TERMS = "choose terms that the catalog lists for the offer"
_REFRESH = "read it with `?refresh=true`, and plan again"
_ADDRESS = "mend the organisation's data as its country asks"
_MINUTES = "wait some minutes; the same request may work then"

_Rows = Mapping[str, tuple[str, str]]
_ROWS: tuple[tuple[type[SeatkeeperError], _Rows], ...] = (
    (
        SignInRefused,
        {
            "400 800001": ("no access", "check the application's registration in Partner Center"),
            "2032 900150 900308": ("the caller's role is not enough", _ROLE),
            "900309": (
                "the customer's Conditional Access blocks us",
                "let the service provider in there",
            ),
            "900329": ("the application alone is not let in", "connect again as a user"),
            "900420": ("the token is for another API", "check the configured base URL"),
            "900421": ("the user signed in without a second factor", "connect again with one"),
            "900416": ("the account is locked", "have an administrator unlock it"),
        },
    ),
    (
        CustomerNotFound,
        {
            "20002 60003 900118": (
                "Partner Center knows no such customer of this partner",
                "check the customer's id and its relationship to the partner",
            ),
        },
    ),
    (SubscriptionNotFound, {"20003": ("there is no such subscription", _REFRESH)}),
    (OfferNotFound, {"400013 400018": ("the offer is not sold any more", _CATALOG)}),
    (
        AgreementMissing,
        {
            "13605": (
                "Microsoft has no customer agreement on record",
                "record it before anything is bought",
            )
        },
    ),
    (
        ChangedMeanwhile,
        {
            "2055 400019": (
                "Microsoft's side changed since it was read",
                "nothing: it is read again and tried again; repeat the request if you sent it",
            )
        },
    ),
    (
        RemoteUnavailable,
        {
            "20000 800007": ("not there yet, which takes up to 15 minutes", _MINUTES),
            "800060 800064": ("the order is being worked on", _MINUTES),
            "800003 800005 800094 900192": ("Microsoft's service failed", _MINUTES),
            "800082": ("the subscription is not ready for a change", _MINUTES),
        },
    ),
    (
        RemoteRefused,
        {
            "1000 60002": ("it is not there", "check the ids"),
            "2000": ("an id is missing or wrong", "check the partner's ids"),
            "2001 800091": ("the subscription is suspended", "`reactivate` it first"),
            "2002 900275": (
                "too few or too many seats for the product",
                "see the catalog's bounds",
            ),
            "2006 800027": ("the offer takes no such change", "buy another offer"),
            "2011 800012 800021": ("the subscription is not active", "buy a new one"),
            "2030 2085 2091 800020 800028 800070": ("the offer is not sold here", _CATALOG),
            "2054 800097": ("the billing plan cannot change", "`scheduleRenewal` with the new one"),
            "2072 800098": ("the partner of record cannot change", "keep the one that is there"),
            "2100": ("an offer of the new commerce was asked for as an old one", _CASE),
            "3000 400056 800002 900126 900127 900141": ("a value is not taken", _CASE),
            "3001": ("the domain is taken", "choose another prefix"),
            "27006 27007": ("the promotion does not apply", "buy without the promotion"),
            "27009": ("the add-on's base is not active", "`reactivate` the base first"),
            "60012": ("no licence is free", "buy seats, or take licences away"),
            "400030 400036": ("the customer's segment may not buy this", _CATALOG),
            "400041 800029": ("the add-on has no base", "buy the base product first"),
            "400072": ("the item is not available", _CATALOG),
            "600002 600049 600050": ("the registration number is missing or wrong", _ADDRESS),
            "600051": ("the phone number is missing", _ADDRESS),
            AGREED_ALREADY: ("this agreement is on record already", "nothing: it counts as done"),
            CART_NOT_FOUND: ("the cart is gone, as after seven days", "buy again with a new key"),
            "800009": ("a line of the cart is wrong", "see the sentence of the line"),
            "800017": ("so many seats are not to be had", "buy fewer, or ask Microsoft"),
            "800018": ("the sandbox is full", "cancel what it does not need"),
            "800022 800024 800026 800062": ("the purchase is not allowed", _CASE),
            "800023 800025 900121": ("the credit line is used up", "pay, or ask for a larger one"),
            "800039 900149": (
                "the partner is not in the programme",
                "enrol, or use a connection with direct billing",
            ),
            "800040 800096": ("the status cannot change like this", _REFRESH),
            "800061 800063 800077": ("the order is not cancelled like this", "`cancel` it instead"),
            CART_SUBMITTED: ("the cart was bought already", "nothing: its order is looked up"),
            "800066 800067 800068 800069 800088 800089": ("a limit of the customer", _CASE),
            "800071": ("the lines of an order are not numbered", _CASE),
            "800073 800074 800075": ("the customer's account is under review", _CASE),
            "800081": ("the subscription is not activated yet", _MINUTES),
            "800090 900214 900257": (
                "the days to return seats are over",
                "`scheduleRenewal` with the lower number",
            ),
            "800093": ("it cannot renew by itself", "`scheduleRenewal` to another product"),
            "800095": ("the seats of this one cannot change", "buy another subscription"),
            "800107": ("a trial's term cannot change", "schedule what it renews to"),
            "800112 800114 800115": ("overage is not possible", "keep it off"),
            "800121 800122 900267 900268 900269 900270": ("such a term is not sold", _TERMS),
            "900117 900213": (
                "the days to cancel are over",
                "`setEndOfTerm` with `cancel`: it ends with its term",
            ),
            "900123 900124": ("Microsoft's Partner Agreement is not signed", "sign it"),
            "900154": ("the reseller is not enrolled", "have it enrol in Partner Center"),
            "900169": ("the currency is not taken", "use the connection of that region"),
            "900203 900206": ("an attestation is missing", "buy with `attested`"),
            "900236 900258 900259 900260 900261": ("no such upgrade", "see `…/upgrades`"),
            "900242 900244 900245 900246": ("no term ends on this day", "ask `…/coterm`"),
            "900252 900253 900254": ("purchase documents are missing", "buy in Partner Center"),
            "900263": ("not for subscriptions of the old commerce", "buy a new one"),
            "900277 900279 900280": ("it takes no changes just before or after its end", _REFRESH),
            "900278": ("another change is under way at Microsoft", "try again after 24 hours"),
            "900311": ("it had its 1,200 updates", "buy a second subscription"),
            "900316": ("the sign-in is of a kind that ended", "connect again"),
            "900322": ("not sold in a sandbox", "choose another offer"),
            "900419": ("the tenant has as many subscriptions as it may", "end what is unused"),
        },
    ),
)


def _refusals() -> Iterator[Refusal]:
    for kind, rows in _ROWS:
        for codes, (happened, advice) in rows.items():
            yield Refusal(tuple(codes.split()), happened, kind, advice)


REFUSALS: tuple[Refusal, ...] = tuple(_refusals())
BY_CODE: Mapping[str, Refusal] = {code: row for row in REFUSALS for code in row.codes}

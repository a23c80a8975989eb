"""List the quirks that can be turned: each with its default and one sentence.

Whatever Microsoft leaves unpublished is a switch here, so that no client can come to rest on our
guess. A side of the simulator adds its own with `declare` when it is imported.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Switch:
    default: Any
    about: str


KNOWN: dict[str, Switch] = {}


def declare(name: str, default: Any, about: str) -> None:  # noqa: ANN401 - any JSON value
    KNOWN[name] = Switch(default, about)


class UnknownSwitch(LookupError):
    """There is no switch of that name."""


class Switches:
    """The switches of one world: what was turned, over the defaults."""

    def __init__(self, turned: dict[str, Any] | None = None) -> None:
        self.turned = dict(turned or {})

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        if name not in KNOWN:
            raise UnknownSwitch(name)
        return self.turned.get(name, KNOWN[name].default)

    def __setitem__(self, name: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        if name not in KNOWN:
            raise UnknownSwitch(name)
        self.turned[name] = value

    def all(self) -> dict[str, Any]:
        return {name: self[name] for name in sorted(KNOWN)}

    def update(self, changes: dict[str, Any]) -> None:
        for unknown in changes.keys() - KNOWN.keys():
            raise UnknownSwitch(unknown)
        self.turned.update(changes)


for _name, _default, _about in (
    (
        "lag.licenseCountsSeconds",
        0,
        "Real seconds until a changed quantity shows in licence counts.",
    ),
    ("lag.orderListSeconds", 0, "Real seconds until a new order shows in the list of orders."),
    ("lag.subscriptionIdLooks", 0, "Looks at an order before its line names the subscription."),
    ("lag.orderCompletionLooks", 1, "Looks at an order before it is completed."),
    ("latency.loginMs", 0, "Milliseconds that every sign-in call takes, times `timeScale`."),
    (
        "latency.partnercenterMs",
        0,
        "Milliseconds that every Partner Center call takes, times `timeScale`.",
    ),
    ("latency.graphMs", 0, "Milliseconds that every Graph call takes, times `timeScale`."),
    ("latency.exchangeMs", 0, "Milliseconds that every Exchange call takes, times `timeScale`."),
    (
        "licences.deletedFree",
        True,
        "A deleted person's licences are free at once: or after thirty days.",
    ),
    (
        "licences.statuses",
        {},
        'A status as the directory has it, where it differs: `{"expired": "Suspended"}`.',
    ),
    ("graph.commerceIdIsEntitlement", False, "Graph names a purchase by entitlementId instead."),
    (
        "partnercenter.bom",
        True,
        "Bodies of user licences and the organisation profile open with a BOM.",
    ),
    ("partnercenter.bomEverywhere", False, "Every Partner Center body opens with a BOM."),
    ("partnercenter.upperCaseIds", False, "Subscription ids come back in capitals."),
    ("partnercenter.unknownFields", False, "Resources carry a field that nobody documented."),
    ("partnercenter.strangeStatus", None, "A text that every subscription shows as its status."),
    ("partnercenter.codesAsText", False, "Error codes are text instead of numbers."),
    ("partnercenter.pageSize", 500, "Page size where none, or 0, is asked for, and the largest."),
    ("partnercenter.continuationToken", False, "Pages name their token beside the link, too."),
    (
        "partnercenter.checksFirst",
        "rate",
        "What is looked at first once the caller is known: `rate`, `customer` or `body`.",
    ),
    ("partnercenter.relationship", "reseller", "What relationshipToPartner says."),
    (
        "partnercenter.throttle.enabled",
        False,
        "Customers, subscriptions and orders are limited by the minute.",
    ),
    ("partnercenter.throttle.perMinute", 500, "Requests that one key may make in a window."),
    (
        "partnercenter.throttle.windowSeconds",
        60,
        "Seconds of that window, times `timeScale`; a scaled client needs a shorter one.",
    ),
    ("partnercenter.throttle.key", "partner", "Who is counted: `partner`, or each `customer`."),
    (
        "partnercenter.throttle.retryAfterSeconds",
        57,
        "What Retry-After says, times `timeScale`.",
    ),
    ("partnercenter.contractVersionRequired", False, "Calls without MS-Contract-Version are 400."),
    ("etag.staleStatus", 400, "Status of a stale etag (2055): or 412."),
    ("mfa.enforced", True, "App+user tokens without an MFA claim are refused (900421)."),
    (
        "gdap.conditionalAccess",
        [],
        "Customers whose Conditional Access keeps partners' users out (900309); `*` is all.",
    ),
    ("gdap.enforced", True, "Licence calls need a live GDAP relationship with a fitting role."),
    ("replay.hours", 24, "How long a request id is remembered."),
    ("replay.mismatch", 409, "Status of a known request id that carries another body."),
    ("customers.domainTakenStatus", 409, "Status of a customer whose domain exists."),
    ("customers.domainTakenCode", 3001, "Code of a customer whose domain exists."),
    ("agreements.duplicateStatus", 409, "Status of error 600061."),
    ("consents.duplicateStatus", 409, "Status of a consent that is there already."),
    ("availabilities.rotation", 0, "Raise it, and every availability has another id."),
    ("cart.days", 7, "Days a cart lives."),
    ("cart.checkoutSeconds", 0, "Real seconds that a checkout takes; another one answers 800064."),
    ("cart.strictCheckout", False, "A second checkout answers 800065 instead of the first result."),
    ("cart.attestationRequired", False, "A cart without the partner's attestation is refused."),
    ("subscriptions.patchMode", "sync", "`async` answers 202 and applies the change later."),
    ("subscriptions.asyncSeconds", 1, "Real seconds until such a change is applied."),
    (
        "subscriptions.lotOrder",
        "newest",
        "Which lot a decrease takes first: newest, oldest, largest, smallest.",
    ),
    ("subscriptions.windowHours", 168, "Hours in which seats can be given back."),
    ("subscriptions.updateLimit", 1200, "Updates that one subscription takes."),
    ("subscriptions.cancelCode", 900117, "Code of a cancellation after its window."),
    ("renewal.seconds", 0, "Business seconds that a renewal takes; writes answer 409 meanwhile."),
    ("lifecycle.expiredDays", 30, "Days from expiry to disabled."),
    ("lifecycle.disabledDays", 90, "Days from disabled to deleted."),
    (
        "est.enabled",
        False,
        "scheduledActions count, and auto-renew off alone means a paid extension.",
    ),
    ("pricesheet.strictAudience", False, "The price sheet takes tokens for its own host only."),
    ("pricesheet.deflate", True, "`Accept-Encoding: deflate` gets the price sheet as a zip."),
    ("pricesheet.risesOn", "", "A day, YYYY-MM-DD: until then a future sheet announces it."),
    ("pricesheet.risesBy", 10, "Percent by which the sheets are dearer from then on; carts stay."),
):
    declare(_name, _default, _about)

"""Declare the quirks of orders and subscriptions that Microsoft leaves unpublished."""

from simulator.switches import declare

_QUIRKS: tuple[tuple[str, object, str], ...] = (
    (
        "catalogue.provisioningIds",
        True,
        "SKUs name the directory's SKU in provisioningId.",
    ),
    ("catalogue.partialRefund", True, "Terms name the second refund, the partial one."),
    ("cart.errorNames", False, "Errors of cart lines are names in snake_case, not numbers."),
    ("cart.replaceStatus", 201, "Status of a replaced cart: or 200."),
    ("orders.doneStatus", "completed", "How an order is called that is done."),
    (
        "schedule.withoutRenewal",
        "refused",
        "A schedule while renewal is off is 800093: or `dropped`.",
    ),
    (
        "subscriptions.refundEnd",
        "expiresAt",
        "How refundOptions spell their end: or expiresAfter.",
    ),
    ("replay.failures", False, "A refusal is repeated to its request id as well."),
    ("catalogue.trials", True, "Trial SKUs are listed."),
    ("catalogue.attestedSkus", [], "`product:sku` of which a line needs `attestationAccepted`."),
    ("promotions.active", True, "There are promotions, and carts apply them."),
    (
        "cart.groups",
        "byBillingCycle",
        "Which lines become one order: `byBillingCycle`, `together` or `apart`.",
    ),
    (
        "checkout.failing",
        {},
        'Groups that fail for a SKU in them: `{"product:sku": code}`; the others are ordered.',
    ),
    ("orders.quantityChanges", True, "A changed quantity makes an order of its own."),
    ("lag.provisioningInfoLooks", 0, "Looks at an order before it tells its provisioning."),
    ("lag.provisioningSeconds", 0, "Real seconds that provisioning says `pending` after a change."),
    ("lag.activationSeconds", 0, "Real seconds that a new subscription is `pending` (800081)."),
    ("lag.registrationSeconds", 0, "Real seconds that a registration says `registering`."),
    ("subscriptions.concerns", "many", "`one` refuses a PATCH that changes several things."),
    ("subscriptions.overlapCode", 800082, "Code of a change while another runs: or 900278."),
    ("subscriptions.decreaseCode", 800090, "Code of a late decrease: or 900214, 900257."),
    (
        "subscriptions.scheduleSentAlong",
        "deleted",
        "What becomes of a schedule in the body of a mid-term change: or `kept`.",
    ),
    ("subscriptions.termUpgrade", "refused", "A longer term by PATCH: or `taken`, at once."),
    ("schedule.products", "eligible", "What a schedule may change to: upgrades only, or `any`."),
    ("coterm.pageSize", 300, "End dates in one answer; the header has the token of the next."),
    ("renewal.writes", "refused", "Or `some`: quantity, partner, name and cancellation go on."),
    ("renewal.expiringHours", 0, "Last hours of a term without renewal that answer 900277."),
    ("est.from", "2026-05-04T00:00:00Z", "Terms that end before expire as they used to."),
    ("est.actionsTaken", True, "scheduledActions are read and shown; else ignored."),
    ("est.midtermWipesActions", False, "A mid-term change deletes scheduledActions too."),
    ("transitions.seconds", 0, "Real seconds from the start of a transition to its end."),
    ("transitions.outcome", "completed", "How transitions end: or `failed`."),
    ("transitions.key", "transition", "Under which key they are listed: or `items`."),
)

for _name, _default, _about in _QUIRKS:
    declare(_name, _default, _about)

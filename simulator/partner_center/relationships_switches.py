"""Declare the quirks of customers, resellers, agreements and the sandbox."""

from simulator.switches import declare

for _name, _default, _about in (
    ("customers.countryRules", "flat", "Country rules as recorded: or `nested`, as documented."),
    ("customers.detachBlockedCode", 3000, "Code of a detachment while subscriptions are active."),
    (
        "customers.detachBlockedStatus",
        400,
        "Status of a detachment while subscriptions are active.",
    ),
    ("agreements.form", "current", "`attestation`: the customer accepts on a page first."),
    ("agreements.attestationDays", 30, "Business days that the page waits for the customer."),
    ("agreements.documentMinutes", 5, "Business minutes that links to a template's text live."),
    ("qualifications.vettingHours", 24, "Business hours that a qualification is InReview."),
    ("qualifications.outcome", "Approved", "What the vetting comes to: or `Denied`."),
    ("mpa.unsignedAnswers", "false", "An unsigned reseller: `false`, or `2203` as an error."),
    ("sandbox.unsold", [], "`product:sku` that a sandbox does not sell (900322)."),
    ("sandbox.cancelDays", 60, "Days in which a sandbox's orders can be cancelled."),
):
    declare(_name, _default, _about)

"""List the endpoints of billing and of drift, as a part of the table of routes."""

from http import HTTPStatus

from shared.api import billing, drift
from shared.api.csv_tables import TablePages
from shared.api.endpoint import Endpoint, Roles
from shared.api.models import Pages

A_CUSTOMER = "customers/{customerId}"

BILLING = (
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/billing/{{period}}",
        billing.get_statement,
        "Who had which plan in a billing period, and what is billed of it",
        Roles.READERS,
        {HTTPStatus.OK: billing.StatementReply},
        "Named by the month that it closes in, such as `2026-03`; from the mirror.",
        query=TablePages,
        or_csv=True,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/comparison",
        billing.get_comparison,
        "Compare what is assigned, purchased and billed",
        Roles.READERS,
        {HTTPStatus.OK: billing.ComparisonReply},
        "Product by product, as the last night left it; from the mirror.",
        query=TablePages,
        or_csv=True,
    ),
    Endpoint(
        "GET",
        "comparison",
        billing.list_comparisons,
        "Compare what is assigned, purchased and billed, over all customers",
        Roles.READERS,
        {HTTPStatus.OK: billing.ComparisonList},
        "Customer by customer, as the last night left them; a page covers `limit` customers.",
        query=billing.ComparisonPages,
        or_csv=True,
    ),
    Endpoint(
        "POST",
        f"{A_CUSTOMER}/plan-doubts/{{userId}}",
        billing.choose_plan,
        "Say which plan a person has",
        Roles.OPERATORS,
        {HTTPStatus.OK: billing.PlanChoiceReply},
        "One of those in question; it stays until the person's licences change.",
        body=billing.PlanChoiceBody,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/plan-doubts",
        billing.list_plan_doubts,
        "List people whose licences do not tell their plan",
        Roles.READERS,
        {HTTPStatus.OK: billing.PlanDoubtList},
        "Several plans fit alike, none is held as a whole, or licences are left over.",
        query=Pages,
    ),
)
DRIFT = (
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/drift",
        drift.list_drift,
        "List what changed outside of the product",
        Roles.READERS,
        {HTTPStatus.OK: drift.DriftList},
        "Newest first: what, from, to, and the reading that found it.",
        query=Pages,
    ),
    Endpoint(
        "POST",
        f"{A_CUSTOMER}/drift/{{driftId}}/adopt",
        drift.adopt_drift,
        "Say that what is there now is wanted",
        Roles.OPERATORS,
        {HTTPStatus.OK: drift.DriftReply},
    ),
    Endpoint(
        "POST",
        f"{A_CUSTOMER}/drift/{{driftId}}/resolve",
        drift.resolve_drift,
        "Say that somebody has dealt with it",
        Roles.OPERATORS,
        {HTTPStatus.OK: drift.DriftReply},
    ),
)

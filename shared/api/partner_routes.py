"""List the endpoints of the partner's own side: connections, consents, the catalog, plans."""

from http import HTTPStatus

from shared.api import (
    catalog,
    connection_bodies,
    connections,
    consents,
    operations,
    organisations,
    plans,
    promotions,
    syncs,
)
from shared.api.endpoint import Endpoint, Roles
from shared.api.models import Pages

OK, CREATED, ACCEPTED = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED
READERS, OPERATORS, ADMINS = Roles.READERS, Roles.OPERATORS, Roles.ADMINS
A_CONNECTION = "connections/{connectionId}"

ORGANISATIONS = (
    Endpoint(
        "GET",
        "organisations",
        organisations.list_organisations,
        "List the resellers that work here",
        ADMINS,
        {OK: organisations.OrganisationList},
    ),
    Endpoint(
        "PUT",
        "organisations/{organisationId}",
        organisations.put_organisation,
        "Say who a reseller's callers are",
        ADMINS,
        {OK: organisations.OrganisationReply},
        "They see and use the connections whose `owner` is this id, and nothing else.",
        body=organisations.OrganisationBody,
    ),
)
CONNECTIONS = (
    Endpoint(
        "POST",
        "connections",
        connections.create_connection,
        "Register a partner connection",
        ADMINS,
        {CREATED: connections.ConnectionReply},
        "Its secrets go to the secret store and are never answered back.",
        body=connection_bodies.ConnectionBody,
        spends=True,
    ),
    Endpoint(
        "GET",
        "connections",
        connections.list_connections,
        "List partner connections",
        READERS,
        {OK: connections.ConnectionList},
    ),
    Endpoint(
        "GET",
        A_CONNECTION,
        connections.get_connection,
        "Read one connection",
        READERS,
        {OK: connections.ConnectionReply},
        "Its `ETag` is what a change sends as `If-Match`.",
    ),
    Endpoint(
        "PATCH",
        A_CONNECTION,
        connections.patch_connection,
        "Change a connection",
        ADMINS,
        {OK: connections.ConnectionReply},
        "Tenant, application, role, environment and owner are for good: register another one.",
        body=connection_bodies.ConnectionChangeBody,
        matches=True,
    ),
    Endpoint(
        "DELETE",
        A_CONNECTION,
        connections.delete_connection,
        "Remove a connection that no customer rests on",
        ADMINS,
        {HTTPStatus.NO_CONTENT: None},
        "Its secrets go with it.",
        matches=True,
    ),
    Endpoint(
        "GET",
        f"{A_CONNECTION}/health",
        consents.get_connection_health,
        "How a connection stands with Microsoft",
        READERS,
        {OK: consents.ConnectionHealthReply},
    ),
    Endpoint(
        "POST",
        f"{A_CONNECTION}/consent",
        consents.start_consent,
        "Start the sign-in that a connection works with",
        ADMINS,
        {OK: consents.ConsentReply},
        "A user of the partner opens `authorizeUrl` within ten minutes and signs in with a second "
        "factor; `GET /api/operations/{operationId}` tells how it ended.",
    ),
    Endpoint(
        "GET",
        "consent/callback",
        consents.take_consent,
        "Where Microsoft sends the person back after a sign-in",
        Roles.ANYBODY,
        {OK: "text/html", HTTPStatus.BAD_REQUEST: "text/html"},
        query=consents.CallbackQuery,
    ),
    Endpoint(
        "POST",
        "consent/callback",
        consents.take_posted_consent,
        "The same, for a sign-in that posts its answer as a form",
        Roles.ANYBODY,
        {OK: "text/html", HTTPStatus.BAD_REQUEST: "text/html"},
        "Every check is that of the address: state, PKCE, nonce, tenant, second factor, once.",
        body=consents.CallbackBody,
        content_types=(consents.FORM,),
    ),
    Endpoint(
        "POST",
        f"{A_CONNECTION}/sync",
        connections.synchronise_connection,
        "Read offers and prices into the catalog",
        OPERATORS,
        {ACCEPTED: operations.OperationReply},
        spends=True,
    ),
    Endpoint(
        "GET",
        f"{A_CONNECTION}/syncs",
        syncs.list_syncs,
        "List synchronisations, newest first",
        READERS,
        {OK: syncs.SyncList},
        query=Pages,
    ),
    Endpoint(
        "GET",
        f"{A_CONNECTION}/syncs/{{operationId}}",
        syncs.get_sync,
        "What a synchronisation found changed",
        READERS,
        {OK: syncs.SyncDifferenceReply},
    ),
)
PROMOTIONS = (
    Endpoint(
        "GET",
        f"{A_CONNECTION}/promotions",
        promotions.list_promotions,
        "List what Microsoft sells for less today",
        READERS,
        {OK: promotions.PromotionList},
        "Whether a customer's purchase would get one stands in the purchase's dry run.",
        query=promotions.PromotionsQuery,
    ),
)
CATALOG = (
    Endpoint(
        "GET",
        "catalog",
        catalog.list_catalog,
        "List what a connection sells in a market",
        READERS,
        {OK: catalog.OfferList},
        query=catalog.CatalogQuery,
    ),
    Endpoint(
        "PUT",
        "catalog/{offerId}",
        catalog.put_sellable,
        "Tick an offer for sale, or take it from sale",
        ADMINS,
        {OK: catalog.OfferReply},
        "Nothing is sold that is not ticked; a synchronisation leaves the ticks alone.",
        body=catalog.SellableBody,
    ),
    Endpoint(
        "POST",
        "catalog/selection",
        catalog.select_catalog,
        "Tick several offers, or take them from sale",
        ADMINS,
        {OK: catalog.OfferList},
        body=catalog.SelectionBody,
    ),
)
PLANS = (
    Endpoint(
        "POST",
        "plans",
        plans.create_plan,
        "Define what is sold under one name",
        ADMINS,
        {CREATED: plans.PlanReply},
        body=plans.PlanBody,
        spends=True,
    ),
    Endpoint(
        "GET", "plans", plans.list_plans, "List plans", READERS, {OK: plans.PlanList}, query=Pages
    ),
    Endpoint(
        "GET", "plans/{planId}", plans.get_plan, "Read one plan", READERS, {OK: plans.PlanReply}
    ),
)
PARTNER = (*ORGANISATIONS, *CONNECTIONS, *PROMOTIONS, *CATALOG, *PLANS)

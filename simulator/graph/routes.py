"""The doors of the simulated Graph, each with the page of Microsoft's that it imitates."""

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute
from starlette.routing import Route as HttpRoute

from simulator.graph import batch, delegations, delta, licences, listing, users, views
from simulator.graph import permissions as may
from simulator.graph.call import Answer, Call, collection, document
from simulator.graph.door import Door
from simulator.graph.errors import missing
from simulator.graph.service import Graph
from simulator.graph.stock import sku_stock
from simulator.graph.switches import GRAPH_ABOUT, GRAPH_SWITCHES
from simulator.graph.table import Route
from simulator.switches import declare

if TYPE_CHECKING:
    from simulator.tenants import User
    from simulator.world import World


def create_user(call: Call) -> Answer:
    user = users.create(call)
    where = f"{call.request.origin}/directoryObjects/{user.id}/Microsoft.DirectoryServices.User"
    answer = _entity(call, user, 201)
    return Answer(answer.status, answer.body, {"Location": where})


def get_user(call: Call) -> Answer:
    return _entity(call, users.visible(call, call.params["key"]))


def list_users(call: Call) -> Answer:
    return listing.answer(call, users.listed(call), "/users")


def count_users(call: Call) -> Answer:
    return listing.count(call, users.listed(call))


def update_user(call: Call) -> Answer:
    users.change(call, users.reachable(call, call.params["key"]))
    return Answer(204)


def delete_user(call: Call) -> Answer:
    users.remove(call, users.reachable(call, call.params["key"]))
    return Answer(204)


def revoke_sessions(call: Call) -> Answer:
    users.revoke_sessions(call, users.reachable(call, call.params["key"]))
    if call.switch("revoke.status") == 204:  # noqa: PLR2004 - a switch between two statuses
        return Answer(204)
    return document(call, "Edm.Boolean", {"value": True})


def list_deleted_users(call: Call) -> Answer:
    call.tenant.purge_expired(call.now)
    binned = list(call.tenant.deleted_users.values())
    return listing.answer(call, binned, "/directory/deletedItems/microsoft.graph.user")


def get_deleted_item(call: Call) -> Answer:
    return _entity(call, users.binned(call, call.params["id"]))


def restore_deleted_item(call: Call) -> Answer:
    return _entity(call, users.restore(call, users.binned(call, call.params["id"])))


def purge_deleted_item(call: Call) -> Answer:
    call.tenant.purge_user(users.binned(call, call.params["id"]).id, call.now)
    return Answer(204)


def assign_licence(call: Call) -> Answer:
    user = users.reachable(call, call.params["key"])
    licences.assign(call, user)
    return document(call, "users/$entity", views.user_document(call.tenant, user, None))


def list_licence_details(call: Call) -> Answer:
    user = users.visible(call, call.params["key"])
    held = {entry.sku_id: entry for entry in views.view(call.tenant, user).licences}
    values = [views.licence_detail(entry) for entry in held.values()]
    return collection(call, f"users('{user.id}')/licenseDetails", values)


def list_subscribed_skus(call: Call) -> Answer:
    stock = sku_stock(call.world, call.tenant.id)
    return listing.whole(
        call, "subscribedSkus", [views.subscribed_sku(call.tenant, entry) for entry in stock]
    )


def get_subscribed_sku(call: Call) -> Answer:
    for entry in sku_stock(call.world, call.tenant.id):
        if f"{call.tenant.id}_{entry.sku_id}" == call.params["id"].lower():
            return listing.one(call, "subscribedSkus", views.subscribed_sku(call.tenant, entry))
    raise missing(call.params["id"])


def list_company_subscriptions(call: Call) -> Answer:
    sources = call.world.company_subscriptions(call.tenant.id)
    values = [views.company_subscription(source) for source in sources]
    return listing.whole(
        call,
        "directory/subscriptions",
        values,
        filters_on=("skuId", "status", "commerceSubscriptionId", "ownerTenantId", "skuPartNumber"),
    )


def get_company_subscription(call: Call) -> Answer:
    return _company_subscription(call, "id")


def get_by_commerce_id(call: Call) -> Answer:
    return _company_subscription(call, "commerceSubscriptionId")


def list_organization(call: Call) -> Answer:
    sources = call.world.company_subscriptions(call.tenant.id)
    return listing.whole(call, "organization", [views.organization(call, sources)])


def list_sized_organization(call: Call) -> Answer:
    """Only the beta tells how full a directory is."""
    sources = call.world.company_subscriptions(call.tenant.id)
    quota = {"used": call.tenant.objects, "total": call.switch("graph.quota.total")}
    entity = {**views.organization(call, sources), "directorySizeQuota": quota}
    return listing.whole(call, "organization", [entity])


def get_organization(call: Call) -> Answer:
    if call.params["id"].lower() != call.tenant.id:
        raise missing(call.params["id"])
    sources = call.world.company_subscriptions(call.tenant.id)
    return listing.one(call, "organization", views.organization(call, sources))


def list_domains(call: Call) -> Answer:
    domains = call.tenant.domains.values()
    return listing.whole(call, "domains", [views.domain_document(entry) for entry in domains])


def get_domain(call: Call) -> Answer:
    domain = call.tenant.domains.get(call.params["name"].lower())
    if domain is None:
        raise missing(call.params["name"])
    return listing.one(call, "domains", views.domain_document(domain))


def _entity(call: Call, user: "User", status: int = 200) -> Answer:
    names = views.selection(call)
    body = views.user_document(call.tenant, user, names)
    return document(call, f"{views.of_users(names)}/$entity", body, status)


def _company_subscription(call: Call, name: str) -> Answer:
    for source in call.world.company_subscriptions(call.tenant.id):
        entity = views.company_subscription(source)
        if entity[name].lower() == call.params["id"].lower():
            return listing.one(call, "directory/subscriptions", entity)
    raise missing(call.params["id"])


_USER = "/users/{key}"
_BIN = "/directory/deletedItems"
_BOUGHT = "/directory/subscriptions"

# In order: the first path that fits is taken, so fixed names come before keys.
ROUTES = [
    Route("POST", "/$batch", batch.run, "json-batching", is_envelope=True),
    Route("GET", "/users/delta", delta.answer, "user-delta", may.READ_USERS, 2),
    Route("GET", "/users/$count", count_users, "user-list", may.READ_USERS, 2),
    Route("GET", "/users", list_users, "user-list", may.READ_USERS, 2),
    Route("POST", "/users", create_user, "user-post-users", may.WRITE_USERS),
    Route("GET", _USER, get_user, "user-get", may.READ_USERS),
    Route("PATCH", _USER, update_user, "user-update", may.WRITE_USERS),
    Route("DELETE", _USER, delete_user, "user-delete", may.WRITE_USERS),
    Route("POST", f"{_USER}/assignLicense", assign_licence, "user-assignlicense",
          may.ASSIGN_LICENCES),
    Route("GET", f"{_USER}/licenseDetails", list_licence_details, "user-list-licensedetails",
          may.READ_USER_LICENCES, 2),
    Route("POST", f"{_USER}/revokeSignInSessions", revoke_sessions, "user-revokesigninsessions",
          may.REVOKE_SESSIONS),
    Route("GET", f"{_BIN}/graph.user", list_deleted_users, "directory-deleteditems-list",
          may.READ_USERS),
    Route("GET", f"{_BIN}/{{id}}", get_deleted_item, "directory-deleteditems-get", may.READ_USERS),
    Route("DELETE", f"{_BIN}/{{id}}", purge_deleted_item, "directory-deleteditems-delete",
          may.RESTORE_USERS),
    Route("POST", f"{_BIN}/{{id}}/restore", restore_deleted_item, "directory-deleteditems-restore",
          may.RESTORE_USERS),
    Route("GET", "/subscribedSkus", list_subscribed_skus, "subscribedsku-list", may.READ_STOCK, 3),
    Route("GET", "/subscribedSkus/{id}", get_subscribed_sku, "subscribedsku-get", may.READ_STOCK),
    Route("GET", _BOUGHT, list_company_subscriptions, "directory-list-subscriptions",
          may.READ_STOCK),
    Route("GET", f"{_BOUGHT}(commerceSubscriptionId='{{id}}')", get_by_commerce_id,
          "companysubscription-get", may.READ_STOCK),
    Route("GET", f"{_BOUGHT}/{{id}}", get_company_subscription, "companysubscription-get",
          may.READ_STOCK),
    Route("GET", "/organization", list_organization, "organization-list", may.READ_ORGANIZATION),
    Route("GET", "/organization/{id}", get_organization, "organization-get", may.READ_ORGANIZATION),
    Route("GET", "/tenantRelationships/delegatedAdminRelationships", delegations.listed,
          "tenantrelationship-list-delegatedadminrelationships", may.READ_DELEGATIONS),
    Route("GET", "/domains", list_domains, "domain-list", may.READ_DOMAINS),
    Route("GET", "/domains/{name}", get_domain, "domain-get", may.READ_DOMAINS),
]  # fmt: skip

BETA_ROUTES = [
    Route("GET", "/organization", list_sized_organization,
          "resources/directorysizequota?view=graph-rest-beta", may.READ_ORGANIZATION),
]  # fmt: skip

_VERBS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


def graph_routes(world: "World") -> list[BaseRoute]:
    """One endpoint under the version root; which door is meant, the table above says."""
    for name, default in GRAPH_SWITCHES.items():
        declare(name, default, GRAPH_ABOUT[name])
    return _door(world, ROUTES)


def graph_beta_routes(world: "World") -> list[BaseRoute]:
    """What Microsoft tells under no other version."""
    return _door(world, BETA_ROUTES)


def _door(world: "World", routes: list[Route]) -> list[BaseRoute]:
    door = Door(world, Graph(world, routes))
    return [HttpRoute("/{path:path}", door.answer, methods=_VERBS)]

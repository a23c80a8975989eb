"""Answer with many: filtered, ordered, counted and cut into pages as Graph does it."""

from collections.abc import Sequence
from typing import Any

from simulator.graph import filters, views
from simulator.graph.call import Answer, Call, document
from simulator.graph.errors import bad_request, not_simulated, unsupported_query
from simulator.graph.properties import ADVANCED, INDEXED
from simulator.graph.query import (
    is_eventual,
    names_in,
    needs_index,
    next_link,
    page,
    wants_count,
)
from simulator.tenants import JsonObject, User

_OPTIONS = {
    "$select", "$filter", "$top", "$count", "$orderby", "$skiptoken", "$search", "$expand",
    "$format",
}  # fmt: skip
_ORDERABLE = {"displayName", "userPrincipalName", "createdDateTime", "id"}


def answer(call: Call, everybody: Sequence[User], path: str) -> Answer:
    """A page of users."""
    _check_options(call)
    names = views.selection(call)
    found = _filtered(call, everybody)
    order = _order(call)

    def key(user: User) -> tuple[str, ...]:
        return str(views.view(call.tenant, user).read(order) or "").lower(), user.id

    here = page(call, found, key)
    body: JsonObject = {}
    if wants_count(call) and is_eventual(call) and "$skiptoken" not in call.request.query:
        body["@odata.count"] = len(found)
    if here.after:
        body["@odata.nextLink"] = next_link(call, path, here.after)
    body["value"] = [views.user_document(call.tenant, user, names) for user in here.entries]
    return document(call, views.of_users(names), body)


def count(call: Call, everybody: Sequence[User]) -> Answer:
    if not is_eventual(call):
        raise bad_request("$count is not currently supported.")
    return Answer(200, str(len(_filtered(call, everybody, counted=True))))


def whole(
    call: Call, noun: str, entities: list[JsonObject], filters_on: Sequence[str] = ()
) -> Answer:
    """A collection that comes in one piece, whatever its size."""
    _refuse_paging(call, filters_on)
    names = _selected(call, entities)
    if text := call.request.query.get("$filter"):
        wanted = filters.parse(text, filters_on)
        entities = [entity for entity in entities if wanted.keeps(entity.get)]
    context = f"{noun}({','.join(names)})" if names else noun
    return document(call, context, {"value": [views.chosen(entry, names) for entry in entities]})


def one(call: Call, noun: str, entity: JsonObject) -> Answer:
    names = _selected(call, [entity])
    context = f"{noun}({','.join(names)})" if names else noun
    return document(call, f"{context}/$entity", views.chosen(entity, names))


def _check_options(call: Call) -> None:
    query = call.request.query
    for option in query:
        if option.startswith("$") and option not in _OPTIONS:
            raise unsupported_query(f"The query option '{option}' is not supported.")
    if "$search" in query and not is_eventual(call):
        raise unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special"
            " request header: 'ConsistencyLevel: eventual'"
        )
    for option in ("$search", "$expand"):
        if option in query:
            raise not_simulated(f"{option} on users")


def _filtered(call: Call, everybody: Sequence[User], *, counted: bool = False) -> list[User]:
    text = call.request.query.get("$filter")
    if not text:
        return list(everybody)
    wanted = filters.parse(text, INDEXED, ADVANCED)
    if (wanted.advanced or "$orderby" in call.request.query) and not counted:
        needs_index(call)
    return [user for user in everybody if wanted.keeps(views.view(call.tenant, user).read)]


def _order(call: Call) -> str:
    name: Any = call.request.query.get("$orderby", "id").split(" ")[0]
    if name not in _ORDERABLE:
        raise unsupported_query(f"Sorting by '{name}' is not supported for resource 'User'.")
    return str(name)


def _refuse_paging(call: Call, filters_on: Sequence[str]) -> None:
    lacking = {"$top", "$skip", "$orderby", "$search", "$expand", "$count"}
    if not filters_on:
        lacking |= {"$filter"}
    for option in sorted(lacking & call.request.query.keys()):
        raise bad_request(f"The query option '{option}' is not supported.")


def _selected(call: Call, entities: Sequence[JsonObject]) -> list[str] | None:
    text = call.request.query.get("$select", "")
    return names_in(text, list(entities[0])) if entities else None

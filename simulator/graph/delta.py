"""Tell what has changed among a tenant's users since a token was handed out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from heapq import nsmallest

from simulator.graph import views
from simulator.graph.call import Answer, Call, document
from simulator.graph.errors import bad_request, expired_delta, unsupported_query
from simulator.graph.properties import DEFAULTS
from simulator.graph.query import opened, sealed
from simulator.tenants import Change, JsonObject, Tenant

TOKENS_LIVE = timedelta(days=7)

_PATH = "/users/delta"
_ALLOWED = {"$select", "$filter", "$deltatoken", "$skiptoken"}
_MOST_IDS = 50
_ID_CLAUSE = re.compile(r"\s*id\s+eq\s+'([^']+)'\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Round:
    """Where a caller stands; it travels inside the tokens, the frozen options with it."""

    issued: str
    select: str
    ids: list[str]
    since: int | None
    until: int
    after: str = ""


def answer(call: Call) -> Answer:
    _check_options(call)
    call.tenant.purge_expired(call.now)
    here = _round(call)
    if call.request.query.get("$deltatoken", "").lower() == "latest":
        return _page(call, here, [], None)
    size = int(call.switch("graph.delta.page_size"))
    due = nsmallest(size + 1, _due(call.tenant, here))
    page = due[:size]
    following = replace(here, after=page[-1]) if len(due) > size else None
    told = [*_again(call, here), *page]
    return _page(call, here, [_entry(call, here, user_id) for user_id in told], following)


def _again(call: Call, here: Round) -> list[str]:
    """Graph may tell of somebody twice in one round; the last word counts."""
    return [here.after] if here.after and call.switch("graph.delta.repeats") else []


def _check_options(call: Call) -> None:
    for name in call.request.query:
        if name.lower() not in _ALLOWED:
            raise unsupported_query(f"The query option '{name}' is not supported on users/delta.")


def _round(call: Call) -> Round:
    query = call.request.query
    if token := query.get("$skiptoken"):
        return _checked(call, token)
    token = query.get("$deltatoken", "")
    head = len(call.tenant.changes)
    issued = call.now.isoformat()
    if token and token.lower() != "latest":
        earlier = _checked(call, token)
        return replace(earlier, issued=issued, since=earlier.until, until=head, after="")
    select = query.get("$select", "")
    views.user_names(select)
    return Round(issued, select, _ids(query), None, head)


def _checked(call: Call, token: str) -> Round:
    try:
        here = Round(**opened(token))
        issued = datetime.fromisoformat(here.issued)
    except (TypeError, ValueError):
        raise bad_request("Badly formed token.") from None
    if issued + TOKENS_LIVE < call.now:
        raise expired_delta(f"{call.request.origin}{_PATH}?$deltatoken=")
    return here


def _ids(query: Mapping[str, str]) -> list[str]:
    text = query.get("$filter")
    if text is None:
        return []
    clauses = [_ID_CLAUSE.fullmatch(part) for part in re.split(r"\bor\b", text)]
    ids = [match[1].lower() for match in clauses if match]
    if len(ids) != len(clauses) or len(ids) > _MOST_IDS:
        raise unsupported_query("Only filters on ids are supported on users/delta.")
    return ids


def _due(tenant: Tenant, here: Round) -> Iterator[str]:
    """The users of this round that have not been told of yet; they are told of by id."""
    if here.since is None:
        everybody = set(tenant.users)
    else:
        names = set((views.user_names(here.select)) or DEFAULTS)
        changes = tenant.changes[here.since : here.until]
        everybody = {change.user_id for change in changes if _concerns(change, names)}
    wanted = everybody & set(here.ids) if here.ids else everybody
    return (user_id for user_id in wanted if user_id > here.after)


def _concerns(change: Change, names: set[str]) -> bool:
    """Who came or came back is told of, whatever was selected."""
    return change.removed is not None or "id" in change.names or bool(names & {*change.names})


def _entry(call: Call, here: Round, user_id: str) -> JsonObject:
    user = call.tenant.users.get(user_id)
    if user is None:
        reason = "changed" if user_id in call.tenant.deleted_users else "deleted"
        return {"id": user_id, "@removed": {"reason": reason}}
    names = views.user_names(here.select)
    if here.since is not None and "return=minimal" in call.request.header("prefer"):
        names = _changed_names(call.tenant, here, user_id, names or list(DEFAULTS))
    return views.user_document(call.tenant, user, names)


def _changed_names(tenant: Tenant, here: Round, user_id: str, names: list[str]) -> list[str]:
    changes = tenant.changes[here.since : here.until]
    touched = {name for change in changes if change.user_id == user_id for name in change.names}
    return [name for name in names if name in touched] or ["id"]


def _page(call: Call, here: Round, values: list[JsonObject], following: Round | None) -> Answer:
    name, state = ("$skiptoken", following) if following else ("$deltatoken", here)
    label = "@odata.nextLink" if following else "@odata.deltaLink"
    link = f"{call.request.origin}{_PATH}?{name}={sealed(asdict(state))}"
    context = views.of_users(views.user_names(here.select))
    return document(call, context, {label: link, "value": values})

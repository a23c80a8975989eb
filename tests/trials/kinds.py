"""Say of a call what kind it is: what is done to which table, queue or route, without the keys.

What changes nothing anywhere has no kind: a death at a read of our own state is a death after the
write before it. Reads at Microsoft have one, because they are remote calls.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ENTITY = re.compile(r"^(\w+)\((?:PartitionKey='.*?',\s*RowKey='(.*)')?\)$", re.DOTALL)
_PART = re.compile(r"^(POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP/1\.1\r?$", re.MULTILINE)
_WORD = re.compile(r"^[a-z]{1,12}$")
_KEY = re.compile(r"\d.*\d.*\d.*\d|@|=")
_RECEIVED = b"<QueueMessage>"


def kind_of(service: str, method: str, target: str, body: bytes) -> str | None:
    """Answer a name that is the same in every run, or None for what is no trial."""
    path = unquote(target.partition("?")[0])
    match service:
        case "Table":
            return _kind_in_tables(method, path.split("/", 2)[2], body)
        case "Queue":
            return _kind_in_queues(method, path.split("/")[2:], target)
        case "Microsoft":
            return _kind_at_microsoft(method, path, body)
    return None


def is_receive(kind: str) -> bool:
    return kind.startswith("receive ")


def is_send(kind: str) -> bool:
    return kind.startswith("send ")


def has_message(answer: bytes) -> bool:
    """Only then did a receive change anything."""
    return _RECEIVED in answer


def _kind_in_tables(method: str, resource: str, body: bytes) -> str | None:
    if resource == "$batch":
        counted = Counter(_parts_of(body.decode()))
        parts = [f"{part} each" if count > 1 else part for part, count in sorted(counted.items())]
        return f"write {', '.join(parts)}" if parts else None
    if method in _READS or resource.startswith("Tables"):
        return None
    return f"write {_change(method, resource, body)}"


def _parts_of(text: str) -> Iterator[str]:
    found = list(_PART.finditer(text))
    for part, following in zip(found, [*found[1:], None], strict=True):
        body = text[part.end() : following.start() if following else len(text)]
        address = unquote(part[2].partition("?")[0])
        yield _change(part[1], address.rpartition("/")[2], _document_in(body))


def _document_in(text: str) -> bytes:
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1].encode() if start >= 0 else b""


def _change(method: str, resource: str, body: bytes) -> str:
    document = json.loads(body) if body.startswith(b"{") else {}
    entity = _ENTITY.match(resource)
    table = entity[1] if entity else resource
    row = (entity[2] if entity else None) or str(document.get("RowKey", ""))
    status = document.get("status")
    state = f"={status}" if isinstance(status, str) and _WORD.match(status) else ""
    return f"{method} {table}/{_row_kind(row)}{state}"


def _row_kind(row: str) -> str:
    first = row.partition("|")[0]
    return first if _WORD.match(first) else "*"


def _kind_in_queues(method: str, parts: list[str], target: str) -> str | None:
    if len(parts) < 2 or "peekonly=true" in target:
        return None
    verbs = {"POST": "send", "GET": "receive", "DELETE": "delete", "PUT": "postpone"}
    return f"{verbs[method]} {parts[0]}" if method in verbs else None


def _kind_at_microsoft(method: str, path: str, body: bytes) -> str | None:
    if path.startswith("/_sim") or "/discovery/" in path or "/.well-known/" in path:
        return None
    if path.endswith("/$batch"):
        items = json.loads(body)["requests"]
        kinds = {f"{i['method']} {_route(i['url'].partition('?')[0])}" for i in items}
        return f"call $batch of {', '.join(sorted(kinds))}"
    return f"call {method} {_route(path)}"


def _route(path: str) -> str:
    """A key has four digits, an at sign or an argument; nothing else on a path has."""
    parts = unquote(path).strip("/").split("/")
    return "/" + "/".join("{}" if _KEY.search(part) or part.isdigit() else part for part in parts)

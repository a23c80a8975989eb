"""Shape documents as Partner Center does: links, collections, times, and forgiving input."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

Json = dict[str, Any]


def link(uri: str, method: str = "GET", headers: list[Json] | None = None) -> Json:
    """Relative, and without the version: that is how Partner Center links."""
    return {"uri": uri, "method": method, "headers": headers or []}


def collection(items: Iterable[Any], uri: str = "", next_link: Json | None = None) -> Json:
    found = list(items)
    links: Json = {"self": link(uri)} if uri else {}
    if next_link is not None:
        links["next"] = next_link
    body = {"totalCount": len(found), "items": found}
    return body | ({"links": links} if links else {}) | kind("Collection")


def kind(name: str, **more: str) -> Json:
    return {"attributes": {**more, "objectType": name}}


def time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"


def compact(document: Json) -> Json:
    """Null properties are left out of answers."""
    return {key: value for key, value in document.items() if value is not None}


def camel_case(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Requests may come in PascalCase or camelCase."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: camel_case(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [camel_case(entry) for entry in value]
    return value

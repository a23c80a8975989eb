"""Write the page that documents the API for people: no script, nothing from elsewhere."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from shared.api.endpoint import JSON, Endpoint
from shared.api.examples import example_of
from shared.api.openapi import Document, openapi_document, tag_of
from shared.api.problem_kinds import ProblemKind
from shared.api.problems import KINDS, UNEXPECTED

_HOST = "http://localhost:7071"
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #f2f4f7; --line: #d5dae1;
  --link: #0b57d0 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #14171b; --soft: #1e2329;
  --line: #343b44; --link: #8ab4f8 } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1rem }
a { color: var(--link) }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); text-transform: capitalize }
article { margin: 1.5rem 0 } h3 { font-size: 1rem; overflow-wrap: anywhere }
code, pre { font: .875rem/1.45 ui-monospace, monospace; background: var(--soft) }
code { padding: .1em .3em; border-radius: .25rem; overflow-wrap: anywhere }
pre { padding: .75rem; border-radius: .5rem; overflow-x: auto } pre code { padding: 0 }
.table { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid var(--line) }
tr:target { background: var(--soft) }
nav a { margin-right: .8rem } summary { cursor: pointer }
"""


def docs_html(endpoints: Sequence[Endpoint], version: str) -> str:
    document = openapi_document(endpoints, version)
    tags = [tag["name"] for tag in document["tags"]]
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Seatkeeper API</title><style>{_STYLE}</style></head><body>",
            _introduction(document, tags),
            *(_section(document, tag, endpoints) for tag in tags),
            _problem_table(),
            "</body></html>",
        )
    )


def _introduction(document: Document, tags: Sequence[str]) -> str:
    links = " ".join(f'<a href="#{_text(tag)}">{_text(tag)}</a>' for tag in tags)
    return (
        f"<h1>Seatkeeper API</h1><p>{_text(document['info']['summary'])} "
        f"Version {_text(document['info']['version'])}. "
        '<a href="/api/openapi.json">openapi.json</a> says the same to programs.</p>'
        f'<nav>{links} <a href="#problems">problems</a></nav>'
        "<p>Every route but those under <i>about</i> needs an Entra access token. What creates or "
        "spends needs an <code>Idempotency-Key</code>: repeat a request with the same key, and it "
        "is done once and answered as often as you ask. <code>?dryRun=true</code> answers the plan "
        "and the price, and does nothing. Work that outlasts a request answers 202 with a "
        "<code>Location</code> to look at after <code>Retry-After</code> seconds. Lists go on at "
        "<code>nextLink</code>. Times are UTC; money is exact and comes as text.</p>"
    )


def _section(document: Document, tag: str, endpoints: Sequence[Endpoint]) -> str:
    articles = (_article(document, e) for e in endpoints if tag_of(e) == tag)
    return f'<section id="{_text(tag)}"><h2>{_text(tag)}</h2>{"".join(articles)}</section>'


def _article(document: Document, endpoint: Endpoint) -> str:
    operation = document["paths"][f"/{endpoint.path}"][endpoint.method.lower()]
    return "".join(
        (
            f'<article id="{endpoint.name}"><h3><code>{endpoint.method} ',
            f"{_text(endpoint.address)}</code> {_text(endpoint.summary)}</h3>",
            f"<p>{_marked(operation.get('description', ''))}</p>",
            _parameter_table(operation["parameters"]),
            _body_table(document, operation),
            _answers(document, operation),
            f"<pre><code>{_text(_curl(document, endpoint, operation))}</code></pre></article>",
        )
    )


def _parameter_table(parameters: Sequence[Document]) -> str:
    rows = [
        (p["name"], p["in"], "yes" if p["required"] else "", _marked(p["description"]))
        for p in parameters
    ]
    return _table(("Parameter", "In", "Needed", ""), rows)


def _body_table(document: Document, operation: Document) -> str:
    if "requestBody" not in operation:
        return ""
    content = operation["requestBody"]["content"]
    rows = list(_fields(document, content[JSON]["schema"]))
    types = " or ".join(f"<code>{_text(kind)}</code>" for kind in content)
    return f"<p>Body: {types}</p>{_table(('Field', 'Type', 'Needed', ''), rows)}"


def _answers(document: Document, operation: Document) -> str:
    parts = []
    for status, answer in operation["responses"].items():
        schema = answer.get("content", {}).get(JSON, {}).get("schema")
        if "$ref" in answer:
            continue
        rows = list(_fields(document, schema)) if schema else []
        table = _table(("Field", "Type", "Always", ""), rows)
        title = f"{status} {_text(answer['description'])}"
        parts.append(f"<details><summary>{title}</summary>{table}</details>")
    return "".join(parts)


def _fields(
    document: Document, schema: Document, prefix: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Of several shapes all are listed one after the other, each led by its constant."""
    for model in _shapes(document, schema):
        properties = model.get("properties", {}).items()
        for name, described in sorted(properties, key=lambda one: "const" not in one[1]):
            path, kind = f"{prefix}{name}", _kind(document, described)
            needed = "yes" if name in model.get("required", ()) else ""
            yield path, kind, needed, _marked(_meaning(model, described))
            if described.get("type") != "object":
                mark = "[]." if described.get("type") == "array" else "."
                yield from _fields(document, described.get("items", described), path + mark)


def _meaning(model: Document, described: Document) -> str:
    """What a constant stands for is what its whole shape is for."""
    told = model if "const" in described else described
    return str(told.get("description") or _choices(described)[0].get("description", ""))


def _kind(document: Document, described: Document) -> str:
    inner = _shapes(document, described.get("items", described))[0]
    if "enum" in inner:
        return " | ".join(str(choice) for choice in inner["enum"])
    kind = str(inner.get("format") or inner.get("const") or inner.get("type", ""))
    return f"list of {kind}" if described.get("type") == "array" else kind


def _shapes(document: Document, schema: Document) -> list[Document]:
    return [_resolved(document, choice) for choice in _choices(_resolved(document, schema))]


def _choices(schema: Document) -> list[Document]:
    """A value that may be missing is no choice."""
    choices = schema.get("oneOf") or schema.get("anyOf") or [schema]
    return [choice for choice in choices if choice.get("type") != "null"]


def _resolved(document: Document, schema: Document) -> Document:
    if "$ref" not in schema:
        return schema
    found: Document = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _curl(document: Document, endpoint: Endpoint, operation: Document) -> str:
    needed = [p for p in operation["parameters"] if p["in"] == "query" and p["required"]]
    query = "&".join(f"{p['name']}={p['schema'].get('examples', ['…'])[0]}" for p in needed)
    address = _HOST + endpoint.address.replace("{", "$").replace("}", "")
    lines = [f'curl -X {endpoint.method} "{address}{"?" if query else ""}{query}"']
    if not endpoint.public:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if endpoint.spends:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if endpoint.body is not None:
        body: Any = example_of(document, operation["requestBody"]["content"][JSON]["schema"])
        lines += [f'-H "Content-Type: {JSON}"', f"-d '{json.dumps(body, indent=2)}'"]
    return " \\\n  ".join(lines)


def _problem_table() -> str:
    kinds = sorted({*KINDS.values(), UNEXPECTED}, key=lambda kind: (kind.status, kind.slug))
    rows = "".join(_problem_row(kind) for kind in kinds)
    return (
        '<section id="problems"><h2>problems</h2><p>Every error is one '
        "<code>application/problem+json</code> document whose <code>type</code> leads here.</p>"
        '<div class="table"><table><tr><th>Status</th><th>Problem</th><th>What to do</th></tr>'
        f"{rows}</table></div></section>"
    )


def _problem_row(kind: ProblemKind) -> str:
    return (
        f'<tr id="problem-{kind.slug}"><td>{int(kind.status)}</td>'
        f"<td><code>{kind.slug}</code> {_text(kind.title)}</td><td>{_marked(kind.advice)}</td></tr>"
    )


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first cell of a row is code, the last is marked up already."""
    if not rows:
        return ""
    head = "".join(f"<th>{_text(cell)}</th>" for cell in heading)
    body = "".join(
        f"<tr><td><code>{_text(first)}</code></td>"
        f"{''.join(f'<td>{_text(cell)}</td>' for cell in middle)}<td>{last}</td></tr>"
        for first, *middle, last in rows
    )
    return f'<div class="table"><table><tr>{head}</tr>{body}</table></div>'


def _text(plain: str) -> str:
    return escape(plain)


def _marked(plain: str) -> str:
    """Show what stands between backticks as code."""
    parts = escape(plain).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))

"""Make an example of a body from its schema, so that documentation shows what is parsed."""

from typing import Any

Schema = dict[str, Any]


def example_of(document: Schema, schema: Schema) -> object:
    """Only what is needed, and every field's own example where it has one."""
    if "$ref" in schema:
        return example_of(document, document["components"]["schemas"][_name(schema["$ref"])])
    if "const" in schema:
        return schema["const"]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return example_of(document, schema[key][0])
    return _by_type(document, schema)


def _by_type(document: Schema, schema: Schema) -> object:
    match schema.get("type"):
        case "object":
            return _object(document, schema)
        case "array":
            return [example_of(document, schema["items"])]
        case "integer":
            return max(10, schema.get("minimum", 0))
        case "boolean":
            return False
        case _:
            return "2026-01-31T08:00:00Z" if schema.get("format") == "date-time" else "…"


def _object(document: Schema, schema: Schema) -> Schema:
    needed = schema.get("required") or list(schema.get("properties", {}))[:1]
    return {name: example_of(document, schema["properties"][name]) for name in needed}


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[1]

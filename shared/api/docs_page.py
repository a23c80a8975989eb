"""Write the page that documents the API for people."""

from collections.abc import Sequence

from shared.api.endpoint import Endpoint


def docs_html(endpoints: Sequence[Endpoint], version: str) -> str:
    rows = "".join(f"<li>{e.method} {e.address}" for e in endpoints)
    return f"<!doctype html><title>Seatkeeper {version}</title><ul>{rows}</ul>"

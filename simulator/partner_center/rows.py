"""Write the rows of the table of routes: a method, a path, who answers, and the page imitated."""

from typing import TypedDict, Unpack

from simulator.partner_center.call import APP, Endpoint, Handler


class Traits(TypedDict, total=False):
    gdap: frozenset[str]
    bom: bool
    replays: bool
    sells: bool
    price_sheet: bool


def row(
    method: str,
    path: str,
    handler: Handler,
    page: str,
    mode: str = APP,
    **traits: Unpack[Traits],
) -> Endpoint:
    link = f"https://learn.microsoft.com/partner-center/developer/{page}"
    return Endpoint(method, path, handler, mode, link, **traits)

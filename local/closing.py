"""Add up what the tour came to: calls to Microsoft, growths, seats and money."""

from collections import Counter
from decimal import Decimal

from rich.table import Table

from local.places import Json, Places

_APIS = {"partnercenter": "Partner Center", "graph": "Graph", "exchange": "Exchange"}


def closing_table(places: Places, customer: str) -> Table:
    """A remote call is one HTTP request, a ``$batch`` included; sign-in stands apart."""
    table = Table("what happened", "figure", title="The tour in figures", title_justify="left")
    for row in _calls(places):
        table.add_row(*row)
    table.add_section()
    for row in _seats(places, customer):
        table.add_row(*row)
    return table


def _calls(places: Places) -> list[tuple[str, str]]:
    calls = places.control("GET", "calls")["calls"]
    kinds: Counter[str] = Counter(_kind(call) for call in calls)
    batches = sum(1 for call in calls if call["path"].endswith("/$batch"))
    rows = [(f"remote calls to {kind}", str(kinds[kind])) for kind in _APIS.values() if kinds[kind]]
    rows.append(("  of these, Graph $batch", str(batches)))
    rows.append(("requests to sign-in", str(kinds["sign-in"])))
    return rows


def _kind(call: Json) -> str:
    prefix = call["path"].strip("/").partition("/")[0]
    return _APIS.get(prefix, "sign-in" if prefix == "login" else "other")


def _seats(places: Places, customer: str) -> list[tuple[str, str]]:
    items = places.get(f"customers/{customer}/transactions?limit=200")["items"]
    rows = []
    grown = Counter(t["subscriptionId"] for t in items if t["kind"] == "grown")
    for subscription, count in grown.items():
        rows.append((f"growths of subscription {subscription[:8]}…", str(count)))
    rows.append(("seats bought", str(_sum(items, "bought", "grown"))))
    rows.append(("seats given back inside their windows", str(-_sum(items, "givenBack"))))
    rows.append(("seats scheduled away at the renewal", str(-_sum(items, "scheduled"))))
    rows.append(("charged now, by the price sheet", _money(items, "priceNow")))
    rows.append(("committed until the term's end", _money(items, "priceUntilTermEnd")))
    return rows


def _sum(items: list[Json], *kinds: str) -> int:
    return sum(t["seatsAfter"] - t["seatsBefore"] for t in items if t["kind"] in kinds)


def _money(items: list[Json], field: str) -> str:
    totals: Counter[str] = Counter()
    for item in items:
        if price := item.get(field):
            totals[price["currency"]] += Decimal(price["amount"])  # type: ignore[assignment]
    return ", ".join(f"{amount} {currency}" for currency, amount in totals.items()) or "nothing"

"""Who comes and goes in the tour, and how they are told to the API."""

import csv
from itertools import islice
from pathlib import Path

from local.places import Json

EXAMPLES = Path(__file__).parent.parent / "examples"
CONNECTION = "northwind"
DOMAIN_PREFIX = "fabrikamtour"


def leavers(count: int) -> list[Json]:
    """The first of those who came with the spreadsheet."""
    with (EXAMPLES / "new-starters.csv").open(encoding="utf-8-sig", newline="") as file:
        names = [line["userPrincipalName"] for line in islice(csv.DictReader(file), count)]
    return [{"action": "deprovision", "userPrincipalName": n, "delete": True} for n in names]


def joiners(count: int, *, first: int = 1) -> list[Json]:
    return [
        {
            "userPrincipalName": f"joiner{number}@{DOMAIN_PREFIX}.onmicrosoft.com",
            "displayName": f"Joiner {number}",
            "plan": "office-worker",
            "usageLocation": "GB",
        }
        for number in range(first, first + count)
    ]


def customer_body() -> Json:
    return {
        "connectionId": CONNECTION,
        "companyName": "Fabrikam Tour",
        "domainPrefix": DOMAIN_PREFIX,
        "email": "billing@fabrikam.example",
        "culture": "en-US",
        "language": "en",
        "address": {
            "country": "US",
            "city": "Redmond",
            "state": "WA",
            "addressLine1": "1 Microsoft Way",
            "postalCode": "98052",
            "firstName": "Ada",
            "lastName": "Moss",
        },
        "agreement": {
            "firstName": "Ada",
            "lastName": "Moss",
            "email": "ada@fabrikam.example",
            "agreedAt": "2026-01-14T00:00:00Z",
        },
    }

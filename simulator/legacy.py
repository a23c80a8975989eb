"""Name the old commerce's offers and what was bought of them: one of each, by GUID."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from simulator.nouns import StockEntry


@dataclass(frozen=True)
class Offer:
    """What was sold before products had SKUs; `sku_id` is the directory's, where it has one."""

    id: str
    name: str
    description: str
    category: str
    sku_id: str | None
    part_number: str
    minimum: int = 1
    maximum: int = 10_000_000
    bases: tuple[str, ...] = field(default=())

    @property
    def is_addon(self) -> bool:
        return bool(self.bases)


@dataclass
class LegacySubscription:
    """Seats of an offer; ids come back in capitals, and every change makes another version."""

    id: str
    customer_id: str
    partner_id: str
    order_id: str
    offer_id: str
    friendly_name: str
    quantity: int
    billing_cycle: str
    created: datetime
    term_ends: datetime
    stock: list[StockEntry]
    parent_id: str | None = None
    reseller_mpn_id: str = ""
    status: str = "active"
    status_since: datetime | None = None
    version: int = 1


@dataclass
class LegacyOrder:
    id: str
    customer_id: str
    partner_id: str
    created: datetime
    billing_cycle: str
    currency: str
    lines: list[dict[str, Any]]


def _invented(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"legacy/{name}")).upper()


_MAIL = "195416C1-3447-423A-B37B-EE59A99A19C4"
_E3 = _invented("Office 365 Enterprise E3")
OFFERS = {
    offer.id: offer
    for offer in (
        Offer(
            _MAIL,
            "Exchange Online (Plan 1)",
            "Mailboxes of 50 GB.",
            "Small Business",
            "4b9405b0-7788-4568-add1-99614e613b69",
            "EXCHANGESTANDARD",
        ),
        Offer(
            "2828BE95-46BA-4F91-B2FD-0BEF192ECF60",
            "Exchange Online Archiving for Exchange Online",
            "An archive beside the mailbox.",
            "Small Business",
            None,
            "EXCHANGEARCHIVE_ADDON",
            bases=(_MAIL,),
        ),
        Offer(
            _E3,
            "Office 365 Enterprise E3",
            "Applications and services for large organisations.",
            "Enterprise",
            "6fd2c87f-b296-42f0-b197-1e91e994b900",
            "ENTERPRISEPACK",
        ),
        Offer(
            _invented("Phone System"),
            "Microsoft 365 Phone System",
            "Telephony in the cloud.",
            "Enterprise",
            "e43b5b99-8dfb-405f-9987-dc307f34bcbd",
            "MCOEV",
            bases=(_E3,),
        ),
        Offer(
            _invented("Microsoft 365 Business Basic"),
            "Microsoft 365 Business Basic",
            "E-mail and storage for small organisations.",
            "Small Business",
            "3b555118-da6a-4418-894f-7df1e2096870",
            "O365_BUSINESS_ESSENTIALS",
            maximum=300,
        ),
    )
}


def is_guid(text: object) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True

"""Know a partner's way into Partner Center, and what it may do there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.errors import DirectBillingRequired
from shared.domain.ids import ConnectionId


class PartnerRole(StrEnum):
    """How the partner trades with Microsoft."""

    DIRECT = "direct"
    INDIRECT_PROVIDER = "indirectProvider"
    INDIRECT_RESELLER = "indirectReseller"

    @property
    def bills_directly(self) -> bool:
        return self is not PartnerRole.INDIRECT_RESELLER


@dataclass(frozen=True, slots=True)
class Connection:
    """One registered application of one partner tenant; its secrets are kept elsewhere."""

    id: ConnectionId
    name: str
    role: PartnerRole
    partner_tenant_id: str
    client_id: str
    countries: tuple[str, ...]
    created_at: datetime
    catalog_synchronised_at: datetime | None = None

    def sells_in(self, country: str) -> bool:
        return country in self.countries

    def require_direct_billing(self, deed: str) -> None:
        """Raise `DirectBillingRequired` where only the provider may act."""
        if not self.role.bills_directly:
            raise DirectBillingRequired(
                f"The connection {self.name!r} is an indirect reseller's and has no direct billing "
                f"relationship with Microsoft, so it cannot {deed}. "
                "Ask your indirect provider, or use a direct connection."
            )

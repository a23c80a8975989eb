"""Join the parts into one connection's view of Partner Center."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import httpx

from shared.domain.errors import SignInRefused
from shared.partner_center.attestations import Attestations
from shared.partner_center.calls import DIALECT, Calls, SignIn
from shared.partner_center.carts import Carts
from shared.partner_center.price_sheet import PriceSheet
from shared.partner_center.promotions import Promotions
from shared.partner_center.relationships import Relationships
from shared.partner_center.subscriptions import Subscriptions
from shared.partner_center.transitions import Transitions
from shared.partner_center.webhooks import Webhooks
from shared.transport.budget import Meter
from shared.transport.channel import Channel
from shared.transport.retry import Retry

BASE_URL = "https://api.partnercenter.microsoft.com"
PRICE_SHEET_URL = "https://api.partner.microsoft.com"
SCOPE = f"{BASE_URL}/.default"
PRICE_SHEET_SCOPE = f"{PRICE_SHEET_URL}/.default"
GRAPH_SCOPES = (
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Organization.Read.All",
    "LicenseAssignment.ReadWrite.All",
)
"""What our application may do at a customer on behalf of the partner's user."""


@dataclass(frozen=True, kw_only=True)
class PartnerCenterClient(
    Attestations,
    Relationships,
    Carts,
    Subscriptions,
    Transitions,
    Promotions,
    PriceSheet,
    Webhooks,
):
    """Fulfils the port; each part answers for one noun."""


def open_partner_center(
    http: httpx.AsyncClient,
    *,
    application_id: str,
    sign_in: SignIn,
    price_sheet_sign_in: httpx.Auth,
    base_url: str = BASE_URL,
    price_sheet_url: str = PRICE_SHEET_URL,
    application_name: str = "Seatkeeper",
    scopes: tuple[str, ...] = GRAPH_SCOPES,
    sends_scheduled_actions: bool = False,
    on_refusal: Callable[[SignInRefused], Awaitable[None]] | None = None,
    retry: Retry | None = None,
    meter: Meter | None = None,
) -> PartnerCenterClient:
    retry = retry or Retry()
    channel = Channel(http, base_url.rstrip("/"), DIALECT, retry, meter=meter)
    return PartnerCenterClient(
        calls=Calls(channel, sign_in, on_refusal),
        application_id=application_id,
        application_name=application_name,
        scopes=scopes,
        sends_scheduled_actions=sends_scheduled_actions,
        # Another service behind another gateway: its calls are not counted with these.
        sheet=replace(channel, base_url=price_sheet_url.rstrip("/"), meter=None),
        sheet_sign_in=price_sheet_sign_in,
    )

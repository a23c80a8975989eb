"""Name what the simulated world is made of: partners, apps, customers, purchases."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass
class Person:
    object_id: str
    user_principal_name: str
    name: str


@dataclass
class Partner:
    """A CSP partner's own tenant, with the app and the user it calls Microsoft as."""

    tenant_id: str
    name: str
    domain: str
    country: str
    kind: str  # "direct" | "indirectProvider" | "indirectReseller"
    mpn_id: str
    client_id: str
    user: Person
    environment: str = "production"  # or "sandbox"
    resellers: list[str] = field(default_factory=list)
    agreement_signed: bool = True


@dataclass
class App:
    """An app registration; `roles` are its app roles on the API of the product."""

    name: str
    client_id: str
    tenant_id: str
    secret: str
    object_id: str
    roles: list[str] = field(default_factory=list)
    redirect_uris: list[str] = field(default_factory=list)


@dataclass
class RefreshToken:
    """A long-lived token of a partner's user; it lapses 90 business days after its issue."""

    token: str
    tenant_id: str
    client_id: str
    mfa: bool
    issued: datetime
    revoked: bool = False


@dataclass
class AuthorizationCode:
    """What a person's sign-in in a browser gives: good once, for ten minutes."""

    code: str
    tenant_id: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    challenge: str
    challenge_method: str
    mfa: bool
    issued: datetime
    redeemed: bool = False


@dataclass
class Customer:
    """A tenant that buys from partners; the directory side of it is a `Tenant`."""

    id: str
    partner_ids: list[str]
    domain: str
    company_name: str
    country: str
    created: datetime
    billing_profile: Json
    billing_version: int = 1
    gdap_by_default: bool = False
    associated_partner_id: str | None = None
    overage: list[Json] = field(default_factory=list)
    agreements: list[Json] = field(default_factory=list)
    signed_directly: bool = False
    qualifications: list[Json] = field(default_factory=list)


@dataclass
class Attestation:
    """A page on which the customer accepts the agreement, until it expires."""

    id: str
    customer_id: str
    template_id: str
    created: datetime
    expires: datetime
    accepted: datetime | None = None


@dataclass
class Cart:
    id: str
    customer_id: str
    partner_id: str
    lines: list[Json]
    created: datetime
    modified: datetime
    expires: datetime
    modified_by: str
    result: Json | None = None
    busy: bool = False


@dataclass
class Order:
    """What a checkout made; its lines fill in with the looks that are taken at it."""

    id: str
    customer_id: str
    partner_id: str
    created: datetime
    created_real: datetime
    billing_cycle: str
    currency: str
    lines: list[Json]
    looks: int = 0
    transaction_type: str = "UserPurchase"


@dataclass
class Lot:
    """Seats that were added together, and can go back together for seven days."""

    quantity: int
    added: datetime


@dataclass
class StockEntry:
    """What a subscription gave to the tenant's stock, from one real moment on."""

    at: datetime
    quantity: int
    status: str


@dataclass
class PendingChange:
    """A change that Microsoft accepted with 202 and applies later, in real time.

    `at` is the business moment that it is applied at, however late anybody looks.
    """

    body: Json
    due: datetime
    at: datetime | None = None


@dataclass
class Transition:
    """An upgrade on its way: seats of one subscription become seats of another product."""

    operation_id: str
    catalog_item_id: str
    quantity: int
    kind: str
    term: str
    billing_cycle: str
    started: datetime
    due: datetime
    promotion_id: str | None = None
    from_catalog_item_id: str = ""
    to_subscription_id: str | None = None
    ended: datetime | None = None
    failed: bool = False


@dataclass
class Subscription:
    """A commitment to a number of seats; the term ends, exclusively, at `term_ends`."""

    id: str
    customer_id: str
    partner_id: str
    order_id: str
    entitlement_id: str
    product_id: str
    sku_id: str
    availability_id: str
    friendly_name: str
    quantity: int
    term: str
    billing_cycle: str
    created: datetime
    term_started: datetime
    term_ends: datetime
    window_opened: datetime
    lots: list[Lot]
    stock: list[StockEntry]
    status: str = "active"
    status_since: datetime | None = None
    auto_renew: bool = True
    schedule: Json | None = None
    next_charge: Json | None = None
    scheduled_actions: list[Json] | None = None
    reseller_mpn_id: str = ""
    promotion_id: str | None = None
    updates: int = 0
    pending: PendingChange | None = None
    extended: bool = False
    extended_from: Json | None = None
    is_trial: bool = False
    next_charge_due: datetime | None = None
    activates: datetime | None = None
    transitions: list[Transition] = field(default_factory=list)
    support_contact: Json | None = None
    registers: datetime | None = None


@dataclass
class ForeignPurchase:
    """Seats that the customer, or another partner, bought for the same tenant."""

    id: str
    tenant_id: str
    sku_id: str
    quantity: int
    owner_tenant_id: str
    created: datetime
    status: str = "Enabled"


@dataclass
class Replay:
    """An answer that the same request id gets again."""

    digest: str
    status: int
    body: Any
    headers: dict[str, str]
    at: datetime


@dataclass
class AuditRecord:
    """One deed of a partner's user or app, as the activity log keeps it."""

    id: str
    partner_id: str
    customer_id: str
    customer_name: str
    user_principal_name: str | None
    application_id: str
    resource_type: str
    operation: str
    new_value: str | None
    correlation_id: str | None
    at: datetime


@dataclass
class CompanySubscription:
    """One source of a tenant's seats as Graph shows it."""

    id: str
    commerce_subscription_id: str
    sku_id: str
    sku_part_number: str
    owner_tenant_id: str
    status: str
    total_licenses: int
    is_trial: bool
    created: datetime
    next_lifecycle: datetime | None

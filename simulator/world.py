"""Hold the truth of one simulated world, and save and load it whole."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self, get_type_hints
from uuid import UUID

from simulator.clock import Clock
from simulator.company import company_subscriptions
from simulator.faults import Calls, Fault, Faults
from simulator.legacy import LegacyOrder, LegacySubscription
from simulator.nouns import (
    App,
    Attestation,
    AuditRecord,
    AuthorizationCode,
    Cart,
    CompanySubscription,
    Customer,
    ForeignPurchase,
    Json,
    Order,
    Partner,
    RefreshToken,
    Replay,
    Subscription,
)
from simulator.plain import from_plain, to_plain
from simulator.signin.keys import new_key_pem
from simulator.switches import Switches
from simulator.tenants import Tenant
from simulator.webhooks.nouns import Event, Registration

__all__ = ["CompanySubscription", "World"]

AUDIENCE = "api://seatkeeper"


@dataclass
class World:
    """Everything that is so; whoever wants to know or change it asks here."""

    seed: str
    minted: int = 0
    key_pem: str = field(default_factory=new_key_pem)
    clock: Clock = field(default_factory=Clock)
    switches: Switches = field(default_factory=Switches)
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)
    partners: dict[str, Partner] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    attestations: dict[str, Attestation] = field(default_factory=dict)
    carts: dict[str, Cart] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    legacy_orders: dict[str, LegacyOrder] = field(default_factory=dict)
    legacy_subscriptions: dict[str, LegacySubscription] = field(default_factory=dict)
    foreign_purchases: dict[str, ForeignPurchase] = field(default_factory=dict)
    replays: dict[str, Replay] = field(default_factory=dict)
    audit: list[AuditRecord] = field(default_factory=list)
    webhooks: dict[str, Registration] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    validations: dict[str, list[datetime]] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)

    @classmethod
    def default(cls, seed: int | str | None = None) -> Self:
        """The partners with their apps, and the API's registration with its client apps."""
        from simulator.seeds import plant  # noqa: PLC0415 - the seeds know the world

        world = cls(seed=secrets.token_hex(8) if seed is None else str(seed))
        plant(world)
        return world

    def new_guid(self) -> str:
        """Ids follow from the seed, so that two runs of one story can be compared."""
        self.minted += 1
        digest = hashlib.sha256(f"{self.seed}/{self.minted}".encode()).digest()
        return str(UUID(bytes=digest[:16], version=4))

    def company_subscriptions(self, tenant_id: str) -> list[CompanySubscription]:
        return company_subscriptions(self, tenant_id)

    def subscriptions_of(self, customer_id: str) -> list[Subscription]:
        return [one for one in self.subscriptions.values() if one.customer_id == customer_id]

    def legacy_of(self, customer_id: str) -> list[LegacySubscription]:
        bought = self.legacy_subscriptions.values()
        return [one for one in bought if one.customer_id == customer_id]

    def bought(self) -> list[Subscription | LegacySubscription]:
        """Of both commerces."""
        return [*self.subscriptions.values(), *self.legacy_subscriptions.values()]

    def to_json(self) -> Json:
        saved = {name: to_plain(getattr(self, name)) for name in _SAVED}
        return saved | {
            "clockOffsetSeconds": self.clock.offset.total_seconds(),
            "switches": self.switches.turned,
            "faults": to_plain(self.faults.waiting),
        }

    @classmethod
    def from_json(cls, document: Json) -> Self:
        kinds = get_type_hints(cls)
        saved = [name for name in _SAVED if name in document]
        known = {name: from_plain(kinds[name], document[name]) for name in saved}
        return cls(
            **known,
            clock=Clock(timedelta(seconds=document["clockOffsetSeconds"])),
            switches=Switches(document["switches"]),
            faults=Faults([Fault(**fault) for fault in document["faults"]]),
        )

    def become(self, other: "World") -> None:
        """Takes over another world's state in place: those who hold parts of this keep them."""
        for name in _SAVED:
            setattr(self, name, getattr(other, name))
        self.clock.offset = other.clock.offset
        self.switches.turned = other.switches.turned
        self.faults.waiting = other.faults.waiting


_SAVED = (
    "seed",
    "minted",
    "key_pem",
    "partners",
    "apps",
    "refresh_tokens",
    "codes",
    "tenants",
    "customers",
    "attestations",
    "carts",
    "orders",
    "subscriptions",
    "legacy_orders",
    "legacy_subscriptions",
    "foreign_purchases",
    "replays",
    "audit",
    "webhooks",
    "events",
    "validations",
    "certificates",
)

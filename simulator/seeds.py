"""Plant a world: the partners, their apps and users, and the API's own registrations."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.nouns import App, Customer, Partner, Person
from simulator.tenants import GdapRelationship, Tenant

if TYPE_CHECKING:
    from simulator.world import World


NORTHWIND = "b1f5a3d2-6c1e-4f0b-9a57-2d9f3c6e8a01"
TAILSPIN = "c2e6b4a3-7d2f-4a1c-8b68-3e0a4d7f9b02"
SANDBOX = "d3f7c5b4-8e30-4b2d-9c79-4f1b5e80ac03"
WINGTIP = "e408d6c5-9f41-4c3e-8d8a-502c6f91bd04"
_PARTNERS = (
    ("Northwind Cloud", NORTHWIND, "direct", "4847383", "0d3c5a71-4f2e-4b89-9c11-7a6e5d4c3b21"),
    ("Tailspin Reselling", TAILSPIN, "indirectReseller", "5158294",
     "1e4d6b82-5a3f-4c9a-8d22-8b7f6e5d4c32"),
    ("Northwind Sandbox", SANDBOX, "direct", "4847384", "2f5e7c93-6b40-4dab-9e33-9c8f7f6e5d44"),
    ("Wingtip Distribution", WINGTIP, "indirectProvider", "6120357",
     "306f8da4-7c51-4ebc-8f44-ad9f807f6e55"),
)  # fmt: skip

# Whoever calls the API of the product, and the app role that each holds on it.
CLIENTS = {
    "portal": ("2f5e7c93-6b40-4dab-9e33-9c807f6e5d43", ["Provider.Admin"]),
    "operator": ("306f8da4-7c51-4ebc-8f44-ad91807f6e54", ["Operator"]),
    "reader": ("41709eb5-8d62-4fcd-9055-bea291807f65", ["Reader"]),
    "automation": ("5281afc6-9e73-40de-8166-cfb3a2918076", ["Automation"]),
    "stranger": ("6392b0d7-af84-41ef-9277-d0c4b3a29187", list[str]()),
}
_OWN_CONSENT = {"Directory.ReadWrite.All", "DelegatedAdminRelationship.ReadWrite.All"}

# What Microsoft's default relationship delegates: enough for people and licences, never everything.
DEFAULT_GDAP_ROLES = (
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",  # Directory Readers
    "9360feb5-f418-4baa-8175-e2a00bac4301",  # Directory Writers
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451",  # Global Reader
    "fe930be7-5e62-47db-91af-98c3a49a38b1",  # User Administrator
    "4d6ac14f-3453-41d0-bef9-a3e0c569773a",  # License Administrator
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",  # Helpdesk Administrator
    "f023fd81-a637-4b56-95fd-791ac0226033",  # Service Support Administrator
    "e8611ab8-c189-46e8-94e1-60213ab1f814",  # Privileged Role Administrator
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",  # Privileged Authentication Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7",  # Cloud Application Administrator
    "8329153b-31d0-4727-b945-745eb3bc5f31",  # Domain Name Administrator
    "29232cdf-9323-42fd-ade2-1d097af3e4de",  # Exchange Administrator
)
_GDAP_LASTS = timedelta(days=730)


def plant(world: "World") -> None:
    """Ids are fixed, secrets are fresh in every world."""
    _plant_partners(world)
    for name, (client_id, roles) in CLIENTS.items():
        _register(world, name, client_id, NORTHWIND, roles)
    world.partners[SANDBOX].environment = "sandbox"
    world.partners[WINGTIP].resellers.append(TAILSPIN)


def _plant_partners(world: "World") -> None:
    for name, tenant_id, kind, mpn_id, client_id in _PARTNERS:
        _partner(world, Partner(
            tenant_id=tenant_id,
            name=name,
            domain=f"{name.replace(' ', '').lower()}.onmicrosoft.com",
            country="US",
            kind=kind,
            mpn_id=mpn_id,
            client_id=client_id,
            user=Person("", "", f"Agent of {name}"),
        ))  # fmt: skip


def approve_gdap(
    world: "World", tenant: Tenant, partner_id: str, roles: tuple[str, ...] = DEFAULT_GDAP_ROLES
) -> GdapRelationship:
    """What a customer's admin does with the partner's invitation."""
    ends = world.clock.now() + _GDAP_LASTS
    relationship = GdapRelationship(
        id=f"{world.new_guid()}-{world.new_guid()}",
        partner_tenant_id=partner_id,
        status="active",
        roles=list(roles),
        ends=ends,
    )
    tenant.gdap.append(relationship)
    return relationship


def add_customer(world: "World", partner_id: str, domain: str, name: str, country: str) -> Customer:
    """A customer that came to the partner through a portal, not through the API."""
    return accept_partner(world, found_tenant(world, domain, name, country), partner_id)


def found_tenant(world: "World", domain: str, name: str, country: str) -> Tenant:
    """An organisation that uses Microsoft's cloud and has no partner."""
    tenant_id = world.new_guid()
    tenant = Tenant.create(tenant_id, domain, name, country, world.clock.now())
    tenant.add_admin("admin", secrets.token_urlsafe(12))
    world.tenants[tenant_id] = tenant
    return tenant


def accept_partner(world: "World", tenant: Tenant, partner_id: str) -> Customer:
    """The tenant's admin follows the partner's link; several partners may serve one tenant."""
    known = world.customers.get(tenant.id)
    if known is None:
        known = world.customers[tenant.id] = _customer_of(world, tenant)
    if partner_id not in known.partner_ids:
        known.partner_ids.append(partner_id)
    return known


def _customer_of(world: "World", tenant: Tenant) -> Customer:
    domain, name, country = tenant.initial_domain, tenant.display_name, tenant.country
    profile = {
        "email": f"billing@{domain}",
        "culture": "en-US",
        "language": "en",
        "companyName": name,
        "defaultAddress": {
            "country": country,
            "addressLine1": "1 Main Street",
            "city": "Seattle",
            "state": "WA",
            "postalCode": "98101",
            "firstName": "Ada",
            "lastName": "Moss",
        },
    }
    return Customer(tenant.id, [], domain, name, country, world.clock.now(), profile)


def _partner(world: "World", partner: Partner) -> None:
    now = world.clock.now()
    tenant = Tenant.create(partner.tenant_id, partner.domain, partner.name, partner.country, now)
    agent = tenant.add_admin("agent", secrets.token_urlsafe(12))
    tenant.consents[partner.client_id] = set(_OWN_CONSENT)
    partner.user.object_id = agent.id
    partner.user.user_principal_name = agent.user_principal_name
    world.tenants[partner.tenant_id] = tenant
    world.partners[partner.tenant_id] = partner
    _register(world, partner.name, partner.client_id, partner.tenant_id, [])


def _register(world: "World", name: str, client_id: str, tenant_id: str, roles: list[str]) -> None:
    secret = secrets.token_urlsafe(24)
    world.apps[client_id] = App(name, client_id, tenant_id, secret, world.new_guid(), roles)

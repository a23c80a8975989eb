"""Know a partner's way into Partner Center, whom it reaches, and who may change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain import naming
from shared.domain.callers import PROVIDER
from shared.domain.catalog import BillingPlan, Term
from shared.domain.customers import Customer
from shared.domain.drift import DriftField, DriftRule
from shared.domain.environments import Environment
from shared.domain.errors import (
    ConnectionProtected,
    CountryNotServed,
    DirectBillingRequired,
    WrongEnvironment,
)
from shared.domain.ids import ConnectionId
from shared.domain.policies import GiveBackMode
from shared.domain.subscriptions import EndOfTerm


class PartnerRole(StrEnum):
    """How the partner trades with Microsoft."""

    DIRECT = "direct"
    INDIRECT_PROVIDER = "indirectProvider"
    INDIRECT_RESELLER = "indirectReseller"

    @property
    def bills_directly(self) -> bool:
        return self is not PartnerRole.INDIRECT_RESELLER


class AgreementForm(StrEnum):
    """How Microsoft wants to hear that a customer accepted its agreement.

    ``ATTESTATION``: we ask for a link, the customer accepts on Microsoft's own page, and what we
    record names that acceptance.
    """

    CONTACT = "contact"
    ATTESTATION = "attestation"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a purchase or a customer gets where nobody says otherwise."""

    term: Term = Term.YEAR
    billing: BillingPlan = BillingPlan.MONTHLY
    auto_renew: bool = True
    give_back: GiveBackMode = GiveBackMode.REPORT
    spare_seats: int = 0
    closing_day: int | None = None
    """The last day of a billing period; 0 is a month's end, None the service's own."""
    drift: Mapping[DriftField, DriftRule] = field(default_factory=dict)
    """What is done about what changed outside; what is not named is reported."""

    def terms(self, term: Term | None, billing: BillingPlan | None) -> tuple[Term, BillingPlan]:
        """Fill in what was left out, so that the billing plan is never longer than the term."""
        if term is None:
            shortest = billing.months if billing else 1
            fitting = (t for t in (self.term, *Term) if t.months >= shortest)
            term = next(fitting)
        if billing is None:
            fits = self.billing.months <= term.months
            billing = self.billing if fits else BillingPlan.MONTHLY
        return term, billing


@dataclass(frozen=True, slots=True)
class Connection:
    """One registered application of one partner tenant; its secrets are kept elsewhere.

    ``owner`` is whom it was made for: the provider, or a reseller that has its own.
    ``sends_scheduled_actions`` where Microsoft takes the newer end-of-term field from us.
    """

    id: ConnectionId
    name: str
    role: PartnerRole
    partner_tenant_id: str
    client_id: str
    countries: tuple[str, ...]
    created_at: datetime
    environment: Environment = Environment.PRODUCTION
    owner: str = PROVIDER
    baseline: Baseline = Baseline()
    naming_rule: str = naming.USUAL
    agreement_form: AgreementForm = AgreementForm.CONTACT
    sends_scheduled_actions: bool = False
    etag: str = field(default="", compare=False)

    def sells_in(self, country: str) -> bool:
        return country in self.countries

    def require_country(self, country: str) -> None:
        """Raise `CountryNotServed` outside of the connection's region."""
        if not self.sells_in(country):
            raise CountryNotServed(
                f"The connection {self.name!r} does not reach {country or 'an unknown country'}; "
                f"it reaches {', '.join(self.countries)}. Use the connection of that region, or "
                "have the country added to this one."
            )

    def require_reach(self, customer: Customer) -> None:
        """Raise where this connection must not touch the customer."""
        if customer.environment is not self.environment:
            raise WrongEnvironment(
                f"The connection {self.name!r} is a {self.environment.value} one and the customer "
                f"is a {customer.environment.value} one; neither touches the other."
            )
        self.require_country(customer.country)

    def require_manager(self, organisation: str) -> None:
        """Raise `ConnectionProtected`: only the provider changes a connection, whoever owns it."""
        if organisation != PROVIDER:
            raise ConnectionProtected(
                f"The connection {self.name!r} was set by your provider and is changed by your "
                "provider only."
            )

    def end_of_term(self, asked: EndOfTerm | None) -> EndOfTerm:
        """How a new subscription's term shall end: as asked, or as the baseline has it.

        What shall not renew and cannot be told to end is at least not committed to another term.
        """
        if asked is not None:
            return asked
        if self.baseline.auto_renew:
            return EndOfTerm.RENEW
        return EndOfTerm.CANCEL if self.sends_scheduled_actions else EndOfTerm.EXTEND

    def leaves_end_unsaid(self, asked: EndOfTerm | None) -> bool:
        """Whether the baseline wants an end that this connection cannot tell Microsoft."""
        silent = not self.sends_scheduled_actions
        return silent and asked is None and not self.baseline.auto_renew

    def require_direct_billing(self, deed: str) -> None:
        """Raise `DirectBillingRequired` where only the provider may act."""
        if not self.role.bills_directly:
            raise DirectBillingRequired(
                f"The connection {self.name!r} is an indirect reseller's and has no direct billing "
                f"relationship with Microsoft, so it cannot {deed}. "
                "Ask your indirect provider, or use a direct connection."
            )

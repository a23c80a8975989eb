"""Parse what a partner connection is registered and changed with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, SecretStr

from shared.api.models import Body, Country, Guid, Slug, Text
from shared.domain import naming
from shared.domain.callers import PROVIDER
from shared.domain.catalog import BillingPlan, Term
from shared.domain.connections import (
    AgreementForm,
    Baseline,
    Connection,
    PartnerRole,
)
from shared.domain.drift import DriftField, DriftRule, faults_of_rules
from shared.domain.environments import Environment
from shared.domain.errors import Fault
from shared.domain.ids import ConnectionId
from shared.domain.policies import GiveBackMode
from shared.domain.users import COUNTRIES

Hidden = Annotated[SecretStr, Field(min_length=1, max_length=16384)]
Countries = Annotated[list[Country], Field(min_length=1, max_length=250, examples=[["DE", "AT"]])]
Rule = Annotated[
    Text,
    Field(
        description="Names subscriptions that are bought without a name; fields: "
        + ", ".join(f"`{{{name}}}`" for name in naming.FIELDS)
        + ".",
        examples=["{offer} for {company}"],
    ),
]


class BaselineBody(Body):
    """What a purchase or a customer gets where nobody says otherwise."""

    term: Term = Term.YEAR
    billing_plan: BillingPlan = BillingPlan.MONTHLY
    auto_renew: Annotated[bool, Field(strict=True)] = True
    give_back: Annotated[
        GiveBackMode, Field(description="The nightly run's mode for a new customer.")
    ] = GiveBackMode.REPORT
    spare_seats: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = 0
    closing_day: Annotated[
        int | None,
        Field(ge=0, le=28, strict=True, description="Of a billing period; 0: the month's end."),
    ] = None
    drift: dict[DriftField, DriftRule] = Field(
        default_factory=dict, description="About what changed outside."
    )

    def faults(self) -> Iterator[Fault]:
        yield from faults_of_rules(self.drift, "/baseline/drift")
        if self.billing_plan.months > self.term.months:
            yield Fault(
                f"a term of {self.term.value} cannot be billed {self.billing_plan.value}",
                pointer="/baseline/billingPlan",
            )

    def to_baseline(self) -> Baseline:
        return Baseline(
            self.term,
            self.billing_plan,
            self.auto_renew,
            self.give_back,
            self.spare_seats,
            self.closing_day,
            self.drift,
        )


class ConnectionBody(Body):
    """A partner tenant's registered application; its secrets are never answered back."""

    id: Annotated[Slug, Field(examples=["fabrikam-eu"])]
    name: Annotated[Text, Field(examples=["Fabrikam Europe"])]
    role: PartnerRole
    partner_tenant_id: Annotated[Guid, Field(description="The partner's own tenant.")]
    client_id: Annotated[Guid, Field(description="The application that is registered there.")]
    client_secret: Hidden
    refresh_token: Annotated[
        Hidden | None,
        Field(description="From a consent given elsewhere; else start one here afterwards."),
    ] = None
    countries: Countries
    environment: Annotated[Environment, Field(description="For good.")] = Environment.PRODUCTION
    owner: Annotated[
        Slug, Field(description="Whom it is for: `provider`, or a reseller's id; for good.")
    ] = PROVIDER
    baseline: BaselineBody = BaselineBody()
    naming_rule: Rule = naming.USUAL
    agreement_form: AgreementForm = AgreementForm.CONTACT
    sends_scheduled_actions: Annotated[
        bool, Field(strict=True, description="Microsoft takes `scheduledActions` from us.")
    ] = False

    def faults(self) -> Iterator[Fault]:
        yield from _faults_of_countries(self.countries)
        yield from naming.faults_of_rule(self.naming_rule, "/namingRule")
        yield from self.baseline.faults()

    def to_connection(self, now: datetime) -> Connection:
        return Connection(
            id=ConnectionId(self.id),
            name=self.name,
            role=self.role,
            partner_tenant_id=self.partner_tenant_id,
            client_id=self.client_id,
            countries=tuple(self.countries),
            created_at=now,
            environment=self.environment,
            owner=self.owner,
            baseline=self.baseline.to_baseline(),
            naming_rule=self.naming_rule,
            agreement_form=self.agreement_form,
            sends_scheduled_actions=self.sends_scheduled_actions,
        )


class ConnectionChangeBody(Body):
    """What changes; a field that is left out stays. Tenant, role and environment are for good."""

    name: Text | None = None
    countries: Countries | None = None
    client_secret: Hidden | None = None
    baseline: BaselineBody | None = None
    naming_rule: Rule | None = None
    agreement_form: AgreementForm | None = None
    sends_scheduled_actions: Annotated[bool | None, Field(strict=True)] = None

    def faults(self) -> Iterator[Fault]:
        yield from _faults_of_countries(self.countries or [])
        if self.naming_rule is not None:
            yield from naming.faults_of_rule(self.naming_rule, "/namingRule")
        if self.baseline is not None:
            yield from self.baseline.faults()

    def changed(self, connection: Connection) -> Connection:
        given: dict[str, Any] = {
            "name": self.name,
            "countries": tuple(self.countries) if self.countries else None,
            "baseline": self.baseline.to_baseline() if self.baseline else None,
            "naming_rule": self.naming_rule,
            "agreement_form": self.agreement_form,
            "sends_scheduled_actions": self.sends_scheduled_actions,
        }
        return replace(connection, **{k: v for k, v in given.items() if v is not None})


def _faults_of_countries(countries: list[str]) -> Iterator[Fault]:
    for index, country in enumerate(countries):
        if country not in COUNTRIES:
            yield Fault(f"{country} is not a country", pointer=f"/countries/{index}")
        elif country in countries[:index]:
            yield Fault(f"{country} is named twice", pointer=f"/countries/{index}")

"""Read and write directory objects as Graph spells them.

https://learn.microsoft.com/graph/api/overview
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from shared.domain.ids import ServicePlanId, SkuId
from shared.domain.seats import Holding, SkuStock
from shared.domain.standing import Delegation
from shared.domain.users import DirectoryUser
from shared.workflows.ports import Assignment, DirectoryQuota, UserChange, UserToCreate

Item = TypeVar("Item", bound=BaseModel)
MARKER = "extensionAttribute15"


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Guid = Annotated[str, BeforeValidator(_lower)]


class Wire(BaseModel):
    """Frozen, camel-cased outside, blind to what we do not use; a null is an absent field."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None}


class Collection(Wire, Generic[Item]):
    value: tuple[Item, ...] = ()
    next_link: str | None = Field(default=None, alias="@odata.nextLink")


class WireServicePlan(Wire):
    service_plan_id: Guid
    service_plan_name: str = ""


class WireUnits(Wire):
    enabled: int = 0
    warning: int = 0
    suspended: int = 0


class WireStock(Wire):
    sku_id: Guid
    sku_part_number: str = ""
    applies_to: str = ""
    consumed_units: int = 0
    prepaid_units: WireUnits = WireUnits()
    service_plans: tuple[WireServicePlan, ...] = ()

    def to_domain(self) -> SkuStock:
        return SkuStock(
            sku=SkuId(self.sku_id),
            part_number=self.sku_part_number,
            enabled=self.prepaid_units.enabled,
            consumed=self.consumed_units,
            warning=self.prepaid_units.warning,
            suspended=self.prepaid_units.suspended,
            per_user=self.applies_to.lower() == "user",
            service_plans={
                ServicePlanId(plan.service_plan_id): plan.service_plan_name
                for plan in self.service_plans
            },
        )


class WireHolding(Wire):
    id: Guid
    commerce_subscription_id: Guid = ""
    sku_id: Guid
    owner_tenant_id: Guid | None = None
    status: str = ""
    total_licenses: int = 0
    is_trial: bool = False

    def to_domain(self) -> Holding:
        return Holding(
            id=self.id,
            commerce_id=self.commerce_subscription_id,
            sku=SkuId(self.sku_id),
            owner_tenant_id=self.owner_tenant_id,
            enabled=self.status.lower() == "enabled",
            seats=self.total_licenses,
            is_trial=self.is_trial,
            status=self.status,
        )


class WireDomain(Wire):
    name: str


class WireOrganization(Wire):
    verified_domains: tuple[WireDomain, ...] = ()


class WireQuota(Wire):
    used: int
    total: int

    def to_domain(self) -> DirectoryQuota:
        return DirectoryQuota(self.used, self.total)


class WireSizedOrganization(Wire):
    directory_size_quota: WireQuota | None = None


class WireLicenceState(Wire):
    sku_id: Guid
    disabled_plans: tuple[Guid, ...] = ()
    assigned_by_group: str | None = None
    state: str = ""

    @property
    def is_direct(self) -> bool:
        return self.assigned_by_group is None and self._holds

    @property
    def is_by_group(self) -> bool:
        return self.assigned_by_group is not None and self._holds

    @property
    def _holds(self) -> bool:
        return self.state.lower() != "error"


class WireExtensions(Wire):
    extension_attribute15: str | None = Field(default=None, alias=MARKER)


class WireUser(Wire):
    id: Guid
    user_principal_name: str = ""
    display_name: str = ""
    usage_location: str | None = None
    account_enabled: bool = True
    on_premises_extension_attributes: WireExtensions = WireExtensions()
    license_assignment_states: tuple[WireLicenceState, ...] = ()

    def to_domain(self) -> DirectoryUser:
        return DirectoryUser(
            id=self.id,
            user_principal_name=self.user_principal_name,
            display_name=self.display_name,
            usage_location=self.usage_location,
            enabled=self.account_enabled,
            marker=self.on_premises_extension_attributes.extension_attribute15,
            licences={
                SkuId(state.sku_id): frozenset(map(ServicePlanId, state.disabled_plans))
                for state in self.license_assignment_states
                if state.is_direct
            },
        )


class WireRole(Wire):
    role_definition_id: Guid


class WireAccess(Wire):
    unified_roles: tuple[WireRole, ...] = ()


class WireDelegation(Wire):
    id: str
    status: str = ""
    end_date_time: datetime | None = None
    auto_extend_duration: str = ""
    access_details: WireAccess = WireAccess()

    def to_domain(self) -> Delegation | None:
        """None where it has no end yet: nobody has approved it."""
        if self.end_date_time is None:
            return None
        return Delegation(
            self.id,
            self.end_date_time,
            renews=self.auto_extend_duration not in ("", "P0D", "PT0S"),
            roles=tuple(role.role_definition_id for role in self.access_details.unified_roles),
            status=self.status,
        )


def selected(model: type[Wire]) -> str:
    """Name a model's fields for ``$select``: never ask for more, never rely on the defaults."""
    return ",".join(_names(model))


def _names(model: type[Wire]) -> Iterable[str]:
    return (info.alias or name for name, info in model.model_fields.items())


def user_body(wanted: UserToCreate) -> dict[str, Any]:
    """The marker goes with the create call, so that a lost reply can be answered by it."""
    user = wanted.user
    optional = {
        "givenName": user.given_name,
        "surname": user.surname,
        "jobTitle": user.job_title,
        "department": user.department,
        "passwordPolicies": "DisablePasswordExpiration" if wanted.never_expires else "",
    }
    return {
        "accountEnabled": True,
        "displayName": user.display_name,
        "mailNickname": user.mail_nickname,
        "userPrincipalName": user.user_principal_name,
        "usageLocation": user.usage_location,
        "passwordProfile": {
            "password": wanted.password.value,
            "forceChangePasswordNextSignIn": wanted.force_change,
        },
        "onPremisesExtensionAttributes": {MARKER: wanted.marker},
    } | {name: value for name, value in optional.items() if value}


def assignment_body(assignment: Assignment) -> dict[str, Any]:
    """Both lists are always asked for; what is off is the whole list, not a difference."""
    return {
        "addLicenses": [
            {"skuId": sku, "disabledPlans": list(plans)}
            for sku, plans in assignment.licences.items()
        ],
        "removeLicenses": list(assignment.remove),
    }


def change_body(change: UserChange) -> dict[str, Any]:
    body = {"usageLocation": change.usage_location, "accountEnabled": change.enabled}
    return {name: value for name, value in body.items() if value is not None}

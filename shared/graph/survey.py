"""Read what the night needs of a directory in one request: licences, owners, domains, news.

https://learn.microsoft.com/graph/delta-query-users
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from shared.domain.errors import RemoteRefused
from shared.domain.estate import DomainState
from shared.domain.ids import ServicePlanId, SkuId
from shared.domain.mirror import UserNews
from shared.graph._wire import (
    MARKER,
    Collection,
    Guid,
    Wire,
    WireHolding,
    WireLicenceState,
    WireStock,
    selected,
)
from shared.graph.batch import Batches, Item
from shared.graph.errors import Answer
from shared.workflows.ports import PeoplePage, Survey

_EXPIRED = frozenset({HTTPStatus.GONE, HTTPStatus.BAD_REQUEST})
"""A token that is too old, or that Microsoft cannot read any more."""
_DELTA = ("delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()")
"""What Microsoft calls the list of changes in its own links."""
_DIGEST = 8
_ATTRIBUTES = "onPremisesExtensionAttributes"
_NOTHING: frozenset[int] = frozenset()
_FIELDS = (
    "id,accountEnabled,usageLocation,licenseAssignmentStates,proxyAddresses,"
    "onPremisesExtensionAttributes"
)

Model = TypeVar("Model", bound=Wire)


class WireDomainState(Wire):
    id: str
    is_verified: bool = False
    is_default: bool = False

    def to_domain(self) -> DomainState:
        return DomainState(self.id.lower(), self.is_verified, self.is_default)


class WireNews(Wire):
    """What is not told has not changed; a null says that there is nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Guid
    removed: dict[str, Any] | None = Field(default=None, alias="@removed")
    enabled: bool | None = Field(default=None, alias="accountEnabled")
    location: str = Field(default="", alias="usageLocation")
    states: tuple[WireLicenceState, ...] = Field(default=(), alias="licenseAssignmentStates")
    addresses: tuple[str, ...] = Field(default=(), alias="proxyAddresses")
    attributes: dict[str, Any] = Field(default={}, alias="onPremisesExtensionAttributes")

    def to_domain(self, told: frozenset[str]) -> UserNews:
        """``told`` names the members that the answer had, nulls among them."""
        licences = "licenseAssignmentStates" in told
        return UserNews(
            self.id,
            is_gone=self.removed is not None,
            enabled=self.enabled,
            usage_location=self.location if "usageLocation" in told else None,
            direct=self._direct if licences else None,
            by_group=self._by_group if licences else None,
            aliases=len(self._aliases) if "proxyAddresses" in told else None,
            alias_digest=self._digest if "proxyAddresses" in told else None,
            marker=str(self.attributes.get(MARKER) or "") if _ATTRIBUTES in told else None,
        )

    @property
    def _direct(self) -> dict[SkuId, tuple[ServicePlanId, ...]]:
        return {
            SkuId(state.sku_id): tuple(sorted(map(ServicePlanId, state.disabled_plans)))
            for state in self.states
            if state.is_direct
        }

    @property
    def _by_group(self) -> dict[SkuId, tuple[ServicePlanId, ...]]:
        """Several groups may give one licence: a service that one of them leaves on is on."""
        off: dict[SkuId, set[ServicePlanId]] = {}
        for state in self.states:
            if state.is_by_group:
                here = {*map(ServicePlanId, state.disabled_plans)}
                off[SkuId(state.sku_id)] = off.get(SkuId(state.sku_id), here) & here
        return {sku: tuple(sorted(plans)) for sku, plans in sorted(off.items())}

    @property
    def _aliases(self) -> list[str]:
        """The main address has capitals in front of it."""
        return [address for address in self.addresses if address.startswith("smtp:")]

    @property
    def _digest(self) -> str:
        """Tells that they were swapped, and not what they are."""
        text = "|".join([self.id, *sorted(map(str.lower, self._aliases))])
        return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]


@dataclass(frozen=True, slots=True)
class Surveys:
    """The night's reading of one tenant."""

    batches: Batches

    async def whole(self, address: str) -> Survey:
        items = [
            _list("/subscribedSkus", WireStock, "LicenseAssignment.Read.All"),
            _list("/directory/subscriptions", WireHolding, "Organization.Read.All"),
            _list("/domains", WireDomainState, "Domain.Read.All"),
            self._people(address),
        ]
        stocks, holdings, domains, people = await self._read(items, address)
        return Survey(
            stocks=tuple(wire.to_domain() for wire in _listed(stocks, WireStock)),
            holdings=tuple(wire.to_domain() for wire in _listed(holdings, WireHolding)),
            domains=tuple(wire.to_domain() for wire in _listed(domains, WireDomainState)),
            people=self._page(people),
        )

    async def people(self, address: str) -> PeoplePage:
        [answer] = await self._read([self._people(address)], address)
        return self._page(answer)

    async def _read(self, items: Sequence[Item], address: str) -> list[Answer]:
        return await self.batches.read(items, allow=_EXPIRED if address else _NOTHING)

    def _people(self, address: str) -> Item:
        first = f"/users/delta?$select={_FIELDS}"
        return Item("GET", address or first, needs="User.Read.All")

    def _page(self, answer: Answer) -> PeoplePage:
        if answer.status in _EXPIRED:
            return PeoplePage(expired=True)
        body = answer.body
        following, link = body.get("@odata.nextLink"), body.get("@odata.deltaLink")
        if not isinstance(body.get("value"), list) or not (following or link):
            raise _unreadable(answer)
        try:
            news = tuple(_news(one) for one in body["value"])
        except (ValidationError, TypeError) as error:
            raise _unreadable(answer) from error
        return PeoplePage(news, self._own(following, answer), self._own(link, answer))

    def _own(self, link: object, answer: Answer) -> str:
        """Follow a link to this list only: it would carry our token away."""
        if not link:
            return ""
        root = f"{self.batches.channel.base_url}/v1.0"
        text = str(link)
        if not text.startswith(tuple(f"{root}/users/{form}?" for form in _DELTA)):
            raise RemoteRefused("Graph's link to more people leads elsewhere", answer.to_remote())
        return text.removeprefix(root)


def _list(path: str, model: type[Wire], needs: str) -> Item:
    return Item("GET", f"{path}?$select={selected(model)}", needs=needs)


def _news(one: dict[str, Any]) -> UserNews:
    told = frozenset(one)
    known = {name: value for name, value in one.items() if value is not None}
    return WireNews.model_validate(known).to_domain(told)


def _listed(answer: Answer, model: type[Model]) -> tuple[Model, ...]:
    """These lists come whole."""
    if answer.status in _EXPIRED or "value" not in answer.body:
        raise _unreadable(answer)
    try:
        return Collection[model].model_validate(answer.body).value  # type: ignore[valid-type]
    except ValidationError as error:
        raise _unreadable(answer) from error


def _unreadable(answer: Answer) -> RemoteRefused:
    return RemoteRefused("Graph's answer about a tenant cannot be read", answer.to_remote())

"""Read what somebody wants to become of a subscription: one of nine changes, told by its kind."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, RootModel

from shared.api.models import Body, Line, Query, Text
from shared.api.office import Limits
from shared.api.validation import nearest, read_model
from shared.domain.catalog import BillingPlan, Term
from shared.domain.changes import (
    Cancel,
    ClearSchedule,
    Reactivate,
    Rename,
    ScheduleRenewal,
    SetEndOfTerm,
    SetSeats,
    SubscriptionChange,
    Suspend,
    Upgrade,
)
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.subscriptions import EndOfTerm

Seats = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
Offer = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9]{1,64}:[A-Za-z0-9]{1,64}$", examples=["CFQ7TTC0LCHC:0002"])
]
Digest = Annotated[
    str,
    Field(
        pattern=r"^([0-9a-f]{64})?$",
        description="From a dry run: the change is refused if what it rests on has changed.",
        examples=["5b1f4a7e0c9d2b3a" * 4],
    ),
]


class _Change(Body):
    reason: Annotated[Line, Field(description="Why, for the history.")] = ""
    digest: Digest = ""


class SetSeatsBody(_Change):
    """Raise or lower to an absolute number of seats."""

    kind: Literal["setSeats"]
    seats: Seats

    def to_change(self) -> SubscriptionChange:
        return SetSeats(self.seats)


class SuspendBody(_Change):
    """Nobody can work with it any more; it is billed on."""

    kind: Literal["suspend"]

    def to_change(self) -> SubscriptionChange:
        return Suspend()


class ReactivateBody(_Change):
    """Bring a suspended one back; auto-renew stays off."""

    kind: Literal["reactivate"]

    def to_change(self) -> SubscriptionChange:
        return Reactivate()


class CancelBody(_Change):
    """End it at once, for good; in the first week of a term only."""

    kind: Literal["cancel"]

    def to_change(self) -> SubscriptionChange:
        return Cancel()


class RenameBody(_Change):
    kind: Literal["rename"]
    name: Text

    def to_change(self) -> SubscriptionChange:
        return Rename(self.name)


class SetEndOfTermBody(_Change):
    """What shall become of it when its term is over."""

    kind: Literal["setEndOfTerm"]
    intent: EndOfTerm

    def to_change(self) -> SubscriptionChange:
        return SetEndOfTerm(self.intent)


class ScheduleRenewalBody(_Change):
    """What the next term starts with; what is left out stays as it is."""

    kind: Literal["scheduleRenewal"]
    seats: Seats
    offer_id: Offer | None = None
    term: Term | None = None
    billing_plan: BillingPlan | None = None
    ends_on: Annotated[
        date | None, Field(description="The next term's last day, where it is cut to fit another.")
    ] = None

    def to_change(self) -> SubscriptionChange:
        return ScheduleRenewal(
            self.seats,
            OfferId(self.offer_id) if self.offer_id else None,
            self.term,
            self.billing_plan,
            midnight(self.ends_on),
        )


class ClearScheduleBody(_Change):
    kind: Literal["clearSchedule"]

    def to_change(self) -> SubscriptionChange:
        return ClearSchedule()


class UpgradeBody(_Change):
    """Move seats to a larger product; all of them, or a part into a subscription beside it."""

    kind: Literal["upgrade"]
    offer_id: Offer
    seats: Annotated[Seats, Field(description="All of them, or fewer to move a part.")]
    term: Term | None = None
    billing_plan: BillingPlan | None = None
    into_subscription_id: Annotated[
        str | None, Field(description="One that is there and takes the seats; left out, a new one.")
    ] = None

    def to_change(self) -> SubscriptionChange:
        return Upgrade(
            OfferId(self.offer_id),
            self.seats,
            self.term,
            self.billing_plan,
            SubscriptionId(self.into_subscription_id.lower())
            if self.into_subscription_id
            else None,
        )


AnyChangeBody: TypeAlias = (
    SetSeatsBody
    | SuspendBody
    | ReactivateBody
    | CancelBody
    | RenameBody
    | SetEndOfTermBody
    | ScheduleRenewalBody
    | ClearScheduleBody
    | UpgradeBody
)


class ChangeBody(RootModel[Annotated[AnyChangeBody, Field(discriminator="kind")]]):
    """One change of a subscription."""

    def faults(self) -> Iterator[Fault]:
        return self.root.faults()


_KINDS: dict[str, type[AnyChangeBody]] = {
    "setSeats": SetSeatsBody,
    "suspend": SuspendBody,
    "reactivate": ReactivateBody,
    "cancel": CancelBody,
    "rename": RenameBody,
    "setEndOfTerm": SetEndOfTermBody,
    "scheduleRenewal": ScheduleRenewalBody,
    "clearSchedule": ClearScheduleBody,
    "upgrade": UpgradeBody,
}


def read_change(document: object, _query: Query, _limits: Limits) -> AnyChangeBody:
    """Its kind says which fields it has."""
    if not isinstance(document, dict):
        raise InvalidRequest([Fault("this must be a JSON object")])
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        hint = nearest(kind, _KINDS) if isinstance(kind, str) else ""
        known = ", ".join(repr(name) for name in _KINDS)
        raise InvalidRequest([Fault(f"use one of {known}{hint}", pointer="/kind")])
    return read_model(_KINDS[kind], document)


def midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, UTC) if day else None

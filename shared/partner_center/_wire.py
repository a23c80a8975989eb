"""Read Partner Center's JSON: lenient about dates, case, nulls, marks and new fields.

https://learn.microsoft.com/partner-center/developer/partner-center-rest-resources
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from shared.domain.money import Money

Item = TypeVar("Item", bound=BaseModel)


def loads(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Parse a body that may begin with a byte order mark; prices stay decimal."""
    return json.loads(body.decode("utf-8-sig"), parse_float=Decimal)


def dumps(document: object) -> bytes:
    """Write JSON; decimals that were read go back as the numbers that they were."""
    return json.dumps(document, default=_plain).encode()


def _plain(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def moment(value: object) -> object:
    """Read a date with 0 to 7 fractional digits, with or without a zone; none means UTC."""
    if not isinstance(value, str):
        return value
    read = datetime.fromisoformat(value)
    if read.tzinfo is None:
        return read.replace(tzinfo=UTC)
    return read.astimezone(UTC)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


Moment = Annotated[datetime, BeforeValidator(moment)]
Guid = Annotated[str, BeforeValidator(_lower)]
EnumText = Annotated[str, BeforeValidator(_lower)]
Code = Annotated[str, BeforeValidator(_text)]


class Wire(BaseModel):
    """Frozen, camel-cased outside, blind to fields that we do not use."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        """Some resources write a null where others leave the field out."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value not in (None, "")}


class Header(Wire):
    key: str
    value: str = ""


class Link(Wire):
    uri: str
    headers: tuple[Header, ...] = ()


class Links(Wire):
    next: Link | None = None


class Collection(Wire, Generic[Item]):
    items: tuple[Item, ...] = ()
    links: Links | None = None


class Pricing(Wire):
    price: Decimal | None = None
    list_price: Decimal | None = None
    extended_price: Decimal | None = None

    def unit(self, currency: str) -> Money | None:
        price = self.list_price if self.price is None else self.price
        return money(price, currency)


def money(amount: Decimal | None, currency: str) -> Money | None:
    if amount is None or not currency:
        return None
    return Money(amount, currency)

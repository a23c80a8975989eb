"""Share the shapes that bodies, queries and answers are made of."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticCustomError

from shared.domain.errors import Fault
from shared.domain.money import Money

COUNTRY_PATTERN = r"^[A-Z]{2}$"
GUID_PATTERN = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
SLUG_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
OFFER_PATTERN = (
    r"^([A-Za-z0-9]{1,64}:[A-Za-z0-9]{1,64}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"
)
PERIOD_PATTERN = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


_BREAKING = ("Cc", "Zl", "Zp")


def _without_controls(text: str) -> str:
    if any(unicodedata.category(character) in _BREAKING for character in text):
        raise PydanticCustomError("control_character", "no control characters, such as line ends")
    return text


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("moment_range", "use a moment of the years 1 to 9999") from error


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise PydanticCustomError("flag", "write true or false")
    return value == "true"


_Plain = AfterValidator(_without_controls)
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256), _Plain]
"""One line of text, which may be empty."""
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256), _Plain
]
"""One line of text, which may not."""
Guid = Annotated[
    str,
    StringConstraints(pattern=GUID_PATTERN, to_lower=True),
    Field(examples=["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]),
]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN), Field(examples=["fabrikam-eu"])]
PlanSlug = Annotated[Slug, Field(examples=["office-worker"])]
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN), Field(examples=["hires-2026-09"])]
Country = Annotated[str, StringConstraints(pattern=COUNTRY_PATTERN), Field(examples=["GB"])]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]


class Untitled(GenerateJsonSchema):
    """A schema whose fields are told by their names, without titles like `Userprincipalname`."""

    def field_title_should_be_set(self, _schema: object) -> bool:
        return False


class Body(BaseModel):
    """What a request may say: these fields and no others."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    def faults(self) -> Iterator[Fault]:
        """Name what is wrong although every field by itself is right."""
        return iter(())


class Query(Body):
    """What may stand behind the question mark."""


class NoQuery(Query):
    """Nothing may."""


class Pages(Query):
    cursor: Annotated[str | None, Field(description="From a `nextLink`; never made up.")] = None
    limit: Annotated[int, Field(ge=1, le=200, description="How many items at most.")] = 50


class DryRun(Query):
    dry_run: Annotated[
        Flag, Field(description="`true`: answer what would happen, and do nothing.")
    ] = False


class Reply(BaseModel):
    """What an answer says; a field without a value is left out."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class MoneyReply(Reply):
    """An exact amount: text, never a floating-point number."""

    amount: Annotated[str, Field(examples=["30.40"])]
    currency: Annotated[str, Field(examples=["USD"])]

    @classmethod
    def of(cls, money: Money) -> Self:
        rounded = money.rounded()
        return cls(amount=str(rounded.amount), currency=rounded.currency)

    @classmethod
    def maybe(cls, money: Money | None) -> Self | None:
        return None if money is None else cls.of(money)

"""Read the rows of a batch, whether a spreadsheet or a program wrote them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from shared.api.models import Body, Country, Line, Slug, Text
from shared.api.office import Limits
from shared.api.validation import faults_of, to_pointer
from shared.domain.batches import Row
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import PlanId
from shared.domain.users import NewUser, faults_of_user, to_fault


class UserBody(Body):
    """A person to create, with the plan that is sold to them."""

    user_principal_name: Annotated[Text, Field(examples=["adele.vance@contoso.com"])]
    display_name: Annotated[Text, Field(examples=["Adele Vance"])]
    usage_location: Annotated[Country, Field(examples=["GB"])]
    plan: Annotated[Slug, Field(description="The id of a plan.", examples=["office-worker"])]
    given_name: Line = ""
    surname: Line = ""
    job_title: Line = ""
    department: Line = ""


class RowBody(UserBody):
    """One row of a batch."""

    action: Literal["create"] = "create"


_USER_FIELDS = tuple(name for name in UserBody.model_fields if name != "plan")
FIELDS = tuple(str(field.alias) for field in RowBody.model_fields.values())
"""What a row may say, and the headings that a CSV may have."""
NEEDED = tuple(str(f.alias) for f in RowBody.model_fields.values() if f.is_required())


@dataclass(frozen=True, slots=True)
class Reading:
    """A row as far as it could be read, and everything that is wrong with it.

    A faulty row is kept too: it may repeat another one's user name or name an unknown plan.
    """

    row: Row
    faults: tuple[Fault, ...]


def read_row(number: int, fields: Mapping[str, object], limits: Limits) -> Reading:
    faults = _faults(number, fields, limits)
    return Reading(_row(number, fields), tuple(faults))


def read_user(document: object, limits: Limits) -> Row:
    """Read a single person; raise `InvalidRequest` with every fault at once."""
    fields = document if isinstance(document, dict) else {}
    if fields is not document:
        raise InvalidRequest([Fault("this must be a JSON object")])
    faults = _faults(None, fields, limits)
    if faults:
        raise InvalidRequest(faults)
    return _row(1, fields)


def _faults(number: int | None, fields: Mapping[str, object], limits: Limits) -> list[Fault]:
    """Shape first; of what has the right shape, what Entra would refuse."""
    faults = list(_faults_of_size(number, fields, limits))
    named = {fault.column for fault in faults}
    shape = _faults_of_shape(number, fields)
    faults += [fault for fault in shape if fault.column not in named]
    named |= {fault.column for fault in shape}
    user = _row(number or 1, fields).user
    faults += [to_fault(number, *found) for found in faults_of_user(user) if found[0] not in named]
    return faults


def _faults_of_size(
    number: int | None, fields: Mapping[str, object], limits: Limits
) -> Iterator[Fault]:
    for column, value in fields.items():
        if isinstance(value, str) and len(value.encode()) > limits.cell_bytes:
            size = len(value.encode())
            detail = f"{size:,} bytes are more than the limit of {limits.cell_bytes:,}"
            yield to_fault(number, column[:60], detail)


def _faults_of_shape(number: int | None, fields: Mapping[str, object]) -> list[Fault]:
    model = UserBody if number is None else RowBody
    try:
        model.model_validate(fields)
    except ValidationError as error:
        return [_placed(number, fault) for fault in faults_of(model, error)]
    return []


def _placed(number: int | None, fault: Fault) -> Fault:
    column = fault.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")
    prefix = to_pointer(("rows", number - 1)) if number is not None else ""
    return Fault(fault.detail, pointer=prefix + fault.pointer, row=number, column=column or None)


def _row(number: int, fields: Mapping[str, object]) -> Row:
    texts = {name: _text(fields, str(UserBody.model_fields[name].alias)) for name in _USER_FIELDS}
    return Row(number, NewUser(**texts), PlanId(_text(fields, "plan")))


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    return value.strip() if isinstance(value, str) else ""

"""Read the rows of a batch, whether a spreadsheet or a program wrote them."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from shared.api.models import Body, Country, Flag, Line, PlanSlug, Slug, Text
from shared.api.office import Limits
from shared.api.validation import faults_of, to_pointer
from shared.domain.actions import Action, PasswordPolicy
from shared.domain.batches import Row
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import PlanId
from shared.domain.users import NewUser, to_fault
from shared.workflows.admit_batch import faults_of_row

UserPrincipalName = Annotated[Text, Field(examples=["adele.vance@contoso.com"])]
Location = Annotated[
    Country | None, Field(description="Where given, the person moves there first.")
]
PlanIds = Annotated[
    list[PlanSlug],
    Field(min_length=1, max_length=20, description="Ids of plans; `;` between them in a CSV."),
]
Line64 = Annotated[Line, Field(json_schema_extra={"maxLength": 64})]
"""Told here, and checked by `NewUser` with every other rule of a person."""
Line128 = Annotated[Line, Field(json_schema_extra={"maxLength": 128})]


class PasswordPolicyBody(Body):
    """What becomes of the first password."""

    force_change_at_next_sign_in: Annotated[bool, Field(strict=True)] = True
    password_never_expires: Annotated[bool, Field(strict=True)] = False


class UserBody(Body):
    """A person to create, with the plan that is sold to them."""

    user_principal_name: UserPrincipalName
    display_name: Annotated[Text, Field(examples=["Adele Vance"])]
    usage_location: Annotated[Country, Field(examples=["GB"])]
    plan: Annotated[PlanSlug, Field(description="The id of a plan.")]
    given_name: Line64 = ""
    surname: Line64 = ""
    job_title: Line128 = ""
    department: Line64 = ""
    password_policy: Annotated[
        PasswordPolicyBody | None, Field(description="In a CSV its fields are columns.")
    ] = None


class RowBody(UserBody):
    """A person to create; a row that names no action is one."""

    action: Literal["create"] = "create"


class ChangePlanRow(Body):
    """Somebody gets another plan: licences are given and taken in one step."""

    action: Literal["changePlan"]
    user_principal_name: UserPrincipalName
    plan: Annotated[Slug, Field(examples=["manager"])]
    from_plan: Annotated[
        PlanSlug | None,
        Field(description="What is given up; left out: the plan that fits what the person holds."),
    ] = None
    usage_location: Location = None


class AddAddOnsRow(Body):
    """Somebody gets the licences of more plans."""

    action: Literal["addAddOns"]
    user_principal_name: UserPrincipalName
    add_ons: PlanIds
    usage_location: Location = None


class RemoveAddOnsRow(Body):
    """Somebody gives the licences of some plans back."""

    action: Literal["removeAddOns"]
    user_principal_name: UserPrincipalName
    add_ons: PlanIds


class BlockRow(Body):
    """Somebody may not sign in any more, and is signed out everywhere; licences stay."""

    action: Literal["block"]
    user_principal_name: UserPrincipalName


class DeprovisionRow(Body):
    """Somebody leaves: blocked, signed out, and without their direct licences."""

    action: Literal["deprovision"]
    user_principal_name: UserPrincipalName
    delete: Annotated[
        Flag, Field(description="Delete the account too; Entra keeps it for 30 days.")
    ] = False


AnyRow = RowBody | ChangePlanRow | AddAddOnsRow | RemoveAddOnsRow | BlockRow | DeprovisionRow
_MODELS: Mapping[str, type[Body]] = {
    Action.CREATE: RowBody,
    Action.CHANGE_PLAN: ChangePlanRow,
    Action.ADD_ADD_ONS: AddAddOnsRow,
    Action.REMOVE_ADD_ONS: RemoveAddOnsRow,
    Action.BLOCK: BlockRow,
    Action.DEPROVISION: DeprovisionRow,
}
_USER_FIELDS = NewUser.__match_args__
LIST_FIELDS = ("addOns",)
PASSWORD_FIELDS = tuple(str(f.alias) for f in PasswordPolicyBody.model_fields.values())
FLAG_FIELDS = ("delete", *PASSWORD_FIELDS)
_OF_MODELS = tuple(
    dict.fromkeys(
        str(field.alias)
        for model in _MODELS.values()
        for name, field in model.model_fields.items()
        if name != "password_policy"
    )
)
FIELDS = (*_OF_MODELS, *PASSWORD_FIELDS)
"""What a CSV's headings may be: every field of every action that fits into a cell."""


def needed(headings: Container[str]) -> tuple[str, ...]:
    """Without a column of actions every row creates somebody."""
    if "action" in headings:
        return ("userPrincipalName",)
    return tuple(str(f.alias) for f in RowBody.model_fields.values() if f.is_required())


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
    row = _row(number or 1, fields)
    faults += [to_fault(number, *found) for found in faults_of_row(row) if found[0] not in named]
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
    """A row whose action nobody knows is looked at as the creation that it would else be."""
    action = fields.get("action", Action.CREATE)
    known = _MODELS.get(action) if isinstance(action, str) else None
    model = UserBody if number is None else known or RowBody
    try:
        model.model_validate(fields)
    except ValidationError as error:
        faults = [_placed(number, fault) for fault in faults_of(model, error)]
        return [_of_action(f) if known is None and f.column == "action" else f for f in faults]
    return []


def _of_action(fault: Fault) -> Fault:
    return replace(fault, detail=f"use one of {', '.join(_MODELS)}")


def _placed(number: int | None, fault: Fault) -> Fault:
    column = fault.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")
    prefix = to_pointer(("rows", number - 1)) if number is not None else ""
    return Fault(fault.detail, pointer=prefix + fault.pointer, row=number, column=column or None)


def _row(number: int, fields: Mapping[str, object]) -> Row:
    texts = {name: _text(fields, str(UserBody.model_fields[name].alias)) for name in _USER_FIELDS}
    return Row(
        number,
        NewUser(**texts),
        PlanId(_text(fields, "plan")),
        action=_action(fields),
        from_plan=PlanId(_text(fields, "fromPlan")) or None,
        add_ons=tuple(PlanId(name) for name in _texts(fields, "addOns")),
        delete=fields.get("delete") in (True, "true"),
        password_policy=_password_policy(fields.get("passwordPolicy")),
    )


def _action(fields: Mapping[str, object]) -> Action:
    """One that does not exist is a fault already; what else is wrong is looked for all the same."""
    name = _text(fields, "action")
    return Action(name) if name in _MODELS else Action.CREATE


def _password_policy(given: object) -> PasswordPolicy:
    said = given if isinstance(given, dict) else {}
    return PasswordPolicy(
        said.get("forceChangeAtNextSignIn") is not False,
        said.get("passwordNeverExpires") is True,
    )


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _texts(fields: Mapping[str, object], name: str) -> list[str]:
    """Each once: a licence is given or taken once, however often it is asked for."""
    value = fields.get(name, [])
    given = value if isinstance(value, list) else []
    return list(dict.fromkeys(text for text in given if isinstance(text, str)))

"""Make a batch document of JSON, of CSV or of a queue message, with every fault named at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, ValidationError

from shared.api.csv_rows import Record, read_csv
from shared.api.models import Body, DryRun, Flag, Guid, Line, Name, Query
from shared.api.office import Limits, Office
from shared.api.rows import (
    FLAG_FIELDS,
    LIST_FIELDS,
    PASSWORD_FIELDS,
    AnyRow,
    Reading,
    needed,
    read_row,
)
from shared.api.validation import faults_of
from shared.domain.batches import BatchDocument, Row, faults_of_repetition
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import BatchId, CustomerId
from shared.workflows.admit_batch import faults_of_plans, too_many_rows
from shared.workflows.ports import Desk

Address = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        description="Is told of the end: https, and a host that this service's operator listed.",
        examples=["https://hooks.example.com/seatkeeper"],
    ),
]
BuyFirst = Annotated[
    bool,
    Field(strict=True, description="Buy a first subscription of a SKU that none is there of."),
]


class _Batch(Body):
    id: Annotated[
        Name | None, Field(description="Yours to choose; the same document is taken once.")
    ] = None
    customer_id: Guid
    requested_by: Annotated[Line, Field(description="Ignored: the token says who asks.")] = ""
    buy_first: BuyFirst = False
    callback_url: Address | None = None


class BatchHead(_Batch):
    """A batch without a look into its rows, which are read one by one."""

    rows: Annotated[list[dict[str, Any]], Field(min_length=1)]


class BatchBody(_Batch):
    """What to do for people in one customer's tenant, planned and priced as a whole."""

    rows: Annotated[list[AnyRow], Field(min_length=1)]


class BatchQuery(DryRun):
    customer_id: Annotated[Guid | None, Field(description="With `text/csv` only.")] = None
    id: Annotated[Name | None, Field(description="With `text/csv` only.")] = None
    callback_url: Annotated[Address | None, Field(description="With `text/csv` only.")] = None
    buy_first: Annotated[Flag, Field(description="With `text/csv` only.")] = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch that nobody has checked against what we have on record."""

    customer_id: CustomerId
    id: BatchId | None
    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...]
    """Of the document as such; each reading holds its own."""
    callback_url: str = ""
    buy_first: bool = False

    async def to_document(
        self, desk: Desk, *, requested_by: str, otherwise: BatchId
    ) -> BatchDocument:
        """Raise `InvalidRequest` with every fault, `CustomerNotFound` for a stranger's tenant."""
        await desk.customers.get(self.customer_id)
        faults = [*self.faults, *_faults_of_rows(self.readings)]
        faults += await faults_of_plans(desk, _with_plans(self.readings))
        refused = desk.callbacks.why_not(self.callback_url) if self.callback_url else ""
        faults += [Fault(refused, pointer="/callbackUrl")] if refused else []
        if faults:
            raise InvalidRequest(_in_order(faults))
        rows = tuple(reading.row for reading in self.readings)
        return BatchDocument(
            self.id or otherwise,
            self.customer_id,
            requested_by,
            rows,
            self.callback_url,
            self.buy_first,
        )


def read_draft(document: object, query: Query, limits: Limits) -> Draft:
    """Read what an HTTP request brought: JSON, or a spreadsheet as bytes."""
    if not isinstance(query, BatchQuery):
        raise TypeError(f"a batch is asked for with {BatchQuery.__name__}")
    if isinstance(document, bytes):
        return _draft_of_csv(document, query, limits)
    draft = draft_of_json(document, limits)
    twice = [
        n
        for n, given in (
            ("customerId", query.customer_id),
            ("id", query.id),
            ("callbackUrl", query.callback_url),
        )
        if given
    ]
    named = tuple(Fault(f"query parameter {n!r}: JSON says this in the body") for n in twice)
    return replace(draft, faults=(*draft.faults, *named))


async def document_from_message(office: Office, message: Mapping[str, object]) -> BatchDocument:
    """Read what was dropped into the queue; whoever it claims to be from, it is Automation's."""
    draft = draft_of_json(dict(message), office.limits)
    if draft.id is None:
        # Without an id of its own a redelivered drop would be another batch.
        draft = replace(draft, faults=(*draft.faults, Fault("a drop needs an id", pointer="/id")))
    return await draft.to_document(
        office.desk, requested_by=office.automation_id, otherwise=BatchId("")
    )


def draft_of_json(document: object, limits: Limits) -> Draft:
    rows = _rows_of(document)
    _refuse_too_many(rows, limits)
    readings = tuple(
        read_row(number, row, limits)
        for number, row in enumerate(rows, start=1)
        if isinstance(row, dict)
    )
    try:
        head = BatchHead.model_validate(document)
    except ValidationError as error:
        faults = [*map(_with_row, faults_of(BatchHead, error)), *_faults_of_rows(readings)]
        raise InvalidRequest(_in_order(faults)) from error
    batch_id = BatchId(head.id) if head.id else None
    customer = CustomerId(head.customer_id)
    return Draft(customer, batch_id, readings, (), head.callback_url or "", head.buy_first)


def _draft_of_csv(raw: bytes, query: BatchQuery, limits: Limits) -> Draft:
    sheet = read_csv(raw)
    _refuse_too_many(sheet.records, limits)
    absent = frozenset(needed(sheet.names)) - frozenset(sheet.names)
    readings = tuple(_reading(record, absent, limits) for record in sheet.records)
    faults = list(sheet.faults)
    if not readings and not faults:
        faults.append(Fault("a batch needs at least one row", pointer="/rows"))
    if query.customer_id is None:
        faults.insert(0, Fault("query parameter 'customerId': text/csv needs it"))
        raise InvalidRequest(_in_order([*faults, *_faults_of_rows(readings)]))
    batch_id = BatchId(query.id) if query.id else None
    return Draft(
        CustomerId(query.customer_id),
        batch_id,
        readings,
        tuple(faults),
        query.callback_url or "",
        query.buy_first,
    )


def _reading(record: Record, absent: frozenset[str], limits: Limits) -> Reading:
    """A column that the heading lacks is said once, not in every row."""
    reading = read_row(record.number, _as_document(record.fields), limits)
    faults = (
        replace(fault, detail=fault.detail + record.where)
        for fault in reading.faults
        if fault.column not in absent
    )
    return replace(reading, faults=tuple(faults))


_FLAGS: Mapping[str, bool] = {"true": True, "false": False}


def _as_document(cells: Mapping[str, str]) -> dict[str, object]:
    """Write a row of cells as it would stand in JSON."""
    fields = {name: _value(name, cell.strip()) for name, cell in cells.items()}
    policy = {name: fields.pop(name) for name in PASSWORD_FIELDS if name in fields}
    return fields | ({"passwordPolicy": policy} if policy else {})


def _value(name: str, cell: str) -> object:
    """A list has semicolons between its entries; spreadsheets write TRUE where somebody said it."""
    if name in LIST_FIELDS:
        return [entry for part in cell.split(";") if (entry := part.strip())]
    return _FLAGS.get(cell.lower(), cell) if name in FLAG_FIELDS else cell


def _rows_of(document: object) -> Sequence[object]:
    rows = document.get("rows") if isinstance(document, dict) else None
    return rows if isinstance(rows, list) else []


def _refuse_too_many(rows: Sequence[object], limits: Limits) -> None:
    if len(rows) > limits.rows:
        raise InvalidRequest([too_many_rows(len(rows), limits.rows)])


def _faults_of_rows(readings: Iterable[Reading]) -> list[Fault]:
    readings = tuple(readings)
    own = [fault for reading in readings for fault in reading.faults]
    return own + faults_of_repetition(reading.row for reading in readings)


def _with_plans(readings: Iterable[Reading]) -> list[Row]:
    return [
        reading.row
        for reading in readings
        if reading.row.plans.keys().isdisjoint(_named_columns(reading))
    ]


def _named_columns(reading: Reading) -> set[str]:
    return {(fault.column or "").partition("/")[0] for fault in reading.faults}


def _with_row(fault: Fault) -> Fault:
    """A row that is no object at all is named by its number too."""
    _, _, number = fault.pointer.partition("/rows/")
    return replace(fault, row=int(number) + 1) if number.isdecimal() else fault


def _in_order(faults: Iterable[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: fault.row or 0)

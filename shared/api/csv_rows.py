"""Read a spreadsheet's rows as they come: byte order marks, semicolons, quotes, blank lines.

https://www.rfc-editor.org/rfc/rfc4180
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.api.rows import FIELDS, needed
from shared.api.validation import nearest
from shared.domain.errors import Fault, InvalidRequest

_DELIMITERS = ",;\t"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = 'save it as "CSV UTF-8"'
MOST_HEADINGS = 100
MOST_RECORDS = 50_000
MOST_LINES = 1_100_000
"""A little more than a sheet of Excel has: blank ones are skipped, which takes its time."""
_LONGEST_ECHO = 60

# A cell above the product's limit is a fault of its row; the reader must get past it to the next.
csv.field_size_limit(2**30)


@dataclass(frozen=True, slots=True)
class Record:
    """A data row: its number (headings and blank lines not counted), line and cells."""

    number: int
    line: int
    fields: Mapping[str, str]

    @property
    def where(self) -> str:
        """Say the line too, where counting rows does not lead there."""
        return f" (line {self.line} of the file)" if self.line != self.number + 1 else ""


@dataclass(slots=True)
class Sheet:
    """Everything that could be read, and the faults of the file itself."""

    names: tuple[str, ...]
    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_csv(raw: bytes) -> Sheet:
    """Raise `InvalidRequest` where no row can be told from another."""
    text = _decoded(raw)
    if max(text.count("\n"), text.count("\r")) > MOST_LINES:
        detail = f"more than {MOST_LINES:,} lines are no spreadsheet; delete the empty ones"
        raise InvalidRequest([Fault(detail)])
    delimiter = _delimiter(text)
    lines = _Lines(text, delimiter)
    heading = next(lines, None)
    if heading is None:
        first_line = ",".join(needed(()))
        raise InvalidRequest([Fault(f"the file is empty; its first line is {first_line},…")])
    names = tuple(name.strip() for name in heading.cells)
    sheet = Sheet(names, faults=[*_faults_of_heading(names)])
    for number, line in enumerate(lines, start=1):
        if number > MOST_RECORDS:
            detail = f"more than {MOST_RECORDS:,} rows are no batch; split the file"
            raise InvalidRequest([Fault(detail, pointer="/rows")])
        _take(sheet, number, line)
    sheet.faults += _fault_at_end(lines, len(sheet.records))
    return sheet


@dataclass(frozen=True, slots=True)
class _Line:
    at: int
    cells: list[str]


class _Lines:
    """Iterate over records that are not blank; stop at quotes that nobody can make sense of."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        self.broken_at: int | None = None
        self.why = ""

    def __iter__(self) -> Iterator[_Line]:
        return self

    def __next__(self) -> _Line:
        while True:
            at = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except csv.Error as error:
                self.broken_at, self.why = at, str(error)
                raise StopIteration from error
            if _says_something(cells, at):
                return _Line(at, cells)


def _says_something(cells: Sequence[str], at: int) -> bool:
    # Excel writes its delimiter into a line of its own where it is not the country's.
    is_hint = at == 1 and "".join(cells).startswith("sep=")
    return not is_hint and any(cell.strip() for cell in cells)


def _decoded(raw: bytes) -> str:
    encoding = "utf-16" if raw.startswith(_UTF16) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidRequest([Fault(f"line {line} is not UTF-8: {_SAVE_AS}")]) from error
    if "\0" in text:
        raise InvalidRequest([Fault(f"the file is no text in UTF-8: {_SAVE_AS}")])
    return text


def _delimiter(text: str) -> str:
    """The one by which the heading line names most of our fields."""
    first = next((line for line in text.splitlines()[:50] if _names_something(line)), "")
    return max(_DELIMITERS, key=lambda delimiter: _known_names(first, delimiter))


def _names_something(line: str) -> bool:
    return bool(line.strip(f"{_DELIMITERS} \"'")) and not line.startswith(("sep=", '"sep='))


def _known_names(line: str, delimiter: str) -> int:
    return sum(name.strip().strip('"').strip() in FIELDS for name in line.split(delimiter))


def _faults_of_heading(names: Sequence[str]) -> Iterator[Fault]:
    if len(names) > MOST_HEADINGS:
        yield Fault(f"{len(names):,} headings are more than the {MOST_HEADINGS} that we look at")
        names = names[:MOST_HEADINGS]
    for place, name in enumerate(names, start=1):
        shown = name[:_LONGEST_ECHO]
        if not name:
            yield Fault(f"column {place} has no heading")
        elif name not in FIELDS:
            yield Fault(f"unknown heading {shown!r}{nearest(name, FIELDS)}", column=shown)
        elif name in names[: place - 1]:
            yield Fault(f"the heading {name!r} stands twice", column=name)
    for name in needed(names):
        if name not in names:
            yield Fault(f"the heading {name!r} is missing", column=name)


def _take(sheet: Sheet, number: int, line: _Line) -> None:
    """An empty cell is a field that is not given."""
    named = zip(sheet.names, line.cells, strict=False)
    known = {name: cell for name, cell in named if name in FIELDS and cell.strip()}
    record = Record(number, line.at, known)
    sheet.records.append(record)
    if len(line.cells) != len(sheet.names):
        cells = f"{len(line.cells)} cell{'' if len(line.cells) == 1 else 's'}"
        detail = f"{cells} where the heading line has {len(sheet.names)}{record.where}"
        sheet.faults.append(Fault(detail, pointer=f"/rows/{number - 1}", row=number))


def _fault_at_end(lines: _Lines, rows: int) -> list[Fault]:
    if lines.broken_at is None:
        return []
    if "end of data" in lines.why:
        detail = f"a quote opens in or after line {lines.broken_at} and is never closed"
    else:
        detail = f"in or after line {lines.broken_at} a quote inside a cell is not doubled"
    return [Fault(detail, row=rows + 1)]

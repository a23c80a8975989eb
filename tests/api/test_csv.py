"""A spreadsheet is read as people save it, and every fault is named with its row and column."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.api.csv_rows import read_csv
from shared.api.documents import BatchQuery, Draft, read_draft
from shared.api.office import Limits
from shared.domain.errors import InvalidRequest
from tests.api.counter import CONTOSO

HEADING = "userPrincipalName,displayName,usageLocation,plan"
QUOTED = ",".join(f'"{name}"' for name in HEADING.split(","))
ADELE = "adele@contoso.com,Adele Vance,GB,office-worker"
LIMITS = Limits(rows=5)
QUERY = BatchQuery.model_validate({"customerId": CONTOSO})


def draft_of(text: str | bytes) -> Draft:
    return read_draft(text.encode() if isinstance(text, str) else text, QUERY, LIMITS)


def names_in(text: str | bytes) -> list[str]:
    draft = draft_of(text)
    assert not draft.faults
    assert not [r.faults for r in draft.readings if r.faults]
    return [r.row.user.display_name for r in draft.readings]


def faults_in(text: str | bytes) -> list[str]:
    try:
        draft = draft_of(text)
    except InvalidRequest as error:
        return [str(fault) for fault in error.faults]
    return [str(f) for f in (*draft.faults, *(f for r in draft.readings for f in r.faults))]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{HEADING}\n{ADELE}\n", id="plain"),
        pytest.param(f"{HEADING}\n{ADELE}", id="no line end at the end"),
        pytest.param(f"{HEADING}\r\n{ADELE}\r\n", id="CRLF"),
        pytest.param(f"{HEADING}\r{ADELE}\r", id="CR"),
        pytest.param(f"{HEADING}\n{ADELE}\n".encode("utf-8-sig"), id="a UTF-8 BOM"),
        pytest.param(f"{HEADING}\n{ADELE}\n".encode("utf-16"), id="a UTF-16 BOM"),
        pytest.param(f"{HEADING}\n{ADELE}".replace(",", ";"), id="semicolons"),
        pytest.param(f"{HEADING}\n{ADELE}".replace(",", "\t"), id="tabs"),
        pytest.param(f"sep=;\n{HEADING}\n{ADELE}".replace(",", ";"), id="Excel's hint"),
        pytest.param(f"\n\n{HEADING}\n\n{ADELE}\n,,,\n \n", id="blank lines"),
        pytest.param(f"{QUOTED}\n{ADELE}", id="quoted headings"),
        pytest.param(f" {HEADING.replace(',', ' , ')}\n{ADELE}", id="spaces around headings"),
        pytest.param(f"{HEADING},action\n{ADELE},create", id="an action"),
        pytest.param(f"{HEADING}\n{ADELE}".replace(",", " , "), id="spaces around cells"),
        pytest.param(f"{HEADING},surname\n{ADELE},", id="an empty cell of an optional column"),
    ],
)
def test_one_person_is_read(text: str | bytes) -> None:
    assert names_in(text) == ["Adele Vance"]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('"Vance, Adele"', "Vance, Adele"),
        ('"Adele ""Della"" Vance"', 'Adele "Della" Vance'),
        ("Adèle O'Neill-Müller", "Adèle O'Neill-Müller"),
        ("=1+1", "=1+1"),
        ("@SUM(A1)", "@SUM(A1)"),
        ("山田太郎", "山田太郎"),
    ],
)
def test_what_stands_in_a_cell_is_data(cell: str, name: str) -> None:
    assert names_in(f"{HEADING}\na@contoso.com,{cell},GB,office-worker") == [name]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("", "the file is empty", id="nothing"),
        pytest.param("\n\n", "the file is empty", id="blank lines only"),
        pytest.param(HEADING, "/rows: a batch needs at least one row", id="a heading only"),
        pytest.param("\n" * 1_100_001, "delete the empty ones", id="more lines than a sheet"),
        pytest.param(
            f"{HEADING}\n{ADELE}".replace("Vance", "\u2028Vance"),
            "no control characters, such as line ends",
            id="a line end of another kind",
        ),
        pytest.param("a\0b", 'save it as "CSV UTF-8"', id="UTF-16 without a BOM"),
        pytest.param(
            f"{HEADING}\n{ADELE}\nadèle,b".encode("latin-1"),
            'line 3 is not UTF-8: save it as "CSV UTF-8"',
            id="Latin-1",
        ),
        pytest.param(
            f"{HEADING}\n{ADELE},too,many", "row 1: 6 cells where the heading line has 4", id="long"
        ),
        pytest.param(
            f"{HEADING}\n\nadele",
            "row 1: 1 cell where the heading line has 4 (line 3 of the file)",
            id="short",
        ),
        pytest.param(
            f"{HEADING},DisplayNam\n{ADELE},x",
            "unknown heading 'DisplayNam'; did you mean 'displayName'?",
            id="an unknown heading",
        ),
        pytest.param(
            f"{HEADING},plan\n{ADELE},b", "the heading 'plan' stands twice", id="a heading twice"
        ),
        pytest.param(f"{HEADING},\n{ADELE},b", "column 5 has no heading", id="no heading"),
        pytest.param(
            f'{HEADING}\n{ADELE}\n"adele', "a quote opens in or after line 3", id="an open quote"
        ),
        pytest.param(
            f'{HEADING}\n"a"b,c,d,e', "a quote inside a cell is not doubled", id="a stray quote"
        ),
        pytest.param(
            f"{HEADING}\na@b.com,{'x' * 100_000},GB,office-worker",
            "row 1, displayName: 100,000 bytes are more than the limit of 1,024",
            id="a huge cell",
        ),
        pytest.param(
            f"{HEADING}\n{ADELE.replace('GB', 'UK')}",
            "row 1, usageLocation: use a two-letter country code",
            id="no country",
        ),
        pytest.param(
            f"{HEADING}\n{ADELE.replace('GB', '')}",
            "row 1, usageLocation: this field is missing",
            id="an empty cell",
        ),
        pytest.param(
            f"{HEADING},action\n{ADELE},delete",
            "row 1, action: use one of create, changePlan",
            id="another action",
        ),
        pytest.param(
            f"{HEADING}\n" + f"{ADELE}\n" * 6,
            "6 rows are more than the limit of 5 rows",
            id="too many rows",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str | bytes, fault: str) -> None:
    assert any(fault in found for found in faults_in(text)), faults_in(text)


def test_a_missing_column_is_named_once_and_not_in_every_row() -> None:
    text = "userPrincipalName,displayName,plan\n" + "a@b.com,A,p\n" * 3

    assert [f for f in faults_in(text) if "usageLocation" in f] == [
        "the heading 'usageLocation' is missing"
    ]


def test_rows_after_a_faulty_one_are_read_too() -> None:
    text = f"{HEADING}\n,,UK,\n{ADELE}\nadele@,x,gb,Plan!"

    columns = [f.split(":")[0] for f in faults_in(text)]

    assert columns == [
        "row 1, userPrincipalName",
        "row 1, displayName",
        "row 1, plan",
        "row 1, usageLocation",
        "row 3, usageLocation",
        "row 3, plan",
        "row 3, userPrincipalName",
    ]


def test_without_a_customer_nobody_can_be_created() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_draft(f"{HEADING}\n{ADELE}".encode(), BatchQuery(), LIMITS)

    assert "customerId" in refused.value.faults[0].detail


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1
).filter(lambda cell: cell.strip())


@given(
    rows=st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_a_spreadsheet_writes_is_read_as_it_was(
    rows: list[list[str]], delimiter: str, quoting: Any, line_end: str, encoding: str
) -> None:
    text = io.StringIO()
    sheet = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    sheet.writerows([HEADING.split(","), *rows])

    read = read_csv(text.getvalue().encode(encoding))

    assert [list(record.fields.values()) for record in read.records] == rows
    assert not read.faults


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_it_stumble(noise: bytes) -> None:
    assert isinstance(faults_in(noise), list)


def test_a_list_may_end_with_its_separator() -> None:
    text = "action,userPrincipalName,addOns\naddAddOns,adele@contoso.com, lean ;phone; "

    (reading,) = draft_of(text).readings

    assert not reading.faults
    assert reading.row.add_ons == ("lean", "phone")

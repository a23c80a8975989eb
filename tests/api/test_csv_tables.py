"""A table opens in a spreadsheet as what it is: no letter broken, and no cell a formula."""

import csv
import io
from collections.abc import Sequence
from typing import NoReturn

import pytest

from shared.api.call import Answer, Call, Request
from shared.api.csv_tables import TablePages, table
from shared.api.models import Reply
from shared.domain.callers import Caller
from shared.domain.ids import OperationId

BOM = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for the machine's own letters."""


class LineReply(Reply):
    """One row of each kind of cell."""

    company_name: str
    sku_ids: tuple[str, ...] = ()
    billable: bool = True
    seats: int | None = None


def answered(*lines: LineReply, cursor: str | None = None, onward: str | None = None) -> Answer:
    request = Request("GET", "/api/lines", {}, {}, b"")
    query = TablePages(cursor=cursor)
    caller = Caller("portal", "our-tenant")
    call = Call(request, _nobody, caller, {}, query, None, OperationId("o"))
    return table(call, LineReply, lines, onward)


def _nobody() -> NoReturn:
    raise AssertionError("a table asks nobody")


def rows_of(*answers: Answer) -> Sequence[dict[str, str]]:
    text = b"".join(_bytes(answer) for answer in answers).removeprefix(BOM).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _bytes(answer: Answer) -> bytes:
    assert isinstance(answer.body, str)
    return answer.body.encode()


def test_pages_that_are_joined_have_one_mark_and_one_heading() -> None:
    first = answered(LineReply(company_name="Söhne & Co"), onward="more")
    last = answered(LineReply(company_name="東京"), cursor="more")

    assert _bytes(first).startswith(BOM + b"companyName,skuIds,billable,seats\r\n")
    assert BOM not in _bytes(last)
    assert first.headers["Link"].endswith('; rel="next"')
    assert [row["companyName"] for row in rows_of(first, last)] == ["Söhne & Co", "東京"]


@pytest.mark.parametrize(
    "begins",
    [
        pytest.param("=", id="equals"),
        pytest.param("+", id="plus"),
        pytest.param("-", id="minus"),
        pytest.param("@", id="at"),
        pytest.param("\t", id="tab"),
        pytest.param("\r", id="carriage return"),
        pytest.param("\n", id="line feed"),
    ],
)
def test_what_could_be_a_formula_stays_text(begins: str) -> None:
    hostile = f'{begins}HYPERLINK("https://fabrikam.example","Pay")'

    [row] = rows_of(answered(LineReply(company_name=hostile, sku_ids=(hostile, "e3"))))

    assert row["companyName"] == f"'{hostile}"
    assert row["skuIds"] == f"'{hostile}; e3"


@pytest.mark.parametrize("name", ["1=1", "a+b", "Fabrikam - London", "ada@contoso.com", "'quoted'"])
def test_what_is_none_is_left_as_it_is(name: str) -> None:
    [row] = rows_of(answered(LineReply(company_name=name)))

    assert row["companyName"] == name


def test_cells_are_words_of_json_and_what_is_unknown_is_empty() -> None:
    known = LineReply(company_name="", sku_ids=("e3", "e5"), billable=False, seats=0)

    first, second = rows_of(answered(known, LineReply(company_name="Contoso")))

    assert first == {"companyName": "", "skuIds": "e3; e5", "billable": "false", "seats": "0"}
    assert (second["seats"], second["skuIds"], second["billable"]) == ("", "", "true")

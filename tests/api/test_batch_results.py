"""A table of results is safe in a spreadsheet."""

import pytest

from shared.api.batch_results import ResultReply
from shared.api.csv_tables import _cell
from shared.domain.batches import RowResult, RowStatus
from tests.builders import a_row


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_is_never_a_formula(sign: str) -> None:
    assert _cell(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


def test_other_cells_stay_as_they_are() -> None:
    assert [_cell(value) for value in ("Zoë", 7, None, "a=b")] == ["Zoë", "7", "", "a=b"]


def test_a_failed_row_says_what_can_be_done() -> None:
    failed = RowResult(a_row(), RowStatus.FAILED, reason="no")
    with_account = RowResult(a_row(), RowStatus.FAILED, user_id="u", reason="no")

    assert "/api/batches/b/retry" in str(ResultReply.of("b", failed).what_to_do)
    assert "account exists" in str(ResultReply.of("b", with_account).what_to_do)
    assert ResultReply.of("b", RowResult(a_row(), RowStatus.DONE)).what_to_do is None

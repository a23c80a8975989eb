import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import MalformedRequest
from shared.storage.cursors import from_cursor, to_cursor


@given(st.text(), st.text())
def test_a_cursor_brings_the_place_back(partition: str, row: str) -> None:
    token = {"PartitionKey": partition, "RowKey": row}

    assert from_cursor(to_cursor(token)) == token


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "not a cursor!",
        "ünicode",
        "AAAA",
        base64.urlsafe_b64encode(b"[1]").decode(),
        base64.urlsafe_b64encode(json.dumps({"PartitionKey": "p"}).encode()).decode(),
        base64.urlsafe_b64encode(json.dumps({"PartitionKey": "p", "RowKey": 7}).encode()).decode(),
    ],
)
def test_a_broken_cursor_is_the_callers_fault(cursor: str) -> None:
    with pytest.raises(MalformedRequest):
        from_cursor(cursor)


@given(st.text())
def test_no_text_breaks_the_reader(cursor: str) -> None:
    with suppress(MalformedRequest):
        from_cursor(cursor)

"""A queue's message is read as strictly as a body, plain or in base64."""

import base64

import pytest

from shared.api.messages import decode
from shared.domain.errors import NotOurMessage


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"batchId": "é"}', id="plain"),
        pytest.param('\ufeff{"batchId": "é"}', id="with a byte order mark"),
        pytest.param(base64.b64encode('{"batchId": "é"}'.encode()).decode(), id="in base64"),
    ],
)
def test_json_is_read_however_it_was_put_there(text: str) -> None:
    assert decode(text) == {"batchId": "é"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param('{"rows": [1], "rows": [2]}', "names 'rows' twice", id="a field twice"),
        pytest.param('{"rows": [{"plan": "\\ud800"}]}', "surrogate", id="half a character"),
        pytest.param('{"rows": NaN}', "NaN", id="no number of JSON's"),
        pytest.param('{"rows": ' + "[" * 9_999, "nested too deeply", id="too deep"),
        pytest.param("[1]", "no JSON object", id="no object"),
        pytest.param("hello", "no JSON object", id="no JSON"),
    ],
)
def test_what_two_readers_could_read_differently_is_put_aside_with_the_reason(
    text: str, why: str
) -> None:
    with pytest.raises(NotOurMessage, match=why):
        decode(text)
    with pytest.raises(NotOurMessage, match=why):
        decode(base64.b64encode(text.encode()).decode())

"""A chart stands inside a page, whatever its products are called."""

import pytest

from shared.api.report_charts import stacked_bars


@pytest.mark.parametrize("name", ["a\x01b", "a\x0bb", "\ufffe", "\ud800", "", "x" * 300])
def test_a_product_is_drawn_whatever_its_name_holds(name: str) -> None:
    drawn = stacked_bars("Seats", "By product.", [name], {"used": [1], "idle": [2]})

    assert drawn.startswith("<svg")


def test_a_name_that_is_a_tag_stays_text() -> None:
    drawn = stacked_bars("Seats", "", ["<script>alert(1)</script>"], {"used": [1]})

    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn

"""A chart stands inside a page: no script, and its letters stay letters."""

from xml.etree import ElementTree as ET

from shared.api.report_charts import bars


def letters(drawn: str) -> list[str]:
    root = ET.fromstring(drawn)  # noqa: S314 (our own drawing)
    return [text.strip() for text in root.itertext() if text.strip()]


def test_a_label_that_is_a_tag_stays_text() -> None:
    drawn = bars("Seats", "", ["<script>alert(1)</script>"], {"seats": [1]})

    assert "<script" not in drawn
    assert "<script>alert(1)</script>" in letters(drawn)


def test_one_kind_needs_no_legend_and_several_do() -> None:
    one = bars("Seats", "", ["2026-06"], {"realised": [1]})
    two = bars("Seats", "", ["2026-06"], {"realised": [1], "secured": [2]})

    assert "realised" not in letters(one)
    assert {"realised", "secured"} <= {*letters(two)}

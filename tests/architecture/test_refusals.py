"""What people read about Microsoft's codes is the table that the code decides by."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from shared.api.problems import kind_of
from shared.domain.errors import SeatkeeperError
from shared.graph import refusals as graph
from shared.partner_center import refusals as partner_center
from shared.transport.refusals import Refusal

PAGE = (Path(__file__).parents[2] / "docs" / "refusals.md").read_text()


def slug_of(kind: type[SeatkeeperError]) -> str:
    return kind_of(kind.__new__(kind)).slug


def line_of(refusal: Refusal) -> str:
    codes = ", ".join(f"`{code}`" for code in refusal.codes)
    return f"| {codes} | {refusal.happened} | `{slug_of(refusal.kind)}` | {refusal.advice} |"


def lines_under(heading: str) -> list[str]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


def lines_of(refusals: Iterable[Refusal]) -> list[str]:
    return [line_of(refusal) for refusal in refusals]


def test_the_page_prints_the_table_of_partner_center() -> None:
    assert lines_under("Partner Center") == lines_of(partner_center.REFUSALS)


def test_the_page_prints_the_table_of_graph() -> None:
    assert lines_under("Microsoft Graph") == lines_of(row for _, row in graph.REFUSALS)


def test_every_code_has_one_line() -> None:
    codes = Counter(code for row in partner_center.REFUSALS for code in row.codes)

    assert codes.most_common(1)[0][1] == 1
    assert len(codes) > 130

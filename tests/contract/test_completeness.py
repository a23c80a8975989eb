"""Every case that the contract prints is shown by a test somewhere."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PRINTED = frozenset(
    int(number)
    for number in (
        "1 2 4 5 7 8 10 11 13 14 16 17 19 20 22 23 25 26 28 29 31 32 34 35 37 38 40 41 43 44 46 47 "
        "49 50 52 53 55 56 58 59 61 62 64 65 67 68 70 71 73 74 76 77 79 80 82 83 85 86 88 89 91 92 "
        "94 95 97 98 100"
    ).split()
)
MARKED = re.compile(r"^@pytest\.mark\.case\((\d+)\)$", re.MULTILINE)


def test_every_printed_case_has_a_test() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]

    shown = {int(number) for text in texts for number in MARKED.findall(text)}

    assert sorted(PRINTED - shown) == []

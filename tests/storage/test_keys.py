import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import CustomerId, SkuId
from shared.storage import keys
from tests.storage.nouns import NOON

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@given(ANY_TEXT)
def test_a_free_text_becomes_a_key_that_every_client_can_carry_and_comes_back(text: str) -> None:
    key = keys.escaped(text)

    assert re.fullmatch(r"[A-Za-z0-9@:._~-]+", key)
    assert unescaped(key) == text


def unescaped(part: str) -> str:
    if part == "~":
        return ""
    units = re.sub(r"~([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), part)
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_parts_cannot_be_mistaken_for_other_parts(a: str, b: str, c: str, d: str) -> None:
    assert (keys.joined(a, b) == keys.joined(c, d)) == ((a, b) == (c, d))


def test_texts_too_long_for_a_key_stay_apart_and_fit() -> None:
    long = "ü" * 2000

    assert len(keys.escaped(long)) <= 240
    assert keys.escaped(long) != keys.escaped(long + "x")


def test_a_guid_is_one_guid_in_any_case() -> None:
    assert keys.ledger(CustomerId("AB-1"), SkuId("CD-2")) == keys.ledger(
        CustomerId("ab-1"), SkuId("cd-2")
    )


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_later_moments_sort_first(start: int, gap: int) -> None:
    earlier = NOON + timedelta(microseconds=start)
    later = earlier + timedelta(microseconds=gap)

    assert keys.newest_first(later, "z") < keys.newest_first(earlier, "a")


@given(st.integers(1, 10**5), st.integers(1, 10**5))
def test_chunks_sort_by_their_numbers_and_apart_from_their_marks(one: int, other: int) -> None:
    first, last = keys.under("chunk")

    assert (keys.chunk(one) < keys.chunk(other)) == (one < other)
    assert first <= keys.chunk(one) <= last
    assert not first <= keys.open_chunk(one) <= last


@given(ANY_TEXT, ANY_TEXT)
def test_everything_under_a_first_part_lies_in_its_range(subscription: str, holder: str) -> None:
    first, last = keys.under("g")

    assert first <= f"g|{keys.joined(subscription, holder)}" <= last
    assert not first <= keys.reservation(holder) <= last

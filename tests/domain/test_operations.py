import uuid

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.operations import Operation, OperationKind, operation_id, request_id
from tests.builders import NOW

PARTS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\x1f")), min_size=1, max_size=4
)


def test_the_same_caller_route_and_key_find_the_same_operation() -> None:
    first = operation_id("ada", "POST /customers", "key-1")

    assert operation_id("ada", "POST /customers", "key-1") == first
    assert uuid.UUID(first)


@given(PARTS, PARTS)
def test_other_parts_make_another_operation(one: list[str], two: list[str]) -> None:
    assert (operation_id(*one) == operation_id(*two)) == (one == two)


def test_ids_stay_what_they_are_between_releases() -> None:
    assert operation_id("ada", "key-1") == "643929ba-e070-5e09-a5a7-54668a033657"
    assert request_id("batch-1", "sub-1") == "7a6f9315-6ed1-52bc-8fcc-563688147316"


def test_each_step_of_a_piece_of_work_has_its_own_request_id() -> None:
    ids = {request_id(work, step) for work in ("b1", "b2") for step in ("cart", "checkout")}

    assert len(ids) == 4


def test_an_operation_learns_facts_and_forgets_none() -> None:
    operation = Operation(operation_id("x"), OperationKind.BUY_SUBSCRIPTION, "ada", NOW)

    learned = operation.learned(cart="c1").learned(order="o1", cart="c2")

    assert learned.facts == {"cart": "c2", "order": "o1"}
    assert operation.facts == {}

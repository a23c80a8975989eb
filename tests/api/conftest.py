"""A counter with one connection, one customer and one plan behind it."""

import pytest

from tests.api.counter import Counter, a_connection, a_customer, a_plan


@pytest.fixture
def counter() -> Counter:
    counter = Counter()
    for shelf, thing in (
        (counter.connections, a_connection()),
        (counter.customers, a_customer()),
        (counter.plans, a_plan()),
    ):
        shelf.kept[thing.id] = thing
    return counter

"""Whatever befalls a customer over several nights, no seat is lost and none paid for twice."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from shared.domain.seats import GrowthStatus
from tests.nights import LIVES, SOLD, Life, Night, Seen, begin, live, open_for_business
from tests.portal import Portal, Seatkeeper

RANDOM = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
REFUSALS = (400, 403, 404)

# A failure is worth more than the size of the world that is printed with it.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")


@pytest.fixture
def numbers() -> Iterator[int]:
    """All customers of one test live in the same world, one after the other."""
    return count()


@settings(RANDOM, max_examples=1)
@given(nights=LIVES)
async def test_a_few_lives_keep_the_laws_night_by_night(
    seatkeeper: Seatkeeper, portal: Portal, numbers: Iterator[int], nights: list[Night]
) -> None:
    await a_life(seatkeeper, portal, next(numbers), nights)


@pytest.mark.trial
@settings(RANDOM, max_examples=150, derandomize=False)
@given(nights=LIVES)
async def test_many_lives_keep_the_laws_night_by_night(
    seatkeeper: Seatkeeper, portal: Portal, numbers: Iterator[int], nights: list[Night]
) -> None:
    await a_life(seatkeeper, portal, next(numbers), nights)


async def a_life(seatkeeper: Seatkeeper, portal: Portal, number: int, nights: list[Night]) -> None:
    if number == 0:
        await open_for_business(seatkeeper, portal)
    life = await begin(seatkeeper, portal, number)
    for night in nights:
        await live(life, night)
        before, returned = life.seen(), await life.given_back()

        part, sent = await life.night()
        after, told = life.seen(), await life.given_back() - returned
        again, more = await life.night()

        assert (part["status"], again["status"]) == ("done", "done"), (part, again)
        assert [call for call in sent if call.status in REFUSALS] == []
        assert GrowthStatus.REVIEW not in await life.endings()
        nobody_loses_a_seat(life, before, after)
        nothing_is_bought(before, after)
        assert told == gone(before, after)
        assert not more, part


def nobody_loses_a_seat(life: Life, before: Seen, after: Seen) -> None:
    for product in SOLD:
        wanted = life.wanted(product)
        assert after.paid[product] >= min(before.paid[product], wanted), product.title
        assert after.lasting[product] >= min(before.lasting[product], wanted), product.title


def nothing_is_bought(before: Seen, after: Seen) -> None:
    for id_, was in before.ours.items():
        here = after.ours[id_]
        assert here.quantity <= was.quantity
        kept = (was.status, was.auto_renew, was.friendly_name)
        assert (here.status, here.auto_renew, here.friendly_name) == kept


def gone(before: Seen, after: Seen) -> int:
    return sum(was.quantity - after.ours[id_].quantity for id_, was in before.ours.items())

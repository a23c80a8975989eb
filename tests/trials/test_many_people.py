"""A customer with twenty thousand people: each message does its part, in memory that stays flat."""

import tracemalloc

import pytest

from shared.workflows.synchronise import Synchronised, synchronise
from tests.everyday import a_customer
from tests.portal import Portal, Seatkeeper

PEOPLE = 20_000
MEBIBYTE = 2**20

pytestmark = pytest.mark.trial


async def test_twenty_thousand_people_are_read_message_by_message(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a big customer that nobody has read, and pages as Microsoft makes them
    customer = await a_customer(seatkeeper, portal)
    await seatkeeper.sim("PUT", "switches", {"graph.delta.page_size": 200})
    making = f"portal/customers/{customer['id']}/users/make"
    await seatkeeper.sim("POST", making, {"count": PEOPLE})

    # When messages follow each other to the end
    peaks: list[int] = []
    tracemalloc.start()
    while await synchronise(seatkeeper.works.office.desk, customer["id"]) is None:
        peaks.append(tracemalloc.get_traced_memory()[1] - tracemalloc.get_traced_memory()[0])
        tracemalloc.reset_peak()
    tracemalloc.stop()

    # Then there were ten or so, none of which held more than the others
    state = await seatkeeper.works.office.desk.people.state(customer["id"])
    assert state.counts.people == PEOPLE + 1
    assert 9 <= len(peaks) <= 12
    assert max(peaks) < 16 * MEBIBYTE
    assert peaks[-1] < 2 * peaks[1]

    # And the next night reads the few who changed
    await seatkeeper.sim("POST", making, {"count": 3})
    last = (await seatkeeper.sim("GET", "calls"))["last"]
    found = await synchronise(seatkeeper.works.office.desk, customer["id"])
    assert isinstance(found, Synchronised)
    assert found.people.people == PEOPLE + 4
    calls = (await seatkeeper.sim("GET", f"calls?since={last}"))["calls"]
    assert sum(not c["path"].startswith(("/login", "/_sim")) for c in calls) == 2

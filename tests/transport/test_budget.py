"""Hosts that share a row, on a clock that is moved by sleeping."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest

from shared.domain.budgets import Priority, Spending
from shared.domain.errors import (
    ChangedMeanwhile,
    OutcomeUnknown,
    RemoteThrottled,
    StateUnavailable,
)
from shared.transport.budget import Meter, SharedBudget
from shared.transport.call import Call
from shared.transport.priority import at_priority, current_priority
from tests.transport.test_channel import READ, Vendor

KEY = "northwind|"
MINUTE = timedelta(minutes=1)
A_CUSTOMER = Call(method="GET", route="/customers/{customer}", place={"customer": "ABC"})


@dataclass
class Machine:
    """A clock, and the row of each key, with what was read and written."""

    seconds: float = 6_000_000.0
    rows: dict[str, Spending] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    broken: bool = False

    async def read(self, key: str) -> Spending:
        self.done["read"] += 1
        if self.broken:
            raise StateUnavailable("The store does not answer.")
        return self.rows.get(key, Spending())

    async def write(self, key: str, spending: Spending) -> Spending:
        self.done["write"] += 1
        if self.broken:
            raise StateUnavailable("The store does not answer.")
        if spending.etag != self.rows.get(key, Spending()).etag:
            raise ChangedMeanwhile("Another host was first.")
        self.rows[key] = replace(spending, etag=str(self.done["write"]))
        return self.rows[key]

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def host(self, limit: int = 500, longest: timedelta = 2 * MINUTE) -> SharedBudget:
        return SharedBudget(self, limit, longest=longest, now=self.now, sleep=self.sleep)


async def test_a_host_writes_once_per_slice() -> None:
    machine = Machine()
    host = machine.host()

    for _ in range(100):
        await host.take(KEY)

    assert machine.done["write"] == 4


async def test_a_minute_that_is_used_up_goes_back_to_the_queue() -> None:
    host = Machine().host(limit=20, longest=timedelta(seconds=20))

    with at_priority(Priority.URGENT):
        for _ in range(20):
            await host.take(KEY)
        with pytest.raises(RemoteThrottled) as caught:
            await host.take(KEY)

    assert timedelta(seconds=20) < caught.value.retry_after <= timedelta(seconds=70)


async def test_two_hosts_stay_inside_of_one_limit_by_any_minute() -> None:
    machine = Machine()
    hosts = [machine.host(limit=100), machine.host(limit=100)]
    moments = []

    for number in range(350):
        await hosts[number % 3 == 0].take(KEY)
        moments.append(machine.seconds)
        machine.seconds += 0.1

    for start in moments:
        assert sum(start <= moment < start + 60 for moment in moments) <= 100
    assert moments[-1] - moments[0] < 5 * 60


async def test_a_pause_that_one_host_was_told_stops_the_other() -> None:
    machine = Machine()
    told, other = machine.host(), machine.host(longest=timedelta(seconds=20))
    await other.take(KEY)

    await told.pause(KEY, timedelta(seconds=57))
    machine.seconds += 2
    with pytest.raises(RemoteThrottled) as caught:
        await other.take(KEY)

    assert caught.value.retry_after == timedelta(seconds=55)


async def test_after_the_pause_everything_goes_on() -> None:
    machine = Machine()
    told = machine.host()

    await told.pause(KEY, timedelta(seconds=57))
    began = machine.seconds
    await told.take(KEY)

    assert 57 <= machine.seconds - began < 65


async def test_a_pause_without_a_length_is_a_short_one() -> None:
    machine = Machine()
    told = machine.host()

    await told.pause(KEY, None)
    await told.take(KEY)

    assert 0 < machine.seconds - 6_000_000 < 10


async def test_the_night_waits_while_a_growth_goes_on() -> None:
    machine = Machine()
    host = machine.host(limit=100, longest=timedelta(seconds=5))

    with at_priority(Priority.BACKGROUND):
        for _ in range(90):
            await host.take(KEY)
        with pytest.raises(RemoteThrottled):
            await host.take(KEY)
    with at_priority(Priority.URGENT):
        for _ in range(10):
            await host.take(KEY)

    assert machine.seconds == 6_000_000


async def test_without_the_shared_row_a_host_counts_alone() -> None:
    machine = Machine(broken=True)
    host = machine.host(limit=10, longest=timedelta(0))

    for _ in range(10):
        await host.take(KEY)

    assert machine.done == {"read": 1}
    with pytest.raises(RemoteThrottled):
        await host.take(KEY)


async def test_a_row_that_hangs_holds_no_call_up() -> None:
    class Hanging(Machine):
        async def read(self, key: str) -> Spending:
            await asyncio.sleep(3600)
            return await super().read(key)

    machine = Hanging()
    host = SharedBudget(machine, 10, patience=timedelta(seconds=0.01), now=machine.now)

    async with asyncio.timeout(5):
        await host.take(KEY)


async def test_the_shared_row_is_asked_again_after_half_a_minute() -> None:
    machine = Machine(broken=True)
    host = machine.host()
    await host.take(KEY)

    machine.broken, machine.seconds = False, machine.seconds + 30
    await host.take(KEY)

    assert machine.rows[KEY].used == 25


async def test_priorities_are_inherited_by_what_runs_side_by_side() -> None:
    async def one() -> Priority:
        return current_priority()

    with at_priority(Priority.BACKGROUND):
        inside = await asyncio.gather(one(), one())

    assert set(inside) == {Priority.BACKGROUND}
    assert current_priority() is Priority.NORMAL


@pytest.mark.parametrize(
    ("per_customer", "key"),
    [
        pytest.param(False, "northwind|", id="the partner"),
        pytest.param(True, "northwind|abc", id="each customer of the partner"),
    ],
)
def test_a_key_names_who_shares_the_limit(*, per_customer: bool, key: str) -> None:
    meter = Meter(Machine().host(), "Northwind", per_customer)

    assert meter.key_of(A_CUSTOMER) == key


async def test_customers_have_budgets_of_their_own() -> None:
    machine = Machine()
    meter = Meter(machine.host(limit=1, longest=timedelta(0)), "northwind", per_customer=True)

    await meter.take(A_CUSTOMER)
    await meter.take(replace(A_CUSTOMER, place={"customer": "DEF"}))

    with pytest.raises(RemoteThrottled):
        await meter.take(A_CUSTOMER)


async def test_every_attempt_takes_a_call_and_a_429_pauses_all_hosts() -> None:
    machine = Machine()
    vendor = Vendor(httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200))
    channel = replace(vendor.channel(), meter=Meter(machine.host(), "northwind"))

    await channel.send(READ)

    paused = machine.rows[KEY].paused_until
    assert paused is not None
    assert paused.timestamp() == 6_000_007
    assert len(vendor.asked) == 2
    assert machine.seconds >= 6_000_007


async def test_a_write_that_may_have_happened_stays_a_question_when_calls_run_out() -> None:
    machine = Machine()
    vendor = Vendor(httpx.ReadTimeout("x"))
    meter = Meter(machine.host(limit=1, longest=timedelta(0)), "northwind")
    call = Call(method="POST", route="/checkout", content=b"{}", repeatable=True)

    with pytest.raises(OutcomeUnknown):
        await replace(vendor.channel(), meter=meter).send(call)

    assert len(vendor.asked) == 1

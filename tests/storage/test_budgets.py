"""Two hosts and one row of the real storage emulator."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest

from shared.domain.budgets import Priority, Spending
from shared.domain.errors import ChangedMeanwhile, RemoteThrottled
from shared.storage.budgets import BudgetTable
from shared.storage.tables import Tables
from shared.transport.budget import SharedBudget
from shared.transport.priority import at_priority
from tests.storage.conftest import Stores

KEY = "northwind|"


async def test_what_was_written_is_read_by_every_host(stores: Stores, elsewhere: Stores) -> None:
    here, there = BudgetTable(stores.tables), BudgetTable(elsewhere.tables)
    spending = Spending(span=17, spent=(1, 2, 3, 0, 0, 0, 0)).paused(stores.clock.now())

    written = await here.write(KEY, spending)

    assert await there.read(KEY) == spending
    assert (await there.read(KEY)).etag == written.etag


async def test_only_one_host_writes_on_what_both_have_read(stores: Stores) -> None:
    table = BudgetTable(stores.tables)
    first = await table.write(KEY, Spending(span=17))
    await table.write(KEY, first)

    with pytest.raises(ChangedMeanwhile):
        await table.write(KEY, first)
    with pytest.raises(ChangedMeanwhile):
        await table.write(KEY, Spending(span=17))


async def test_two_hosts_together_stay_inside_of_any_window(
    stores: Stores, azurite: str, prefix: str
) -> None:
    window, limit = timedelta(seconds=2), 40
    elsewhere = Tables(azurite, prefix=prefix)
    hosts = [
        SharedBudget(BudgetTable(tables), limit, window=window, longest=10 * window)
        for tables in (stores.tables, elsewhere)
    ]
    moments: list[float] = []

    async def work(host: SharedBudget) -> None:
        for _ in range(11):
            await host.take(KEY)
            moments.append(time.monotonic())

    await asyncio.gather(*(work(hosts[n % 2]) for n in range(8)))
    await elsewhere.close()

    assert len(moments) == 88
    for start in moments:
        assert sum(start <= moment < start + 2 for moment in moments) <= limit


async def test_a_pause_reaches_the_other_host_and_the_night_yields(
    stores: Stores, elsewhere: Stores
) -> None:
    here = SharedBudget(BudgetTable(stores.tables), 100, longest=timedelta(seconds=1))
    there = SharedBudget(BudgetTable(elsewhere.tables), 100, longest=timedelta(seconds=1))
    outcomes: Counter[str] = Counter()

    with at_priority(Priority.BACKGROUND):
        for host in [here, there] * 55:
            try:
                await host.take(KEY)
                outcomes["night"] += 1
            except RemoteThrottled:
                outcomes["night waits"] += 1
    with at_priority(Priority.URGENT):
        await here.take(KEY)
        await here.pause(KEY, timedelta(seconds=57))
        await asyncio.sleep(2)
        with pytest.raises(RemoteThrottled) as caught:
            await there.take(KEY)

    assert outcomes["night"] <= 90
    assert outcomes["night waits"] >= 10
    assert timedelta(seconds=50) < caught.value.retry_after <= timedelta(seconds=57)

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import azure.functions as func
import pytest
from azure.storage.blob.aio import ContainerClient

from local.functions import NotSupportedHere, functions_of
from local.host import Host
from local.timers import Schedule

NEVER = "0 0 0 1 1 *"
EVERY_SECOND = "* * * * * *"


class Nightly:
    """A timer function that remembers its calls."""

    def __init__(self, schedule: str, *, monitored: bool = True, at_startup: bool = False) -> None:
        self.calls: list[func.TimerRequest] = []
        self.called = asyncio.Event()
        self.app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

        @self.app.timer_trigger("timer", schedule, use_monitor=monitored, run_on_startup=at_startup)
        async def nightly(timer: func.TimerRequest) -> None:
            self.calls.append(timer)
            self.called.set()


@pytest.fixture
async def hosts(azurite: str) -> AsyncIterator[ContainerClient]:
    """Where the hosts of a storage account keep their locks and records."""
    container = ContainerClient.from_connection_string(azurite, "azure-webjobs-hosts")
    async with container:
        if not await container.exists():
            await container.create_container()
        yield container


async def last_run(hosts: ContainerClient, prefix: str, moment: datetime, schedule: str) -> None:
    status = {
        "Last": moment.isoformat(),
        "Next": Schedule(schedule).next_after(moment).isoformat(),
        "LastUpdated": moment.isoformat(),
    }
    name = f"timers/{prefix}/Host.Functions.nightly/status"
    await hosts.upload_blob(name, json.dumps(status).encode())


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        pytest.param("0 30 2 * * *", "2026-03-01T02:30:00", "2026-03-02T02:30:00", id="nightly"),
        pytest.param("*/15 * * * * *", "2026-03-01T02:30:01", "2026-03-01T02:30:15", id="seconds"),
        pytest.param("30 2 * * *", "2026-03-01T00:00:00", "2026-03-01T02:30:00", id="five fields"),
        pytest.param(
            "0 0 0 1 * MON",
            "2026-01-01T00:00:00",
            "2026-06-01T00:00:00",
            id="both day fields count",
        ),
    ],
)
def test_reads_ncrontab(expression: str, after: str, expected: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)

    following = Schedule(expression).next_after(moment)

    assert following == datetime.fromisoformat(expected).replace(tzinfo=UTC)


async def test_fires_at_its_hour(settings: dict[str, str]) -> None:
    nightly = Nightly("%EVERY%")

    async with Host(nightly.app, settings | {"EVERY": EVERY_SECOND}):
        await asyncio.wait_for(nightly.called.wait(), 5)

    assert nightly.calls[0].past_due is False


async def test_makes_up_for_many_missed_runs_with_one(
    hosts: ContainerClient, settings: dict[str, str], prefix: str
) -> None:
    nightly = Nightly("0 0 * * * *")
    await last_run(hosts, prefix, datetime.now(UTC) - timedelta(days=3), "0 0 * * * *")

    async with Host(nightly.app, settings):
        await asyncio.wait_for(nightly.called.wait(), 5)
    again = Nightly("0 0 * * * *")
    async with Host(again.app, settings):
        await asyncio.sleep(0.3)

    assert [call.past_due for call in nightly.calls] == [True]
    assert again.calls == []


async def test_an_unmonitored_timer_makes_up_for_nothing(
    hosts: ContainerClient, settings: dict[str, str], prefix: str
) -> None:
    nightly = Nightly(NEVER, monitored=False)
    await last_run(hosts, prefix, datetime.now(UTC) - timedelta(days=800), NEVER)

    async with Host(nightly.app, settings):
        await asyncio.sleep(0.3)

    assert nightly.calls == []


async def test_another_schedule_than_the_recorded_one_is_not_past_due(
    hosts: ContainerClient, settings: dict[str, str], prefix: str
) -> None:
    nightly = Nightly(NEVER)
    await last_run(hosts, prefix, datetime.now(UTC) - timedelta(days=3), "0 0 * * * *")

    async with Host(nightly.app, settings):
        await asyncio.sleep(0.3)

    assert nightly.calls == []


async def test_a_first_start_is_not_past_due_but_may_run_on_startup(
    settings: dict[str, str],
) -> None:
    quiet, eager = Nightly(NEVER), Nightly(NEVER, at_startup=True)

    async with Host(quiet.app, settings):
        await asyncio.sleep(0.3)
    async with Host(eager.app, settings):
        await asyncio.wait_for(eager.called.wait(), 5)

    assert quiet.calls == []
    assert eager.calls[0].past_due is False


async def test_one_host_of_two_fires_and_the_other_takes_over(settings: dict[str, str]) -> None:
    first, second = Nightly(EVERY_SECOND), Nightly(EVERY_SECOND)

    holder = Host(first.app, settings, time_scale=0.001)
    await holder.start()
    await asyncio.wait_for(first.called.wait(), 5)
    async with Host(second.app, settings, time_scale=0.001):
        first.called.clear()
        await asyncio.wait_for(first.called.wait(), 5)
        assert second.calls == []
        await holder.stop()
        await asyncio.wait_for(second.called.wait(), 5)

    assert len(second.calls) >= 1


async def test_a_failing_timer_waits_for_its_next_hour(settings: dict[str, str]) -> None:
    calls = 0
    again = asyncio.Event()
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.timer_trigger("timer", EVERY_SECOND)
    async def failing(timer: func.TimerRequest) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            again.set()
        raise RuntimeError("not tonight")

    async with Host(app, settings):
        await asyncio.wait_for(again.wait(), 5)


class Failing:
    """A timer function that fails until it has been called so many times."""

    def __init__(self, failures: int, most: int, *, delay: str = "00:00:10") -> None:
        self.calls = 0
        self.called, self.tired = asyncio.Event(), asyncio.Event()
        self.app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

        @self.app.timer_trigger("timer", "0 0 * * * *")
        @self.app.retry("fixed_delay", str(most), delay)
        async def nightly(timer: func.TimerRequest) -> None:
            self.calls += 1
            self.called.set()
            if self.calls == most + 1:
                self.tired.set()
            if self.calls <= failures:
                raise RuntimeError("not yet")


async def test_a_failed_run_is_tried_again_as_often_as_its_policy_says(
    hosts: ContainerClient, settings: dict[str, str], prefix: str
) -> None:
    failing = Failing(failures=99, most=3)
    await last_run(hosts, prefix, datetime.now(UTC) - timedelta(days=3), "0 0 * * * *")

    async with Host(failing.app, settings, time_scale=0.001):
        await asyncio.wait_for(failing.tired.wait(), 5)
        await asyncio.sleep(0.3)

    assert failing.calls == 4


async def test_a_run_that_succeeds_at_last_is_not_tried_again(
    hosts: ContainerClient, settings: dict[str, str], prefix: str
) -> None:
    failing = Failing(failures=2, most=9)
    await last_run(hosts, prefix, datetime.now(UTC) - timedelta(days=3), "0 0 * * * *")

    async with Host(failing.app, settings, time_scale=0.001):
        await asyncio.sleep(1)

    assert failing.calls == 3


async def test_a_host_that_stops_waits_for_no_other_try(
    hosts: ContainerClient, settings: dict[str, str], prefix: str
) -> None:
    endless = Failing(failures=99, most=-1, delay="01:00:00")
    await last_run(hosts, prefix, datetime.now(UTC) - timedelta(days=3), "0 0 * * * *")

    host = Host(endless.app, settings)
    await host.start()
    await asyncio.wait_for(endless.called.wait(), 5)
    await asyncio.wait_for(host.stop(), 5)

    assert endless.calls == 1


@pytest.mark.parametrize("what", ["another strategy", "another trigger"])
def test_a_retry_policy_that_is_not_imitated_is_refused(what: str) -> None:
    app = func.FunctionApp()
    if what == "another trigger":

        @app.queue_trigger("msg", "work", "AzureWebJobsStorage")
        @app.retry("fixed_delay", "3", "00:00:10")
        async def work(msg: func.QueueMessage) -> None: ...
    else:

        @app.timer_trigger("timer", NEVER)
        @app.retry("exponential_backoff", "3", minimum_interval="00:00:01")
        async def nightly(timer: func.TimerRequest) -> None: ...

    with pytest.raises(NotSupportedHere):
        functions_of(app)


@pytest.mark.trial
async def test_a_dead_hosts_timer_is_taken_over_when_its_lease_ends(
    settings: dict[str, str],
) -> None:
    first, second = Nightly(EVERY_SECOND), Nightly(EVERY_SECOND)

    doomed = Host(first.app, settings, time_scale=0.01)
    await doomed.start()
    await asyncio.wait_for(first.called.wait(), 5)
    await doomed.die()
    async with Host(second.app, settings, time_scale=0.01):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(second.called.wait(), 5)
        await asyncio.wait_for(second.called.wait(), 20)

    assert second.calls

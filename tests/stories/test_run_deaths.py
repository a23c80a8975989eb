"""A run whose hosts die, or come at the wrong moment, covers everybody and closes once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from shared.workflows.open_run import open_night
from shared.workflows.ports import Desk, Runs
from shared.workflows.sweep_runs import sweep_runs
from tests.deaths import Fate, fated
from tests.portal import Json, Killed, Portal, Seatkeeper
from tests.stories.test_runs import three

__all__ = ["three"]


class Interrupted:
    """Runs to which something happens just before one of their methods is called."""

    def __init__(self, runs: Runs, method: str, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._runs, self._method, self._meanwhile = runs, method, meanwhile

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._runs, name)
        return self._after_it(method) if name == self._method else method

    def _after_it(self, method: Callable[..., Awaitable[object]]) -> Any:
        async def interrupted(*words: Any) -> object:
            await self._meanwhile()
            return await method(*words)

        return interrupted


def interrupted(desk: Desk, method: str, meanwhile: Callable[[], Awaitable[object]]) -> Desk:
    return replace(desk, runs=cast("Runs", Interrupted(desk.runs, method, meanwhile)))


@pytest.fixture
def fate(three: Seatkeeper, monkeypatch: pytest.MonkeyPatch) -> Fate:
    return fated(three, monkeypatch)


async def later(seatkeeper: Seatkeeper) -> None:
    """Let the sweep come by until it takes what does not move for one that is left."""
    desk = seatkeeper.works.office.desk
    await sweep_runs(desk)
    await seatkeeper.sim("POST", "clock/advance", {"minutes": 25})
    await sweep_runs(desk)
    await seatkeeper.settle()


async def nights_of(portal: Portal) -> list[Json]:
    return list((await portal.get("runs"))["items"])


async def test_a_sweep_that_comes_by_while_a_night_opens_does_not_close_it(
    three: Seatkeeper, portal: Portal
) -> None:
    desk = three.works.office.desk

    await open_night(interrupted(desk, "expect_connections", lambda: sweep_runs(desk)))
    await three.settle()

    [night] = await nights_of(portal)
    assert (night["status"], night["summary"]["customers"]) == ("done", 3)


async def test_a_night_that_dies_while_it_opens_is_found_and_covers_everybody(
    three: Seatkeeper, portal: Portal, fate: Fate
) -> None:
    # Given nights of which each dies before another one of its writes
    await portal.send("GET", "health")
    died_at = 0
    while await _dies(three, fate, died_at + 1):
        died_at += 1

        # When the timer makes up for one that left nothing, and the sweep comes by
        if not await three.works.office.desk.runs.open_runs():
            await three.host.run("nightly")
        await later(three)

        # Then it is listed once and has come to everybody
        nights = await nights_of(portal)
        assert len({night["id"] for night in nights}) == len(nights) == died_at
        told = (nights[0]["status"], nights[0]["summary"]["customers"])
        assert told == ("done", 3), fate.met[-1]
    assert died_at >= 6


async def _dies(seatkeeper: Seatkeeper, fate: Fate, at: int) -> bool:
    await seatkeeper.sim("POST", "clock/advance", {"days": 1})
    fate.arm(at)
    try:
        await open_night(seatkeeper.works.office.desk)
    except Killed:
        return True
    finally:
        fate.armed = False
    return False

from random import Random

import pytest

from simulator.latency import PROFILE, seconds_of
from simulator.switches import Switches

REALISTIC = {"latency.profile": "realistic"}
BATCH = "/graph/v1.0/$batch"


def a_chance() -> Random:
    return Random(7)  # noqa: S311 - it decides how slow a simulation is, never a secret


def a_draw(path: str, method: str = "POST", *, reads: int = 0, writes: int = 0) -> float:
    switches = Switches(dict(REALISTIC))
    return seconds_of(switches, a_chance(), method, path, reads=reads, writes=writes)


@pytest.mark.parametrize(
    ("method", "path", "items", "span"),
    [
        pytest.param("POST", BATCH, {"writes": 20}, (1.5, 2.6), id="twenty creates"),
        pytest.param("POST", BATCH, {"reads": 20}, (0.3, 0.55), id="twenty reads"),
        pytest.param("GET", "/graph/v1.0/users/1", {}, (0.1, 0.2), id="one read"),
        pytest.param("PATCH", "/partnercenter/v1/customers/1", {}, (3, 10), id="a growth"),
        pytest.param("GET", "/partnercenter/v1/customers", {}, (0.2, 0.8), id="a list"),
        pytest.param("POST", "/login/x/oauth2/v2.0/token", {}, (0.05, 0.2), id="a sign-in"),
    ],
)
def test_calls_last_about_as_long_as_microsofts(
    method: str, path: str, items: dict[str, int], span: tuple[float, float]
) -> None:
    low, high = span

    assert low <= a_draw(path, method, **items) <= high


def test_nothing_lasts_unless_it_is_asked_for() -> None:
    assert seconds_of(Switches(), a_chance(), "POST", BATCH, reads=0, writes=20) == 0


def test_the_control_takes_no_time() -> None:
    assert a_draw("/_sim/clock") == 0


def test_one_scale_shortens_every_call() -> None:
    switches = Switches({**REALISTIC, "timeScale": 0.1})

    scaled = seconds_of(switches, a_chance(), "POST", BATCH, reads=0, writes=20)

    assert scaled == pytest.approx(a_draw(BATCH, writes=20) / 10)


def test_two_runs_of_one_seed_are_equally_slow() -> None:
    assert a_draw(BATCH, writes=20) == a_draw(BATCH, writes=20)


def test_the_readme_prints_the_profile(pytestconfig: pytest.Config) -> None:
    readme = (pytestconfig.rootpath / "simulator" / "README.md").read_text()

    for _, _, span in PROFILE:
        assert f"{span.low}, {span.usual}, {span.high}" in readme

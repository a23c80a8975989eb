"""Make the simulator as slow, and as strict, as Microsoft is, while something is measured."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.places import Places


@contextmanager
def as_slow_as_microsoft(places: Places, scale: float, **limits: int) -> Iterator[None]:
    """``scale`` is a second's length here; ``limits`` are Graph's, beside the published ones.

    The simulator's record of calls begins anew.
    """
    places.control("PUT", "switches", _switches(scale, limits, on=True))
    places.control("DELETE", "calls")
    try:
        yield
    finally:
        places.control("PUT", "switches", _switches(scale, limits, on=False))


def _switches(scale: float, limits: dict[str, int], *, on: bool) -> dict[str, object]:
    return {
        "latency.profile": "realistic" if on else "off",
        "timeScale": scale,
        "graph.throttle.enabled": on,
        "partnercenter.throttle.enabled": on,
        **{f"graph.throttle.{name}": limit for name, limit in limits.items()},
    }

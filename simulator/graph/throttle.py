"""How many writes an app may make in a tenant before Graph asks it to wait."""

from collections import defaultdict, deque
from math import ceil
from time import monotonic

from simulator.graph.call import Caller
from simulator.graph.errors import throttled
from simulator.world import World


class Throttle:
    """One sliding window of writes per app and tenant, in real time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._writes: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def check(self, caller: Caller, method: str) -> None:
        if method == "GET" or not self._world.switches["graph.throttle.enabled"]:
            return
        writes = self._recent(caller)
        if len(writes) >= self._world.switches["graph.throttle.writes"]:
            scope = f"Tenant_Application/ReadWrite/{caller.app_id}/{caller.tenant.id}"
            wait = self._world.switches["graph.throttle.retry_after_s"] * self._scale
            raise throttled(ceil(wait), scope)
        writes.append(monotonic())

    @property
    def _scale(self) -> float:
        return float(self._world.switches["timeScale"])

    def _recent(self, caller: Caller) -> deque[float]:
        writes = self._writes[caller.app_id, caller.tenant.id]
        window = self._world.switches["graph.throttle.window_ms"] / 1000 * self._scale
        oldest = monotonic() - window
        while writes and writes[0] <= oldest:
            writes.popleft()
        return writes

"""Let a share of all calls go wrong, as a seed says: throttled, failed, or done and not told."""

import random

from simulator.faults import Fault, Faults

_STATUSES = (429, 429, 500, 502, 503, 504)


class Weather(Faults):
    """Every call is asked about once, and so is every item of a `$batch`."""

    def __init__(self, seed: str, share: float) -> None:
        super().__init__()
        self._chance = random.Random(seed)  # noqa: S311 (it must be repeatable)
        self._share = share
        self.struck = 0

    def calm(self) -> None:
        self._share = -1

    def match(self, method: str, path: str) -> Fault | None:
        planned = super().match(method, path)
        if planned is not None or path.startswith("/login") or self._chance.random() > self._share:
            return planned
        self.struck += 1
        status = self._chance.choice(_STATUSES)
        return Fault(status=status, retry_after=1 if status == 429 else None)

"""Take as long as Microsoft does: how many seconds each kind of call lasts, seeded.

Microsoft publishes no figures. These come from what operators of such services report, and are
rounded; `latency.profile` says whether they count, and `timeScale` shrinks them with the limits.
"""

import re
from dataclasses import dataclass
from random import Random

from simulator.switches import Switches, declare

OFF, REALISTIC = "off", "realistic"
_APIS = ("login", "partnercenter", "graph", "exchange")


@dataclass(frozen=True)
class Span:
    """Seconds: at least, mostly, at most. What a batch's items add comes on top of it."""

    low: float
    usual: float
    high: float
    per_read: float = 0.0
    per_write: float = 0.0

    def draw(self, chance: Random, reads: int, writes: int) -> float:
        added = self.per_read * reads + self.per_write * writes
        share = chance.triangular(self.low, self.high, self.usual) / self.usual
        return share * (self.usual + added)


# The first that fits counts.
PROFILE: tuple[tuple[str, str, Span], ...] = (
    ("POST", r"/graph/v1\.0/\$batch", Span(0.16, 0.2, 0.25, per_read=0.01, per_write=0.09)),
    ("GET", r"/graph/.*", Span(0.1, 0.14, 0.2)),
    (".*", r"/graph/.*/assignLicense", Span(0.4, 0.6, 0.9)),
    (".*", r"/graph/.*", Span(0.3, 0.45, 0.8)),
    ("PATCH", r"/partnercenter/.*", Span(3, 5, 10)),
    ("POST", r"/partnercenter/.*/checkout", Span(3, 5, 10)),
    ("POST", r"/partnercenter/.*", Span(1, 2, 4)),
    (".*", r"/partnercenter/.*", Span(0.2, 0.35, 0.8)),
    (".*", r"/login/.*", Span(0.05, 0.1, 0.2)),
    (".*", r"/exchange/.*", Span(0.5, 1.5, 4)),
)


def seconds_of(
    switches: Switches, chance: Random, method: str, path: str, *, reads: int, writes: int
) -> float:
    """How long a call takes on the wire; ``reads`` and ``writes`` are the items of a batch."""
    api = path.split("/")[1]
    if api not in _APIS:
        return 0
    seconds = float(switches[f"latency.{api}Ms"]) / 1000
    if switches["latency.profile"] == REALISTIC:
        seconds += _span(method, path).draw(chance, reads, writes)
    return seconds * float(switches["timeScale"])


def _span(method: str, path: str) -> Span:
    for verbs, places, span in PROFILE:
        if re.fullmatch(verbs, method) and re.fullmatch(places, path):
            return span
    return Span(0.1, 0.2, 0.4)


declare(
    "latency.profile", OFF, "`realistic`: every call takes about as long as Microsoft's own do."
)
declare(
    "timeScale", 1.0, "How long a second of latencies, limits' windows and Retry-After lasts here."
)

"""Play one batch with one thing that goes wrong, and choose which points are worth it."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.portal import Json
from tests.trials.kinds import is_receive, is_send
from tests.trials.laws import breaches, open_in_the_ledger
from tests.trials.points import ANYTHING, Aim, Moment, Nothing, Point, Recorder, Watch
from tests.trials.stage import Stage, Stuck

_ENDS = frozenset({"done", "failed", "refused", "review", "cancelled"})
RANDOM_POINTS = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """How one trial went; ``met`` says whether its point came at all."""

    point: Point | None
    met: bool
    seconds: float
    breaches: tuple[str, ...]

    def __str__(self) -> str:
        verdict = "; ".join(self.breaches) or ("kept" if self.met else "kept, never met")
        return f"{self.point}: {verdict} ({self.seconds:.0f} s)"


def record(stage: Stage) -> list[str]:
    """The kinds of an undisturbed run, in their order."""
    recorder = Recorder()
    found = _play(stage, recorder)
    assert not found, found
    return recorder.kinds


def attempt(stage: Stage, point: Point) -> Finding:
    aim, started = Aim(point), time.monotonic()
    found = _play(stage, aim)
    return Finding(point, aim.met.is_set(), time.monotonic() - started, tuple(found))


def _play(stage: Stage, watch: Watch) -> list[str]:
    customer = stage.new_customer()
    stage.control("DELETE", "calls")
    stage.proxy.watch = watch
    try:
        return _a_batch(stage, customer)
    except Stuck as stuck:
        return [f"stuck: {stuck}"]
    finally:
        stage.proxy.watch = Nothing()
        stage.mend()


def _a_batch(stage: Stage, customer: Json) -> list[str]:
    id_ = f"b{uuid.uuid4().hex[:12]}"
    body = {"id": id_, "customerId": customer["id"], "rows": stage.rows(customer)}
    stage.send("POST", "batches", body, key=id_)
    place = f"batches/{id_}"
    shown: Json = {}

    def has_ended() -> bool:
        shown.update(stage.send("GET", place, host="two"))
        return shown["status"] in _ENDS

    stage.until(has_ended, f"the batch did not end: {shown}")
    stage.until(lambda: not open_in_the_ledger(stage, customer), "something is left in the ledger")
    return breaches(stage, customer, shown)


def points_of(kinds: Sequence[str]) -> list[Point]:
    """Every distinct kind with everything that can befall it."""
    return [Point(moment, kind) for kind in sorted(Counter(kinds)) for moment in _moments_of(kind)]


def random_points(kinds: Sequence[str], seed: str, count: int = RANDOM_POINTS) -> Iterator[Point]:
    """Anywhere in a run: the seed and the number say where."""
    chance = random.Random(seed)  # noqa: S311 (it must be repeatable)
    for _ in range(count):
        moment = chance.choice([Moment.BEFORE, Moment.AFTER])
        yield Point(moment, ANYTHING, chance.randint(1, len(kinds)))


def _moments_of(kind: str) -> tuple[Moment, ...]:
    if is_receive(kind):
        return Moment.AFTER, Moment.LOST
    usual = Moment.BEFORE, Moment.AFTER, Moment.LOST
    return (*usual, Moment.TWICE, Moment.LATE) if is_send(kind) else usual

"""Play one batch with one thing that goes wrong, and choose which points are worth it."""

import random
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.portal import Json
from tests.trials.kinds import is_receive, is_send
from tests.trials.laws import breaches, open_in_the_ledger
from tests.trials.points import ANYTHING, Aim, Moment, Nothing, Point, Recorder, Watch
from tests.trials.stage import Stage, Stuck
from tests.trials.stories import STORIES, Story

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


def record(stage: Stage, story: str) -> list[str]:
    """The kinds of an undisturbed run, in their order."""
    recorder = Recorder()
    found = _play(stage, recorder, STORIES[story])
    assert not found, found
    return recorder.kinds


def attempt(stage: Stage, point: Point) -> Finding:
    aim, started = Aim(point), time.monotonic()
    found = _play(stage, aim, STORIES[point.story])
    return Finding(point, aim.met.is_set(), time.monotonic() - started, tuple(found))


def _play(stage: Stage, watch: Watch, story: Story) -> list[str]:
    customer = stage.new_customer()
    try:
        if story.first is not None:
            _carry_out(stage, customer, story.first(customer["domain"]))
        stage.control("DELETE", "calls")
        stage.proxy.watch = watch
        ended = _carry_out(stage, customer, story.rows(customer["domain"]))
        return breaches(stage, customer, ended, story)
    except Stuck as stuck:
        return [f"stuck: {stuck}"]
    finally:
        stage.proxy.watch = Nothing()
        stage.mend()


def _carry_out(stage: Stage, customer: Json, rows: list[Json]) -> Json:
    """Answer the batch as it ended, once nothing of it is open in the ledger."""
    id_ = f"b{uuid.uuid4().hex[:12]}"
    body = {"id": id_, "customerId": customer["id"], "rows": rows}
    stage.send("POST", "batches", body, key=id_)
    shown: Json = {}

    def has_ended() -> bool:
        shown.update(stage.send("GET", f"batches/{id_}", host="two"))
        return shown["status"] in _ENDS

    stage.until(has_ended, f"the batch did not end: {shown}")
    stage.until(lambda: not open_in_the_ledger(stage, customer), "something is left in the ledger")
    return shown


def points_of(kinds: Iterable[str], story: str) -> list[Point]:
    """Every distinct kind with everything that can befall it."""
    return [
        Point(moment, kind, story=story)
        for kind in sorted(set(kinds))
        for moment in _moments_of(kind)
    ]


def random_points(kinds: Sequence[str], seed: str, story: str) -> Iterator[Point]:
    """Anywhere in a run: the seed and the number say where."""
    chance = random.Random(f"{seed}/{story}")  # noqa: S311 (it must be repeatable)
    for _ in range(RANDOM_POINTS):
        moment = chance.choice([Moment.BEFORE, Moment.AFTER])
        yield Point(moment, ANYTHING, chance.randint(1, len(kinds)), story)


def _moments_of(kind: str) -> tuple[Moment, ...]:
    if is_receive(kind):
        return Moment.AFTER, Moment.LOST
    usual = Moment.BEFORE, Moment.AFTER, Moment.LOST
    return (*usual, Moment.TWICE, Moment.LATE) if is_send(kind) else usual

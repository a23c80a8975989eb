"""Count how many rows of a batch stand where."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.batches import RowResult, RowStatus


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows stand where."""

    waiting: int = 0
    begun: int = 0
    created: int = 0
    waiting_for_seat: int = 0
    done: int = 0
    failed: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            self.waiting + other.waiting,
            self.begun + other.begun,
            self.created + other.created,
            self.waiting_for_seat + other.waiting_for_seat,
            self.done + other.done,
            self.failed + other.failed,
        )

    @property
    def total(self) -> int:
        return self.waiting + self.in_flight + self.done + self.failed

    @property
    def is_complete(self) -> bool:
        return self.done + self.failed == self.total

    @property
    def in_flight(self) -> int:
        """Rows whose licences may have been given although they do not say so yet."""
        return self.begun + self.created + self.waiting_for_seat


def progress_of(results: Iterable[RowResult]) -> Progress:
    counts = dict.fromkeys(RowStatus, 0)
    for result in results:
        counts[result.status] += 1
    return Progress(
        waiting=counts[RowStatus.WAITING],
        begun=counts[RowStatus.BEGUN],
        created=counts[RowStatus.CREATED],
        waiting_for_seat=counts[RowStatus.WAITING_FOR_SEAT],
        done=counts[RowStatus.DONE],
        failed=counts[RowStatus.FAILED],
    )

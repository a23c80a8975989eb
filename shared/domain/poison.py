"""Know a queue message that could not be handled: why, and how often."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.ids import PoisonId

GAVE_NO_REASON = (
    "It was delivered as often as the platform allows and never brought to an end: the process "
    "died, or took too long. See the log."
)


@dataclass(frozen=True, slots=True)
class PutAside:
    """A message that ended in a poison queue; ``body`` may hold what a customer sent."""

    id: PoisonId
    queue: str
    body: str
    reason: str
    first_at: datetime
    at: datetime
    times: int = 1
    ours: bool = True
    """Whether it may decide about the work that it names."""
    retried_at: datetime | None = None
    """When it was last sent again; a message that fails once more is open again."""
    etag: str = field(default="", compare=False)

    @property
    def is_open(self) -> bool:
        return self.retried_at is None


def poison_id(queue: str, body: str) -> PoisonId:
    """The same text in the same queue is the same trouble, however often it comes."""
    text = f"{queue}\n{body}".encode("utf-8", "surrogatepass")
    return PoisonId(hashlib.sha256(text).hexdigest()[:32])

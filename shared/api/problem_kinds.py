"""Know what a problem is to a caller, whatever it was about."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from shared.domain.errors import SeatkeeperError

DOCUMENTATION = "/api/docs"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What never changes between two occurrences; ``advice`` is for the docs page."""

    status: HTTPStatus
    slug: str
    title: str
    advice: str
    retry_after: timedelta | None = None

    @property
    def type(self) -> str:
        return f"{DOCUMENTATION}#problem-{self.slug}"


Kinds = dict[type[SeatkeeperError], ProblemKind]

"""Say how urgent the work at hand is, once, at the door through which it came in.

The doors set it (`shared/api/reception.py`, `shared/api/messages.py`), the budget of calls reads
it, and nobody in between passes it on: what is started from a task inherits the task's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared.domain.budgets import Priority

_current: ContextVar[Priority] = ContextVar("priority", default=Priority.NORMAL)


def current_priority() -> Priority:
    """Normal, where no door said anything."""
    return _current.get()


@contextmanager
def at_priority(priority: Priority) -> Iterator[None]:
    """Everything that is called inside goes at this priority."""
    token = _current.set(priority)
    try:
        yield
    finally:
        _current.reset(token)

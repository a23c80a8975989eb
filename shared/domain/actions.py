"""Know what a row of a batch may ask for, and in which order a batch does it.

What frees seats runs first, then what frees and takes at once, then the rest: a growth is computed
only when the seats that the batch itself frees can be seen free.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Stage(IntEnum):
    """Each waits for the rows of the one before it."""

    RELEASE = 1
    CHANGE = 2
    REST = 3


class Action(StrEnum):
    CREATE = "create"
    CHANGE_PLAN = "changePlan"
    ADD_ADD_ONS = "addAddOns"
    REMOVE_ADD_ONS = "removeAddOns"
    BLOCK = "block"
    DEPROVISION = "deprovision"

    @property
    def stage(self) -> Stage:
        if self in (Action.REMOVE_ADD_ONS, Action.BLOCK, Action.DEPROVISION):
            return Stage.RELEASE
        return Stage.CHANGE if self is Action.CHANGE_PLAN else Stage.REST

    @property
    def takes_leave(self) -> bool:
        """Whether somebody loses access by it."""
        return self in (Action.BLOCK, Action.DEPROVISION)


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What becomes of a new account's first password."""

    force_change_at_next_sign_in: bool = True
    password_never_expires: bool = False

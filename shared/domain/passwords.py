"""Make passwords that work run twice makes again, and that Entra accepts.

https://learn.microsoft.com/entra/identity/authentication/concept-password-ban-bad-combined-policy
"""

import hashlib
import hmac
import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

_CLASSES = ("abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!#$%*+-=?@_")
_LENGTH = 20
REVEALABLE_FOR = timedelta(hours=24)


def batch_key_name(batch: str) -> str:
    """Under which name the secret store keeps the key that a batch's passwords derive from."""
    return f"batch-{batch}"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that never shows itself in a log, a traceback or a representation."""

    value: str

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__


def derive_password(key: Secret, row: int, name: str) -> Secret:
    """The same key, row and user name answer the same password.

    20 characters of all four classes, without the name's local part, which Entra refuses.
    """
    local = name.partition("@")[0].lower()
    tries = (_password(key, f"password/{row}/{number}") for number in itertools.count())
    return next(Secret(p) for p in tries if not local or local not in p.lower())


def _password(key: Secret, purpose: str) -> str:
    seed = hmac.digest(key.value.encode(), purpose.encode(), "sha256")
    stream = hashlib.shake_256(seed).digest(4 * _LENGTH)
    numbers = [int.from_bytes(stream[at : at + 4]) for at in range(0, 4 * _LENGTH, 4)]
    alphabet = "".join(_CLASSES)
    choices = [*_CLASSES, *[alphabet] * (_LENGTH - len(_CLASSES))]
    return "".join(
        choice[number % len(choice)] for choice, number in zip(choices, numbers, strict=True)
    )


@dataclass(frozen=True, slots=True)
class PasswordSlip:
    """Who may be handed a password, and until when; the password itself is elsewhere."""

    requested_by: str
    made_at: datetime
    acknowledged: bool = False

    def open_to(self, caller: str, now: datetime) -> bool:
        return caller == self.requested_by and not self.is_gone(now)

    def is_gone(self, now: datetime) -> bool:
        return self.acknowledged or now >= self.made_at + REVEALABLE_FOR

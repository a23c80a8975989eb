"""Entra's password rules: length, classes of characters, and words that everybody guesses."""

import string
from collections.abc import Iterable

_SHORTEST, _LONGEST, _CLASSES = 8, 256, 3
_BANNED = ("password", "welcome", "contoso")
_LEET = str.maketrans("@4310$5!7", "aaeiossit")
_SETS = (
    string.ascii_lowercase,
    string.ascii_uppercase,
    string.digits,
    string.punctuation + " ",
)


def is_acceptable(password: object, user_principal_name: str, *, strong: bool = True) -> bool:
    if not isinstance(password, str) or not _SHORTEST <= len(password) <= _LONGEST:
        return False
    if not password.isascii():
        return False
    local_part = user_principal_name.partition("@")[0].lower()
    return not strong or (
        sum(_has_any(password, characters) for characters in _SETS) >= _CLASSES
        and not any(word in password.lower().translate(_LEET) for word in _BANNED)
        and local_part not in password.lower()
    )


def _has_any(password: str, characters: Iterable[str]) -> bool:
    return any(character in password for character in characters)

"""Match paths to route templates as the platform's router does."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

SEGMENT = re.compile(r"\{(\*{0,2})(\w+)((?::[^{}]*?)?)(\??)\}")
INTEGER = r"-?\d+"
GUID = r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}"
CONSTRAINTS = {"": r".+?", "int": INTEGER, "long": INTEGER, "guid": GUID, "alpha": "[a-z]+"}


class UnknownConstraint(ValueError):
    """A route template asks for a constraint that the local host does not know."""


@dataclass(frozen=True)
class Template:
    """A route such as `customers/{id:guid}/users/{name?}` or `docs/{*path}`."""

    pattern: re.Pattern[str]
    precedence: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        segments = [segment for segment in text.strip("/").split("/") if segment]
        pattern = "".join(_pattern(segment) for segment in segments)
        return cls(
            re.compile(pattern, re.IGNORECASE), tuple(_precedence(segment) for segment in segments)
        )

    def match(self, path: str) -> dict[str, str] | None:
        """Answer the route parameters of a raw path, or None."""
        found = self.pattern.fullmatch("/" + path.strip("/") if path.strip("/") else "")
        if not found:
            return None
        return {name: value for name, value in found.groupdict().items() if value is not None}


def decoded(raw_path: str) -> str:
    """Decode a path but for its encoded slashes, which are part of a segment."""
    return unquote(re.sub("%2f", "%252F", raw_path, flags=re.IGNORECASE))


def _pattern(segment: str) -> str:
    parameter = SEGMENT.fullmatch(segment)
    if parameter and parameter[1]:
        return f"(?:/(?P<{parameter[2]}>.*))?"
    if parameter and parameter[4]:
        return f"(?:/{_group(parameter)})?"
    return "/" + _mixed(segment)


def _mixed(segment: str) -> str:
    """A segment may hold text around its parameters, as in `batch-{id}.csv`."""
    literals = (re.escape(text) for text in SEGMENT.split(segment)[:: SEGMENT.groups + 1])
    groups = [_group(found) for found in SEGMENT.finditer(segment)]
    return "".join(text + group for text, group in zip(literals, [*groups, ""], strict=True))


def _group(parameter: re.Match[str]) -> str:
    constraint = parameter[3].removeprefix(":")
    if constraint not in CONSTRAINTS:
        raise UnknownConstraint(f"{parameter[0]}: only {', '.join(filter(None, CONSTRAINTS))}")
    inside = "[^/]+?" if not constraint else CONSTRAINTS[constraint]
    return f"(?P<{parameter[2]}>{inside})"


def _precedence(segment: str) -> int:
    """Text goes before a constrained parameter, that before a free one, the rest of a path last."""
    parameter = SEGMENT.search(segment)
    if not parameter:
        return 1
    if parameter[1]:
        return 5
    return 2 if parameter[3] or parameter[0] != segment else 3

"""Read a `$filter`, and say whom it keeps and whether it is an advanced query."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from simulator.graph.errors import unsupported_query

Reader: TypeAlias = Callable[[str], Any]
Predicate: TypeAlias = Callable[[Reader], bool]

_TOKEN = re.compile(
    r"\s*(?P<text>'(?:[^']|'')*')"
    r"|\s*(?P<mark>[(),:])"
    r"|\s*(?P<word>[^\s(),:']+(?::\d\d[^\s(),']*)?)"
)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_TEXTS = rf"\s*{_TEXT.pattern}(?:\s*,\s*{_TEXT.pattern})*\s*"
_BY_KEY = re.compile(
    rf"\s*(?P<name>[\w/]+)\s+(?:in\s*\((?P<values>{_TEXTS})\)|eq\s+(?P<value>{_TEXT.pattern}))\s*"
)
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "ge": lambda left, right: _alike(left, right) and bool(left >= right),
    "le": lambda left, right: _alike(left, right) and bool(left <= right),
    "gt": lambda left, right: _alike(left, right) and bool(left > right),
    "lt": lambda left, right: _alike(left, right) and bool(left < right),
}
_MOST_OPTIONS = 15
_LITERALS = {"true": True, "false": False, "null": None}


def _alike(left: object, right: object) -> bool:
    """Only values of one kind have an order."""
    return left is not None and type(left) is type(right)


@dataclass(frozen=True)
class Filter:
    """A predicate over an object's properties; an advanced one needs the separate index."""

    keeps: Predicate
    advanced: bool


def parse(text: str, plain: Iterable[str], advanced: Iterable[str] = ()) -> Filter:
    """`plain` properties are indexed, `advanced` ones answer to advanced queries only."""
    parser = _Parser(_tokens(text), frozenset(plain), frozenset(advanced))
    keeps = parser.any_of()
    if parser.rest:
        raise _invalid()
    return Filter(keeps, parser.is_advanced)


def keys_in(text: str, names: Sequence[str]) -> list[str] | None:
    """The values that one of the names must have, where a filter asks for nothing else."""
    match = _BY_KEY.fullmatch(text)
    if match is None or match["name"] not in names:
        return None
    return [str(_value(token)) for token in _TEXT.findall(match["values"] or match["value"])]


def _invalid() -> Exception:
    return unsupported_query("Invalid filter clause")


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _invalid()
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent over the few clauses that directory objects take."""

    def __init__(self, tokens: list[str], plain: frozenset[str], advanced: frozenset[str]) -> None:
        self.rest = tokens
        self.is_advanced = False
        self._plain = plain
        self._advanced = advanced
        self._variable = ""

    def any_of(self) -> Predicate:
        options = [self._all_of()]
        while self._peek() == "or":
            self._take()
            options.append(self._all_of())
        _check_options(len(options))
        return lambda read: any(option(read) for option in options)

    def _all_of(self) -> Predicate:
        parts = [self._one()]
        while self._peek() == "and":
            self._take()
            parts.append(self._one())
        return lambda read: all(part(read) for part in parts)

    def _one(self) -> Predicate:
        word = self._peek().lower()
        if word == "not":
            return self._negation()
        if word == "(":
            return self._group()
        if word in {"startswith", "endswith"}:
            return self._affix(self._take().lower())
        return self._comparison(self._take())

    def _negation(self) -> Predicate:
        self._take()
        self.is_advanced = True
        inner = self._one()
        return lambda read: not inner(read)

    def _group(self) -> Predicate:
        self._take("(")
        inner = self.any_of()
        self._take(")")
        return inner

    def _affix(self, function: str) -> Predicate:
        self._take("(")
        name = self._name(self._take())
        self._take(",")
        value = str(_value(self._take()))
        self._take(")")
        if function == "startswith":
            return lambda read: str(_folded(read(name)) or "").startswith(value)
        self.is_advanced = True
        return lambda read: str(_folded(read(name)) or "").endswith(value)

    def _comparison(self, path: str) -> Predicate:
        if path.lower().endswith(("/any", "/all")):
            return self._lambda(path)
        count = path.lower().endswith("/$count")
        self.is_advanced = self.is_advanced or count
        name = self._name(path[: -len("/$count")] if count else path)
        compare, value = self._operation()
        if count:
            return lambda read: compare(len(read(name) or ()), value)
        return lambda read: compare(_folded(read(name)), value)

    def _operation(self) -> tuple[Callable[[Any, Any], bool], Any]:
        operator = self._take().lower()
        if operator == "in":
            return (lambda left, right: left in right), self._values()
        if operator not in _ORDER:
            raise _invalid()
        self.is_advanced = self.is_advanced or operator == "ne"
        return _ORDER[operator], _value(self._take())

    def _values(self) -> list[Any]:
        self._take("(")
        values = [_value(self._take())]
        while self._peek() == ",":
            self._take()
            values.append(_value(self._take()))
        self._take(")")
        _check_options(len(values))
        return values

    def _lambda(self, path: str) -> Predicate:
        name, _, quantifier = path.rpartition("/")
        name = self._name(name)
        self._take("(")
        self._variable = self._take()
        self._take(":")
        inner = self.any_of()
        self._take(")")
        self._variable = ""
        check = any if quantifier.lower() == "any" else all
        return lambda read: check(inner(_member(entry)) for entry in read(name) or ())

    def _name(self, path: str) -> str:
        if self._variable and path.partition("/")[0] == self._variable:
            return path.partition("/")[2]
        if path in self._advanced:
            self.is_advanced = True
        elif path not in self._plain:
            raise unsupported_query(
                f"Unsupported or invalid query filter clause specified for property '{path}'."
            )
        return path

    def _peek(self) -> str:
        return self.rest[0] if self.rest else ""

    def _take(self, expected: str = "") -> str:
        if not self.rest or (expected and self.rest[0] != expected):
            raise _invalid()
        return self.rest.pop(0)


def _check_options(number: int) -> None:
    if number > _MOST_OPTIONS:
        raise unsupported_query(
            "Too many child clauses specified in search filter expression containing 'OR'"
            f" operators: {number}. Max allowed: {_MOST_OPTIONS}."
        )


def _value(token: str) -> Any:  # noqa: ANN401 - a literal is text, number, flag or nothing
    if token.startswith("'"):
        return token[1:-1].replace("''", "'").lower()
    if token.lower() in _LITERALS:
        return _LITERALS[token.lower()]
    return int(token) if token.isdigit() else token.lower()


def _folded(value: Any) -> Any:  # noqa: ANN401 - a property is any JSON value
    return value.lower() if isinstance(value, str) else value


def _member(entry: Any) -> Reader:  # noqa: ANN401 - a collection holds texts or objects
    return lambda name: entry.get(name) if name else entry

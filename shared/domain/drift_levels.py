"""Find the rule that holds for each field: the customer's, the connection's, or the provider's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.drift import DriftField, DriftRule, faults_of_rules

Rules = Mapping[DriftField, DriftRule]


class DriftLevel(StrEnum):
    """Who said so, from the nearest to the farthest."""

    CUSTOMER = "customer"
    CONNECTION = "connection"
    PROVIDER = "provider"
    DEFAULT = "default"
    """Nobody: it is reported."""


@dataclass(frozen=True, slots=True)
class Ruling:
    rule: DriftRule = DriftRule.REPORT
    level: DriftLevel = DriftLevel.DEFAULT


@dataclass(frozen=True, slots=True)
class DriftLevels:
    """The rules of all levels; a nearer level goes before a farther one, field by field."""

    provider: Rules
    connection: Rules
    customer: Rules

    @property
    def rules(self) -> Rules:
        return {**self.provider, **self.connection, **self.customer}

    def rulings(self) -> Mapping[DriftField, Ruling]:
        """Every field with its rule and whose rule that is."""
        return {what: self._ruling(what) for what in DriftField}

    def _ruling(self, what: DriftField) -> Ruling:
        for level, rules in (
            (DriftLevel.CUSTOMER, self.customer),
            (DriftLevel.CONNECTION, self.connection),
            (DriftLevel.PROVIDER, self.provider),
        ):
            if what in rules:
                return Ruling(rules[what], level)
        return Ruling()


def rules_of_text(text: str) -> Rules:
    """Read ``deleted=adopt, autoRenew=enforce``; raises `ValueError` that says what is wrong."""
    rules = dict(_pairs(text))
    for fault in faults_of_rules(rules, ""):
        raise ValueError(f"{fault.pointer.removeprefix('/')}: {fault.detail}")
    return rules


def _pairs(text: str) -> Iterator[tuple[DriftField, DriftRule]]:
    for pair in filter(None, (part.strip() for part in text.split(","))):
        what, _, rule = (word.strip() for word in pair.partition("="))
        try:
            yield DriftField(what), DriftRule(rule)
        except ValueError as error:
            names = ", ".join(rule.value for rule in DriftRule)
            raise ValueError(
                f"{pair!r} is not a field, an equals sign and one of {names}"
            ) from error

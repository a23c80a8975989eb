"""Name subscriptions by a partner's own rule, such as ``{offer} for {company}``."""

import re
from collections.abc import Iterator, Mapping

from shared.domain.errors import Fault

USUAL = "{offer}"
FIELDS = ("offer", "company", "country", "term", "billing")
LONGEST_RULE = 200
LONGEST_NAME = 256
_BRACED = re.compile(r"\{([^{}]*)\}")


def faults_of_rule(rule: str, pointer: str) -> Iterator[Fault]:
    """A rule is text with known fields in braces; the offer must show, or names tell nothing."""
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    for name in _BRACED.findall(rule):
        if name not in FIELDS:
            yield Fault(f"{{{name[:40]}}} is no field of a name; use {known}", pointer=pointer)
    if re.search(r"[{}]", _BRACED.sub("", rule)):
        yield Fault("a brace stands alone; write fields as {offer}", pointer=pointer)
    if "{offer}" not in rule:
        yield Fault("a name without {offer} tells nobody what was bought", pointer=pointer)
    if len(rule) > LONGEST_RULE:
        yield Fault(f"at most {LONGEST_RULE} characters", pointer=pointer)


def name_by(rule: str, values: Mapping[str, str]) -> str:
    """Put the values in; what a value holds is never read as a field itself."""
    named = _BRACED.sub(lambda found: values.get(found[1], ""), rule)
    return " ".join(named.split())[:LONGEST_NAME]

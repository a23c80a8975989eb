"""Refuse what Microsoft would not take for a company or a person, before it is sent.

https://learn.microsoft.com/partner-center/validate-names-addresses
"""

import re
from collections.abc import Iterator

from shared.domain.errors import Fault

_LONGEST_COMPANY = 255
_SHORTEST = 2
_LONGEST_PERSON = 40
_NOBODIES = frozenset({"test", "admin", "administrator", "nobody", "none", "unknown"})
_LEGAL_FORMS = frozenset(
    "llc inc ltd limited gmbh ag sa corp corporation co company plc bv".split()
)
_ALL_THE_SAME = re.compile(r"(.)\1{2,}", re.IGNORECASE)


def faults_of_company(name: str, pointer: str) -> Iterator[Fault]:
    if not _SHORTEST <= len(name) <= _LONGEST_COMPANY:
        yield Fault(f"a company's name has 2 to {_LONGEST_COMPANY} characters", pointer=pointer)
    if not any(character.isalnum() for character in name):
        yield Fault("a company's name has a letter or a digit", pointer=pointer)
    elif name.strip(" .,").lower() in _LEGAL_FORMS:
        yield Fault("this is a legal form and no name", pointer=pointer)
    elif _ALL_THE_SAME.fullmatch(name):
        yield Fault("this is one character repeated", pointer=pointer)


def faults_of_person(name: str, pointer: str) -> Iterator[Fault]:
    if not _SHORTEST <= len(name) <= _LONGEST_PERSON:
        yield Fault(f"Microsoft takes 2 to {_LONGEST_PERSON} characters here", pointer=pointer)
    if not any(character.isalpha() for character in name):
        yield Fault("a person's name has a letter", pointer=pointer)
    elif name.strip().lower() in _NOBODIES:
        yield Fault(f"Microsoft does not take {name!r} for a person", pointer=pointer)


def faults_of_mail(address: str, pointer: str) -> Iterator[Fault]:
    if address.lower().endswith("@microsoft.com"):
        yield Fault("an address of Microsoft's own is refused", pointer=pointer)

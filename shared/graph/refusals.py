"""List what Graph says no with: what happened, how the item ended, and what to do.

https://learn.microsoft.com/graph/errors

Most of Graph's refusals share one code, so that a line is known by a code or by the smallest part
of the sentence that tells it apart, in small letters. `docs/refusals.md` prints this table.
"""

from shared.domain.errors import (
    ProvisioningFailed,
    SeatkeeperError,
    SeatsUnavailable,
    UserExists,
)
from shared.transport.refusals import Refusal
from shared.workflows.ports import OutcomeKind

_ARRIVES = "nothing: it is tried again until the directory shows it"
_ROWS: tuple[tuple[OutcomeKind, type[SeatkeeperError], dict[str, tuple[str, str]]], ...] = (
    (
        OutcomeKind.EXISTS,
        UserExists,
        {
            "value for property userprincipalname already exists": (
                "the user name is taken",
                "choose another one",
            ),
        },
    ),
    (
        OutcomeKind.NO_SEAT,
        SeatsUnavailable,
        {
            "does not have any available licenses": (
                "no seat is free, or bought seats do not show yet",
                "nothing: the row waits for its seat, and fails after two hours with the reason",
            ),
            "does not correspond to a valid company license": (
                "the tenant's first seats of this product do not show yet",
                "nothing: the row waits for its seat, and fails after two hours with the reason",
            ),
        },
    ),
    (
        OutcomeKind.NOT_YET,
        ProvisioningFailed,
        {
            "Request_ResourceNotFound": ("the directory does not show it yet", _ARRIVES),
            "Conflict": ("somebody else writes at the same moment", _ARRIVES),
            "invalid usage location": ("the user's country does not show yet", _ARRIVES),
        },
    ),
    (
        OutcomeKind.UNKNOWN,
        ProvisioningFailed,
        {
            "does not have a corresponding license": (
                "the licence is gone: by a call whose reply was lost, or by somebody else",
                "nothing: the user is read again",
            ),
        },
    ),
    (
        OutcomeKind.REFUSED,
        ProvisioningFailed,
        {
            "Authorization_RequestDenied": (
                "our rights in the tenant are not enough",
                "give the GDAP role that it needs; administrators are changed by hand",
            ),
            "Authorization_IdentityNotFound": (
                "the tenant does not know our application",
                "grant the consent again: adopt the customer once more",
            ),
            "Directory_QuotaExceeded": (
                "the directory is full",
                "remove what is not used, or ask Microsoft for more",
            ),
            "Request_MultipleObjectsWithSameKeyValue": (
                "another object has this value",
                "choose another value",
            ),
            "verified domain names": ("the domain is not verified", "verify it, or use another"),
            "already exists": ("a mail address is taken", "choose another one"),
            "conflicting object": ("a value belongs to somebody else", "choose another one"),
            "depends on the service plan": (
                "a service plan needs another one",
                "switch the other one on in the plan, or add the product that has it",
            ),
            "are mutually exclusive": (
                "two service plans exclude each other",
                "switch one of them off in the plan",
            ),
            "cannot be assigned to a user": (
                "the product is for the whole company",
                "take it out of the plan",
            ),
            "inherited from a group": (
                "the licence comes from a group",
                "change the membership of the group",
            ),
            "directory sync objects": (
                "the user is mastered on premises",
                "change the user there",
            ),
            "password complexity": ("the password is too weak", "send the rows again"),
            "sourceanchor is a required property": (
                "the domain is federated",
                "create the user on premises, or use another domain",
            ),
        },
    ),
)
REFUSALS: tuple[tuple[OutcomeKind, Refusal], ...] = tuple(
    (outcome, Refusal((mark,), happened, kind, advice))
    for outcome, kind, rows in _ROWS
    for mark, (happened, advice) in rows.items()
)


def known_as(code: str, sentence: str) -> tuple[OutcomeKind, Refusal] | None:
    """Find the line of a refusal: by its code first, then by what its sentence contains."""
    said = sentence.lower()
    by_code = (row for row in REFUSALS if row[1].codes[0] == code)
    by_words = (row for row in REFUSALS if row[1].codes[0] in said)
    return next(by_code, None) or next(by_words, None)

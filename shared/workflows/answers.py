"""Tell an answer of Partner Center's from silence: an answer ends its request id, silence does not.

https://learn.microsoft.com/partner-center/developer/headers
"""

from shared.domain.errors import (
    ConflictError,
    MissingError,
    OutcomeUnknown,
    RefusedError,
    RemoteError,
    RemoteThrottled,
    SeatkeeperError,
)
from shared.domain.operations import Operation
from shared.workflows.ports import Desk

_FAILURE = 500


def is_answer(error: SeatkeeperError) -> bool:
    """Whether Partner Center decided something; asked of errors that a call to it raised."""
    if isinstance(error, OutcomeUnknown | RemoteThrottled):
        return False
    if isinstance(error, RemoteError):
        of_partner_center = error.answer.api.startswith("partner")
        return of_partner_center and 0 < error.answer.status < _FAILURE
    # The client makes these of codes: the offer, the customer, the domain, the version.
    return isinstance(error, ConflictError | MissingError | RefusedError)


def answers_in(operation: Operation) -> int:
    """How many request ids of its step were ended by an answer."""
    return int(operation.facts.get("answers", "0"))


async def note_answer(
    desk: Desk, operation: Operation, error: SeatkeeperError, **facts: str
) -> Operation:
    """Let what was refused be sent again under another request id; ``facts`` are kept with it."""
    if not is_final(error):
        return operation
    learned = operation.learned(answers=str(answers_in(operation) + 1), **facts)
    return await desk.operations.save(learned)


def is_final(error: SeatkeeperError) -> bool:
    """An answer that is no promise of another: what is still at work keeps its request id.

    What a creation or a checkout made may be told to its own request id only.
    """
    return is_answer(error) and not error.retryable

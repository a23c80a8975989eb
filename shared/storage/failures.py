"""Say in our errors what the storage account answered, and what may pass by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError
from azure.data.tables import TableErrorCode

from shared.domain.errors import (
    AlreadyExists,
    BodyTooLarge,
    ChangedMeanwhile,
    SeatkeeperError,
    StateUnavailable,
)
from shared.storage.cursors import broken_cursor

_TOO_LARGE = {
    TableErrorCode.ENTITY_TOO_LARGE,
    TableErrorCode.PROPERTY_VALUE_TOO_LARGE,
    TableErrorCode.REQUEST_BODY_TOO_LARGE,
}


@contextmanager
def domain_errors() -> Iterator[None]:
    """Raise our error for the account's; what nobody expects is passed on as it came."""
    try:
        yield
    except HttpResponseError as error:
        ours = _in_our_words(error)
        if ours is None:
            raise
        raise ours from error
    except AzureError as error:
        # The wire broke, before or after: what is written here may be written again.
        raise state_unavailable() from error


def _in_our_words(error: HttpResponseError) -> SeatkeeperError | None:
    code, status = getattr(error, "error_code", None), error.status_code
    if code == TableErrorCode.ENTITY_ALREADY_EXISTS or isinstance(error, ResourceExistsError):
        return AlreadyExists("Somebody has put this on record already.")
    if status in (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.NOT_FOUND):
        return ChangedMeanwhile("Somebody wrote this since it was read.")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or code in _TOO_LARGE:
        return BodyTooLarge("This is more than one row of the store can hold.")
    return state_unavailable() if status is None or is_passing(status) else None


@contextmanager
def cursor_errors(cursor: str | None) -> Iterator[None]:
    """A cursor of the right shape may still hold what the service cannot read."""
    try:
        yield
    except HttpResponseError as error:
        if cursor is not None and error.status_code == HTTPStatus.BAD_REQUEST:
            raise broken_cursor() from error
        raise


def is_passing(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }


def state_unavailable() -> StateUnavailable:
    return StateUnavailable("The store does not answer; try again in a moment.")

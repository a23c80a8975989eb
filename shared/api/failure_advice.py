"""Say what to do about a customer that a run failed at.

The advice of a problem is for who sent a request and can send it again; nobody sent a run's.
"""

from shared.api.problems import UNEXPECTED, kind_of_class
from shared.domain import errors
from shared.domain.runs import PUT_ASIDE

_AGAIN = "then run this customer by hand (`POST /api/runs` with its `customerId`)."
_OURS = "This should not happen at a customer: tell us the detail; the next night tries again."
_ADVICE: dict[type[Exception], str] = {
    errors.SeatkeeperError: _OURS,
    errors.RequestError: _OURS,
    errors.CallerError: _OURS,
    errors.BodyTooLarge: (
        "There is more to note of this customer than one row of the store holds: tell us."
    ),
    errors.MissingError: (
        f"Something is gone that the run needs: look at what the detail names, {_AGAIN}"
    ),
    errors.ConnectionNotFound: (
        f"Register the connection again, or adopt the customer with another one; {_AGAIN}"
    ),
    errors.CustomerNotFound: (
        "Look in Partner Center whether the customer is still yours: where the relationship ended,"
        f" have it accepted again, {_AGAIN}"
    ),
    errors.OfferNotFound: f"Synchronise the connection's catalog, {_AGAIN}",
    errors.SubscriptionNotFound: (
        "Microsoft does not know the subscription any more: read the list anew with"
        f" `GET /api/customers/{{id}}/subscriptions?refresh=true`, {_AGAIN}"
    ),
    errors.UserPlanNotFound: (
        f"The customer's policy names a plan that there is not: mend the policy, {_AGAIN}"
    ),
    errors.ConflictError: (
        "Something else was changed at the same time: the next night tries again, or run this"
        " customer by hand."
    ),
    errors.ChangeInReview: (
        "A subscription is neither as planned nor as it was: look at its history"
        f" (`GET /api/customers/{{id}}/subscriptions/{{subscriptionId}}/changes`), {_AGAIN}"
    ),
    errors.RefusedError: f"The detail says which rule, and what to do; {_AGAIN}",
    errors.DirectBillingRequired: "Nothing is to be done here: the customer's provider does it.",
    errors.CountryNotServed: (
        f"Add the country to the connection, or use the one of its region; {_AGAIN}"
    ),
    errors.WrongEnvironment: (
        f"Put the customer on record with a connection of its own environment, {_AGAIN}"
    ),
    errors.RelationshipMissing: (
        "Send the customer's administrator the link of `POST /api/customers/link`; once it is"
        f" accepted, {_AGAIN}"
    ),
    errors.AgreementMissing: f"Record the customer's agreement, {_AGAIN}",
    errors.RemoteError: f"The detail has what Microsoft said; {_AGAIN}",
    errors.RemoteRefused: (
        "The detail has Microsoft's code and what to do about it, as far as it is known"
        f" (`docs/refusals.md`); {_AGAIN}"
    ),
    errors.SignInRefused: (
        "`GET /api/connections/{id}/health` tells whether the sign-in or the secret is at fault;"
        f" else the delegated relationship to the customer (GDAP) is missing. Mend it, {_AGAIN}"
    ),
}
_TRIED_TOO_OFTEN = f"`GET /api/poison` says why; mend it, {_AGAIN}"


def advice_on(failure: str) -> tuple[str, str]:
    """What a customer's part failed of, as our problem's slug, and what to do about it."""
    error = getattr(errors, failure, None)
    if failure == PUT_ASIDE:
        return "put-aside", _TRIED_TOO_OFTEN
    if error is None:
        return UNEXPECTED.slug, _OURS
    kind = kind_of_class(error)
    return kind.slug, f"{kind.title}. {_advice(error)}"


def _advice(error: type[Exception]) -> str:
    return next(_ADVICE[ancestor] for ancestor in error.__mro__ if ancestor in _ADVICE)

"""Say which problem an error is that the caller can mend: request, token, or what is not there."""

from http import HTTPStatus

from shared.api.problem_kinds import Kinds, ProblemKind
from shared.domain import errors


def _gone_missing(noun: str, where: str, *, called: str = "") -> ProblemKind:
    """``called`` is what people say where the slug's noun is our own short one."""
    return ProblemKind(
        HTTPStatus.NOT_FOUND,
        f"{noun}-not-found",
        f"There is no such {called or noun}",
        f"Check the id; {where}",
    )


OF_REQUESTS: Kinds = {
    errors.MalformedRequest: ProblemKind(
        HTTPStatus.BAD_REQUEST,
        "malformed-request",
        "The body cannot be read",
        "Mend the body at the line and column named.",
    ),
    errors.IdempotencyKeyMissing: ProblemKind(
        HTTPStatus.BAD_REQUEST,
        "idempotency-key-missing",
        "An Idempotency-Key is needed",
        "Send a new random key with each new request, and the same key when you repeat one.",
    ),
    errors.IdempotencyKeyReused: ProblemKind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "The Idempotency-Key was used for another request",
        "Use a new key, or send the request as it was.",
    ),
    errors.PreconditionMissing: ProblemKind(
        HTTPStatus.PRECONDITION_REQUIRED,
        "precondition-missing",
        "If-Match is needed",
        "Read it, and send its `ETag` as `If-Match` with the change.",
    ),
    errors.UnsupportedContent: ProblemKind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-content",
        "The content type is not taken here",
        "Send one of the content types that the detail names.",
    ),
    errors.BodyTooLarge: ProblemKind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        "The body is too large",
        "Split the work into several requests.",
    ),
    errors.InvalidRequest: ProblemKind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        "The request has faults",
        "Mend every fault in `errors`; nothing was done.",
    ),
    errors.CallerUnknown: ProblemKind(
        HTTPStatus.UNAUTHORIZED,
        "caller-unknown",
        "An access token is needed",
        "Send `Authorization: Bearer …` with a token that Entra issued for this API.",
    ),
    errors.CallerNotAllowed: ProblemKind(
        HTTPStatus.FORBIDDEN,
        "caller-not-allowed",
        "Your roles do not allow this",
        "Ask for one of the app roles that the detail names.",
    ),
    errors.SignatureRefused: ProblemKind(
        HTTPStatus.UNAUTHORIZED,
        "signature-refused",
        "The signature does not pass",
        "Only Partner Center posts here. If its own events are refused, check `WEBHOOK_ANCHORS` "
        "and `WEBHOOK_HOSTS`.",
    ),
    errors.ConnectionNotFound: _gone_missing("connection", "`GET /api/connections` lists them."),
    errors.CustomerNotFound: _gone_missing("customer", "`GET /api/customers` lists them."),
    errors.OfferNotFound: _gone_missing("offer", "`GET /api/catalog` lists what is sold."),
    errors.SubscriptionNotFound: _gone_missing(
        "subscription", "the customer's subscriptions are listed, `?refresh=true` reads them anew."
    ),
    errors.UserPlanNotFound: _gone_missing("plan", "`GET /api/plans` lists them."),
    errors.BatchNotFound: _gone_missing("batch", "`GET /api/batches` lists them."),
    errors.OperationNotFound: _gone_missing("operation", "a `Location` header named it."),
    errors.DriftNotFound: _gone_missing(
        "drift",
        "`GET /api/customers/{id}/drift` lists what changed outside.",
        called="drift entry",
    ),
    errors.PlanDoubtNotFound: _gone_missing(
        "plan-doubt",
        "`GET /api/customers/{id}/plan-doubts` lists whose plan is in doubt.",
        called="person in doubt",
    ),
    errors.RunNotFound: _gone_missing("run", "`GET /api/runs` lists them."),
    errors.SyncNotFound: _gone_missing(
        "sync",
        "`GET /api/connections/{connectionId}/syncs` lists them.",
        called="synchronisation",
    ),
    errors.PoisonNotFound: _gone_missing(
        "poison", "`GET /api/poison` lists them.", called="message put aside"
    ),
    errors.RouteNotFound: _gone_missing(
        "route", "`GET /api/docs` lists every route and its method."
    ),
    errors.MissingError: _gone_missing("thing", "it may be hidden from you."),
    errors.PasswordGone: ProblemKind(
        HTTPStatus.GONE,
        "password-gone",
        "The password is not kept any more",
        "It was acknowledged, or is older than 24 hours: set a new one in the directory.",
    ),
    errors.RunPartsGone: ProblemKind(
        HTTPStatus.GONE,
        "run-parts-gone",
        "What the run found at each customer is not kept any more",
        "`GET /api/runs/{id}` still tells its totals; export reports before `RUN_RETENTION_DAYS`.",
    ),
}

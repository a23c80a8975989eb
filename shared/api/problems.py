"""Say in one table which problem each error is to a caller."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from shared.domain import errors
from shared.domain.errors import SeatkeeperError
from shared.domain.runs import PUT_ASIDE

DOCUMENTATION = "/api/docs"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What never changes between two occurrences; ``advice`` is for the docs page."""

    status: HTTPStatus
    slug: str
    title: str
    advice: str
    retry_after: timedelta | None = None

    @property
    def type(self) -> str:
        return f"{DOCUMENTATION}#problem-{self.slug}"


def _gone_missing(noun: str, where: str, *, called: str = "") -> ProblemKind:
    """``called`` is what people say where the slug's noun is our own short one."""
    return ProblemKind(
        HTTPStatus.NOT_FOUND,
        f"{noun}-not-found",
        f"There is no such {called or noun}",
        f"Check the id; {where}",
    )


KINDS: dict[type[SeatkeeperError], ProblemKind] = {
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
    errors.StillRunning: ProblemKind(
        HTTPStatus.CONFLICT,
        "still-running",
        "The same request is being worked on",
        "Repeat it with the same key in a moment to read its answer.",
        retry_after=timedelta(seconds=2),
    ),
    errors.ChangedMeanwhile: ProblemKind(
        HTTPStatus.CONFLICT,
        "changed-meanwhile",
        "Somebody else changed it meanwhile",
        "Read it again, then decide again.",
        retry_after=timedelta(seconds=1),
    ),
    errors.PreconditionFailed: ProblemKind(
        HTTPStatus.PRECONDITION_FAILED,
        "precondition-failed",
        "It is not the version that you read",
        "Read it again, then decide again.",
    ),
    errors.AlreadyExists: ProblemKind(
        HTTPStatus.CONFLICT, "already-exists", "The id is taken", "Choose another id."
    ),
    errors.DomainTaken: ProblemKind(
        HTTPStatus.CONFLICT,
        "domain-taken",
        "The onmicrosoft.com domain is taken",
        "Choose another `domainPrefix`.",
    ),
    errors.CustomerTaken: ProblemKind(
        HTTPStatus.CONFLICT,
        "customer-taken",
        "The customer is on record with another connection",
        "Use the connection that the detail names.",
    ),
    errors.ConnectionInUse: ProblemKind(
        HTTPStatus.CONFLICT,
        "connection-in-use",
        "Customers rest on the connection",
        "A connection goes only when no customer is on record with it.",
    ),
    errors.PlanOutdated: ProblemKind(
        HTTPStatus.CONFLICT,
        "plan-outdated",
        "The preview does not hold any more",
        "Ask for the preview again (`?dryRun=true`), and send its digest.",
    ),
    errors.BatchPlanOutdated: ProblemKind(
        HTTPStatus.CONFLICT,
        "batch-plan-outdated",
        "The batch waits with another plan",
        "Look at the batch; approve the digest that it shows, or reject it.",
    ),
    errors.NotAwaitingApproval: ProblemKind(
        HTTPStatus.CONFLICT,
        "not-awaiting-approval",
        "The batch does not wait for approval",
        "Look at the batch: it was approved, rejected or refused before, or its time is over.",
    ),
    errors.ChangeUnderWay: ProblemKind(
        HTTPStatus.CONFLICT,
        "change-under-way",
        "Microsoft is at work on an earlier change",
        "Follow the operation that the detail names, and ask again when it has ended.",
        retry_after=timedelta(minutes=1),
    ),
    errors.ChangeInReview: ProblemKind(
        HTTPStatus.CONFLICT,
        "change-in-review",
        "Somebody else changed the subscription meanwhile",
        "Look at the subscription and its history, then decide again with a new key.",
    ),
    errors.WrongMoment: ProblemKind(
        HTTPStatus.CONFLICT,
        "wrong-moment",
        "The batch's state does not allow this",
        "Read the batch: the detail says what it is, and when this is possible.",
    ),
    errors.BatchDiffers: ProblemKind(
        HTTPStatus.CONFLICT,
        "batch-differs",
        "The batch id belongs to another document",
        "Use a new id for a new document.",
    ),
    errors.ConflictError: ProblemKind(
        HTTPStatus.CONFLICT, "conflict", "It does not fit what is there", "Read it again."
    ),
    errors.DirectBillingRequired: ProblemKind(
        HTTPStatus.FORBIDDEN,
        "direct-billing-required",
        "An indirect reseller cannot do this",
        "Ask your indirect provider, or use a connection that bills directly.",
    ),
    errors.ConnectionProtected: ProblemKind(
        HTTPStatus.FORBIDDEN,
        "connection-protected",
        "Only the provider changes a connection",
        "Ask your provider.",
    ),
    errors.CountryNotServed: ProblemKind(
        HTTPStatus.CONFLICT,
        "country-not-served",
        "The customer is outside of the connection's region",
        "Use the connection of that region, or add the country to this one.",
    ),
    errors.WrongEnvironment: ProblemKind(
        HTTPStatus.CONFLICT,
        "wrong-environment",
        "Sandbox and production do not touch each other",
        "Use a connection of the customer's own environment.",
    ),
    errors.ConsentRefused: ProblemKind(
        HTTPStatus.CONFLICT,
        "consent-refused",
        "The sign-in cannot be used",
        "Start the consent again; the detail says what to do differently.",
    ),
    errors.ConsentUnavailable: ProblemKind(
        HTTPStatus.CONFLICT,
        "consent-unavailable",
        "Nobody could come back from a sign-in",
        "Set `PUBLIC_URL` to the address that browsers reach this service by.",
    ),
    errors.WebhookUnavailable: ProblemKind(
        HTTPStatus.CONFLICT,
        "webhook-unavailable",
        "Events cannot come in",
        "Set `PUBLIC_URL` and `WEBHOOK_ANCHORS`, then register the webhook.",
    ),
    errors.RelationshipMissing: ProblemKind(
        HTTPStatus.CONFLICT,
        "relationship-missing",
        "The tenant has not accepted us as its partner",
        "Send the customer's administrator the link of `POST /api/customers/link`, then repeat.",
    ),
    errors.OfferNotSellable: ProblemKind(
        HTTPStatus.CONFLICT,
        "offer-not-sellable",
        "The offer is not for sale here",
        "Choose another offer, or have it ticked with `PUT /api/catalog/{offerId}`.",
    ),
    errors.AgreementMissing: ProblemKind(
        HTTPStatus.CONFLICT,
        "agreement-missing",
        "The customer has not accepted the Microsoft Customer Agreement",
        "Record the agreement, then repeat.",
    ),
    errors.PriceDiffers: ProblemKind(
        HTTPStatus.CONFLICT,
        "price-differs",
        "Microsoft asks another price than the catalog shows",
        "Synchronise the catalog and look at the price again; nothing was bought.",
    ),
    errors.SeatsUnavailable: ProblemKind(
        HTTPStatus.CONFLICT,
        "seats-unavailable",
        "The seats that are needed cannot be had",
        "The detail says why: often a first subscription has to be bought.",
    ),
    errors.CeilingExceeded: ProblemKind(
        HTTPStatus.CONFLICT,
        "ceiling-exceeded",
        "The customer's policy does not let one batch buy so much",
        "Raise the ceiling with `PUT /api/customers/{id}/policy/batches`, or split the batch.",
    ),
    errors.ApprovalOutgrown: ProblemKind(
        HTTPStatus.CONFLICT,
        "approval-outgrown",
        "More would be bought than what was approved",
        "Send the batch again under a new id, and have the new plan approved.",
    ),
    errors.ChangeRefused: ProblemKind(
        HTTPStatus.CONFLICT,
        "change-refused",
        "The subscription does not change that way",
        "The detail says what to do instead; `docs/subscriptions.md` lists every reason.",
    ),
    errors.PurchaseRefused: ProblemKind(
        HTTPStatus.CONFLICT,
        "purchase-refused",
        "Microsoft does not sell this line",
        "The detail says why, and what to look for before the line is bought again.",
    ),
    errors.TenantGivenUp: ProblemKind(
        HTTPStatus.CONFLICT,
        "tenant-given-up",
        "The tenant was not made, or not as a whole",
        "The detail says how far it came, and what to do before it is asked for again.",
    ),
    errors.ProvisioningFailed: ProblemKind(
        HTTPStatus.CONFLICT,
        "provisioning-failed",
        "Microsoft said no to the user or to the licences",
        "The detail says why; `GET /api/batches/{operationId}` shows what was bought before.",
    ),
    errors.UserExists: ProblemKind(
        HTTPStatus.CONFLICT,
        "user-exists",
        "The user name belongs to somebody else",
        "Choose another user principal name.",
    ),
    errors.NotOurMessage: ProblemKind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "not-our-message",
        "The message is not one of ours",
        "Queue messages only: read the reason on record and send the document again.",
    ),
    errors.RefusedError: ProblemKind(
        HTTPStatus.CONFLICT, "refused", "A rule forbids this", "The detail says which."
    ),
    errors.SeatsBusy: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "seats-busy",
        "These seats are being changed by other work",
        "Repeat with the same key after the time in `Retry-After`.",
        retry_after=timedelta(seconds=5),
    ),
    errors.StateUnavailable: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "state-unavailable",
        "Our own store does not answer",
        "Repeat with the same key after the time in `Retry-After`.",
        retry_after=timedelta(seconds=5),
    ),
    errors.RemoteRefused: ProblemKind(
        HTTPStatus.BAD_GATEWAY,
        "upstream-refused",
        "Microsoft refused",
        "The detail and `upstream.code` say why; repeating it unchanged does not help.",
    ),
    errors.SignInRefused: ProblemKind(
        HTTPStatus.BAD_GATEWAY,
        "sign-in-refused",
        "Microsoft did not let us sign in",
        "Check the connection's consent, secret and relationship to the customer.",
    ),
    errors.RemoteThrottled: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "upstream-throttled",
        "Microsoft asks us to wait",
        "Repeat with the same key after the time in `Retry-After`.",
        retry_after=timedelta(seconds=30),
    ),
    errors.RemoteUnavailable: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "upstream-unavailable",
        "Microsoft did not take the request",
        "Repeat with the same key after the time in `Retry-After`.",
        retry_after=timedelta(seconds=30),
    ),
    errors.OutcomeUnknown: ProblemKind(
        HTTPStatus.GATEWAY_TIMEOUT,
        "outcome-unknown",
        "Microsoft's answer was lost",
        "It may have happened. Repeat with the same key: we look before anything is sent again.",
        retry_after=timedelta(seconds=10),
    ),
}
UNEXPECTED = ProblemKind(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "unexpected",
    "Something went wrong on our side",
    "Tell us the `correlationId`; repeating with the same key is safe.",
)


def advice_on(failure: str) -> tuple[str, str]:
    """What a customer's part failed of, as our problem's slug, and what to do about it."""
    error = getattr(errors, failure, None)
    if failure == PUT_ASIDE or error is None:
        return "put-aside", "`GET /api/poison` says why; mend it, then run this customer by hand."
    kind = kind_of_class(error)
    return kind.slug, f"{kind.title}. {kind.advice}"


def kind_of(error: Exception) -> ProblemKind:
    """The nearest ancestor in the table; anything outside our tree is a bug."""
    return kind_of_class(type(error))


def kind_of_class(error: type[Exception]) -> ProblemKind:
    for ancestor in error.__mro__:
        if ancestor in KINDS:
            return KINDS[ancestor]
    return UNEXPECTED

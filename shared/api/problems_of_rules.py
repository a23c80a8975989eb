"""Say which problem an error is where something stands in the way: a conflict, or a rule."""

from datetime import timedelta
from http import HTTPStatus

from shared.api.problem_kinds import Kinds, ProblemKind
from shared.domain import errors

OF_RULES: Kinds = {
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
}

"""Everything that can go wrong, as one tree.

SeatkeeperError
├── RequestError                 the caller can mend the request
│   ├── MalformedRequest         not readable as what it claims to be
│   ├── IdempotencyKeyMissing    a request that creates or spends came without its key
│   ├── IdempotencyKeyReused     the same key came with another body
│   ├── PreconditionMissing      a change of configuration came without If-Match
│   ├── UnsupportedContent       a content type that this route does not take
│   ├── BodyTooLarge             refused before it was parsed
│   └── InvalidRequest           readable, but wrong: carries every fault
├── CallerError                  who is asking
│   ├── CallerUnknown            no token, or one that we do not accept
│   ├── CallerNotAllowed         a known caller without the role
│   └── SignatureRefused         a notice that Partner Center did not sign, or not so that it shows
├── MissingError                 what was asked for is not there
│   ├── ConnectionNotFound, CustomerNotFound, OfferNotFound, SubscriptionNotFound,
│   │   UserPlanNotFound, BatchNotFound, OperationNotFound, RunNotFound, SyncNotFound,
│   │   DriftNotFound, PlanDoubtNotFound, PoisonNotFound, RouteNotFound
│   ├── PasswordGone             revealed and acknowledged, or older than a day
│   └── RunPartsGone             the run is known, what it found at each customer is deleted
├── ConflictError                true a moment ago, or for somebody else
│   ├── StillRunning             the same request is being worked on
│   ├── ChangedMeanwhile         another writer was first; read again
│   ├── PreconditionFailed       If-Match names another version than the one on record
│   ├── AlreadyExists            the id is taken
│   ├── DomainTaken              somebody owns that onmicrosoft.com prefix
│   ├── CustomerTaken            the tenant is on record with another connection
│   ├── ConnectionInUse          customers rest on the connection
│   ├── ChangeUnderWay           Microsoft is at work on an earlier change of the subscription
│   ├── PlanOutdated             what the approved preview rests on has changed
│   ├── BatchPlanOutdated        the batch's plan is another one than what was agreed to
│   ├── NotAwaitingApproval      the batch does not wait for anybody's approval
│   ├── WrongMoment              a batch is not in a state that allows it
│   ├── ChangeInReview           a change met what nobody planned; a person has to look
│   └── BatchDiffers             the same batch id with another document
├── RefusedError                 a rule says no, and says why
│   ├── DirectBillingRequired    an indirect reseller's connection cannot buy
│   ├── ConnectionProtected      only the provider changes a connection
│   ├── CountryNotServed         the customer is outside of the connection's region
│   ├── WrongEnvironment         sandbox and production never touch each other
│   ├── ConsentRefused           a sign-in for a connection came back and cannot be used
│   ├── ConsentUnavailable       nobody could come back from a sign-in: no public address is set
│   ├── WebhookUnavailable       events could not reach us, or nothing is registered to be tried
│   ├── RelationshipMissing      the tenant has not accepted us as its partner
│   ├── OfferNotSellable         nobody has ticked the offer for sale, or Microsoft closed it
│   ├── AgreementMissing         no Microsoft Customer Agreement, no purchase
│   ├── PriceDiffers             Microsoft's cart asks another price than our catalog
│   ├── SeatsUnavailable         the seats that are needed cannot be had
│   ├── CeilingExceeded          the customer's policy does not let a batch buy so much
│   ├── ApprovalOutgrown         more would be bought than what was approved
│   ├── ChangeRefused            a subscription does not change that way
│   ├── PurchaseRefused          Microsoft's cart says no to the line
│   ├── TenantGivenUp            a tenant was not made, or not as a whole, and nobody goes on
│   ├── UserExists               the user name belongs to somebody else
│   ├── ProvisioningFailed       Microsoft said no to the user or the licences
│   └── NotOurMessage            a queue message that we cannot read or did not write
├── SeatsBusy                    another growth of this SKU is under way (retryable)
├── StateUnavailable             our own tables or queues do not answer (retryable)
└── RemoteError                  Microsoft's side
    ├── RemoteRefused            a final no, with the vendor's code
    ├── SignInRefused            no token: consent, secret or relationship is missing
    ├── RemoteThrottled          asked to wait (retryable)
    ├── RemoteUnavailable        did not take the request (retryable)
    └── OutcomeUnknown           sent, and the answer was lost (retryable after a read)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a document: where, and what to do about it.

    ``pointer`` is a JSON pointer into a body; ``row`` and ``column`` say where a person finds it
    in a batch (rows count from 1, a CSV's heading line not counted).
    """

    detail: str
    pointer: str = ""
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = self.pointer
        if self.row is not None:
            place = f"row {self.row}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.detail}" if place else self.detail


class SeatkeeperError(Exception):
    """The root: a sentence that an operator understands."""

    retryable: ClassVar[bool] = False


class RequestError(SeatkeeperError):
    """The caller can mend the request."""


class MalformedRequest(RequestError):
    """The body is not what it claims to be."""


class IdempotencyKeyMissing(RequestError):
    """A request that creates or spends needs an Idempotency-Key header."""


class IdempotencyKeyReused(RequestError):
    """The same Idempotency-Key came with another body."""


class PreconditionMissing(RequestError):
    """A change of configuration has to say which version it changes."""


class UnsupportedContent(RequestError):
    """The route does not take this content type."""


class BodyTooLarge(RequestError):
    """The body is larger than the limit; it was not parsed."""


class InvalidRequest(RequestError):
    """The request is readable and wrong; all faults are named at once."""

    def __init__(self, faults: Iterable[Fault], *, summary: str = "") -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        super().__init__(summary or f"{count} fault{'' if count == 1 else 's'} found; nothing done")


class CallerError(SeatkeeperError):
    """Who is asking."""


class CallerUnknown(CallerError):
    """No access token, or one that does not pass."""


class CallerNotAllowed(CallerError):
    """A known caller without the role that this route asks for."""


class SignatureRefused(CallerError):
    """A notice whose signature does not pass; who sent it learns no more."""


class MissingError(SeatkeeperError):
    """What was asked for is not there, or not for this caller."""

    noun: ClassVar[str] = "thing"

    def __init__(self, wanted: str = "") -> None:
        super().__init__(f"There is no {self.noun} {wanted!r} that you can see.")
        self.wanted = wanted


class ConnectionNotFound(MissingError):
    noun = "connection"


class CustomerNotFound(MissingError):
    noun = "customer"


class OfferNotFound(MissingError):
    noun = "offer"


class SubscriptionNotFound(MissingError):
    noun = "subscription"


class UserPlanNotFound(MissingError):
    noun = "plan"


class BatchNotFound(MissingError):
    noun = "batch"


class OperationNotFound(MissingError):
    noun = "operation"


class RunNotFound(MissingError):
    noun = "run"


class DriftNotFound(MissingError):
    noun = "drift entry"


class PlanDoubtNotFound(MissingError):
    noun = "person in doubt"


class SyncNotFound(MissingError):
    noun = "synchronisation"


class PoisonNotFound(MissingError):
    noun = "message put aside"


class RouteNotFound(MissingError):
    noun = "route"


class PasswordGone(MissingError):
    """Revealed and acknowledged, or older than a day: set a new one."""

    noun = "password"


class RunPartsGone(MissingError):
    """Kept long enough: the run tells its totals only."""

    noun = "record of each customer for run"


class ConflictError(SeatkeeperError):
    """True a moment ago, or for somebody else."""


class StillRunning(ConflictError):
    """The same request is being worked on; ask again in a moment."""


class ChangedMeanwhile(ConflictError):
    """Another writer was first: read again."""

    retryable = True


class PreconditionFailed(ConflictError):
    """If-Match names another version than the one on record."""


class AlreadyExists(ConflictError):
    """The id is taken."""


class DomainTaken(ConflictError):
    """Somebody owns that onmicrosoft.com prefix."""


class CustomerTaken(ConflictError):
    """The tenant is on record with another connection."""


class ConnectionInUse(ConflictError):
    """Customers rest on the connection."""


class WrongMoment(ConflictError):
    """A batch is not in a state that allows what is asked."""


class BatchDiffers(ConflictError):
    """A batch with this id exists and holds another document."""


class PlanOutdated(ConflictError):
    """What the approved preview rests on has changed: look at a new one."""


class ChangeUnderWay(ConflictError):
    """Microsoft has taken a change of this subscription and is still at work on it."""

    retryable = True


class NotAwaitingApproval(ConflictError):
    """The batch does not wait for anybody's approval, or not any more."""


class BatchPlanOutdated(ConflictError):
    """The plan that waits is another one: ``digest`` names it."""

    def __init__(self, sentence: str, digest: str) -> None:
        super().__init__(sentence)
        self.digest = digest


class ChangeInReview(ConflictError):
    """The subscription is neither as planned nor as wanted: a person has to look at it."""


class RefusedError(SeatkeeperError):
    """A rule says no."""


class ChangeRefused(RefusedError):
    """A subscription does not change that way; ``reasons`` are for programs."""

    def __init__(self, sentence: str, reasons: Iterable[str] = ()) -> None:
        super().__init__(sentence)
        self.reasons = tuple(reasons)


class DirectBillingRequired(RefusedError):
    """The connection is an indirect reseller's: its provider buys, changes and optimises."""


class ConnectionProtected(RefusedError):
    """Only the provider changes a connection, whoever it was made for."""


class CountryNotServed(RefusedError):
    """The customer is outside of the connection's region."""


class WrongEnvironment(RefusedError):
    """A sandbox connection touches no production customer, and the other way round."""


class ConsentRefused(RefusedError):
    """A sign-in for a connection came back and cannot be used; the sentence is for a person."""


class ConsentUnavailable(RefusedError):
    """Nobody could come back from a sign-in: the service does not know its public address."""


class WebhookUnavailable(RefusedError):
    """Events could not reach this service, or none would be taken."""


class RelationshipMissing(RefusedError):
    """The tenant has not accepted us as its partner, or not yet."""


class OfferNotSellable(RefusedError):
    """Nobody has ticked the offer for sale, or Microsoft does not sell it any more."""


class AgreementMissing(RefusedError):
    """Without a Microsoft Customer Agreement on record nothing can be bought."""


class PriceDiffers(RefusedError):
    """Microsoft's cart asks another price than our catalog; synchronise and look again."""


class SeatsUnavailable(RefusedError):
    """The seats that are needed cannot be had."""


class CeilingExceeded(RefusedError):
    """The customer's policy does not let one batch buy so much."""


class ApprovalOutgrown(RefusedError):
    """More would be bought than what somebody agreed to."""


class UserExists(RefusedError):
    """The user name belongs to somebody that we did not create in this request."""


class PurchaseRefused(RefusedError):
    """Microsoft's cart says no to the line, and why."""


class TenantGivenUp(RefusedError):
    """A tenant was not made, or not as a whole, and its operation has ended: what to do."""


class ProvisioningFailed(RefusedError):
    """Microsoft said no to the user or to the licences, and why."""


class NotOurMessage(RefusedError):
    """A queue message that is not readable or not of our making."""


class SeatsBusy(SeatkeeperError):
    """Another growth of this customer's SKU is under way."""

    retryable = True


class StateUnavailable(SeatkeeperError):
    """Our own tables or queues do not answer; what was asked may be asked again."""

    retryable = True


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """What the vendor said, without its body: enough to find the call in its logs."""

    api: str
    status: int = 0
    code: str = ""
    message: str = ""
    request_id: str = ""
    correlation_id: str = ""


class RemoteError(SeatkeeperError):
    """Microsoft's side said no, or nothing."""

    def __init__(self, sentence: str, answer: RemoteAnswer) -> None:
        super().__init__(sentence)
        self.answer = answer


class RemoteRefused(RemoteError):
    """A final no, with the vendor's code."""


class SignInRefused(RemoteError):
    """No token was given: consent, secret, relationship or multi-factor sign-in is missing."""


class RemoteThrottled(RemoteError):
    """Asked to wait longer than a function should hold its breath."""

    retryable = True

    def __init__(self, sentence: str, answer: RemoteAnswer, retry_after: timedelta) -> None:
        super().__init__(sentence, answer)
        self.retry_after = retry_after


class RemoteUnavailable(RemoteError):
    """The request was not taken; it may be sent again."""

    retryable = True


class OutcomeUnknown(RemoteError):
    """Sent, and no answer came: the change may have happened. Read before asking again."""

    retryable = True

"""Know how the terms of a subscription shall end: what Microsoft will do, and what was chosen.

https://learn.microsoft.com/partner-center/customers/extended-service-terms
"""

from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.changes import SetEndOfTerm
from shared.domain.history import ChangeRecord, Snapshot
from shared.domain.ids import CustomerId, SubscriptionId
from shared.domain.subscriptions import EndOfTerm, Subscription

BOUGHT = "bought"
"""The kind of the record that a purchase leaves."""


@dataclass(frozen=True, slots=True)
class ChosenEnd:
    """The last word that somebody here had on a subscription's end; ``ends_at`` is its term's."""

    customer_id: CustomerId
    subscription_id: SubscriptionId
    intent: EndOfTerm
    ends_at: datetime
    at: datetime
    by: str
    etag: str = field(default="", compare=False)

    def holds_for(self, subscription: Subscription) -> bool:
        """To cancel is said of one term; to go on, either way, until something else is said.

        An extended term ends every month, and nobody says every month that it shall go on.
        """
        return self.intent is not EndOfTerm.CANCEL or self.ends_at >= subscription.ends_at


def held_end(subscription: Subscription) -> EndOfTerm:
    """What Microsoft does at the term's end if it is told nothing more."""
    if subscription.is_ending:
        return EndOfTerm.CANCEL
    if subscription.end_of_term is not None:
        return subscription.end_of_term
    return EndOfTerm.RENEW if subscription.auto_renew else EndOfTerm.EXTEND


def told_end(subscription: Subscription) -> EndOfTerm | None:
    """What somebody told Microsoft in so many words; an extension it fills in by itself."""
    said = subscription.end_of_term
    return None if said is EndOfTerm.EXTEND else said


def why_end_is_lost(subscription: Subscription, *, speaks: bool) -> str | None:
    """A change of seats may delete what Microsoft was told of the end: why it is not said again.

    ``speaks`` where the connection may tell Microsoft how terms end.
    """
    if subscription.other_end or subscription.moves:
        return "Microsoft was told of its end in a way that could not be told again"
    if told_end(subscription) is EndOfTerm.CANCEL and not speaks:
        return (
            "this connection could not tell Microsoft again that it ends with its term "
            "(sendsScheduledActions is off)"
        )
    return None


def choice_of(record: ChangeRecord) -> ChosenEnd | None:
    """What a change that has come about says of the end, where somebody asked for it."""
    after = record.after
    if not record.is_choice or after is None or record.kind not in (SetEndOfTerm.kind, BOUGHT):
        return None
    # What is bought renews; another end that was asked for with it is a change of its own.
    intent = EndOfTerm.RENEW if record.kind == BOUGHT else _said_in(after)
    return ChosenEnd(
        record.customer_id,
        record.subscription_id,
        intent,
        after.ends_at,
        record.at,
        record.requested_by,
    )


def _said_in(after: Snapshot) -> EndOfTerm:
    return after.end_of_term or (EndOfTerm.RENEW if after.auto_renew else EndOfTerm.EXTEND)

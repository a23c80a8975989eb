"""Remember what somebody chose for the end of a subscription's term."""

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftState
from shared.domain.ends import ChosenEnd, choice_of, held_end
from shared.domain.history import ChangeRecord, snapshot_of
from shared.domain.subscription_drift import told_of
from shared.domain.subscriptions import Subscription
from shared.workflows.drift import decide
from shared.workflows.ports import Desk

_ENDS = (DriftField.AUTO_RENEW, DriftField.END_OF_TERM)


async def keep_choice(desk: Desk, record: ChangeRecord) -> None:
    """Of a change that has come about, beside the history, which grows past any page."""
    chosen = choice_of(record)
    if chosen is not None:
        await desk.ends.keep(chosen)


async def adopt(desk: Desk, entry: DriftEntry, by: str) -> DriftEntry:
    """Who says that another end of a term is wanted has chosen what Microsoft makes of it.

    A rule that adopts is nobody's word: Microsoft fills in extensions by itself.
    """
    decided = await decide(desk, entry, DriftState.ADOPTED, by)
    if decided.state is DriftState.ADOPTED and decided.decided_by == by:
        await _keep_adopted(desk, decided)
    return decided


async def _keep_adopted(desk: Desk, entry: DriftEntry) -> None:
    subscription = await _as_told(desk, entry)
    if subscription is None or entry.decided_at is None:
        return
    await desk.ends.keep(
        ChosenEnd(
            subscription.customer_id,
            subscription.id,
            held_end(subscription),
            subscription.ends_at,
            entry.decided_at,
            entry.decided_by,
        )
    )


async def _as_told(desk: Desk, entry: DriftEntry) -> Subscription | None:
    """The subscription, where the entry is of its end and still tells how it is."""
    if entry.kind is not DriftKind.SUBSCRIPTION or entry.what not in _ENDS:
        return None
    mirrored = await desk.subscriptions.of(entry.customer_id)
    known = next((s for s in mirrored if s.id.lower() == entry.subject.lower()), None)
    if known is None or told_of(snapshot_of(known), entry.what) != entry.after:
        return None
    return known

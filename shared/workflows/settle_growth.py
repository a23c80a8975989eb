"""Bring one subscription to the quantity that was written down, exactly once (law 1).

A growth is any change of seats that stands in the ledger: upwards for a batch, downwards for the
night, or of the renewal's schedule alone. After an unknown outcome the remote is read, not asked
again: it stands at the target (applied), at the base (the same target may be sent again) or
somewhere else, which is for a person to look at.
"""

from dataclasses import dataclass

from shared.domain.batches import Batch
from shared.domain.billing import Transaction, TransactionKind
from shared.domain.cuts import cut_left_by
from shared.domain.errors import SeatkeeperError
from shared.domain.money import Money
from shared.domain.seats import Growth, GrowthStatus
from shared.workflows.notice_gap import with_gap
from shared.workflows.ports import Desk, Lease, LedgerPage
from shared.workflows.settling import Settling
from shared.workflows.tenant import customer_and_connection


@dataclass(frozen=True, slots=True)
class Account:
    """For whom a growth is put on record, and at what price."""

    requested_by: str
    price_now: Money | None = None
    price_until_term_end: Money | None = None
    note: str = ""


def account_of(batch: Batch, growth: Growth) -> Account:
    """What the batch's plan said that the growth costs."""
    for summary in batch.growths:
        if (batch.id, summary.subscription_id) == (growth.holder, growth.subscription_id):
            return Account(batch.requested_by, summary.price_now, summary.price_until_term_end)
    return Account(batch.requested_by, note=growth.reason)


async def settle_growth(
    desk: Desk,
    lease: Lease,
    page: LedgerPage,
    growth: Growth,
    account: Account,
    *,
    may_send: bool = True,
    patient: bool = False,
) -> tuple[Growth, Lease]:
    """Carry an intent to its end and close it in the ledger; one that has ended stays as it is.

    Without ``may_send`` it is only read how far it came. Raises retryable errors where that
    cannot be known yet; who neither sends nor is ``patient`` has a person look instead.
    """
    if growth.status is not GrowthStatus.INTENT:
        return growth, lease
    growth = await with_gap(desk, page, growth)
    _, connection = await customer_and_connection(desk, lease.customer_id)
    partner_center = desk.microsoft.partner_center(connection)
    settling = Settling(
        desk,
        partner_center,
        lease,
        growth,
        may_send=may_send,
        patient=patient,
        speaks_of_ends=connection.sends_scheduled_actions,
    )
    try:
        ended = await (settling.settle() if may_send else settling.look())
    except SeatkeeperError:
        await settling.note_answer()
        raise
    applied = ended.status is GrowthStatus.APPLIED
    await settling.watch_the_end(account.requested_by)
    if applied:
        await _record(desk, lease, ended, account, settling.correlation_id)
    # Before it is closed: until then the ledger accounts for what the mirror does not show.
    ended = await settling.mirrored(ended)
    if not applied:
        return ended, await desk.ledger.write_growth(settling.lease, ended, None)
    cut = cut_left_by(ended, page.cuts.get(ended.subscription_id))
    return ended, await desk.ledger.write_growth(settling.lease, ended, ended.target, cut)


async def _record(
    desk: Desk, lease: Lease, growth: Growth, account: Account, correlation_id: str
) -> None:
    await desk.transactions.record(
        Transaction(
            id=growth.request_id,
            customer_id=lease.customer_id,
            kind=_kind_of(growth),
            subscription_id=growth.subscription_id,
            sku=lease.sku,
            seats_before=growth.base,
            seats_after=growth.seats_after,
            requested_by=account.requested_by,
            work=growth.holder,
            at=await desk.clock.now(),
            price_now=account.price_now,
            price_until_term_end=account.price_until_term_end,
            correlation_id=correlation_id,
            note=account.note or growth.reason,
        )
    )


def _kind_of(growth: Growth) -> TransactionKind:
    if growth.target > growth.base:
        return TransactionKind.GROWN
    return TransactionKind.GIVEN_BACK if growth.target < growth.base else TransactionKind.SCHEDULED

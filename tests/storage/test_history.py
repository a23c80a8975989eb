from dataclasses import replace

from shared.domain.history import ChangeRecord, Origin, RecordStatus, snapshot_of
from shared.domain.ids import SubscriptionId
from shared.domain.lots import LotLedger
from tests.builders import CONTOSO, NOW, a_lot, a_subscription, days
from tests.storage.conftest import Stores

SUBSCRIPTION = SubscriptionId("sub-1")


def a_change(name: str = "raise", *, days_later: float = 0) -> ChangeRecord:
    subscription = a_subscription(scheduled=8)
    return ChangeRecord(
        id=name,
        customer_id=CONTOSO,
        subscription_id=SUBSCRIPTION,
        kind="setSeats",
        origin=Origin.SEATKEEPER,
        requested_by="ada",
        at=NOW + days(days_later),
        before=snapshot_of(subscription),
        after=snapshot_of(replace(subscription, seats=12)),
        status=RecordStatus.INTENT,
        reason="two joiners",
    )


async def test_a_change_comes_back_as_it_was_written(stores: Stores) -> None:
    await stores.history.open(a_change())

    assert await stores.history.get(CONTOSO, SUBSCRIPTION, "raise") == a_change()
    assert await stores.history.unfinished(CONTOSO, SUBSCRIPTION) == [a_change()]


async def test_the_same_change_is_written_down_once(stores: Stores) -> None:
    await stores.history.open(a_change())

    known = await stores.history.open(a_change(days_later=1))

    assert known.at == NOW
    assert await stores.history.count(CONTOSO, SUBSCRIPTION) == 1


async def test_a_change_with_an_end_is_not_open_any_more(stores: Stores) -> None:
    change = await stores.history.open(a_change())
    ended = change.ended(RecordStatus.DONE, NOW)

    await stores.history.close(ended)
    await stores.history.close(ended)

    assert await stores.history.unfinished(CONTOSO, SUBSCRIPTION) == []
    assert await stores.history.get(CONTOSO, SUBSCRIPTION, "raise") == ended


async def test_the_newest_change_comes_first_and_pages_go_on(stores: Stores) -> None:
    for number in range(3):
        await stores.history.record(a_change(f"change-{number}", days_later=number))

    first = await stores.history.page(CONTOSO, SUBSCRIPTION, None, 2)
    rest = await stores.history.page(CONTOSO, SUBSCRIPTION, first.cursor, 2)

    assert [c.id for c in first.items] == ["change-2", "change-1"]
    assert [c.id for c in rest.items] == ["change-0"]


async def test_the_ledger_of_lots_is_kept_beside_the_changes(stores: Stores) -> None:
    lots = LotLedger((a_lot(5),), (a_lot(3), a_lot(2, closes_in=days(4))))

    assert await stores.history.lots(CONTOSO, SUBSCRIPTION) == LotLedger()
    await stores.history.keep_lots(CONTOSO, SUBSCRIPTION, lots)

    assert await stores.history.lots(CONTOSO, SUBSCRIPTION) == lots
    assert await stores.history.count(CONTOSO, SUBSCRIPTION) == 0


async def test_updates_are_counted_for_each_subscription(stores: Stores) -> None:
    for name in ("sub-1", "sub-2", "sub-1"):
        await stores.history.note_update(CONTOSO, SubscriptionId(name))

    assert await stores.history.updates(CONTOSO) == {"sub-1": 2, "sub-2": 1}

"""What a change of a subscription that stands in its history comes to."""

from dataclasses import replace

import pytest

from shared.domain.history import (
    ChangeRecord,
    Origin,
    Snapshot,
    UpgradeTarget,
    snapshot_of,
)
from shared.domain.ids import OfferId
from shared.domain.subscriptions import Schedule, SubscriptionStatus
from tests.builders import NOW, a_subscription

OTHER = OfferId("CFQ7TTC0OTHER:0001")
TEN = snapshot_of(a_subscription(seats=10))
CUT = snapshot_of(a_subscription(seats=10, scheduled=6))
ELSE = replace(CUT, schedule=Schedule(6, replace(a_subscription().terms, offer=OTHER)))


def a_change(before: Snapshot | None, after: Snapshot | None) -> ChangeRecord:
    found = a_subscription()
    whose = ("c-1", found.customer_id, found.id)
    return ChangeRecord(*whose, "setSeats", Origin.SEATKEEPER, "portal", NOW, before, after)


@pytest.mark.parametrize(
    ("before", "after", "going"),
    [
        pytest.param(TEN, replace(TEN, seats=7), 3, id="fewer seats"),
        pytest.param(TEN, replace(TEN, seats=12), 0, id="more seats"),
        pytest.param(TEN, CUT, 4, id="fewer at the renewal"),
        pytest.param(CUT, TEN, 0, id="as many again at the renewal"),
        pytest.param(CUT, replace(CUT, seats=7), 0, id="fewer, of which the renewal had none"),
        pytest.param(CUT, replace(CUT, seats=4), 2, id="fewer than the renewal had"),
        pytest.param(TEN, ELSE, 10, id="another product at the renewal"),
        pytest.param(CUT, replace(CUT, status=SubscriptionStatus.DELETED), 6, id="a cancellation"),
        pytest.param(TEN, replace(TEN, status=SubscriptionStatus.SUSPENDED), 10, id="suspension"),
        pytest.param(None, TEN, 0, id="a purchase"),
        pytest.param(TEN, None, 0, id="what nobody knows the end of"),
    ],
)
def test_seats_go_that_would_have_lasted_but_for_the_change(
    before: Snapshot | None, after: Snapshot | None, going: int
) -> None:
    assert a_change(before, after).seats_going == going


@pytest.mark.parametrize(
    ("after", "moved", "going"),
    [
        pytest.param(replace(TEN, offer=OTHER), 10, 10, id="all of them in place"),
        pytest.param(TEN, 10, 10, id="all of them into another subscription"),
        pytest.param(replace(TEN, seats=6), 4, 4, id="some of them"),
    ],
)
def test_seats_that_an_upgrade_moves_go_from_their_product(
    after: Snapshot, moved: int, going: int
) -> None:
    upgrade = replace(a_change(TEN, after), upgrade=UpgradeTarget(OTHER, moved))

    assert upgrade.seats_going == going

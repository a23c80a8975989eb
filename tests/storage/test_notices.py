from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.ids import ConnectionId
from shared.domain.webhooks import Notice
from shared.workflows.ports import Notices
from tests.storage.conftest import Stores

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_notice(id_: str = "n-1", changed_at: datetime = MOMENT) -> Notice:
    connection = ConnectionId("northwind")
    return Notice(id_, connection, "subscription-updated", changed_at, MOMENT)


@pytest.fixture
def notices(stores: Stores) -> Notices:
    return stores.notices


async def test_an_event_is_claimed_until_it_is_settled(notices: Notices) -> None:
    first = await notices.claim(a_notice())
    after_a_crash = await notices.claim(a_notice())
    await notices.settle(a_notice())
    later = replace(a_notice(), received_at=MOMENT + timedelta(hours=1))

    assert (first, after_a_crash) == (True, True)
    assert not await notices.claim(later)


async def test_old_events_are_forgotten_and_young_ones_are_not(notices: Notices) -> None:
    old, young = a_notice("old", MOMENT - timedelta(days=16)), a_notice("young")
    for notice in (old, young):
        await notices.claim(notice)
        await notices.settle(notice)

    await notices.forget(date(2026, 2, 14), 7)

    assert await notices.claim(old)
    assert not await notices.claim(young)

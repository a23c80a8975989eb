"""What is due is found, by one host."""

from datetime import timedelta

from shared.domain.reminders import Reminder, ReminderKind
from tests.storage.conftest import Stores
from tests.storage.nouns import NOON

BATCH = ReminderKind.BATCH


def a_reminder(subject: str, *, minutes: float = 0) -> Reminder:
    return Reminder(BATCH, subject, NOON + timedelta(minutes=minutes))


async def test_only_what_is_due_is_found(stores: Stores) -> None:
    for minutes in (-1, 0, 0.001, 1):
        await stores.reminders.put(a_reminder(f"b/{minutes}", minutes=minutes))
    await stores.reminders.put(Reminder(ReminderKind.FORGET, "b", NOON))

    due = await stores.reminders.due(BATCH, NOON, 9)

    assert {reminder.subject for reminder in due} == {"b/-1", "b/0"}


async def test_no_more_than_a_portion_is_found_at_once(stores: Stores) -> None:
    for number in range(5):
        await stores.reminders.put(a_reminder(str(number)))

    assert len(await stores.reminders.due(BATCH, NOON, 3)) == 3


async def test_of_two_hosts_one_takes_a_reminder(stores: Stores, elsewhere: Stores) -> None:
    await stores.reminders.put(a_reminder("b"))
    (here,) = await stores.reminders.due(BATCH, NOON, 9)
    (there,) = await elsewhere.reminders.due(BATCH, NOON, 9)

    later = NOON + timedelta(minutes=20)
    taken = [await stores.reminders.postpone(here, later)]
    taken.append(await elsewhere.reminders.postpone(there, later))

    assert taken == [True, False]
    assert not await stores.reminders.due(BATCH, NOON, 9)


async def test_a_later_word_takes_the_place_of_an_earlier_one(stores: Stores) -> None:
    await stores.reminders.put(a_reminder("b"))
    await stores.reminders.put(a_reminder("b", minutes=5))
    await stores.reminders.put_first(a_reminder("b"))

    assert not await stores.reminders.due(BATCH, NOON, 9)


async def test_what_is_dropped_is_gone_and_may_be_dropped_again(stores: Stores) -> None:
    await stores.reminders.put(a_reminder("b"))

    await stores.reminders.drop(BATCH, "b")
    await stores.reminders.drop(BATCH, "b")

    assert not await stores.reminders.due(BATCH, NOON, 9)

"""Runs, transactions and the audit."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.billing import Transaction, TransactionKind
from shared.domain.errors import ChangedMeanwhile, RunNotFound
from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.poison import PutAside, poison_id
from shared.domain.runs import (
    Coverage,
    CustomerRun,
    CustomerRunStatus,
    LastNight,
    LeftOut,
    Nights,
    Run,
    RunStatus,
)
from shared.workflows.ports import AuditEntry
from tests.portal import Killed
from tests.storage.conftest import Stores
from tests.storage.nouns import CONTOSO, E3, NOON, NORTH

SOUTH = ConnectionId("south")
NIGHT = Run(RunId("night-2026-03-01"), "nightly", NOON)
PART = CustomerRun(NIGHT.id, CONTOSO, NORTH)
OTHER = CustomerId("0a7e1c52-0000-4000-8000-000000000002")


def a_transaction(name: str, hours: int = 0) -> Transaction:
    return Transaction(
        id=name,
        customer_id=CONTOSO,
        kind=TransactionKind.GROWN,
        subscription_id="s",
        sku=E3,
        seats_before=25,
        seats_after=30,
        requested_by="caller",
        work="batch-1",
        at=NOON + timedelta(hours=hours),
    )


async def test_a_night_that_is_opened_twice_is_one_run(stores: Stores) -> None:
    opened, first = await stores.runs.claim(NIGHT)

    again, second = await stores.runs.claim(replace(NIGHT, opened_at=NOON + timedelta(hours=1)))

    assert again == opened
    assert (first, second) == (True, False)
    assert [r.id for r in (await stores.runs.page(None, 5)).items] == [NIGHT.id]


async def test_a_new_run_counts_as_not_queued_until_somebody_says_so(stores: Stores) -> None:
    run, _ = await stores.runs.claim(NIGHT)

    opened = await stores.runs.coverage(run.id)
    await stores.runs.expect_connections(run.id, [NORTH])
    await stores.runs.note_queued(run.id)
    await stores.runs.claim(NIGHT)

    assert opened == Coverage(is_queued=False)
    assert await stores.runs.coverage(run.id) == Coverage(unexpanded=(NORTH,))
    assert (await stores.runs.save(replace(run, first_in_line="north"))).first_in_line == "north"


async def test_a_run_is_listed_once_though_another_host_died_while_it_claimed_it(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(stores.runs, "_claim", _dies)
        with pytest.raises(Killed):
            await stores.runs.claim(NIGHT)

    run, is_new = await stores.runs.claim(replace(NIGHT, opened_at=NOON + timedelta(hours=1)))

    assert is_new
    assert [r.id for r in await stores.runs.open_runs()] == [NIGHT.id]
    assert (await stores.runs.page(None, 5)).items == [run]


async def _dies(_: Run) -> None:
    raise Killed


async def test_a_connection_that_is_left_out_is_met_with_its_reason(stores: Stores) -> None:
    await stores.runs.expect_connections(NIGHT.id, [NORTH, SOUTH])
    await stores.runs.connection_expanded(NIGHT.id, SOUTH)

    for connection in (NORTH, SOUTH, ConnectionId("unknown")):
        await stores.runs.leave_out(NIGHT.id, connection, "It failed eight times.")
    left = await stores.runs.coverage(NIGHT.id)
    await stores.runs.connection_expanded(NIGHT.id, NORTH)

    assert left == Coverage(left_out=(LeftOut(NORTH, "It failed eight times."),))
    assert await stores.runs.coverage(NIGHT.id) == Coverage()


async def test_runs_are_listed_newest_first(stores: Stores) -> None:
    for number in range(3):
        opened_at = NOON + timedelta(days=number)
        await stores.runs.claim(Run(RunId(f"run-{number}"), "caller", opened_at))

    page = await stores.runs.page(None, 2)

    assert [r.id for r in page.items] == ["run-2", "run-1"]
    assert [r.id for r in (await stores.runs.page(page.cursor, 2)).items] == ["run-0"]


async def test_of_two_that_close_a_run_the_second_reads_again(stores: Stores) -> None:
    run, _ = await stores.runs.claim(NIGHT)
    closed = await stores.runs.save(replace(run, status=RunStatus.DONE, finished_at=NOON))

    with pytest.raises(ChangedMeanwhile):
        await stores.runs.save(replace(run, status=RunStatus.DONE))

    assert await stores.runs.get(NIGHT.id) == closed


async def test_a_run_is_among_the_open_ones_until_it_closes_and_then_to_be_told_of(
    stores: Stores,
) -> None:
    run, _ = await stores.runs.claim(NIGHT)
    while_open = await stores.runs.open_runs(), await stores.runs.unannounced_runs()

    closed = await stores.runs.save(replace(run, status=RunStatus.PARTIAL, finished_at=NOON))
    await stores.runs.claim(NIGHT)
    once_closed = await stores.runs.open_runs(), await stores.runs.unannounced_runs()
    await stores.runs.announced(NIGHT.id)
    await stores.runs.claim(NIGHT)

    assert (while_open, once_closed) == (([run], []), ([], [closed]))
    assert await stores.runs.unannounced_runs() == []


async def test_who_has_not_ended_waits_and_who_has_does_not(stores: Stores) -> None:
    others = [replace(PART, customer_id=CustomerId(f"{n:08d}-0-0-0-0")) for n in range(120)]
    await stores.runs.add_parts([PART])
    await stores.runs.add_parts([PART, *others])

    part = await stores.runs.part(NIGHT.id, CONTOSO)
    await stores.runs.save_part(replace(part, status=CustomerRunStatus.FAILED))

    waiting = await stores.runs.waiting(NIGHT.id, 500)
    assert sorted(waiting) == sorted(o.customer_id for o in others)
    assert len(await stores.runs.waiting(NIGHT.id, 1)) == 1


async def test_nights_are_expected_from_the_first_look_on(stores: Stores) -> None:
    await stores.runs.nights(NOON)
    night = LastNight(NIGHT.id, NOON + timedelta(hours=3), customers=4, failed=1)
    await stores.runs.complete_night(night)

    nights = await stores.runs.nights(NOON + timedelta(days=5))

    assert nights == Nights(NOON, night)


async def test_a_night_that_is_told_late_never_takes_a_later_ones_place(
    stores: Stores, elsewhere: Stores
) -> None:
    nights = [
        LastNight(RunId(f"night-{n}"), NOON + timedelta(days=n), customers=n) for n in range(4)
    ]

    hosts = (stores, elsewhere)
    await asyncio.gather(*(h.runs.complete_night(n) for h in hosts for n in reversed(nights)))
    await stores.runs.complete_night(nights[1])

    assert (await stores.runs.nights(NOON)).last == nights[3]


async def test_an_expectation_that_was_met_is_not_raised_again(stores: Stores) -> None:
    await stores.runs.expect_connections(NIGHT.id, [NORTH, SOUTH])
    await stores.runs.connection_expanded(NIGHT.id, NORTH)

    await stores.runs.expect_connections(NIGHT.id, [NORTH, SOUTH])

    assert (await stores.runs.coverage(NIGHT.id)).unexpanded == (SOUTH,)


async def test_a_part_that_is_added_twice_keeps_its_progress(stores: Stores) -> None:
    await stores.runs.add_parts([PART])
    part = await stores.runs.part(NIGHT.id, CONTOSO)
    done = await stores.runs.save_part(replace(part, status=CustomerRunStatus.DONE))

    open_ones = await stores.runs.add_parts([PART, replace(PART, customer_id=OTHER)])
    again = await stores.runs.add_parts([PART, replace(PART, customer_id=OTHER)])

    assert (open_ones, again) == ([OTHER], [OTHER])
    assert (await stores.runs.part(NIGHT.id, CONTOSO)) == done
    with pytest.raises(ChangedMeanwhile):
        await stores.runs.save_part(part)


async def test_parts_and_expectations_do_not_mix(stores: Stores) -> None:
    await stores.runs.claim(NIGHT)
    await stores.runs.expect_connections(NIGHT.id, [NORTH])
    await stores.runs.add_parts([PART])

    assert [p.customer_id async for p in stores.runs.parts(NIGHT.id)] == [CONTOSO]
    assert (await stores.runs.coverage(NIGHT.id)).unexpanded == (NORTH,)


async def test_an_unknown_run_is_missing(stores: Stores) -> None:
    with pytest.raises(RunNotFound):
        await stores.runs.get(RunId("nothing"))
    with pytest.raises(RunNotFound):
        await stores.runs.part(NIGHT.id, CustomerId("nobody"))


async def test_a_transaction_that_is_told_twice_is_on_record_once(stores: Stores) -> None:
    await stores.transactions.record(a_transaction("t-1"))

    await stores.transactions.record(a_transaction("t-1", hours=2))

    page = await stores.transactions.page(CONTOSO, None, 10)
    assert page.items == [a_transaction("t-1")]


async def test_transactions_are_listed_newest_first_page_by_page(stores: Stores) -> None:
    for number in range(3):
        await stores.transactions.record(a_transaction(f"t/{number}", hours=number))

    first = await stores.transactions.page(CONTOSO, None, 2)
    second = await stores.transactions.page(CONTOSO, first.cursor, 2)

    assert [t.id for t in (*first.items, *second.items)] == ["t/2", "t/1", "t/0"]


async def test_the_audit_keeps_an_entry_once_however_often_it_is_told(stores: Stores) -> None:
    entry = AuditEntry(NOON, "caller", "batch accepted", "batch-1", {"rows": "3"})

    await stores.audit.record(entry)
    await stores.audit.record(entry)
    await stores.audit.record(replace(entry, subject="batch-2"))

    day = await stores.tables["audit"].partition("20260301")
    assert sorted(str(row["subject"]) for row in day) == ["batch-1", "batch-2"]


def a_message_put_aside(number: int) -> PutAside:
    at = NOON + timedelta(minutes=number)
    body = f"{{{number}"
    return PutAside(poison_id("batches", body), "batches", body, f"reason {number}", at, at)


async def test_messages_put_aside_are_told_newest_first(stores: Stores) -> None:
    for number in range(3):
        await stores.poison.add(a_message_put_aside(number))

    first = await stores.poison.page(None, 2)
    second = await stores.poison.page(first.cursor, 2)

    assert [m.reason for m in (*first.items, *second.items)] == ["reason 2", "reason 1", "reason 0"]


async def test_a_message_put_aside_twice_stands_once_in_the_list(
    stores: Stores, elsewhere: Stores
) -> None:
    message = a_message_put_aside(1)

    await asyncio.gather(stores.poison.add(message), elsewhere.poison.add(message))

    assert [m.reason for m in (await stores.poison.page(None, 9)).items] == ["reason 1"]


async def test_only_what_is_old_is_purged(stores: Stores) -> None:
    for number in range(3):
        await stores.poison.add(a_message_put_aside(number))
    again = await stores.poison.get(a_message_put_aside(0).id)
    await stores.poison.save(replace(again, at=NOON + timedelta(days=1)))

    gone = await stores.poison.purge(NOON + timedelta(minutes=2), 100)

    assert gone == 1
    left = (await stores.poison.page(None, 9)).items
    assert [m.reason for m in left] == ["reason 2", "reason 0"]

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.batches import BatchStatus, RowResult, RowStatus
from shared.domain.chunks import SeatTally, progress_in, seats_in
from shared.domain.errors import BatchDiffers, BatchNotFound, ChangedMeanwhile, MalformedRequest
from shared.domain.ids import BatchId
from shared.domain.progress import Progress
from tests.builders import E3
from tests.storage.conftest import Stores
from tests.storage.nouns import NOON, a_batch, some_rows


async def all_rows(stores: Stores, batch: BatchId) -> list[RowResult]:
    return [row async for chunk in stores.batches.chunks(batch) for row in chunk.rows]


async def end(stores: Stores, batch: BatchId, number: int, status: RowStatus) -> None:
    """Bring every row of a chunk to one status."""
    chunk = await stores.batches.chunk(batch, number)
    await stores.batches.save_chunk(batch, chunk.having(r.ended(status) for r in chunk.rows))


async def test_a_batch_of_a_thousand_rows_is_read_back_in_order(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(rows=1000), some_rows(1000))

    assert await all_rows(stores, batch.id) == some_rows(1000)
    assert (await stores.batches.chunk(batch.id, 10)).rows == tuple(some_rows(1000)[900:])
    with pytest.raises(BatchNotFound):
        await stores.batches.chunk(batch.id, 11)


async def test_the_largest_rows_that_may_come_fit_into_a_chunk(stores: Stores) -> None:
    (row,) = some_rows(1)
    texts = {"display_name": 256, "given_name": 64, "surname": 64, "job_title": 128}
    user = replace(row.row.user, **{name: "🎉" * size for name, size in texts.items()})
    rows = [
        replace(row, row=replace(row.row, user=user, number=number), reason="é" * 200)
        for number in range(1, 101)
    ]

    batch = await stores.batches.add(a_batch(rows=100), rows)

    assert await all_rows(stores, batch.id) == rows


async def test_a_batch_that_comes_twice_is_one_and_keeps_its_progress(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(), some_rows(3))
    await end(stores, batch.id, 1, RowStatus.DONE)
    grown = await stores.batches.save(replace(batch, status=BatchStatus.GROWING))

    again = await stores.batches.add(
        replace(a_batch(), accepted_at=NOON + timedelta(hours=1)), some_rows(3)
    )

    assert again == grown
    assert {r.status for r in await all_rows(stores, batch.id)} == {RowStatus.DONE}
    assert not await stores.batches.any_open(batch.id)
    assert len((await stores.batches.page(None, 10)).items) == 1


async def test_a_second_delivery_completes_what_a_crash_left(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(rows=250), some_rows(250)[:100])
    await end(stores, batch.id, 1, RowStatus.CREATED)

    await stores.batches.add(a_batch(rows=250), some_rows(250))

    results = await all_rows(stores, batch.id)
    assert [r.row.number for r in results] == list(range(1, 251))
    assert results[0].status is RowStatus.CREATED


async def test_two_hosts_may_add_the_same_batch_at_once(stores: Stores, elsewhere: Stores) -> None:
    adding = (host.batches.add(a_batch(rows=250), some_rows(250)) for host in (stores, elsewhere))

    one, other = await asyncio.gather(*adding)

    assert one == other
    assert await all_rows(stores, one.id) == some_rows(250)


async def test_the_same_id_with_another_document_is_refused(stores: Stores) -> None:
    await stores.batches.add(a_batch(digest="d1"), some_rows(3))

    with pytest.raises(BatchDiffers, match="batch-1"):
        await stores.batches.add(a_batch(digest="d2"), some_rows(3))


async def test_of_two_workers_on_a_chunk_the_second_reads_again_and_nothing_is_written(
    stores: Stores,
) -> None:
    batch = await stores.batches.add(a_batch(), some_rows(3))
    mine = await stores.batches.chunk(batch.id, 1)
    await end(stores, batch.id, 1, RowStatus.DONE)

    with pytest.raises(ChangedMeanwhile):
        await stores.batches.save_chunk(
            batch.id, mine.having(r.ended(RowStatus.FAILED) for r in mine.rows)
        )

    assert {r.status for r in await all_rows(stores, batch.id)} == {RowStatus.DONE}


async def test_a_saved_chunk_can_be_saved_again(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(rows=100), some_rows(100))
    chunk = await stores.batches.chunk(batch.id, 1)

    for status in RowStatus:
        chunk = await stores.batches.save_chunk(
            batch.id, chunk.having(r.ended(status) for r in chunk.rows)
        )

    assert await stores.batches.chunk(batch.id, 1) == chunk


async def test_a_batch_has_something_open_until_the_last_row_of_its_last_chunk_ends(
    stores: Stores,
) -> None:
    batch = await stores.batches.add(a_batch(rows=150), some_rows(150))

    await end(stores, batch.id, 1, RowStatus.DONE)
    half = await stores.batches.any_open(batch.id)
    await end(stores, batch.id, 2, RowStatus.FAILED)

    assert half
    assert not await stores.batches.any_open(batch.id)


async def test_a_chunk_whose_rows_are_opened_again_is_open_again(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(), some_rows(3))
    await end(stores, batch.id, 1, RowStatus.FAILED)

    await end(stores, batch.id, 1, RowStatus.WAITING)

    assert await stores.batches.any_open(batch.id)
    await end(stores, batch.id, 1, RowStatus.DONE)
    assert not await stores.batches.any_open(batch.id)


async def test_tallies_say_how_far_a_batch_is_and_which_seats_it_still_takes(
    stores: Stores,
) -> None:
    rows = [replace(row, takes=(E3,)) for row in some_rows(150)]
    batch = await stores.batches.add(a_batch(rows=150), rows)
    await end(stores, batch.id, 1, RowStatus.DONE)

    tallies = await stores.batches.tallies(batch.id)

    assert progress_in(tallies) == Progress(waiting=50, done=100)
    assert seats_in(tallies, E3) == SeatTally(open=50, done=100)
    assert [t.number for t in tallies if t.is_open] == [2]


async def test_of_two_writers_of_a_head_the_second_reads_again(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(), some_rows(3))
    await stores.batches.save(replace(batch, status=BatchStatus.RUNNING))

    with pytest.raises(ChangedMeanwhile):
        await stores.batches.save(replace(batch, status=BatchStatus.DONE))


async def test_a_head_whose_reply_was_lost_is_known_again_as_our_own(stores: Stores) -> None:
    kept = await stores.batches.add(a_batch(), [])
    running = replace(kept, status=BatchStatus.RUNNING)

    saved = await stores.batches.save(running)
    again = await stores.batches.save(running)

    assert again == saved


async def test_batches_are_listed_newest_first_page_by_page(stores: Stores) -> None:
    for number in range(5):
        batch = replace(a_batch(f"batch-{number}"), accepted_at=NOON + timedelta(hours=number))
        await stores.batches.add(batch, some_rows(1))

    first = await stores.batches.page(None, 2)
    second = await stores.batches.page(first.cursor, 2)
    third = await stores.batches.page(second.cursor, 2)

    listed = [b.id for page in (first, second, third) for b in page.items]
    assert listed == ["batch-4", "batch-3", "batch-2", "batch-1", "batch-0"]
    assert third.cursor is None


@pytest.mark.parametrize("size", [40, 100, 130])
async def test_results_are_read_page_by_page(stores: Stores, size: int) -> None:
    batch = await stores.batches.add(a_batch(rows=245), some_rows(245))

    page = await stores.batches.results_page(batch.id, None, size)
    found, lengths = list(page.items), [len(page.items)]
    while page.cursor is not None:
        page = await stores.batches.results_page(batch.id, page.cursor, size)
        found += page.items
        lengths.append(len(page.items))

    assert found == some_rows(245)
    assert lengths == [size] * (245 // size) + [245 % size]


async def test_a_last_page_that_is_full_leads_nowhere(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(rows=100), some_rows(100))

    assert (await stores.batches.results_page(batch.id, None, 100)).cursor is None


@pytest.mark.parametrize(
    "cursor",
    [
        "%%%",
        "eyJQYXJ0aXRpb25LZXkiOiAiIiwgIlJvd0tleSI6ICIwIn0",
        "eyJQYXJ0aXRpb25LZXkiOiAiIiwgIlJvd0tleSI6ICJ4In0",
    ],
)
async def test_a_cursor_that_nobody_gave_is_refused(stores: Stores, cursor: str) -> None:
    batch = await stores.batches.add(a_batch(), some_rows(3))

    with pytest.raises(MalformedRequest):
        await stores.batches.results_page(batch.id, cursor, 40)


@pytest.mark.parametrize(
    "name", ["a/b\\c#d?", "head", "index", "日本 'batch' %2F+&", "\x00\n\x7f", "~", "é" * 3000]
)
async def test_a_batch_id_may_be_any_text(stores: Stores, name: str) -> None:
    batch = await stores.batches.add(a_batch(name), some_rows(3))

    await end(stores, batch.id, 1, RowStatus.DONE)
    await stores.batches.save(batch)

    assert (await stores.batches.get(BatchId(name))).id == name
    assert [b.id for b in (await stores.batches.page(None, 5)).items] == [name]


async def test_an_unknown_batch_is_missing(stores: Stores) -> None:
    with pytest.raises(BatchNotFound):
        await stores.batches.get(BatchId("nothing"))
    assert await all_rows(stores, BatchId("nothing")) == []

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.batches import BatchStatus, RowStatus
from shared.domain.errors import BatchDiffers, BatchNotFound, ChangedMeanwhile, MalformedRequest
from shared.domain.ids import BatchId
from tests.storage.conftest import Stores
from tests.storage.nouns import NOON, a_batch, some_rows


async def test_a_batch_of_a_thousand_rows_is_read_back_in_order(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(rows=1000), some_rows(1000))

    results = await stores.batches.results(batch.id)

    assert [r.row for r in results] == [r.row for r in some_rows(1000)]
    assert [r.row.number for r in await stores.batches.chunk(batch.id, 50)] == list(
        range(981, 1001)
    )
    assert await stores.batches.chunk(batch.id, 51) == []


async def test_a_batch_that_comes_twice_is_one_and_keeps_its_progress(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(), some_rows(3))
    (first, *_) = await stores.batches.results(batch.id)
    await stores.batches.save_results(batch.id, [replace(first, status=RowStatus.DONE)])
    grown = await stores.batches.save(replace(batch, status=BatchStatus.GROWING))

    again = await stores.batches.add(
        replace(a_batch(), accepted_at=NOON + timedelta(hours=1)), some_rows(3)
    )

    assert again == grown
    statuses = [r.status for r in await stores.batches.results(batch.id)]
    assert statuses == [RowStatus.DONE, RowStatus.WAITING, RowStatus.WAITING]
    assert len((await stores.batches.page(None, 10)).items) == 1


async def test_a_second_delivery_completes_what_a_crash_left(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(rows=250), some_rows(250)[:130])
    (first, *_) = await stores.batches.results(batch.id)
    await stores.batches.save_results(batch.id, [replace(first, status=RowStatus.CREATED)])

    await stores.batches.add(a_batch(rows=250), some_rows(250))

    results = await stores.batches.results(batch.id)
    assert [r.row.number for r in results] == list(range(1, 251))
    assert results[0].status is RowStatus.CREATED


async def test_two_hosts_may_add_the_same_batch_at_once(stores: Stores, elsewhere: Stores) -> None:
    adding = (host.batches.add(a_batch(rows=250), some_rows(250)) for host in (stores, elsewhere))

    one, other = await asyncio.gather(*adding)

    assert one == other
    assert len(await stores.batches.results(one.id)) == 250


async def test_the_same_id_with_another_document_is_refused(stores: Stores) -> None:
    await stores.batches.add(a_batch(digest="d1"), some_rows(3))

    with pytest.raises(BatchDiffers, match="batch-1"):
        await stores.batches.add(a_batch(digest="d2"), some_rows(3))


async def test_of_two_workers_on_a_row_the_second_reads_again_and_nothing_is_written(
    stores: Stores,
) -> None:
    batch = await stores.batches.add(a_batch(), some_rows(3))
    mine = await stores.batches.results(batch.id)
    await stores.batches.save_results(batch.id, [replace(mine[2], status=RowStatus.DONE)])

    with pytest.raises(ChangedMeanwhile):
        await stores.batches.save_results(
            batch.id, [replace(r, status=RowStatus.FAILED) for r in mine]
        )

    statuses = [r.status for r in await stores.batches.results(batch.id)]
    assert statuses == [RowStatus.WAITING, RowStatus.WAITING, RowStatus.DONE]


async def test_saved_rows_can_be_saved_again(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(rows=100), some_rows(100))
    rows = await stores.batches.results(batch.id)

    created = await stores.batches.save_results(
        batch.id, [replace(r, status=RowStatus.CREATED, user_id="u") for r in rows]
    )
    done = await stores.batches.save_results(
        batch.id, [replace(r, status=RowStatus.DONE) for r in created]
    )

    assert await stores.batches.results(batch.id) == done
    assert await stores.batches.save_results(batch.id, []) == []


async def test_of_two_writers_of_a_head_the_second_reads_again(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(), some_rows(3))
    await stores.batches.save(replace(batch, status=BatchStatus.RUNNING))

    with pytest.raises(ChangedMeanwhile):
        await stores.batches.save(replace(batch, status=BatchStatus.DONE))


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


async def test_results_are_read_page_by_page(stores: Stores) -> None:
    batch = await stores.batches.add(a_batch(rows=45), some_rows(45))

    first = await stores.batches.results_page(batch.id, None, 40)
    second = await stores.batches.results_page(batch.id, first.cursor, 40)

    assert [r.row.number for r in (*first.items, *second.items)] == list(range(1, 46))
    assert second.cursor is None
    with pytest.raises(MalformedRequest):
        await stores.batches.results_page(batch.id, "%%%", 40)


async def test_a_cursor_of_one_batch_shows_nothing_of_another(stores: Stores) -> None:
    one = await stores.batches.add(a_batch("one", rows=5), some_rows(5))
    other = await stores.batches.add(a_batch("other", rows=5), some_rows(5))
    cursor = (await stores.batches.results_page(one.id, None, 2)).cursor

    page = await stores.batches.results_page(other.id, cursor, 50)

    own = {r.etag for r in await stores.batches.results(other.id)}
    assert {r.etag for r in page.items} <= own


@pytest.mark.parametrize(
    "name", ["a/b\\c#d?", "head", "index", "日本 'batch' %2F+&", "\x00\n\x7f", "~", "é" * 3000]
)
async def test_a_batch_id_may_be_any_text(stores: Stores, name: str) -> None:
    batch = await stores.batches.add(a_batch(name), some_rows(3))

    rows = await stores.batches.results(batch.id)
    await stores.batches.save_results(batch.id, rows)
    await stores.batches.save(batch)

    assert (await stores.batches.get(BatchId(name))).id == name
    assert [b.id for b in (await stores.batches.page(None, 5)).items] == [name]


async def test_an_unknown_batch_is_missing(stores: Stores) -> None:
    with pytest.raises(BatchNotFound):
        await stores.batches.get(BatchId("nothing"))
    assert await stores.batches.results(BatchId("nothing")) == []

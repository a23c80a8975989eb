from dataclasses import replace

import pytest

from shared.domain.errors import ChangedMeanwhile, OperationNotFound
from shared.domain.ids import OperationId
from shared.domain.operations import OperationStatus
from tests.storage.conftest import Stores
from tests.storage.nouns import an_operation


async def test_an_operation_that_is_asked_for_twice_is_one(stores: Stores) -> None:
    first = await stores.operations.add(an_operation())
    learned = await stores.operations.save(first.learned(cart="c-1"))

    again = await stores.operations.add(an_operation())

    assert again == learned
    assert again.etag == learned.etag


async def test_of_two_workers_the_second_reads_again(stores: Stores) -> None:
    operation = await stores.operations.add(an_operation())
    await stores.operations.save(operation.learned(cart="c-1"))

    with pytest.raises(ChangedMeanwhile):
        await stores.operations.save(replace(operation, status=OperationStatus.FAILED))

    assert (await stores.operations.get(operation.id)).facts == {"cart": "c-1"}


async def test_an_unknown_operation_is_missing(stores: Stores) -> None:
    with pytest.raises(OperationNotFound):
        await stores.operations.get(OperationId("nothing"))

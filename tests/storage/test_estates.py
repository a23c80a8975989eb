"""What a directory holds is kept with what changed of it, by whoever is the first."""

from dataclasses import replace

import pytest

from shared.domain.drift import DriftField, DriftKind, DriftRules
from shared.domain.errors import ChangedMeanwhile
from shared.domain.estate import DomainState, Estate, OwnedSeats, Owner
from shared.storage.drift import DriftTable
from shared.storage.estates import EstateTable
from shared.storage.tables import Tables
from shared.workflows.ports import Estates
from tests.builders import CONTOSO, E3, NOW, a_stock

FOUND = Estate(
    CONTOSO,
    (a_stock(consumed=3, enabled=9),),
    (OwnedSeats("h-1", "theirs", E3, Owner.OTHER_PARTNER, 50, "Enabled"),),
    (DomainState("contoso.com", is_verified=True, is_default=True),),
    NOW,
)


@pytest.fixture
def estates(tables: Tables) -> Estates:
    return EstateTable(tables)


async def test_it_comes_back_as_it_was_kept(estates: Estates) -> None:
    assert await estates.of(CONTOSO) == Estate(CONTOSO)

    saved = await estates.save(FOUND, ())

    assert await estates.of(CONTOSO) == saved == FOUND
    assert (await estates.of(CONTOSO)).etag == saved.etag


async def test_who_read_an_older_one_keeps_nothing(tables: Tables, estates: Estates) -> None:
    first = await estates.save(FOUND, ())
    await estates.save(replace(first, holdings=()), ())
    drift = DriftRules(CONTOSO).entry((DriftKind.HOLDING, "h"), DriftField.GONE, "5", "", NOW)

    for late in (first, FOUND):
        with pytest.raises(ChangedMeanwhile):
            await estates.save(late, (drift,))

    assert (await estates.of(CONTOSO)).holdings == ()
    assert (await DriftTable(tables).page(CONTOSO, None, 9)).items == []


async def test_any_number_of_differences_is_told_with_it(tables: Tables, estates: Estates) -> None:
    rules = DriftRules(CONTOSO)
    subjects = [(DriftKind.HOLDING, f"h-{number}") for number in range(120)]
    told = tuple(rules.entry(one, DriftField.GONE, "5", "", NOW) for one in subjects)

    await estates.save(FOUND, told)

    drift = DriftTable(tables)
    assert len((await drift.page(CONTOSO, None, 200)).items) == len(told)
    assert len(await drift.open_ones(CONTOSO, DriftField.GONE, 200)) == len(told)

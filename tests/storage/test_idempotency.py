from datetime import timedelta

import pytest

from shared.domain.errors import IdempotencyKeyReused, StillRunning
from shared.workflows.ports import StoredAnswer
from tests.storage.conftest import Stores

SCOPE = "caller|POST /customers/{id}/users"
ANSWER = StoredAnswer(202, '{"id":"1"}', {"Location": "/operations/1"})


async def test_the_first_to_claim_a_key_works_and_the_next_hears_the_answer(
    stores: Stores,
) -> None:
    assert await stores.idempotency.claim(SCOPE, "k", "digest") is None
    await stores.idempotency.keep(SCOPE, "k", ANSWER)

    assert await stores.idempotency.claim(SCOPE, "k", "digest") == ANSWER


async def test_a_key_in_work_is_still_running_on_every_host(
    stores: Stores, elsewhere: Stores
) -> None:
    await stores.idempotency.claim(SCOPE, "k", "digest")

    with pytest.raises(StillRunning):
        await elsewhere.idempotency.claim(SCOPE, "k", "digest")


@pytest.mark.parametrize("answered", [False, True])
async def test_another_body_under_the_same_key_is_refused(stores: Stores, answered: bool) -> None:
    await stores.idempotency.claim(SCOPE, "k", "digest")
    if answered:
        await stores.idempotency.keep(SCOPE, "k", ANSWER)

    with pytest.raises(IdempotencyKeyReused):
        await stores.idempotency.claim(SCOPE, "k", "another")


async def test_another_caller_may_use_the_same_key(stores: Stores) -> None:
    await stores.idempotency.claim(SCOPE, "k", "digest")

    assert await stores.idempotency.claim("somebody else", "k", "another") is None


async def test_an_abandoned_key_is_taken_over_by_one(stores: Stores) -> None:
    await stores.idempotency.claim(SCOPE, "k", "digest")
    stores.clock.advance(timedelta(minutes=15))

    assert await stores.idempotency.claim(SCOPE, "k", "digest") is None
    with pytest.raises(StillRunning):
        await stores.idempotency.claim(SCOPE, "k", "digest")


async def test_after_seven_days_a_key_is_as_new(stores: Stores) -> None:
    await stores.idempotency.claim(SCOPE, "k", "digest")
    await stores.idempotency.keep(SCOPE, "k", ANSWER)
    stores.clock.advance(timedelta(days=7))

    assert await stores.idempotency.claim(SCOPE, "k", "another") is None


async def test_a_key_that_was_given_up_may_be_used_again_for_the_same_body_only(
    stores: Stores,
) -> None:
    await stores.idempotency.claim(SCOPE, "k", "digest")
    await stores.idempotency.give_up(SCOPE, "k")

    with pytest.raises(IdempotencyKeyReused):
        await stores.idempotency.claim(SCOPE, "k", "another")
    assert await stores.idempotency.claim(SCOPE, "k", "digest") is None
    with pytest.raises(StillRunning):
        await stores.idempotency.claim(SCOPE, "k", "digest")


async def test_a_key_that_was_forgotten_is_as_new(stores: Stores) -> None:
    await stores.idempotency.claim(SCOPE, "k", "digest")
    await stores.idempotency.forget(SCOPE, "k")

    assert await stores.idempotency.claim(SCOPE, "k", "another") is None


async def test_the_first_answer_stands(stores: Stores) -> None:
    await stores.idempotency.claim(SCOPE, "k", "digest")
    await stores.idempotency.keep(SCOPE, "k", ANSWER)
    await stores.idempotency.keep(SCOPE, "k", StoredAnswer(500, "late"))

    assert await stores.idempotency.claim(SCOPE, "k", "digest") == ANSWER


async def test_a_large_answer_is_kept_whole(stores: Stores) -> None:
    answer = StoredAnswer(200, "é🎉x" * 40_000)
    await stores.idempotency.claim(SCOPE, "k", "digest")

    await stores.idempotency.keep(SCOPE, "k", answer)

    assert await stores.idempotency.claim(SCOPE, "k", "digest") == answer


@pytest.mark.parametrize("key", ["a/b", "c\\d", "#?", "日本", "\x00\x1f\x7f", "'%27+&", "k" * 5000])
async def test_a_key_may_be_any_text(stores: Stores, key: str) -> None:
    await stores.idempotency.claim(SCOPE, key, "digest")
    await stores.idempotency.keep(SCOPE, key, ANSWER)

    assert await stores.idempotency.claim(SCOPE, key, "digest") == ANSWER


async def test_a_purge_takes_only_claims_older_than_a_week(stores: Stores) -> None:
    await stores.idempotency.claim(SCOPE, "old", "digest")
    stores.clock.advance(timedelta(days=7, seconds=1))
    await stores.idempotency.claim(SCOPE, "new", "digest")

    assert await stores.idempotency.purge(100) == 1

    with pytest.raises(StillRunning):
        await stores.idempotency.claim(SCOPE, "new", "digest")

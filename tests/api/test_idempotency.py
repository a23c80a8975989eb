"""One key, one piece of work, and its answer as often as it is asked."""

import pytest

from tests.api.counter import Counter
from tests.api.test_bodies import CONNECTION


async def test_the_same_key_is_answered_from_the_record(counter: Counter) -> None:
    first = await counter.ask("POST", "/api/connections", body=CONNECTION, key="k1")
    again = await counter.ask("POST", "/api/connections", body=CONNECTION, key="k1")

    assert (again.status, again.text) == (first.status, first.text)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


async def test_the_same_key_with_another_body_is_refused(counter: Counter) -> None:
    await counter.ask("POST", "/api/connections", body=CONNECTION, key="k1")

    reply = await counter.ask("POST", "/api/connections", body=CONNECTION | {"id": "b"}, key="k1")

    assert (reply.status, reply.slug) == (422, "idempotency-key-reused")


async def test_a_key_belongs_to_one_caller(counter: Counter) -> None:
    mine = await counter.ask("POST", "/api/runs", key="k1", role="admin")
    yours = await counter.ask("POST", "/api/runs", key="k1", role="operator")

    assert mine.json["id"] != yours.json["id"]


async def test_a_failure_may_be_repeated_with_its_key(counter: Counter) -> None:
    taken = await counter.ask(
        "POST", "/api/connections", body=CONNECTION | {"id": "fabrikam"}, key="k1"
    )
    counter.connections.kept.clear()

    again = await counter.ask(
        "POST", "/api/connections", body=CONNECTION | {"id": "fabrikam"}, key="k1"
    )

    assert (taken.status, taken.slug) == (409, "already-exists")
    assert again.status == 201


async def test_work_under_way_is_not_started_twice(counter: Counter) -> None:
    await counter.ask("POST", "/api/connections", body=CONNECTION, key="k1")
    place, (digest, _) = next(iter(counter.keys.kept.items()))
    counter.keys.kept[place] = (digest, None)

    reply = await counter.ask("POST", "/api/connections", body=CONNECTION, key="k1")

    assert (reply.status, reply.slug) == (409, "still-running")
    assert reply.headers["Retry-After"] == "2"


@pytest.mark.parametrize("key", ["a b", "ä", "x" * 256], ids=["a space", "an umlaut", "too long"])
async def test_a_key_that_cannot_be_kept_is_refused(key: str, counter: Counter) -> None:
    reply = await counter.ask("POST", "/api/runs", key=key)

    assert (reply.status, reply.slug) == (400, "idempotency-key-missing")


async def test_a_dry_run_needs_no_key_and_never_stands_for_the_real_one(counter: Counter) -> None:
    dry = await counter.ask("POST", "/api/runs?dryRun=true", key="k1")
    real = await counter.ask("POST", "/api/runs", key="k1")
    keyless = await counter.ask("POST", "/api/runs?dryRun=true")

    assert (dry.status, real.status, keyless.status) == (202, 202, 202)
    assert (dry.json["dryRun"], real.json["dryRun"]) == (True, False)
    assert len(counter.runs.kept) == 3


async def test_the_same_key_names_the_same_work(counter: Counter) -> None:
    first = await counter.ask("POST", "/api/connections/fabrikam/sync", key="k1")
    counter.keys.kept.clear()

    again = await counter.ask("POST", "/api/connections/fabrikam/sync", key="k1")

    assert first.json["id"] == again.json["id"]
    assert first.headers["Location"] == f"/api/operations/{first.json['id']}"

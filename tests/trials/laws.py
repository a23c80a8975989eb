"""Look at everything after a trial, and say each thing that breaks a law."""

import asyncio
from collections import Counter
from collections.abc import Iterator

from azure.storage.queue import QueueServiceClient

from shared.domain.ids import CustomerId, SkuId
from shared.domain.seats import GrowthStatus
from shared.storage.ledger import SeatLedgerTable
from shared.storage.tables import Tables
from tests.portal import Json
from tests.trials.stage import Stage
from tests.trials.stories import BASIC, PREMIUM, Story

SKUS = (PREMIUM, BASIC)


def breaches(stage: Stage, customer: Json, batch: Json, story: Story) -> list[str]:
    """Nothing, where the batch did exactly what it was to do."""
    return [
        *_of_the_batch(batch),
        *_of_growth(stage, customer, story),
        *_of_people(stage, customer, story),
        *_of_the_record(stage, customer, batch),
        *_of_poison(stage),
    ]


def open_in_the_ledger(stage: Stage, customer: Json) -> list[str]:
    """Promises and intents that outlive the work that made them."""
    return asyncio.run(_open_in_the_ledger(stage.storage, customer["id"]))


async def _open_in_the_ledger(storage: str, customer: str) -> list[str]:
    tables = Tables(storage)
    try:
        ledger = SeatLedgerTable(tables)
        pages = [await ledger.read(CustomerId(customer), SkuId(sku)) for sku in SKUS]
    finally:
        await tables.close()
    return [
        *(f"a promise of {r.holder} is left" for page in pages for r in page.reservations),
        *(
            f"a growth of {g.subscription_id} is left open"
            for page in pages
            for g in page.growths
            if g.status is GrowthStatus.INTENT
        ),
    ]


def _of_the_batch(batch: Json) -> Iterator[str]:
    if batch["status"] != "done" or batch["progress"]["done"] != batch["progress"]["total"]:
        yield f"the batch ended as {batch}"


def _of_growth(stage: Stage, customer: Json, story: Story) -> Iterator[str]:
    """One accepted growth per subscription, and as many seats as licences (law 3)."""
    place = f"/customers/{customer['id']}/subscriptions/"
    accepted = Counter(
        call["path"]
        for call in stage.control("GET", "calls")["calls"]
        if call["method"] == "PATCH" and place in call["path"] and (call["status"] or 500) < 300
    )
    if sorted(accepted.values()) != [1, 1]:
        yield f"Microsoft accepted these growths: {dict(accepted)}"
    found = stage.send("GET", f"customers/{customer['id']}/subscriptions?refresh=true")["items"]
    if {s["skuId"]: s["seats"] for s in found} != story.licences:
        yield f"seats: {[(s['name'], s['seats']) for s in found]}"


def _of_people(stage: Stage, customer: Json, story: Story) -> Iterator[str]:
    """Everybody once, each with the licence of the plan."""
    users = _directory(stage, customer)
    licences = Counter(sku for user in users for sku in user["licences"])
    if len(users) != story.people or len({user["name"] for user in users}) != story.people:
        yield f"{len(users)} people of {story.people} are in the directory"
    if licences != story.licences or any(len(user["licences"]) > 1 for user in users):
        yield f"licences: {dict(licences)}"


def _directory(stage: Stage, customer: Json) -> list[Json]:
    wish = {
        "kind": "partnerUser",
        "audience": "https://graph.microsoft.com",
        "tenantId": customer["id"],
    }
    token = stage.control("POST", "signin", wish)["accessToken"]
    asked = f"{stage.simulator['graph']}/v1.0/users"
    answer = stage.microsoft.get(
        asked,
        params={"$top": "999", "$select": "displayName,userPrincipalName,assignedLicenses"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.is_success, answer.text
    return [
        {"name": u["displayName"], "licences": [a["skuId"] for a in u["assignedLicenses"]]}
        for u in answer.json()["value"]
        if u["userPrincipalName"].startswith("person")
    ]


def _of_the_record(stage: Stage, customer: Json, batch: Json) -> Iterator[str]:
    """Each growth is billed once (law 8)."""
    told = stage.send("GET", f"customers/{customer['id']}/transactions")["items"]
    grown = [t for t in told if t["kind"] == "grown" and t["work"] == batch["id"]]
    if len(grown) != len(SKUS):
        yield f"{len(grown)} growths are on record"


def _of_poison(stage: Stage) -> Iterator[str]:
    with QueueServiceClient.from_connection_string(stage.storage) as service:
        for queue in service.list_queues():
            if not queue.name.endswith("-poison"):
                continue
            with service.get_queue_client(queue.name) as client:
                if client.peek_messages():
                    yield f"{queue.name} holds a message"

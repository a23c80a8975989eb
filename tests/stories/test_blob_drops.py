"""A drop may name a document in our own container, which is read as HTTP would read it."""

import json
from contextlib import suppress
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob.aio import ContainerClient

from shared.api.drops import document_from_blob
from shared.domain.errors import BodyTooLarge, InvalidRequest, MalformedRequest
from shared.settings import Settings
from shared.storage.drops import BlobDrops
from tests.everyday import a_customer
from tests.portal import Json, Portal, Seatkeeper, row
from tests.stories.test_poison import drop

CUSTOMER = "9b1f5a3d-2c1e-4f0b-9a57-2d9f3c6e8a01"
CONTAINER = Settings("", "").batch_container


async def put(azurite: str, container: str, name: str, content: str) -> None:
    async with ContainerClient.from_connection_string(azurite, container) as client:
        with suppress(ResourceExistsError):
            await client.create_container()
        await client.upload_blob(name, content.encode(), overwrite=True)


def as_csv(*rows: Json) -> str:
    return "\n".join([",".join(rows[0]), *(",".join(r.values()) for r in rows)])


def as_json(*rows: Json, **more: Any) -> str:
    return json.dumps({"rows": rows, **more})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("2026-09/starters.csv", as_csv(row(1), row(2)), id="a spreadsheet"),
        pytest.param(
            "starters.json",
            as_json(row(1), row(2), id="other", customerId=CUSTOMER, requestedBy="the-boss"),
            id="JSON that claims to be another batch of somebody else",
        ),
    ],
)
async def test_a_drop_that_names_a_blob_is_the_batch_that_its_message_says(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal, name: str, content: str
) -> None:
    customer = await a_customer(seatkeeper, portal)
    await put(azurite, seatkeeper.prefix + CONTAINER, name, content)
    message = {"id": "starters", "customerId": customer["id"], "blob": name}

    await drop(azurite, seatkeeper, "batches", message)
    await drop(azurite, seatkeeper, "batches", message)

    batch = await portal.get("batches/starters")
    assert (batch["status"], batch["progress"]["done"]) == ("done", 2)
    assert (batch["customerId"], batch["requestedBy"]) == (customer["id"], "automation")
    assert (await portal.get("poison"))["items"] == []


async def test_a_blob_that_is_not_there_waits_for_a_person_and_is_read_when_it_is(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    message = {"id": "late", "customerId": customer["id"], "blob": "late.csv"}
    await drop(azurite, seatkeeper, "batches", message)
    (aside,) = (await portal.get("poison"))["items"]
    assert "holds no blob 'late.csv'; upload it" in aside["reason"]

    await put(azurite, seatkeeper.prefix + CONTAINER, "late.csv", as_csv(row(1)))
    await portal.post(f"poison/{aside['id']}/retry")
    await seatkeeper.settle()

    assert (await portal.get("batches/late"))["status"] == "done"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("https://elsewhere.example/a.csv", id="an address"),
        pytest.param("//elsewhere.example/a.csv", id="an address without a scheme"),
        pytest.param("../deployment/a.json", id="another container"),
        pytest.param("a/../../deployment/b.json", id="a way out"),
        pytest.param("a/./b.json", id="a step on the spot"),
        pytest.param("%2e%2e/deployment/b.json", id="a way out in disguise"),
        pytest.param("a\\b.json", id="a backslash"),
        pytest.param("/a.json", id="a leading slash"),
        pytest.param("a.json?sv=1", id="a query"),
        pytest.param("a.json\n", id="a line end"),
        pytest.param("a.xlsx", id="another kind of file"),
        pytest.param(".json", id="no name"),
        pytest.param("", id="nothing"),
        pytest.param("a" * 196 + ".json", id="too long"),
        pytest.param(7, id="no text"),
    ],
)
async def test_a_name_that_could_lead_elsewhere_is_refused(
    seatkeeper: Seatkeeper, name: object
) -> None:
    message = {"id": "d", "customerId": CUSTOMER, "blob": name}

    with pytest.raises(InvalidRequest) as refused:
        await document_from_blob(seatkeeper.works.office, message)

    (fault,) = refused.value.faults
    assert fault.pointer == "/blob"
    assert "holds no blob" not in fault.detail


async def test_a_drop_that_names_a_blob_needs_its_own_id_and_customer(
    seatkeeper: Seatkeeper,
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await document_from_blob(seatkeeper.works.office, {"blob": "a.json"})

    assert {f.pointer for f in refused.value.faults} == {"/id", "/customerId"}


async def test_a_blob_that_is_no_json_is_refused(azurite: str, seatkeeper: Seatkeeper) -> None:
    await put(azurite, seatkeeper.prefix + CONTAINER, "a.json", as_csv(row(1)))

    with pytest.raises(MalformedRequest):
        await document_from_blob(
            seatkeeper.works.office, {"id": "d", "customerId": CUSTOMER, "blob": "a.json"}
        )


async def test_a_blob_beyond_the_limit_is_refused_and_one_at_it_is_read(
    azurite: str, prefix: str
) -> None:
    await put(azurite, prefix, "a.json", "1234")
    drops = BlobDrops(azurite, container=prefix)

    try:
        at_the_limit = await drops.read("a.json", at_most=4)
        with pytest.raises(BodyTooLarge, match="4 bytes; the limit is 3"):
            await drops.read("a.json", at_most=3)
    finally:
        await drops.close()

    assert at_the_limit == b"1234"

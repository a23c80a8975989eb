"""A batch's end is told once in effect, its results can be had, and nothing stays for ever."""

import asyncio
import csv
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from shared.workflows.after_end import SIGNING_KEY
from shared.workflows.sweep import sweep
from simulator.world import World
from tests.everyday import a_customer, send_batch
from tests.portal import Portal, Seatkeeper, open_seatkeeper, row
from tests.stories.test_control import accepted, pass_time


@pytest.fixture
async def seatkeeper(
    azurite: str, prefix: str, world: World, tmp_path: Path
) -> AsyncIterator[Seatkeeper]:
    hosts = {"callback_hosts": "127.0.0.1, hooks.contoso.com", "callback_loopback": "true"}
    async with open_seatkeeper(azurite, prefix, world, tmp_path, **hosts) as product:
        yield product


@dataclass
class Receiver:
    """A portal's own server, on this machine."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [200])
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.heard.append((headers, body))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def a_receiver(*statuses: int) -> AsyncIterator[Receiver]:
    receiver = Receiver(statuses=list(statuses) or [200])
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        receiver.url = f"http://127.0.0.1:{port}/seats"
        yield receiver


async def test_whoever_asked_is_told_of_the_end_with_a_signature(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    async with a_receiver() as receiver:
        batch = await accepted(portal, customer, callbackUrl=receiver.url)
        await seatkeeper.settle()

    ((headers, body),) = receiver.heard
    told = json.loads(body)
    key = await seatkeeper.works.office.desk.secrets.get(SIGNING_KEY)
    assert key is not None
    sent = dict(part.split("=", 1) for part in headers["seatkeeper-signature"].split(","))
    signed = f"{sent['t']}.".encode() + body
    assert hmac.new(key.value.encode(), signed, hashlib.sha256).hexdigest() == sent["v1"]
    assert (told["batchId"], told["status"], told["done"]) == (batch, "done", 3)
    assert "person1" not in body.decode()
    callback = (await portal.get(f"batches/{batch}"))["callback"]
    assert (callback["status"], callback["tries"]) == ("delivered", 1)


async def test_a_server_that_is_busy_is_told_again_under_the_same_delivery(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    async with a_receiver(503, 200) as receiver:
        batch = await accepted(portal, customer, callbackUrl=receiver.url)
        await seatkeeper.settle()

    first, second = (headers["seatkeeper-delivery"] for headers, _ in receiver.heard)
    assert first == second
    assert (await portal.get(f"batches/{batch}"))["callback"]["tries"] == 2


async def test_failed_rows_that_are_sent_again_are_told_of_at_the_same_address(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    async with a_receiver() as receiver:
        first = await accepted(portal, customer, callbackUrl=receiver.url)
        await portal.post(f"batches/{first}/cancel")
        await seatkeeper.settle()
        again = await portal.post(f"batches/{first}/retry")
        await seatkeeper.settle()

    told = [json.loads(body) for _, body in receiver.heard]
    ends = {(t["batchId"], t["status"]) for t in told}
    assert ends == {(first, "cancelled"), (again["id"], "done")}


async def test_a_redirect_ends_the_callback_and_not_the_batch(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    async with a_receiver(302) as receiver:
        batch = await accepted(portal, customer, callbackUrl=receiver.url)
        await seatkeeper.settle()

    shown = await portal.get(f"batches/{batch}")
    assert (shown["status"], shown["callback"]["status"]) == ("done", "failed")
    assert "302" in shown["callback"]["reason"]


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "http://hooks.contoso.com@evil.example/", "file:///etc/passwd"]
)
async def test_an_address_that_nobody_listed_refuses_the_document(
    seatkeeper: Seatkeeper, portal: Portal, url: str
) -> None:
    customer = await a_customer(seatkeeper, portal)
    body = {"customerId": customer["id"], "rows": [row(1)], "callbackUrl": url}

    answer = await portal.send("POST", "batches", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/callbackUrl"


async def test_results_are_a_table_whose_pages_can_be_joined(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    batch = await accepted(portal, customer)
    await seatkeeper.settle()

    first = await portal.send("GET", f"batches/{batch}/results?format=csv&limit=2")
    onward = first.headers["Link"].removeprefix("<").partition(">")[0]
    second = await portal.send("GET", onward)

    assert first.headers["content-type"].startswith("text/csv")
    assert first.content.startswith(b"\xef\xbb\xbf")
    assert "Link" not in second.headers
    lines = list(csv.DictReader(io.StringIO((first.content + second.content).decode("utf-8-sig"))))
    assert [(line["row"], line["status"]) for line in lines] == [
        ("1", "done"),
        ("2", "done"),
        ("3", "done"),
    ]


async def test_the_accept_header_asks_for_the_table_too(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    batch = await send_batch(seatkeeper, portal, customer, 1)
    path = f"batches/{batch['id']}/results"

    table = await portal.send("GET", path, headers={"Accept": "text/csv"})
    document = await portal.get(path)

    assert table.headers["content-type"].startswith("text/csv")
    assert document["items"][0]["status"] == "done"


async def test_rows_are_purged_after_a_month_and_what_was_bought_is_not(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await accepted(portal, customer, id="hires")
    await seatkeeper.settle()
    await pass_time(seatkeeper, timedelta(days=31))

    await sweep(seatkeeper.works.office.desk)
    again = await portal.post(
        "batches", {"id": batch, "customerId": customer["id"], "rows": [row(n) for n in (1, 2, 3)]}
    )
    await seatkeeper.settle()

    shown = await portal.get(f"batches/{batch}")
    assert again["status"] == shown["status"] == "done"
    assert shown["rowsPurgedAt"]
    assert shown["growths"]
    assert (await portal.get(f"batches/{batch}/results"))["items"] == []


async def test_the_key_of_a_batchs_passwords_is_gone_after_a_day(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    batch = await send_batch(seatkeeper, portal, customer, 1)
    secrets = seatkeeper.works.office.desk.secrets
    assert await secrets.get(f"batch-{batch['id']}")

    await pass_time(seatkeeper, timedelta(hours=25))
    await sweep(seatkeeper.works.office.desk)

    assert await secrets.get(f"batch-{batch['id']}") is None

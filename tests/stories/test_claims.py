"""Somebody in two open batches is one person with one seat, whoever comes first."""

from functions import build_app
from local.host import Host
from tests.portal import Json, Portal, Seatkeeper, row
from tests.stories.test_actions import an_action, licences, people, upn, with_basic
from tests.stories.test_first_day import a_customer, seats_of, send_batch

BATCHES = ("north", "south")


async def send_both(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, *rows: Json
) -> list[Json]:
    """The same rows in two batches at once."""
    for name in BATCHES:
        document = {"id": name, "customerId": customer["id"], "rows": list(rows)}
        await portal.post("batches", document)
    await seatkeeper.settle()
    return [await portal.get(f"batches/{name}") for name in BATCHES]


async def test_a_person_in_two_batches_of_two_hosts_has_one_account_and_one_seat(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    app = build_app(lambda: seatkeeper.works.office, seatkeeper.prefix)

    async with Host(app, {"AzureWebJobsStorage": azurite}, time_scale=0.01):
        batches = await send_both(seatkeeper, portal, customer, row(1), row(2))

    assert {b["status"] for b in batches} == {"done"}, batches
    assert sum(b["progress"]["done"] for b in batches) == 2, batches
    assert await seats_of(portal, customer) == 2
    losers = [b["id"] for b in batches if b["progress"]["failed"]]
    items = await portal.get(f"batches/{losers[0]}/items")
    assert any("user name" in i["reason"] for i in items["items"] if i["status"] == "failed")


async def test_a_licence_that_two_batches_give_somebody_takes_one_seat(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await send_batch(seatkeeper, portal, customer, 2)
    await with_basic(seatkeeper, portal, customer)
    rows = [an_action("addAddOns", n, addOns=["lean"]) for n in (1, 2)]

    batches = await send_both(seatkeeper, portal, customer, *rows)

    assert [b["progress"]["done"] for b in batches] == [2, 2], batches
    grown = [(g["seatsBefore"], g["seatsAfter"]) for b in batches for g in b["growths"]]
    assert grown == [(1, 2)]
    assert all(len(licences(people(seatkeeper, customer)[upn(n)])) == 2 for n in (1, 2))


async def test_a_batch_that_has_ended_holds_nobody(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await send_batch(seatkeeper, portal, customer, 1)

    blocked = await portal.post(
        "batches", {"customerId": customer["id"], "rows": [an_action("block", 1)]}
    )
    await seatkeeper.settle()

    assert (await portal.get(f"batches/{blocked['id']}"))["progress"]["done"] == 1

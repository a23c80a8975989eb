"""A run's report says the same to people and to programs, and is made of the run's parts."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from tests.everyday import a_customer, a_night, leave, send_batch
from tests.portal import Json, Portal, Seatkeeper, let_go

VOID = {"meta", "br"}
HOSTILE = '<script>alert("1")</script> & Söhne'


class Page(HTMLParser):
    """Reads a page and insists that everything that opens is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: dict[str, str] = {}
        self._id = ""
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._id = dict(attrs).get("id") or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())
        self._id = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self._id:
            self.texts[self._id] = data


async def page_of(portal: Portal, run: Json) -> str:
    answer = await portal.send("GET", run["reportUrl"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return answer.text


async def a_night_of_leavers(seatkeeper: Seatkeeper, portal: Portal, *, days: int) -> Json:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    await let_go(portal, customer)
    await leave(seatkeeper, customer, 4)
    return await a_night(seatkeeper, portal, days=days)


async def test_the_report_adds_up_what_the_night_found_and_did(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    night = await a_night_of_leavers(seatkeeper, portal, days=1)

    report = await portal.get(f"runs/{night['id']}/report.json")

    assert report["seats"] == {
        "bought": 10,
        "used": 6,
        "reserved": 0,
        "idle": 4,
        "givenBack": 4,
        "scheduled": 0,
        "restored": 0,
        "atRisk": 0,
    }
    [saving] = report["savings"]
    assert (saving["kind"], saving["seats"]) == ("realised", 4)
    assert float(saving["amounts"][0]["amount"]) > 0
    assert report["connections"][0]["seats"] == report["seats"]
    assert (report["customers"], report["failed"], report["failures"]) == (1, 0, [])


async def test_the_page_says_what_the_figures_and_the_parts_say(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    night = await a_night_of_leavers(seatkeeper, portal, days=30)

    page = Page(await page_of(portal, night))
    report = await portal.get(f"runs/{night['id']}/report.json")
    parts = (await portal.get(f"runs/{night['id']}/customers"))["items"]

    told = {name: int(page.texts[name]) for name in ("bought", "used", "idle", "scheduled")}
    assert told == {name: report["seats"][name] for name in told}
    assert told["idle"] == sum(part["seatsIdle"] for part in parts)
    assert told["scheduled"] == night["summary"]["seatsScheduled"] == 4
    assert page.texts["secured"] == "4"
    assert page.texts["secured-money"] == _money(report["savings"])


def _money(savings: list[Json]) -> str:
    [amount] = [amount for saving in savings for amount in saving["amounts"]]
    return f"{amount['amount']} {amount['currency']}"


async def test_the_page_says_whose_run_it_is_and_that_a_dry_one_changed_nothing(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    opened = await portal.post("runs?dryRun=true", {"customerId": customer["id"]})
    await seatkeeper.settle()

    text = await page_of(portal, opened)

    assert f"of the customer {customer['id']}" in text
    assert "A dry run: it decided, and nothing was changed." in text


async def test_the_page_asks_nobody_for_anything_and_runs_nothing(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    night = await a_night_of_leavers(seatkeeper, portal, days=1)

    text = await page_of(portal, night)

    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "image"} & set(page.tags)
    links = re.findall(r'(?:href|src|action)="([^"]*)"', text)
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"url\(|@import|\son\w+=", text)
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) == 1
    assert 'id="seat-bars"' in text
    for drawing in drawings:
        title, about = list(ET.fromstring(drawing))[:2]  # noqa: S314 (our own drawing)
        assert title.tag.endswith("title")
        assert title.text
        assert about.tag.endswith("desc")


async def test_a_hostile_company_name_is_only_a_name(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    desk = seatkeeper.works.office.desk
    known = await desk.customers.get(customer["id"])
    await desk.customers.save(replace(known, company_name=HOSTILE))

    text = await page_of(portal, await a_night(seatkeeper, portal, days=1))

    assert "<script" not in text
    assert "&lt;script&gt;" in text


async def test_the_page_counts_and_lists_what_changed_outside(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    night = await a_night_of_leavers(seatkeeper, portal, days=1)
    await leave(seatkeeper, (await portal.get("customers"))["items"][0], 2)

    night = await a_night(seatkeeper, portal, days=1)

    text = await page_of(portal, night)
    page, report = Page(text), await portal.get(f"runs/{night['id']}/report.json")
    for count in ("found", "adopted", "enforced", "open"):
        assert page.texts[f"drift-{count}"] == str(report["drift"][count])
    assert text.count("user deleted") == len(report["drift"]["items"]) > 0


async def test_what_could_go_is_named_with_its_day(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    night = await a_night(seatkeeper, portal, days=30)

    report = await portal.get(f"runs/{night['id']}/report.json")
    [waiting] = report["realisable"]
    [held] = (await portal.get(f"customers/{customer['id']}/subscriptions"))["items"]
    assert (waiting["seats"], waiting["at"]) == (9, held["endsAt"])
    assert report["savings"][0]["kind"] == "realisable"

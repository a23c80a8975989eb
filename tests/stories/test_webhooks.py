"""Partner Center says that something changed, and we look ourselves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.domain.ids import ConnectionId, CustomerId
from shared.domain.webhooks import Notice, event_of
from shared.workflows.sweep import sweep
from simulator.app import create_app
from simulator.world import World
from tests.portal import (
    MICROSOFT,
    PUBLIC_URL,
    Json,
    Portal,
    Seatkeeper,
    customer_body,
    open_seatkeeper,
    subscription_body,
    trust_in,
)

STRANGER = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@dataclass
class Listening:
    """The product, and a simulator that can reach it."""

    seatkeeper: Seatkeeper
    portal: Portal
    partner_center: httpx.AsyncClient
    customer: str = ""
    subscription: str = ""

    @property
    def place(self) -> str:
        return f"customers/{self.customer}/subscriptions/{self.subscription}"

    async def sim(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.partner_center.request(method, f"/_sim/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def send(self, **wish: Any) -> list[int]:
        """Have one notice sent by hand; answer what each copy was answered."""
        url = f"{PUBLIC_URL}/api/webhooks/northwind"
        ids = {"customerId": self.customer, "subscriptionId": self.subscription}
        told = await self.sim("POST", "webhooks/send", {"url": url, **ids, **wish})
        return [answer["status"] for answer in told["answers"]]

    async def reads(self) -> int:
        """How often we read the subscription at Microsoft."""
        calls = await self.sim("GET", "calls")
        listed = calls["calls"] if isinstance(calls, dict) else calls
        end = f"/v1/{self.place}"
        return sum(c["method"] == "GET" and c["path"].endswith(end) for c in listed)

    async def history(self) -> list[Json]:
        return list((await self.portal.get(f"{self.place}/changes"))["items"])

    async def audited(self) -> list[str]:
        table = self.seatkeeper.works.tables["audit"]
        day = (await self.seatkeeper.works.office.desk.clock.now()).strftime("%Y%m%d")
        return [str(row["what"]) for row in await table.partition(day)]


@pytest.fixture
async def listening(
    azurite: str, prefix: str, world: World, tmp_path: Path
) -> AsyncIterator[Listening]:
    world.switches["webhooks.background"] = False
    trust = trust_in(world)
    async with open_seatkeeper(azurite, prefix, world, tmp_path, **trust) as seatkeeper:
        microsoft = create_app(world, httpx.ASGITransport(seatkeeper.host.asgi))
        transport = httpx.ASGITransport(microsoft)
        async with httpx.AsyncClient(transport=transport, base_url=MICROSOFT) as client:
            yield Listening(seatkeeper, await seatkeeper.portal("portal"), client)


@pytest.fixture
async def selling(listening: Listening) -> Listening:
    """A customer with a subscription of ten seats, and a registered webhook."""
    await listening.seatkeeper.connect(listening.portal)
    customer = await listening.portal.post("customers", customer_body())
    listening.customer = customer["id"]
    bought = await listening.portal.post(
        f"customers/{customer['id']}/subscriptions", subscription_body()
    )
    listening.subscription = bought["id"]
    await listening.portal.put("connections/northwind/webhook", {})
    return listening


async def test_an_edit_in_microsofts_portal_shows_as_one_from_outside(selling: Listening) -> None:
    await selling.sim("PATCH", f"portal/{selling.place}", {"quantity": 14})

    told = await selling.sim("POST", "webhooks/flush")
    await selling.seatkeeper.settle()

    assert told == {"posts": 1, "waiting": 0}
    assert (await selling.portal.get(selling.place))["seats"] == 14
    newest = (await selling.history())[0]
    assert (newest["origin"], newest["kind"]) == ("outside", "changed")
    assert (newest["before"]["seats"], newest["after"]["seats"]) == (10, 14)


async def test_the_same_event_is_followed_once(selling: Listening) -> None:
    await selling.sim("PATCH", f"portal/{selling.place}", {"quantity": 14})
    before = await selling.reads()
    now = await selling.seatkeeper.works.office.desk.clock.now()
    body = {
        "EventName": "subscription-updated",
        "ResourceUri": f"http://api.partnercenter.microsoft.com/webhooks/v1/{selling.place}",
        "ResourceChangeUtcDate": f"{now:%Y-%m-%dT%H:%M:%S}.3520276+00:00",
    }

    answers = await selling.send(body=body, copies=3)
    await selling.seatkeeper.settle()
    replayed = await selling.send(body=body)
    await selling.seatkeeper.settle()

    assert answers + replayed == [200] * 4
    assert await selling.reads() - before == 1


async def test_what_does_not_show_yet_is_looked_at_once_more(selling: Listening) -> None:
    before = await selling.reads()

    await selling.send()
    await selling.seatkeeper.settle()

    assert await selling.reads() - before == 2
    assert "outside" not in {change["origin"] for change in await selling.history()}


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param({"signature": "tampered"}, id="the body was changed"),
        pytest.param({"signature": "garbage"}, id="no signature at all"),
        pytest.param({"signature": "missing"}, id="an empty signature"),
        pytest.param({"signature": "wrongScheme"}, id="another scheme"),
        pytest.param({"signature": "impostor"}, id="another root of the same name"),
        pytest.param({"signature": "expired"}, id="an expired certificate"),
        pytest.param({"certificateUrl": "https://evil.example/c.cer"}, id="a foreign host"),
        pytest.param({"certificateUrl": "http://127.0.0.1:1/missing.cer"}, id="no certificate"),
        pytest.param({"omit": ["X-MS-Certificate-Url"]}, id="no address"),
        pytest.param({"omit": ["X-MS-Signature-Algorithm"]}, id="no algorithm"),
        pytest.param({"algorithm": "rsa-md5"}, id="a weak algorithm"),
    ],
)
async def test_a_notice_that_microsoft_did_not_sign_is_refused(
    listening: Listening, wish: Json
) -> None:
    answers = await listening.send(**wish)

    assert answers == [401]
    assert await listening.audited() == []


async def test_the_signature_may_come_in_a_header_of_its_own(selling: Listening) -> None:
    answers = await selling.send(header="x-ms-signature")

    assert answers == [200]


async def test_a_huge_body_is_refused(listening: Listening) -> None:
    answers = await listening.send(body="x" * 100_000)

    assert answers == [413]


async def test_an_unknown_event_is_noted_and_ignored(selling: Listening) -> None:
    before = await selling.reads()

    answers = await selling.send(event="weather-changed")
    await selling.seatkeeper.settle()

    assert answers == [200]
    assert await selling.reads() == before
    assert "webhook event ignored" in await selling.audited()


async def test_an_event_of_a_stranger_is_noted_and_ignored(selling: Listening) -> None:
    answers = await selling.send(customerId=STRANGER)
    await selling.seatkeeper.settle()

    assert answers == [200]
    assert "webhook event of a customer not on record" in await selling.audited()


async def test_an_event_from_long_ago_is_not_played_back(selling: Listening) -> None:
    before = await selling.reads()
    body = {
        "EventName": "subscription-updated",
        "ResourceUri": f"https://api.partnercenter.microsoft.com/v1/{selling.place}",
        "ResourceChangeUtcDate": "2020-01-20T16:19:06.3520276+00:00",
    }

    answers = await selling.send(body=body)
    await selling.seatkeeper.settle()

    assert answers == [200]
    assert await selling.reads() == before


async def test_events_on_record_are_purged_once_they_are_too_old_to_be_taken(
    selling: Listening,
) -> None:
    desk = selling.seatkeeper.works.office.desk
    notices = selling.seatkeeper.works.tables["notices"]
    day = (await desk.clock.now()).strftime("%Y%m%d")
    await selling.sim("PATCH", f"portal/{selling.place}", {"quantity": 14})
    await selling.sim("POST", "webhooks/flush")
    await sweep(desk)
    young = await notices.partition(day)

    await selling.sim("POST", "clock/advance", {"days": 16})
    await sweep(desk)

    assert young
    assert not await notices.partition(day)


async def test_an_event_whose_message_was_never_sent_is_followed_when_it_comes_again(
    selling: Listening,
) -> None:
    desk = selling.seatkeeper.works.office.desk
    before, now = await selling.reads(), await desk.clock.now()
    event = event_of("subscription-updated", f"/{selling.place}", now)
    here = ConnectionId("northwind")
    await desk.notices.claim(Notice(event.id(here), here, event.name, now, now))

    await selling.send(
        body={
            "EventName": "subscription-updated",
            "ResourceUri": f"/{selling.place}",
            "ResourceChangeUtcDate": now.isoformat(),
        }
    )
    await selling.seatkeeper.settle()

    assert await selling.reads() > before


async def test_an_event_of_a_subscription_that_is_not_there_is_noted(selling: Listening) -> None:
    await selling.send(subscriptionId=STRANGER)
    await selling.seatkeeper.settle()

    assert "webhook event of a subscription not found" in await selling.audited()


async def test_a_purchase_that_is_under_way_is_not_taken_for_somebody_elses(
    selling: Listening,
) -> None:
    desk = selling.seatkeeper.works.office.desk
    await desk.subscriptions.replace(CustomerId(selling.customer), [])

    await selling.send()
    await selling.seatkeeper.settle(delayed=False)
    at_once = {change["kind"] for change in await selling.history()}
    await selling.seatkeeper.settle()
    later = {change["kind"] for change in await selling.history()}

    assert later - at_once == {"appeared"}


async def test_an_event_that_comes_through_another_connection_is_ignored(
    selling: Listening,
) -> None:
    body = await selling.seatkeeper.connection_body(id="other")
    await selling.portal.post("connections", body)
    before = await selling.reads()

    answers = await selling.send(url=f"{PUBLIC_URL}/api/webhooks/other")
    await selling.seatkeeper.settle()

    assert answers == [200]
    assert await selling.reads() == before
    assert "webhook event of a customer not on record" in await selling.audited()


async def test_a_connection_that_is_not_there_takes_no_events(selling: Listening) -> None:
    answers = await selling.send(url=f"{PUBLIC_URL}/api/webhooks/nobody")

    assert answers == [404]


async def test_a_signed_body_that_is_no_event_is_refused(selling: Listening) -> None:
    broken = await selling.send(body="{")
    empty = await selling.send(body="{}")

    assert broken + empty == [400, 400]


async def test_the_end_of_a_relationship_is_noted_after_a_second_look(selling: Listening) -> None:
    gone = {
        "method": "GET",
        "path": f"/v1/customers/{selling.customer}",
        "times": 2,
        "status": 404,
        "body": {"code": 60003, "description": "gone"},
    }
    await selling.sim("POST", "faults", gone)

    await selling.send(
        event="dap-admin-relationship-terminated", resourceUri=f"/customers/{selling.customer}"
    )
    await selling.seatkeeper.settle()

    assert "customer relationship is over" in await selling.audited()


async def test_an_event_that_cannot_be_followed_is_put_aside_with_its_reason(
    selling: Listening,
) -> None:
    await selling.sim(
        "POST",
        "faults",
        {
            "method": "GET",
            "path": f"/v1/{selling.place}",
            "times": 1,
            "status": 400,
            "body": {"code": 3000, "description": "no"},
        },
    )

    await selling.send()
    await selling.seatkeeper.settle()

    assert "webhook event given up" in await selling.audited()


async def test_a_relationship_event_reads_the_agreement_anew(listening: Listening) -> None:
    await listening.seatkeeper.connect(listening.portal)
    wish = {"domain": "coho.onmicrosoft.com", "companyName": "Coho"}
    tenant = (await listening.sim("POST", "portal/customers", wish))["id"]
    await listening.portal.post(f"customers/{tenant}/adopt", {"connectionId": "northwind"})
    await listening.sim("POST", f"portal/customers/{tenant}/agreement")

    answers = await listening.send(
        event="reseller-relationship-accepted-by-customer",
        resourceUri=f"http://api.partnercenter.microsoft.com/webhooks/v1/customers/{tenant}",
    )
    await listening.seatkeeper.settle()

    assert answers == [200]
    assert (await listening.portal.get(f"customers/{tenant}"))["agreementAt"]
    assert "customer relationship read anew" in await listening.audited()


async def test_microsoft_shows_what_is_registered_and_tries_it(selling: Listening) -> None:
    portal = selling.portal
    trial = await portal.post("connections/northwind/webhook/test", key="")
    told = await selling.sim("POST", "webhooks/flush")

    shown = await portal.get("connections/northwind/webhook")
    health = await portal.get("connections/northwind/health")

    assert trial["correlationId"]
    assert told["posts"] == 1
    assert (shown["registered"], shown["isOurs"]) == (True, True)
    assert shown["url"] == f"{PUBLIC_URL}/api/webhooks/northwind"
    assert "subscription-updated" in shown["events"]
    assert shown["lastEventAt"] == health["lastWebhookAt"]
    assert health["webhookRegisteredAt"]


async def test_microsoft_tries_a_webhook_twice_a_minute_at_most(selling: Listening) -> None:
    place = "connections/northwind/webhook/test"

    answers = [await selling.portal.send("POST", place, key="") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 503]
    assert "two validation events a minute" in answers[2].json()["detail"]
    assert answers[2].headers["Retry-After"]


async def test_registering_again_replaces_what_is_there(selling: Listening) -> None:
    again = await selling.portal.put("connections/northwind/webhook", {})

    assert again["registered"]
    assert len((await selling.sim("GET", "webhooks"))["registrations"]) == 1


async def test_a_webhook_is_not_registered_where_every_event_would_be_refused(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)

    shown = await portal.get("connections/northwind/webhook")
    refused = await portal.send("PUT", "connections/northwind/webhook")
    untried = await portal.send("POST", "connections/northwind/webhook/test", key="")

    assert shown == {"registered": False, "isOurs": False, "events": []}
    assert (refused.status_code, untried.status_code) == (409, 409)
    assert "WEBHOOK_ANCHORS" in refused.json()["detail"]

"""The secure application model from the first sign-in to a connection in good health."""

import html
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shared.domain.ids import OperationId
from shared.workflows.consent import finish_consent, flow_secret_name, purge_consents
from tests.portal import PUBLIC_URL, Killed, Portal, Seatkeeper, etag_of

CALLBACK = "/api/consent/callback"


@pytest.fixture
async def connected(seatkeeper: Seatkeeper, portal: Portal) -> Seatkeeper:
    """A connection that nobody has signed in for."""
    body = await seatkeeper.connection_body()
    del body["refreshToken"]
    await portal.post("connections", body)
    return seatkeeper


async def come_back(seatkeeper: Seatkeeper, query: str) -> httpx.Response:
    """What the browser asks of us, without any token."""
    async with seatkeeper.caller() as browser:
        return await browser.get(f"{CALLBACK}?{query}")


async def begin(portal: Portal, connection: str = "northwind") -> dict[str, str]:
    return await portal.post(f"connections/{connection}/consent", key="")


async def health(portal: Portal) -> dict[str, object]:
    return await portal.get("connections/northwind/health")


async def test_a_sign_in_with_a_second_factor_makes_a_connection_work(
    connected: Seatkeeper, portal: Portal
) -> None:
    before = await health(portal)

    page = await connected.consent(portal)

    assert before["status"] == "broken"
    assert page.status_code == 200, page.text
    assert "stored" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "src=" not in page.text
    assert "http" not in page.text
    await portal.post("connections/northwind/sync")
    await connected.settle()
    assert (await health(portal))["status"] == "ok"


async def test_the_address_asks_for_pkce_and_comes_back_to_us(
    connected: Seatkeeper, portal: Portal
) -> None:
    begun = await begin(portal)

    asked = {k: v[0] for k, v in parse_qs(urlsplit(begun["authorizeUrl"]).query).items()}

    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"]
    assert asked["nonce"]
    assert asked["redirect_uri"] == PUBLIC_URL + CALLBACK
    assert "offline_access" in asked["scope"].split()


async def test_an_answer_is_good_once(connected: Seatkeeper, portal: Portal) -> None:
    begun = await begin(portal)
    query = (await connected.sign_in(begun["authorizeUrl"])).query.decode()

    first = await come_back(connected, query)
    second = await come_back(connected, query)

    assert (first.status_code, second.status_code) == (200, 400)
    assert "used already" in second.text
    operation = await portal.get(f"operations/{begun['operationId']}")
    assert operation["status"] == "done"


async def test_an_answer_older_than_ten_minutes_is_too_late(
    connected: Seatkeeper, portal: Portal
) -> None:
    begun = await begin(portal)
    query = (await connected.sign_in(begun["authorizeUrl"])).query.decode()
    await connected.sim("POST", "clock/advance", {"minutes": 11})

    page = await come_back(connected, query)

    assert page.status_code == 400
    assert "ten minutes" in page.text
    assert (await health(portal))["status"] == "broken"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda q: q["state"][:-4] + "AAAA", id="a state that was guessed"),
        pytest.param(lambda q: q["state"].partition(".")[0], id="half a state"),
        pytest.param(lambda _: "", id="no state"),
        pytest.param(lambda q: q["state"] * 200, id="an endless state"),
    ],
)
async def test_a_wrong_state_is_refused_and_uses_nothing_up(
    connected: Seatkeeper, portal: Portal, spoil: Callable[[dict[str, str]], str]
) -> None:
    begun = await begin(portal)
    right = dict((await connected.sign_in(begun["authorizeUrl"])).params)

    wrong = await come_back(connected, str(httpx.QueryParams({**right, "state": spoil(right)})))
    then = await come_back(connected, str(httpx.QueryParams(right)))

    assert (wrong.status_code, then.status_code) == (400, 200)


async def test_a_code_of_another_sign_in_does_not_fit(
    connected: Seatkeeper, portal: Portal
) -> None:
    mine, other = await begin(portal), await begin(portal)
    right = dict((await connected.sign_in(mine["authorizeUrl"])).params)
    foreign = dict((await connected.sign_in(other["authorizeUrl"])).params)

    page = await come_back(connected, str(httpx.QueryParams({**right, "code": foreign["code"]})))

    assert page.status_code in (400, 502)
    assert "Nothing was stored" in page.text
    assert (await health(portal))["status"] == "broken"


async def test_a_partners_user_does_not_serve_another_partners_connection(
    connected: Seatkeeper, portal: Portal
) -> None:
    body = await connected.connection_body(id="elsewhere", role="indirectReseller")
    del body["refreshToken"]
    await portal.post("connections", body)
    mine, other = await begin(portal), await begin(portal, "elsewhere")
    right = dict((await connected.sign_in(mine["authorizeUrl"])).params)
    foreign = dict((await connected.sign_in(other["authorizeUrl"])).params)

    page = await come_back(connected, str(httpx.QueryParams({**foreign, "code": right["code"]})))

    assert "Nothing was stored" in page.text
    assert (await portal.get("connections/elsewhere/health"))["status"] == "broken"


async def test_somebody_who_declines_leaves_everything_as_it_was(
    connected: Seatkeeper, portal: Portal
) -> None:
    await connected.sim("PUT", "switches", {"signin.declines": True})

    page = await connected.consent(portal)

    assert page.status_code == 400
    assert "declined" in page.text
    assert (await health(portal))["status"] == "broken"


async def test_a_sign_in_without_a_second_factor_is_not_stored(
    connected: Seatkeeper, portal: Portal
) -> None:
    await connected.sim("PUT", "switches", {"signin.mfa": False})

    page = await connected.consent(portal)

    assert page.status_code == 400
    assert "second factor" in page.text
    assert (await health(portal))["status"] == "broken"


@pytest.mark.parametrize("name", ["state", "code", "error", "error_description", "anything"])
async def test_nothing_that_came_in_is_shown_again(
    connected: Seatkeeper, portal: Portal, name: str
) -> None:
    begun = await begin(portal)
    right = dict((await connected.sign_in(begun["authorizeUrl"])).params)
    attack = "<script>alert('x')</script>"

    page = await come_back(connected, str(httpx.QueryParams({**right, name: attack})))

    assert page.headers["content-type"].startswith("text/html")
    assert "alert" not in html.unescape(page.text)
    assert "<script" not in page.text


async def test_only_an_administrator_of_the_provider_starts_a_consent(
    connected: Seatkeeper,
) -> None:
    operator = await connected.portal("operator")

    answer = await operator.send("POST", "connections/northwind/consent", key="")

    assert answer.status_code == 403


async def test_a_service_without_an_address_says_so(connected: Seatkeeper, portal: Portal) -> None:
    object.__setattr__(connected.works.office.desk, "public_url", "")

    answer = await portal.send("POST", "connections/northwind/consent", key="")

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("consent-unavailable")


async def test_a_second_factor_that_is_missing_later_shows_in_the_health(
    connected: Seatkeeper, portal: Portal
) -> None:
    weak = await connected.sim("POST", "signin", {"kind": "refresh", "mfa": False})
    body = await connected.connection_body(id="weak", refreshToken=weak["refreshToken"])
    await portal.post("connections", body)

    refused = await portal.send("POST", "customers/link", json={"connectionId": "weak"}, key="")

    assert refused.status_code == 502
    seen = await portal.get("connections/weak/health")
    assert seen["status"] == "broken"
    assert seen["mfaMissingAt"]
    assert "second factor" in str(seen["findings"])


async def test_a_sign_in_that_dies_soon_is_announced_and_nobody_else_hears_of_it(
    connected: Seatkeeper, portal: Portal
) -> None:
    await connected.consent(portal)
    await portal.post("connections/northwind/sync")
    await connected.settle()
    await connected.sim("POST", "clock/advance", {"days": 80})

    seen = await health(portal)

    assert seen["status"] == "attention"
    assert "dies in 9 days" in str(seen["findings"]) or "dies in 10 days" in str(seen["findings"])
    listed = await portal.get("connections")
    assert listed["items"][0]["health"] == "attention"
    public = (await portal.send("GET", "health")).text
    assert "northwind" not in public
    assert "attention" not in public


async def post_back(
    seatkeeper: Seatkeeper, form: str, kind: str = "application/x-www-form-urlencoded"
) -> httpx.Response:
    """What the browser posts to us, without any token."""
    async with seatkeeper.caller() as browser:
        return await browser.post(CALLBACK, content=form, headers={"Content-Type": kind})


async def test_a_sign_in_may_post_its_answer(connected: Seatkeeper, portal: Portal) -> None:
    begun = await begin(portal)
    form = (await connected.sign_in(begun["authorizeUrl"])).query.decode()

    first = await post_back(connected, form)
    second = await post_back(connected, form)
    third = await come_back(connected, form)

    assert (first.status_code, second.status_code, third.status_code) == (200, 400, 400)
    assert (await portal.get(f"operations/{begun['operationId']}"))["status"] == "done"


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("state=made-up&code=x", "application/x-www-form-urlencoded"),
        ("{}", "application/json"),
        ("&".join(f"f{n}=1" for n in range(30)), "application/x-www-form-urlencoded"),
        ("state=" + "x" * 70_000, "application/x-www-form-urlencoded"),
    ],
    ids=["a state nobody has", "no form", "too many fields", "too long"],
)
async def test_what_no_sign_in_posts_is_a_page_that_stores_nothing(
    connected: Seatkeeper, form: str, kind: str
) -> None:
    page = await post_back(connected, form, kind)

    assert page.status_code == 400
    assert "Nothing was stored" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_sign_in_that_nobody_came_back_from_leaves_no_secret(
    connected: Seatkeeper, portal: Portal
) -> None:
    desk, begun = connected.works.office.desk, await begin(portal)
    secret = flow_secret_name(OperationId(begun["operationId"]))

    early = await purge_consents(desk)
    kept = await desk.secrets.get(secret)
    await connected.sim("POST", "clock/advance", {"minutes": 11})
    late = await purge_consents(desk)
    again = await purge_consents(desk)

    assert (early, late, again) == (0, 1, 0)
    assert kept is not None
    assert await desk.secrets.get(secret) is None
    assert (await portal.get(f"operations/{begun['operationId']}"))["status"] == "failed"


async def test_a_sign_in_that_came_back_is_not_purged(
    connected: Seatkeeper, portal: Portal
) -> None:
    await connected.consent(portal)
    await connected.sim("POST", "clock/advance", {"minutes": 11})

    assert await purge_consents(connected.works.office.desk) == 0


async def test_a_host_that_dies_while_it_stores_a_sign_in_leaves_nothing_running(
    connected: Seatkeeper, portal: Portal
) -> None:
    desk, begun = connected.works.office.desk, await begin(portal)
    back = await connected.sign_in(begun["authorizeUrl"])
    connected.wire.before = dies_at_the_token
    with suppress(Killed):
        await finish_consent(desk, dict(back.params))
    connected.wire.before = lambda _request: None

    await connected.sim("POST", "clock/advance", {"minutes": 11})
    ended = await purge_consents(desk)

    operation = await portal.get(f"operations/{begun['operationId']}")
    assert (ended, operation["status"]) == (1, "failed")
    assert "Start the consent again" in operation["reason"]


async def test_a_sign_in_for_a_connection_that_is_gone_meanwhile_ends(
    connected: Seatkeeper, portal: Portal
) -> None:
    begun = await begin(portal)
    back = await connected.sign_in(begun["authorizeUrl"])
    place = "connections/northwind"
    match = {"If-Match": await etag_of(portal, place)}
    assert (await portal.send("DELETE", place, headers=match)).status_code == 204

    page = await come_back(connected, back.query.decode())

    assert not page.is_success
    assert (await portal.get(f"operations/{begun['operationId']}"))["status"] == "failed"


def dies_at_the_token(request: httpx.Request) -> None:
    if request.url.path.endswith("/token"):
        raise Killed

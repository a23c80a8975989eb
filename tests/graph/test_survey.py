"""One request tells of a whole tenant; what it says of people is believed word for word."""

from typing import Any

import pytest

from shared.domain.errors import RemoteRefused
from shared.domain.estate import DomainState
from shared.domain.mirror import UserNews
from tests.graph.test_reading import ADELE, OTHER, SKU, Graph, Item

ROOT = "https://graph.microsoft.com/v1.0"
NEXT = "/users/delta?$deltatoken=abc"


def delta(*people: Item, **links: str) -> Item:
    """A round that has ended, unless a link says otherwise."""
    told = {f"@odata.{name}": link for name, link in (links or {"deltaLink": ROOT + NEXT}).items()}
    return {"status": 200, "body": {"value": list(people), **told}}


def tenant(people: Item) -> Graph:
    lists: dict[str, Any] = {
        "/subscribedSkus": [{"skuId": SKU, "consumedUnits": 3}],
        "/directory/subscriptions": [{"id": "h-1", "skuId": SKU, "status": "Enabled"}],
        "/domains": [
            {"id": "Contoso.com", "isVerified": True, "isDefault": True},
            {"id": "later.example", "isVerified": False},
        ],
    }

    def answer(item: Item) -> Item:
        path = str(item["url"]).partition("?")[0]
        if path == "/users/delta":
            return people
        return {"status": 200, "body": {"value": lists[path]}}

    return Graph(answer)


async def news(**told: Any) -> UserNews:
    graph = tenant(delta({"id": ADELE["id"], **told}))
    [one] = (await graph.client().news_of_people("")).news
    return one


async def test_a_whole_tenant_is_one_request() -> None:
    graph = tenant(delta())

    survey = await graph.client().survey("")

    assert graph.envelopes == 1
    assert [stock.consumed for stock in survey.stocks] == [3]
    assert [holding.enabled for holding in survey.holdings] == [True]
    assert survey.domains == (
        DomainState("contoso.com", is_verified=True, is_default=True),
        DomainState("later.example", is_verified=False),
    )
    assert survey.people.link == NEXT


async def test_licences_are_told_apart_by_who_gave_them() -> None:
    off = "7547a3fe-08ee-4ccb-b430-5077c5041653"
    told = await news(
        licenseAssignmentStates=[
            {"skuId": SKU.upper(), "disabledPlans": [off], "state": "Active"},
            {"skuId": OTHER, "assignedByGroup": "a-group", "state": "Active"},
            {"skuId": "no-seat", "assignedByGroup": "a-group", "state": "Error"},
        ],
        proxyAddresses=["SMTP:adele@contoso.com", "smtp:a@contoso.com", "sip:adele@contoso.com"],
    )

    assert (told.direct, told.by_group, told.aliases) == ({SKU: (off,)}, {OTHER: ()}, 1)


async def test_of_several_groups_what_one_leaves_on_is_on() -> None:
    groups = {"first": ["mail", "chat"], "second": ["chat", "video"]}
    states = [
        {"skuId": OTHER, "assignedByGroup": name, "disabledPlans": off, "state": "Active"}
        for name, off in groups.items()
    ]

    told = await news(licenseAssignmentStates=states)

    assert told.by_group == {OTHER: ("chat",)}


async def test_other_aliases_have_another_digest_that_does_not_say_what_they_are() -> None:
    first, again, swapped, main = [
        (await news(proxyAddresses=addresses)).alias_digest
        for addresses in (
            ["SMTP:adele@contoso.com", "smtp:a@contoso.com", "smtp:b@contoso.com"],
            ["smtp:B@contoso.com", "smtp:a@contoso.com", "SMTP:adele@contoso.com"],
            ["SMTP:adele@contoso.com", "smtp:a@contoso.com", "smtp:c@contoso.com"],
            ["SMTP:vance@contoso.com", "smtp:a@contoso.com", "smtp:b@contoso.com"],
        )
    ]

    assert first == again == main
    assert first != swapped
    assert len(str(first)) == 8


async def test_what_is_left_out_is_not_told_and_a_null_is() -> None:
    silent, emptied = await news(), await news(usageLocation=None, licenseAssignmentStates=None)

    assert silent == UserNews(ADELE["id"].lower())
    assert (emptied.usage_location, emptied.direct, emptied.by_group) == ("", {}, {})


async def test_who_left_is_gone() -> None:
    told = await news(**{"@removed": {"reason": "changed"}})

    assert told.is_gone


@pytest.mark.parametrize("status", [410, 400])
async def test_a_place_that_microsoft_does_not_know_any_more_is_no_failure(status: int) -> None:
    graph = tenant({"status": status, "body": {"error": {"code": "syncStateNotFound"}}})

    assert (await graph.client().survey(NEXT)).people.expired


async def test_a_first_reading_that_is_refused_is_a_failure() -> None:
    graph = tenant({"status": 400, "body": {"error": {"code": "BadRequest"}}})

    with pytest.raises(RemoteRefused):
        await graph.client().survey("")


async def test_a_list_that_is_refused_is_named_with_the_permission_that_it_needs() -> None:
    # Given a tenant that lets us look at everything but the owners of its seats
    open_, denied = tenant(delta()), {"code": "Authorization_RequestDenied", "message": "No."}

    def answer(item: Item) -> Item:
        is_closed = str(item["url"]).startswith("/directory/subscriptions")
        return {"status": 403, "body": {"error": denied}} if is_closed else open_.answer(item)

    with pytest.raises(RemoteRefused) as refused:
        await Graph(answer).client().survey("")

    said = str(refused.value)
    assert "/directory/subscriptions (403 Authorization_RequestDenied)" in said
    assert "Organization.Read.All" in said
    assert "Directory Readers" in said


async def test_who_is_asked_for_by_name_is_not_named_by_a_refusal() -> None:
    denied = {"error": {"code": "Authorization_RequestDenied", "message": "No."}}
    graph = Graph(lambda _item: {"status": 403, "body": denied})

    with pytest.raises(RemoteRefused, match="What to do: give the GDAP role") as refused:
        await graph.client().users_named(["adele@contoso.com"], fresh=True)

    assert "adele" not in str(refused.value)


@pytest.mark.parametrize("form", ["delta", "delta()", "microsoft.graph.delta()"])
async def test_every_form_of_microsofts_link_to_more_people_is_followed(form: str) -> None:
    graph = tenant(delta(nextLink=f"{ROOT}/users/{form}?$skiptoken=abc"))

    page = await graph.client().news_of_people("")

    assert page.following == f"/users/{form}?$skiptoken=abc"


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/users/delta?x",
        "https://graph.microsoft.com.elsewhere.example/v1.0/users/microsoft.graph.delta()?x",
        f"{ROOT}/groups?x",
        f"{ROOT}/users/microsoft.graph.delta()/../../groups?x",
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_followed(link: str) -> None:
    graph = tenant(delta(nextLink=link))

    with pytest.raises(RemoteRefused, match="elsewhere"):
        await graph.client().news_of_people("")

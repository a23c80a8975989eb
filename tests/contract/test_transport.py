"""Who is let in, and how answers, errors and pages look on the wire."""

import pytest

from tests.contract.caller import code_of
from tests.contract.sandbox import Sandbox, line, newcomer

NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.mark.case(1)
async def test_no_call_passes_without_a_token(sandbox: Sandbox) -> None:
    answer = await sandbox.http.get(f"{sandbox.root}/v1/customers")

    assert answer.status_code == 401


@pytest.mark.case(4)
async def test_an_app_alone_does_not_see_licence_counts(sandbox: Sandbox) -> None:
    answer = await sandbox.call("GET", f"{sandbox.customer}/subscribedskus")

    assert code_of(answer) == (403, "900329")


@pytest.mark.case(5)
async def test_an_app_alone_sees_subscriptions(sandbox: Sandbox) -> None:
    answer = await sandbox.call("GET", f"{sandbox.customer}/subscriptions")

    assert answer.status_code == 200


@pytest.mark.case(7)
async def test_answers_are_json_in_utf_8(sandbox: Sandbox) -> None:
    answer = await sandbox.call("GET", "/v1/offers?country=US", X_Locale="en-US")

    assert answer.headers["content-type"].lower() == "application/json; charset=utf-8"


@pytest.mark.case(8)
async def test_the_version_of_the_contract_need_not_be_named(sandbox: Sandbox) -> None:
    plain = await sandbox.call("GET", sandbox.customer)
    named = await sandbox.call("GET", sandbox.customer, MS_Contract_Version="v1")

    assert (plain.status_code, named.status_code) == (200, 200)


@pytest.mark.case(10)
async def test_pascal_case_and_camel_case_mean_the_same(sandbox: Sandbox) -> None:
    camel = line(await sandbox.item())
    pascal = {name[0].upper() + name[1:]: value for name, value in camel.items()}
    body = {"PartnerOnRecordAttestationAccepted": True, "LineItems": [pascal]}

    one = await sandbox.cart(camel)
    other = await sandbox.call("POST", f"{sandbox.customer}/carts", body)

    assert (one.status_code, other.status_code) == (201, 201)
    assert one.json()["lineItems"] == other.json()["lineItems"]


@pytest.mark.case(13)
async def test_an_error_tells_its_code_a_sentence_and_its_source(sandbox: Sandbox) -> None:
    path = await sandbox.buy(2)

    error = (await sandbox.change(path, quantity=0)).json()

    assert isinstance(error["code"], int)
    assert error["description"]
    assert error["source"]


@pytest.mark.case(16)
async def test_pages_follow_each_other_by_token_until_there_is_no_next(sandbox: Sandbox) -> None:
    await sandbox.found(newcomer())
    found: list[str] = []

    page = await sandbox.get("/v1/customers?size=1")
    while True:
        found += [item["id"] for item in page["items"]]
        following = page.get("links", {}).get("next")
        if following is None:
            break
        headers = {one["key"]: one["value"] for one in following["headers"]}
        assert "seekOperation=Next" in following["uri"]
        token = headers["MS-ContinuationToken"]
        page = await sandbox.get(f"/v1{following['uri']}", MS_ContinuationToken=token)

    assert len(found) == len(set(found)) >= 2
    assert sandbox.customer_id in found

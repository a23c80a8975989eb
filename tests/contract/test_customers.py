"""Domains, addresses, customers that are founded and let go, agreements and standing."""

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.contract.caller import code_of
from tests.contract.sandbox import ADDRESS, Sandbox, line, newcomer

MCA = "MicrosoftCustomerAgreement"
MPA = "/v1/compliance/csp/agreementstatus"


@pytest.mark.case(20)
async def test_a_taken_domain_exists_and_a_free_one_does_not(sandbox: Sandbox) -> None:
    mine = (await sandbox.get(sandbox.customer))["companyProfile"]["domain"]

    taken = await sandbox.call("HEAD", f"/v1/domains/{mine}")
    free = await sandbox.call("HEAD", f"/v1/domains/{uuid4().hex[:20]}.onmicrosoft.com")

    assert (taken.status_code, taken.content) == (200, b"")
    assert (free.status_code, free.content) == (404, b"")


@pytest.mark.case(22)
async def test_a_whole_address_is_completed(sandbox: Sandbox) -> None:
    answer = await sandbox.call("POST", "/v1/validations/address", ADDRESS)

    assert (answer.status_code, answer.json()["status"]) == (200, "VerifiedShippable")
    assert answer.json()["suggestedAddresses"][0]["postalCode"] == "98052-8300"


@pytest.mark.case(23)
async def test_a_street_without_a_number_is_half_an_address(sandbox: Sandbox) -> None:
    vague = ADDRESS | {"addressLine1": "Microsoft Way"}

    answer = await sandbox.call("POST", "/v1/validations/address", vague)

    assert (answer.status_code, answer.json()["status"]) == (200, "StreetPartial")
    assert answer.json()["validationMessage"]


@pytest.mark.case(25)
async def test_the_first_password_is_told_once(sandbox: Sandbox) -> None:
    made = (await sandbox.found(newcomer())).json()

    later = await sandbox.get(f"/v1/customers/{made['id']}")

    assert made["userCredentials"]["userName"] == "admin"
    assert "userCredentials" not in later


@pytest.mark.case(26)
async def test_the_same_request_makes_one_customer(sandbox: Sandbox) -> None:
    body, request = newcomer(), str(uuid4())

    first = await sandbox.found(body, request)
    again = await sandbox.found(body, request)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]


@pytest.mark.case(28)
async def test_a_list_tells_less_of_a_customer(sandbox: Sandbox) -> None:
    item = (await sandbox.get("/v1/customers?size=1"))["items"][0]

    assert item["companyProfile"]["domain"]
    assert not item.keys() & {"billingProfile", "allowDelegatedAccess"}


@pytest.mark.case(29)
async def test_customers_are_found_by_the_start_of_their_name_in_any_case(
    sandbox: Sandbox,
) -> None:
    name = (await sandbox.get(sandbox.customer))["companyProfile"]["companyName"]
    other = (await sandbox.found(newcomer())).json()
    wish = {"Field": "CompanyName", "Value": name[:4].upper(), "Operator": "starts_with"}

    page = await sandbox.get(f"/v1/customers?size=0&filter={quote(json.dumps(wish))}")

    assert name in [item["companyProfile"]["companyName"] for item in page["items"]]
    assert other["id"] not in [item["id"] for item in page["items"]]


@pytest.mark.case(31)
async def test_a_sandbox_throws_a_customer_away(sandbox: Sandbox) -> None:
    path = f"/v1/customers/{(await sandbox.found(newcomer())).json()['id']}"

    deleted = await sandbox.call("DELETE", path)
    sandbox.founded.clear()

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await sandbox.call("GET", path)).status_code in (403, 404)


@pytest.mark.case(34)
async def test_a_school_is_in_review_at_first(sandbox: Sandbox) -> None:
    made = (await sandbox.found(newcomer())).json()
    path = f"/v1/customers/{made['id']}/qualifications"
    wish = {"qualification": "Education", "educationSegment": "K12", "website": "k12.example"}

    added = await sandbox.call("POST", path, wish, user=True)
    listed = (await sandbox.call("GET", path)).json()

    assert (added.status_code, added.json()["vettingStatus"]) == (201, "InReview")
    assert isinstance(listed, list)


@pytest.mark.case(35)
async def test_agreements_without_a_type_are_the_old_ones(sandbox: Sandbox) -> None:
    old = await sandbox.get("/v1/agreements", user=True)

    assert {item["agreementType"] for item in old["items"]} == {"MicrosoftCloudAgreement"}


@pytest.mark.case(37)
async def test_nothing_is_sold_before_the_agreement(sandbox: Sandbox) -> None:
    customer = f"/v1/customers/{(await sandbox.found(newcomer())).json()['id']}"
    cart = (await sandbox.cart(line(await sandbox.item()), customer=customer)).json()
    checkout = f"{customer}/carts/{cart['id']}/checkout"

    before = await sandbox.call("POST", checkout)
    path = f"{customer}/agreements"
    agreed = await sandbox.call("POST", path, await agreement(sandbox), user=True)
    after = await sandbox.call("POST", checkout)
    ordered = after.json()["orders"][0]["lineItems"][0]["subscriptionId"]
    sandbox.bought.append(f"{customer}/subscriptions/{ordered}")

    assert code_of(before) == (403, "13605")
    assert (agreed.status_code, after.status_code) == (201, 201)


async def agreement(sandbox: Sandbox) -> dict[str, Any]:
    found = await sandbox.get(f"/v1/agreements?agreementType={MCA}", user=True)
    return {
        "primaryContact": {"firstName": "Ada", "lastName": "Moss", "email": "ada@x.example"},
        "templateId": found["items"][0]["templateId"],
        "dateAgreed": "2026-01-14T00:00:00Z",
        "type": MCA,
    }


@pytest.mark.case(38)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("?mpnId=5158294&tenantId=00000000-0000-4000-8000-00000000dead", 2000),
        pytest.param("", 2001),
        pytest.param("?tenantId=nonsense", 2000),
    ],
)
async def test_a_resellers_agreement_is_asked_for_by_one_id(
    sandbox: Sandbox, query: str, code: int
) -> None:
    answer = await sandbox.call("GET", f"{MPA}{query}", user=True)

    assert code_of(answer) == (400, str(code))

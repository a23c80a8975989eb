"""Customers are created once, listed in pages, and shown as far as the caller may see."""

import json
from typing import Any

import pytest

from tests.simulator.northwind import ADDRESS, Northwind, new_customer

REQUEST = "11111111-1111-4111-8111-111111111111"
MCA = "MicrosoftCustomerAgreement"


@pytest.mark.contract
async def test_country_rules_are_flat(northwind: Northwind) -> None:
    rules = await northwind.get("/v1/countryvalidationrules/us")

    assert rules["defaultCulture"] == "en-US"
    assert rules["postalCodeRegex"] == r"^\d{5}(-\d{4})?$"
    assert "WA" in rules["supportedStatesList"]
    assert rules["supportedLanguagesList"] == ["en", "es"]


ADDRESSES = [
    pytest.param({}, "VerifiedShippable", 1, id="whole"),
    pytest.param({"addressLine1": "Microsoft Way"}, "StreetPartial", 1, id="no house number"),
    pytest.param({"state": "XX"}, "None", 0, id="no such state"),
    pytest.param({"postalCode": "9805"}, "None", 0, id="bad postal code"),
    pytest.param({"country": "BR"}, "NotValidated", 0, id="country not checked"),
]


@pytest.mark.contract
@pytest.mark.parametrize(("changes", "status", "suggestions"), ADDRESSES)
async def test_says_how_sure_it_is_of_an_address(
    northwind: Northwind, changes: dict[str, str], status: str, suggestions: int
) -> None:
    answer = await northwind.call("POST", "/v1/validations/address", ADDRESS | changes)

    assert answer.status_code == 200
    assert answer.json()["status"] == status
    assert len(answer.json()["suggestedAddresses"]) == suggestions
    if status == "StreetPartial":
        assert answer.json()["validationMessage"]


@pytest.mark.contract
async def test_the_admins_password_is_shown_at_creation_and_never_again(
    northwind: Northwind,
) -> None:
    created = (await northwind.call("POST", "/v1/customers", new_customer())).json()
    later = await northwind.get(f"/v1/customers/{created['id']}")

    tenant = northwind.world.tenants[created["id"]]
    admin = tenant.user("admin@fabrikam.onmicrosoft.com")
    assert created["userCredentials"]["userName"] == "admin"
    assert admin is not None
    assert admin.has_password(created["userCredentials"]["password"])
    assert "userCredentials" not in later


@pytest.mark.contract
async def test_the_same_request_id_creates_one_customer(northwind: Northwind) -> None:
    first = await northwind.call("POST", "/v1/customers", new_customer(), MS_RequestId=REQUEST)
    again = await northwind.call("POST", "/v1/customers", new_customer(), MS_RequestId=REQUEST)

    assert again.status_code == 201
    assert again.json() == first.json()
    assert len(northwind.world.customers) == 1


async def test_the_same_request_id_with_another_body_is_refused(northwind: Northwind) -> None:
    other = new_customer("contoso.onmicrosoft.com")
    await northwind.call("POST", "/v1/customers", new_customer(), MS_RequestId=REQUEST)

    answer = await northwind.call("POST", "/v1/customers", other, MS_RequestId=REQUEST)

    assert (answer.status_code, answer.json()["code"]) == (409, 800060)


async def test_a_request_id_is_forgotten_after_a_day(northwind: Northwind) -> None:
    await northwind.call("POST", "/v1/customers", new_customer(), MS_RequestId=REQUEST)
    northwind.wait(hours=25)

    answer = await northwind.call("POST", "/v1/customers", new_customer(), MS_RequestId=REQUEST)

    assert (answer.status_code, answer.json()["code"]) == (409, 3001)


def _spoiled(path: str, value: Any) -> dict[str, Any]:
    body = json.loads(json.dumps(new_customer()))
    *parents, name = path.split(".")
    place = body
    for parent in parents:
        place = place[parent]
    place[name] = value
    return dict(body)


WRONG_NUMBERS = [
    pytest.param({}, {}, 600049, id="no number"),
    pytest.param({"organizationRegistrationNumber": "?"}, {}, 600050, id="no such form"),
    pytest.param(
        {"organizationRegistrationNumber": "12345-6"}, {"phoneNumber": ""}, 600051, id="no phone"
    ),
]


@pytest.mark.contract
@pytest.mark.parametrize(("company", "address", "code"), WRONG_NUMBERS)
async def test_some_countries_want_a_registration_number_and_a_telephone(
    northwind: Northwind, company: dict[str, str], address: dict[str, str], code: int
) -> None:
    body = new_customer()
    body["companyProfile"] |= company
    body["billingProfile"]["defaultAddress"] = ADDRESS | {"country": "IN", "state": "KA"} | address

    refused = await northwind.call("POST", "/v1/customers", body)
    body["companyProfile"]["organizationRegistrationNumber"] = "AB1234567"
    body["billingProfile"]["defaultAddress"]["phoneNumber"] = "8025550101"
    made = await northwind.call("POST", "/v1/customers", body)

    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert made.status_code == 201


WRONG_CUSTOMERS = [
    pytest.param("billingProfile.defaultAddress.state", "WAS", 3000, id="a long state"),
    pytest.param("billingProfile.defaultAddress.firstName", "A" * 51, 3000, id="a long name"),
    pytest.param("billingProfile.defaultAddress.addressLine1", "A" * 201, 3000, id="a long line"),
    pytest.param("companyProfile.domain", "", 3000, id="no domain"),
    pytest.param("companyProfile.domain", "fabrikam.com", 3000, id="custom domain"),
    pytest.param("billingProfile.email", None, 3000, id="no mail"),
    pytest.param("billingProfile.defaultAddress.lastName", "", 3000, id="no last name"),
    pytest.param("billingProfile.defaultAddress.country", "XX", 2091, id="unknown country"),
    pytest.param("companyProfile.organizationRegistrationNumber", "12345", 600002, id="number"),
    pytest.param("associatedPartnerId", REQUEST, 2072, id="a reseller's customer"),
]


@pytest.mark.contract
@pytest.mark.parametrize(("path", "value", "code"), WRONG_CUSTOMERS)
async def test_refuses_a_customer_that_lacks_something(
    northwind: Northwind, path: str, value: str, code: int
) -> None:
    answer = await northwind.call("POST", "/v1/customers", _spoiled(path, value))

    assert answer.json()["code"] == code
    assert not northwind.world.customers


@pytest.mark.contract
async def test_pages_by_copying_the_headers_of_the_next_link(northwind: Northwind) -> None:
    for number in range(5):
        await northwind.customer(f"customer{number}.onmicrosoft.com")

    found: list[str] = []
    page = await northwind.get("/v1/customers?size=2")
    while True:
        found += [item["companyProfile"]["companyName"] for item in page["items"]]
        following = page.get("links", {}).get("next")
        if following is None:
            break
        headers = {header["key"]: header["value"] for header in following["headers"]}
        token = headers["MS-ContinuationToken"]
        page = await northwind.get(f"/v1{following['uri']}", MS_ContinuationToken=token)

    assert found == [f"Customer{number}" for number in range(5)]


@pytest.mark.contract
async def test_a_billing_profile_changes_with_its_etag_only(northwind: Northwind) -> None:
    customer = await northwind.customer()
    path = f"/v1/customers/{customer.id}/profiles/billing"
    profile = await northwind.get(path)
    etag = f'"{profile["attributes"]["etag"]}"'
    renamed = profile | {"companyName": "Fabrikam Two"}

    done = await northwind.call("PUT", path, renamed, If_Match=etag)
    stale = await northwind.call("PUT", path, renamed, If_Match=etag)

    assert done.json()["companyName"] == "Fabrikam Two"
    assert done.json()["attributes"]["etag"] != profile["attributes"]["etag"]
    assert (stale.status_code, stale.json()["code"]) == (400, 2055)


@pytest.mark.contract
async def test_a_company_profile_is_whole_for_a_user(northwind: Northwind) -> None:
    customer = await northwind.customer()

    profile = await northwind.get(f"/v1/customers/{customer.id}/profiles/company", user=True)

    assert profile["domain"] == "fabrikam.onmicrosoft.com"
    assert profile["address"]["city"] == "Redmond"


@pytest.mark.contract
async def test_the_same_contact_confirms_an_agreement_once(northwind: Northwind) -> None:
    customer = await northwind.customer()
    metadata = await northwind.get(f"/v1/agreements?agreementType={MCA}", user=True)
    agreement = {
        "primaryContact": {"firstName": "Ada", "lastName": "Moss", "email": "ada@x.example"},
        "templateId": metadata["items"][0]["templateId"],
        "dateAgreed": "2026-01-14T00:00:00Z",
        "type": MCA,
    }
    path = f"/v1/customers/{customer.id}/agreements"

    first = await northwind.call("POST", path, agreement, user=True)
    again = await northwind.call("POST", path, agreement, user=True)
    known = await northwind.get(f"{path}?agreementType={MCA}", user=True)
    unasked = await northwind.get(path, user=True)

    assert first.status_code == 201
    assert first.json()["userId"] == northwind.partner.user.object_id
    assert (again.status_code, again.json()["code"]) == (409, 600061)
    assert again.json()["errorName"] == "PartnerConfirmedAgreementAlreadyExists"
    assert (known["totalCount"], unasked["totalCount"]) == (1, 0)


@pytest.mark.contract
async def test_consent_is_given_once_and_can_be_taken_back(northwind: Northwind) -> None:
    customer = await northwind.customer()
    tenant = northwind.world.tenants[customer.id]
    app_id = northwind.partner.client_id
    graph = "00000003-0000-0000-c000-000000000000"
    grant = {"enterpriseApplicationId": graph, "scope": "Directory.Read.All,User.ReadWrite.All"}
    consent = {"applicationId": app_id, "displayName": "Ours", "applicationGrants": [grant]}
    path = f"/v1/customers/{customer.id}/applicationconsents"

    given = await northwind.call("POST", path, consent, user=True)
    scopes = set(tenant.consents[app_id])
    again = await northwind.call("POST", path, consent, user=True)
    taken = await northwind.call("DELETE", f"{path}/{app_id}", user=True)
    foreign = await northwind.call("POST", path, consent | {"applicationId": graph}, user=True)

    assert given.status_code == 201
    assert scopes == {"Directory.Read.All", "User.ReadWrite.All"}
    assert again.status_code == 409
    assert "Permission entry already exists" in again.json()["description"]
    assert taken.status_code == 204
    assert app_id not in tenant.consents
    assert (foreign.status_code, foreign.json()["code"]) == (403, 900308)


async def test_gives_the_link_that_invites_a_customer(northwind: Northwind) -> None:
    answer = await northwind.get("/v1/customers/relationshiprequests", user=True)

    assert "invType=ResellerRelationship" in answer["url"]

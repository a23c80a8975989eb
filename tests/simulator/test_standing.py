"""What customers are: qualified, served by resellers, invited, let go, and shown to the partner."""

import httpx
import pytest

from simulator.seeds import NORTHWIND, TAILSPIN, WINGTIP
from simulator.world import World
from tests.simulator.northwind import Json, Northwind, new_customer

CONTACT = {"firstName": "Ada", "lastName": "Moss", "email": "ada@fabrikam.example"}


@pytest.fixture
async def wingtip(world: World, http: httpx.AsyncClient) -> Northwind:
    """An indirect provider, with Tailspin as its reseller."""
    partner = Northwind(world, http, WINGTIP)
    await partner.sign_in()
    return partner


async def template(northwind: Northwind) -> str:
    path = "/v1/agreements?agreementType=MicrosoftCustomerAgreement"
    return str((await northwind.get(path, user=True))["items"][0]["templateId"])


def body_of(template_id: str, **more: object) -> Json:
    fixed = {"dateAgreed": "2026-01-14T00:00:00Z", "type": "MicrosoftCustomerAgreement"}
    return {"primaryContact": CONTACT, "templateId": template_id} | fixed | more


@pytest.mark.contract
async def test_a_school_is_in_review_before_it_is_approved(northwind: Northwind) -> None:
    path = f"/v1/customers/{(await northwind.customer()).id}/qualifications"
    wish = {"Qualification": "Education", "EducationSegment": "K12", "Website": "k12.example"}

    added = await northwind.call("POST", path, wish, user=True)
    first = (await northwind.call("GET", path)).json()
    northwind.wait(hours=25)
    later = (await northwind.call("GET", path)).json()

    assert (added.status_code, added.json()["vettingStatus"]) == (201, "InReview")
    assert isinstance(first, list)
    assert (first[0]["vettingStatus"], later[0]["vettingStatus"]) == ("InReview", "Approved")


@pytest.mark.contract
@pytest.mark.parametrize("name", ["None", "Nonprofit", "Education", "GovernmentCommunityCloud"])
async def test_a_qualification_needs_its_proof(northwind: Northwind, name: str) -> None:
    path = f"/v1/customers/{(await northwind.customer()).id}/qualifications"

    answer = await northwind.call("POST", path, {"qualification": name}, user=True)

    assert answer.status_code == 400


MPA_REFUSALS = [
    pytest.param("", 2001, id="neither"),
    pytest.param(f"?mpnId=5158294&tenantId={TAILSPIN}", 2000, id="both"),
    pytest.param("?tenantId=nonsense", 2000, id="no guid"),
    pytest.param("?mpnId=abc", 2000, id="no number"),
    pytest.param("?mpnId=1", 2200, id="unknown id"),
    pytest.param("?tenantId=00000000-0000-4000-8000-00000000dead", 2205, id="unknown tenant"),
]


@pytest.mark.contract
@pytest.mark.parametrize(("query", "code"), MPA_REFUSALS)
async def test_a_resellers_agreement_is_asked_for_by_one_id(
    wingtip: Northwind, query: str, code: int
) -> None:
    path = f"/v1/compliance/csp/agreementstatus{query}"

    answer = await wingtip.call("GET", path, user=True)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.contract
async def test_a_reseller_that_has_not_signed_gets_no_customers(wingtip: Northwind) -> None:
    path = f"/v1/compliance/csp/agreementstatus?tenantId={TAILSPIN}"
    wish = new_customer() | {"associatedPartnerId": TAILSPIN}

    signed = await wingtip.get(path, user=True)
    await wingtip.http.post(f"/_sim/portal/partners/{TAILSPIN}/agreement", json={"signed": False})
    unsigned = await wingtip.get(path, user=True)
    refused = await wingtip.call("POST", "/v1/customers", wish, user=True)

    assert (signed["isAgreementSigned"], unsigned["isAgreementSigned"]) == (True, False)
    assert (refused.status_code, refused.json()["code"]) == (403, 900123)


@pytest.mark.contract
async def test_a_resellers_customers_are_found_by_the_reseller(wingtip: Northwind) -> None:
    own = new_customer("own.onmicrosoft.com", "Own")
    through = new_customer("through.onmicrosoft.com", "Through")
    await wingtip.call("POST", "/v1/customers", own)
    made = await wingtip.call(
        "POST", "/v1/customers", through | {"associatedPartnerId": TAILSPIN}, user=True
    )
    where = f'{{"Field":"IndirectReseller","Value":"{TAILSPIN}","Operator":"starts_with"}}'

    found = await wingtip.get(f"/v1/customers?filter={where}", user=True)
    resellers = await wingtip.get(f"/v1/customers/{made.json()['id']}/relationships", user=True)

    assert [one["id"] for one in found["items"]] == [made.json()["id"]]
    assert resellers["items"][0]["mpnId"] == "5158294"


@pytest.mark.contract
async def test_a_direct_partner_has_no_resellers(northwind: Northwind, wingtip: Northwind) -> None:
    wish = new_customer() | {"associatedPartnerId": TAILSPIN}
    path = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf"

    refused = await northwind.call("POST", "/v1/customers", wish, user=True)
    resellers = await wingtip.get(path, user=True)

    assert refused.json()["code"] == 2072
    assert [one["name"] for one in resellers["items"]] == ["Tailspin Reselling"]
    assert resellers["items"][0]["state"] == "Active"


@pytest.mark.contract
async def test_an_existing_tenant_becomes_a_customer_by_the_partners_link(
    northwind: Northwind,
) -> None:
    body = {"domain": "litware.onmicrosoft.com", "companyName": "Litware"}
    tenant = (await northwind.http.post("/_sim/portal/tenants", json=body)).json()["id"]
    link = (await northwind.get("/v1/customers/relationshiprequests", user=True))["url"]

    before = await northwind.call("GET", f"/v1/customers/{tenant}")
    await northwind.http.post(f"/_sim/portal/customers/{tenant}/accept", json={"url": link})
    after = await northwind.get(f"/v1/customers/{tenant}")

    assert (before.status_code, before.json()["code"]) == (403, 20002)
    assert after["companyProfile"]["companyName"] == "Litware"


@pytest.mark.contract
async def test_a_customer_is_let_go_once_nothing_is_active(northwind: Northwind) -> None:
    customer = await northwind.customer()
    subscription = await northwind.buy(customer)
    path, end = f"/v1/customers/{customer.id}", {"relationshipToPartner": "none"}

    blocked = await northwind.call("PATCH", path, end, user=True)
    await northwind.change(subscription, status="deleted")
    gone = await northwind.call("PATCH", path, end, user=True)

    assert (blocked.status_code, gone.status_code) == (400, 200)
    assert gone.json()["relationshipToPartner"] == "none"
    assert (await northwind.call("GET", path)).json()["code"] == 20002


@pytest.mark.contract
async def test_the_tenants_own_facts_need_rights_in_it(northwind: Northwind) -> None:
    customer = await northwind.customer()
    path = f"/v1/customers/{customer.id}"

    domains = await northwind.call("GET", f"{path}/customDomains", user=True)
    organization = await northwind.call("GET", f"{path}/organization", user=True)
    whole = await northwind.get(path)
    northwind.world.tenants[customer.id].gdap.clear()
    less = await northwind.get(path)
    refused = await northwind.call("GET", f"{path}/customDomains", user=True)

    assert domains.json() == ["fabrikam.onmicrosoft.com"]
    assert organization.content.startswith(b"\xef\xbb\xbf[")
    assert whole["companyProfile"]["email"]
    assert "customDomains" not in less
    assert "email" not in less["companyProfile"]
    assert refused.json()["code"] == 900308


@pytest.mark.parametrize("name", ["mpn", "billing", "legalbusiness", "support"])
async def test_a_partner_sees_its_own_profiles(northwind: Northwind, name: str) -> None:
    assert "attributes" in await northwind.get(f"/v1/profiles/{name}")


@pytest.mark.contract
async def test_links_to_the_agreements_text_live_five_minutes(northwind: Northwind) -> None:
    path = f"/v1/agreementtemplates/{await template(northwind)}/document?language=en-US&country=US"
    found = await northwind.get(path, user=True)

    fresh = await northwind.http.get(found["displayUri"])
    northwind.wait(minutes=6)
    stale = await northwind.http.get(found["displayUri"])

    assert (fresh.status_code, stale.status_code) == (200, 403)


async def test_the_newer_form_of_the_agreement_waits_for_the_customer(
    northwind: Northwind,
) -> None:
    northwind.world.switches["agreements.form"] = "attestation"
    customer = await northwind.customer()
    customer.signed_directly = False
    path = f"/v1/customers/{customer.id}/agreements"
    wish = body_of(await template(northwind))
    made = (await northwind.call("POST", f"{path}/attestations", wish, user=True)).json()
    named = wish | {"attestationId": made["attestationId"]}

    without = await northwind.call("POST", path, wish, user=True)
    early = await northwind.call("POST", path, named, user=True)
    page = await northwind.http.get(made["link"])
    await northwind.http.post(made["link"])
    accepted = await northwind.call("POST", path, named, user=True)

    assert "Accept" in page.text
    assert (without.status_code, early.status_code) == (400, 400)
    assert accepted.status_code == 201
    assert accepted.json()["attestationId"] == made["attestationId"]


async def test_partners_are_strangers_to_each_others_customers(
    northwind: Northwind, wingtip: Northwind
) -> None:
    customer = await northwind.customer()

    answer = await wingtip.call("GET", f"/v1/customers/{customer.id}")

    assert northwind.partner.tenant_id == NORTHWIND
    assert answer.json()["code"] == 20002

"""Look before a tenant is made, bring an existing one in, keep its agreement on record."""

from dataclasses import replace

from shared.domain.environments import Environment
from tests.portal import Json, Portal, Seatkeeper, customer_body, subscription_body

THROUGH = "connectionId=northwind"


async def a_stranger(seatkeeper: Seatkeeper, domain: str, country: str = "US") -> str:
    """A tenant that has accepted the partner in Microsoft's own portal."""
    body = {"domain": domain, "companyName": "Fourth Coffee", "country": country}
    made: Json = await seatkeeper.sim("POST", "portal/customers", body)
    return str(made["id"])


async def test_a_domain_is_free_until_a_tenant_takes_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)

    before = await portal.get(f"domains/contosotest/availability?{THROUGH}")
    await portal.post("customers", customer_body())
    after = await portal.get(f"domains/contosotest/availability?{THROUGH}")

    assert before == {"domain": "contosotest.onmicrosoft.com", "available": True}
    assert after["available"] is False


async def test_a_prefix_that_no_tenant_can_have_is_a_fault(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)

    answer = await portal.send("GET", f"domains/9-lives/availability?{THROUGH}")

    assert answer.status_code == 422


async def test_a_countrys_rules_are_told(seatkeeper: Seatkeeper, portal: Portal) -> None:
    await seatkeeper.connect(portal)

    rules = await portal.get(f"countries/US/rules?{THROUGH}")

    assert rules["country"] == "US"
    assert "WA" in rules["states"]
    assert rules["postalCodeRequired"] is True


async def test_a_dry_run_names_every_doubt_and_makes_nothing(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    good, bad = customer_body(), customer_body(culture="tlh-KL")

    first = await portal.post("customers?dryRun=true", good)
    second = await portal.post("customers?dryRun=true", bad)
    await portal.post("customers", good)
    third = await portal.post("customers?dryRun=true", good)

    assert first["ready"] is True
    assert [fault["pointer"] for fault in second["faults"]] == ["/culture"]
    assert (third["ready"], third["domainAvailable"]) == (False, False)
    assert len((await portal.get("customers"))["items"]) == 1


async def test_names_that_microsoft_refuses_are_faults_of_ours(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    wrong = customer_body(companyName="LLC.")
    wrong["address"] = {**wrong["address"], "firstName": "X", "lastName": "admin"}
    wrong["email"] = "somebody@microsoft.com"

    answer = await portal.send("POST", "customers", json=wrong)

    assert answer.status_code == 422
    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert pointers == {"/companyName", "/address/firstName", "/address/lastName", "/email"}


async def test_an_existing_tenant_comes_in_after_it_accepted(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    link = await portal.post("customers/link", {"connectionId": "northwind"}, key="")
    tenant = await a_stranger(seatkeeper, "fourthcoffee.onmicrosoft.com")
    listed = (await portal.get("connections/northwind/customers"))["items"]

    adopted = await portal.post(f"customers/{tenant}/adopt", {"connectionId": "northwind"})

    assert link["url"].startswith("https://admin.microsoft.com/")
    assert [c["id"] for c in listed] == [tenant]
    assert "onRecordWith" not in listed[0]
    assert adopted["country"] == "US"
    assert adopted["companyName"] == "Fourth Coffee"
    assert (await portal.get("customers"))["items"][0]["id"] == tenant
    listed = (await portal.get("connections/northwind/customers"))["items"]
    assert listed[0]["onRecordWith"] == "northwind"


async def test_our_application_is_let_in_where_the_tenant_approved_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    tenant = await a_stranger(seatkeeper, "fourthcoffee.onmicrosoft.com")
    place, body = f"customers/{tenant}/adopt", {"connectionId": "northwind"}

    without = await portal.post(place, body)
    await seatkeeper.sim("POST", f"portal/customers/{tenant}/gdap", {})
    approved = await portal.post(place, body)

    assert without["consentGranted"] is False
    assert "role" in without["whyNoConsent"]
    assert approved["consentGranted"] is True


async def test_a_tenant_that_has_not_accepted_is_not_adopted(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    nobody = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

    answer = await portal.send(
        "POST", f"customers/{nobody}/adopt", json={"connectionId": "northwind"}
    )

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("relationship-missing")


async def test_a_tenant_outside_of_the_region_is_not_adopted(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    tenant = await a_stranger(seatkeeper, "fourthcoffee.onmicrosoft.com", country="DE")

    answer = await portal.send(
        "POST", f"customers/{tenant}/adopt", json={"connectionId": "northwind"}
    )

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("country-not-served")
    assert not (await portal.get("customers"))["items"]


async def test_a_sandbox_connection_takes_no_production_customer(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    customer = await portal.post("customers", customer_body())
    await portal.post(
        "connections", await seatkeeper.connection_body(id="rehearsal", environment="sandbox")
    )

    answer = await portal.send(
        "POST", f"customers/{customer['id']}/adopt", json={"connectionId": "rehearsal"}
    )

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("customer-taken")
    assert "northwind" in answer.json()["detail"]


async def test_a_connection_does_not_touch_a_customer_of_the_other_environment(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    customer = await portal.post("customers", customer_body())
    kept = seatkeeper.works.office.desk.customers
    known = await kept.get(customer["id"])
    await kept.save(replace(known, environment=Environment.SANDBOX))

    read = await portal.send("GET", f"customers/{customer['id']}/subscriptions?refresh=true")
    bought = await portal.send(
        "POST", f"customers/{customer['id']}/subscriptions", json=subscription_body()
    )

    assert (read.status_code, bought.status_code) == (409, 409)
    assert bought.json()["type"].endswith("wrong-environment")


async def test_nothing_is_sold_before_the_agreement_is_on_record(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    tenant = await a_stranger(seatkeeper, "fourthcoffee.onmicrosoft.com")
    await portal.post(f"customers/{tenant}/adopt", {"connectionId": "northwind"})
    place = f"customers/{tenant}/subscriptions"

    before = await portal.send("POST", place, json=subscription_body())
    state = await portal.get(f"customers/{tenant}/agreement")
    contact = customer_body()["agreement"]
    recorded = await portal.post(f"customers/{tenant}/agreement", contact)
    again = await portal.post(f"customers/{tenant}/agreement", contact)
    after = await portal.send("POST", place, json=subscription_body())

    assert (before.status_code, after.status_code) == (409, 201)
    assert before.json()["type"].endswith("agreement-missing")
    assert state["accepted"] is False
    assert (recorded["accepted"], recorded["confirmedByPartner"]) == (True, True)
    assert again["agreedAt"] == "2026-01-14T00:00:00Z"


async def test_a_customer_that_signed_with_microsoft_needs_no_confirmation(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    tenant = await a_stranger(seatkeeper, "fourthcoffee.onmicrosoft.com")
    await portal.post(f"customers/{tenant}/adopt", {"connectionId": "northwind"})

    await seatkeeper.sim("POST", f"portal/customers/{tenant}/agreement")

    state = await portal.get(f"customers/{tenant}/agreement")
    assert (state["accepted"], state["signedDirectly"]) == (True, True)
    assert (await portal.get(f"customers/{tenant}"))["agreementAt"]


async def test_nobody_has_agreed_in_the_future(seatkeeper: Seatkeeper, portal: Portal) -> None:
    await seatkeeper.connect(portal)
    customer = await portal.post("customers", customer_body())
    later = {**customer_body()["agreement"], "agreedAt": "2031-01-01T00:00:00Z"}

    answer = await portal.send("POST", f"customers/{customer['id']}/agreement", json=later)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/agreedAt"


async def test_in_the_attestation_form_the_customer_accepts_on_microsofts_own_page(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.sim("PUT", "switches", {"agreements.form": "attestation"})
    await seatkeeper.connect(portal, agreementForm="attestation")
    customer = await portal.post("customers", customer_body())
    place, contact = f"customers/{customer['id']}/agreement", customer_body()["agreement"]

    waiting = await portal.get(place)
    early = await portal.send("POST", place, json=contact)
    async with seatkeeper.microsoft() as browser:
        await browser.post(waiting["link"])
    recorded = await portal.send("POST", place, json=contact)
    bought = await portal.send(
        "POST", f"customers/{customer['id']}/subscriptions", json=subscription_body()
    )

    assert "agreementAt" not in customer
    assert (early.status_code, early.json()["link"]) == (202, waiting["link"])
    assert recorded.status_code == 201, recorded.text
    assert recorded.json()["accepted"] is True
    assert bought.status_code == 201

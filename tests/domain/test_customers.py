import pytest

from shared.domain.customers import CountryRules, NewCustomer, faults_of_new_customer, faults_under
from tests.builders import a_new_customer, country_rules


def pointers(new: NewCustomer) -> list[str]:
    return [fault.pointer for fault in faults_of_new_customer(new)]


@pytest.mark.parametrize("prefix", ["c", "contoso", "contoso2026", "a" * 27])
def test_takes_a_domain_prefix_that_microsoft_takes(prefix: str) -> None:
    assert pointers(a_new_customer(domain_prefix=prefix)) == []


@pytest.mark.parametrize("prefix", ["", "Contoso", "2contoso", "con-toso", "a" * 28, "a.b", "a\n"])
def test_refuses_a_domain_prefix_that_microsoft_refuses(prefix: str) -> None:
    assert pointers(a_new_customer(domain_prefix=prefix)) == ["/domainPrefix"]


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@contoso", "ada king@contoso.com", "@contoso.com"]
)
def test_asks_for_an_address_that_mail_can_reach(email: str) -> None:
    assert pointers(a_new_customer(email=email)) == ["/email"]


def test_some_countries_ask_for_a_registration_and_a_telephone_number() -> None:
    assert pointers(a_new_customer(country="BR")) == ["/registrationNumber", "/address/phoneNumber"]
    complete = a_new_customer(country="BR", registration_number="1", phone_number="5511999")
    assert pointers(complete) == []


def test_a_new_customers_domain_is_microsofts() -> None:
    assert a_new_customer(domain_prefix="contoso").domain == "contoso.onmicrosoft.com"


def test_a_good_address_has_no_fault_under_its_countrys_rules() -> None:
    assert list(faults_under(country_rules(), a_new_customer(phone_number="+442071234567"))) == []


@pytest.mark.parametrize(
    ("new", "rules", "pointer"),
    [
        pytest.param(
            a_new_customer(postal_code=""), country_rules(), "/address/postalCode", id="missing"
        ),
        pytest.param(
            a_new_customer(),
            country_rules(state_required=True),
            "/address/state",
            id="no state where one is needed",
        ),
        pytest.param(
            a_new_customer(state="XX"),
            country_rules(states=("LND",)),
            "/address/state",
            id="an unknown state",
        ),
        pytest.param(
            a_new_customer(postal_code="?"),
            country_rules(),
            "/address/postalCode",
            id="another pattern",
        ),
        pytest.param(
            a_new_customer(phone_number="call me"),
            country_rules(),
            "/address/phoneNumber",
            id="not a number",
        ),
        pytest.param(a_new_customer(culture="de-DE"), country_rules(), "/culture", id="a culture"),
        pytest.param(a_new_customer(language="de"), country_rules(), "/language", id="a language"),
    ],
)
def test_names_what_a_country_would_refuse(
    new: NewCustomer, rules: CountryRules, pointer: str
) -> None:
    assert [fault.pointer for fault in faults_under(rules, new)] == [pointer]

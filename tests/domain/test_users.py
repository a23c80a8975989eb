import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.users import faults_of_user, marker, to_fault
from tests.builders import a_user


def columns(name: str) -> list[str]:
    return [column for column, _ in faults_of_user(a_user(name))]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("adele.vance@contoso.com", id="plain"),
        pytest.param("o'brien@contoso.com", id="an apostrophe"),
        pytest.param("maria.garcia-lopez@contoso.com", id="a double surname with a hyphen"),
        pytest.param("maria.garcia.lopez@contoso.com", id="a double surname with dots"),
        pytest.param("temp_7!#^~@contoso.onmicrosoft.com", id="everything that Entra takes"),
        pytest.param("7@contoso.com", id="a digit"),
        pytest.param(f"{'a' * 64}@{'b' * 44}.com", id="64 before the @ and 48 after"),
        pytest.param("ADELE@CONTOSO.COM", id="capitals"),
    ],
)
def test_takes_the_user_names_that_entra_takes(name: str) -> None:
    assert columns(name) == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("jürgen@contoso.com", id="an umlaut"),
        pytest.param("renée@contoso.com", id="an accent"),
        pytest.param("rene\u0301e@contoso.com", id="a combining accent"),
        pytest.param("o\u2019brien@contoso.com", id="a typographer's apostrophe"),
        pytest.param("adele vance@contoso.com", id="a space"),
        pytest.param(".adele@contoso.com", id="a dot first"),
        pytest.param("adele.@contoso.com", id="a dot last"),
        pytest.param("adele+test@contoso.com", id="a plus"),
        pytest.param(f"{'a' * 65}@contoso.com", id="65 before the @"),
        pytest.param(f"adele@{'b' * 45}.com", id="49 after the @"),
        pytest.param("adele@contoso", id="no domain"),
        pytest.param("adele@vance@contoso.com", id="two @"),
        pytest.param("@contoso.com", id="nobody"),
        pytest.param("adele", id="no @"),
        pytest.param("adele@contoso.com\n", id="a line's end"),
        pytest.param("adele@münchen.de", id="an umlaut in the domain"),
        pytest.param("", id="nothing"),
    ],
)
def test_refuses_the_user_names_that_entra_refuses(name: str) -> None:
    assert columns(name) == ["userPrincipalName"]


def test_names_every_fault_of_a_person_at_once() -> None:
    wrong = replace(
        a_user("no", display_name=" ", usage_location="uk", job_title="x" * 129),
        given_name="g" * 65,
        surname="s" * 65,
        department="d" * 65,
    )

    assert [column for column, _ in faults_of_user(wrong)] == [
        "userPrincipalName",
        "displayName",
        "usageLocation",
        "givenName",
        "surname",
        "jobTitle",
        "department",
    ]


def test_says_that_a_user_name_is_too_long_even_where_its_parts_are_wrong() -> None:
    assert columns(f"{'a' * 110}@b.de") == ["userPrincipalName", "userPrincipalName"]


@pytest.mark.parametrize("country", ["", "UK", "gb", "GBR", "XX", "GB "])
def test_asks_for_a_country_that_exists(country: str) -> None:
    faults = dict(faults_of_user(a_user(usage_location=country)))

    assert "such as GB" in faults["usageLocation"]


@pytest.mark.parametrize("country", ["GB", "DE", "ZA", "CW"])
def test_knows_the_countries_codes(country: str) -> None:
    assert not list(faults_of_user(a_user(usage_location=country)))


def test_a_display_name_keeps_its_accents() -> None:
    assert not list(faults_of_user(a_user(display_name="José Ñíguez-Øre 山田")))


@pytest.mark.parametrize(
    ("name", "nickname"),
    [
        ("adele.vance@contoso.com", "adele.vance"),
        ("o'brien@contoso.com", "o'brien"),
        ("José.Núñez@contoso.com", "Jose.Nunez"),
        ("a..b@contoso.com", "a.b"),
        ("(山田)@contoso.com", "user"),
        ("a;b:c<d>e,f g@contoso.com", "abcdefg"),
        ("a.山.@contoso.com", "a"),
    ],
)
def test_derives_a_nickname_that_entra_takes(name: str, nickname: str) -> None:
    assert a_user(name).mail_nickname == nickname


@given(st.text(max_size=80))
def test_a_nickname_is_always_one_that_entra_takes(local: str) -> None:
    nickname = a_user(f"{local}@contoso.com").mail_nickname

    assert re.fullmatch(r"[!-~]{1,64}", nickname)
    assert not set(nickname) & set('@()\\[]";:<>, ')
    assert ".." not in nickname
    assert not nickname.startswith(".")
    assert not nickname.endswith(".")


def test_a_domain_is_compared_in_lower_case() -> None:
    assert a_user("adele@Contoso.COM").domain == "contoso.com"


def test_a_marker_names_the_work_and_the_row() -> None:
    assert marker("batch-7", 12) == "seatkeeper:batch-7/12"


def test_a_fault_points_into_the_batch_or_the_body() -> None:
    in_batch, in_body = to_fault(3, "surname", "too long"), to_fault(None, "surname", "too long")

    assert (in_batch.pointer, str(in_batch)) == ("/rows/2/surname", "row 3, surname: too long")
    assert (in_body.pointer, str(in_body)) == ("/surname", "/surname: too long")

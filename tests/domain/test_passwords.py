import traceback
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.passwords import PasswordSlip, Secret, derive_password
from tests.builders import NOW

SYMBOLS = "!#$%*+-=?@_"
KEYS = st.text(min_size=1, max_size=64).map(Secret)


NAME = "adele.vance@contoso.com"


@pytest.mark.parametrize("name", ["a@contoso.com", "li@contoso.com", "P4@contoso.com"])
def test_never_holds_the_user_name_however_short_it_is(name: str) -> None:
    local = name.partition("@")[0].lower()

    made = [derive_password(Secret("key"), row, name).value.lower() for row in range(1, 300)]

    assert not [password for password in made if local in password]


@given(KEYS, st.integers(1, 50_000))
def test_a_password_has_all_four_classes_and_no_look_alikes(key: Secret, row: int) -> None:
    password = derive_password(key, row, NAME).value

    assert len(password) == 20
    assert any(c.islower() for c in password)
    assert any(c.isupper() for c in password)
    assert any(c.isdigit() for c in password)
    assert any(c in SYMBOLS for c in password)
    assert not set(password) & set("lI1O0o")


@given(KEYS, st.integers(1, 50_000))
def test_work_that_runs_again_sets_the_same_password(key: Secret, row: int) -> None:
    assert derive_password(key, row, NAME) == derive_password(Secret(key.value), row, NAME)


def test_no_two_rows_share_a_password() -> None:
    passwords = {derive_password(Secret("key"), row, NAME).value for row in range(1, 1001)}

    assert len(passwords) == 1000


def test_another_batchs_key_makes_another_password() -> None:
    assert derive_password(Secret("one"), 1, NAME) != derive_password(Secret("two"), 1, NAME)


def test_a_secret_never_shows_itself() -> None:
    secret = Secret("hunter2")

    shown = f"{secret} {secret!r} {[secret]} {PasswordSlip(str(secret), NOW)}"

    assert "hunter2" not in shown
    assert "Secret(•••)" in shown


def test_a_secret_does_not_show_itself_in_an_error() -> None:
    secret = derive_password(Secret("key"), 1, NAME)

    with pytest.raises(ValueError, match="Secret") as caught:
        raise ValueError(secret)

    assert secret.value not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("caller", "after", "acknowledged", "is_open"),
    [
        pytest.param("ada", timedelta(0), False, True, id="whoever asked may see it"),
        pytest.param("bob", timedelta(0), False, False, id="nobody else may"),
        pytest.param("ada", timedelta(hours=24, seconds=-1), False, True, id="for a day"),
        pytest.param("ada", timedelta(hours=24), False, False, id="and not longer"),
        pytest.param("ada", timedelta(0), True, False, id="until it was acknowledged"),
    ],
)
def test_a_password_is_handed_out_to_one_caller_for_a_day(
    caller: str, after: timedelta, acknowledged: bool, is_open: bool
) -> None:
    slip = PasswordSlip("ada", NOW, acknowledged)

    assert slip.open_to(caller, NOW + after) is is_open

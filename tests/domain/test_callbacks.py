"""Whom a callback may reach, how it is signed, and when it is given up."""

import hashlib
import hmac
from datetime import timedelta

import pytest

from shared.domain.callbacks import (
    TRIES,
    Callback,
    CallbackRules,
    CallbackStatus,
    Delivery,
    signature,
)
from shared.domain.passwords import Secret
from tests.builders import NOW

RULES = CallbackRules(("hooks.contoso.com",))
TAKEN, BUSY, GONE = Delivery(204), Delivery(503, "busy"), Delivery(410, "gone", is_final=True)


def test_an_https_address_of_a_listed_host_may_be_called() -> None:
    assert RULES.why_not("https://hooks.contoso.com/seats?of=us") == ""


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://hooks.contoso.com/", id="not encrypted"),
        pytest.param("https://evil.example/", id="a host that nobody listed"),
        pytest.param("https://hooks.contoso.com.evil.example/", id="a host that begins like one"),
        pytest.param("https://hooks.contoso.com@evil.example/", id="a user that looks like a host"),
        pytest.param("https://me:pw@hooks.contoso.com/", id="a password in it"),
        pytest.param("https://hooks.contoso.com:x/", id="a broken port"),
        pytest.param("https:///nowhere", id="no host"),
        pytest.param("https://[::1", id="a broken address"),
        pytest.param("ftp://hooks.contoso.com/", id="another protocol"),
        pytest.param("https://hooks.contoso.com/" + "x" * 500, id="too long"),
    ],
)
def test_no_other_address_may(url: str) -> None:
    assert RULES.why_not(url)


def test_nobody_is_called_where_the_list_is_empty() -> None:
    assert CallbackRules().why_not("https://hooks.contoso.com/")


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="this machine"),
        pytest.param("10.1.2.3", id="a private network"),
        pytest.param("169.254.169.254", id="the platform's own service"),
        pytest.param("100.64.0.1", id="a carrier's network"),
        pytest.param("0.0.0.0", id="no address"),  # noqa: S104 (the point is that it is refused)
        pytest.param("224.0.0.1", id="many at once"),
        pytest.param("::1", id="this machine in IPv6"),
        pytest.param("fe80::1%eth0", id="this link"),
        pytest.param("fd00::1", id="a private network in IPv6"),
        pytest.param("::ffff:10.1.2.3", id="a private address dressed up"),
        pytest.param("64:ff9b::a01:203", id="a private address behind a translator"),
        pytest.param("2002:a01:203::1", id="a private address in a tunnel"),
    ],
)
def test_an_address_inside_of_a_network_is_refused(address: str) -> None:
    assert RULES.why_not_there([address])
    assert RULES.why_not_there(["93.184.215.14", address])


def test_an_address_of_the_open_net_is_called() -> None:
    assert RULES.why_not_there(["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]) == ""


@pytest.mark.parametrize("odd", ["\t", "\n", " ", "\\", "\x00", "é"])
def test_an_address_that_two_readers_read_differently_is_refused(odd: str) -> None:
    assert RULES.why_not("https://hooks.contoso.com/a") == ""
    assert RULES.why_not(f"https://hooks.contoso.com/a{odd}b")


def test_loopback_is_for_development_only() -> None:
    rules = CallbackRules(("127.0.0.1",), allow_loopback=True)

    assert rules.why_not("http://127.0.0.1:8000/") == ""
    assert rules.why_not_there(["127.0.0.1"]) == ""
    assert rules.why_not_there(["10.1.2.3"])


def test_a_receiver_can_check_the_signature_with_what_it_was_sent() -> None:
    header = signature(Secret("key"), NOW, b'{"id": 1}')

    sent = dict(part.split("=", 1) for part in header.split(","))
    expected = hmac.new(b"key", f"{sent['t']}.".encode() + b'{"id": 1}', hashlib.sha256)
    assert sent["v1"] == expected.hexdigest()
    assert int(sent["t"]) == int(NOW.timestamp())


def test_the_signature_is_over_moment_and_body() -> None:
    one = signature(Secret("key"), NOW, b"{}")

    assert one != signature(Secret("key"), NOW + timedelta(seconds=1), b"{}")
    assert one.split("v1=")[1] != signature(Secret("key"), NOW, b"{ }").split("v1=")[1]
    assert one.split("v1=")[1] != signature(Secret("other"), NOW, b"{}").split("v1=")[1]


def test_a_callback_that_is_taken_is_over() -> None:
    callback = Callback("https://hooks.contoso.com/").tried(BUSY, NOW).tried(TAKEN, NOW)

    assert (callback.status, callback.tries) == (CallbackStatus.DELIVERED, 2)
    assert callback.ended_at == NOW


def test_a_final_no_is_not_asked_again() -> None:
    assert Callback("u").tried(GONE, NOW).status is CallbackStatus.FAILED


def test_a_server_that_is_never_there_is_given_up_with_its_reason() -> None:
    callback, pauses = Callback("u"), []
    while callback.is_open:
        callback = callback.tried(BUSY, NOW)
        pauses.append(callback.pause(timedelta(seconds=30)))

    assert (callback.status, callback.tries, callback.reason) == (
        CallbackStatus.FAILED,
        TRIES,
        "busy",
    )
    assert pauses == sorted(pauses)
    assert timedelta(hours=3) < sum(pauses, timedelta()) < timedelta(days=1)

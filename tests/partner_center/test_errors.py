from typing import Any

import httpx
import pytest

from shared.domain.errors import (
    AgreementMissing,
    ChangedMeanwhile,
    CustomerNotFound,
    OfferNotFound,
    OutcomeUnknown,
    RemoteRefused,
    RemoteUnavailable,
    SeatkeeperError,
    SignInRefused,
    SubscriptionNotFound,
)
from shared.domain.ids import CustomerId, SubscriptionId
from shared.partner_center.calls import SignIn
from shared.partner_center.client import PartnerCenterClient, open_partner_center
from shared.partner_center.errors import read_fault
from shared.transport.http import open_http
from tests.identity.northwind import QUICK

CUSTOMER = CustomerId("7d1c7a52-0c3e-4a52-9f57-3a6d2b7be111")
SUBSCRIPTION = SubscriptionId("a4c1340d-6911-4758-bba3-0c4c6007d161")


def a_client(answer: httpx.Response) -> PartnerCenterClient:
    return open_partner_center(
        open_http(transport=httpx.MockTransport(lambda _request: answer)),
        application_id="app",
        sign_in=SignIn(httpx.Auth(), httpx.Auth()),
        price_sheet_sign_in=httpx.Auth(),
        retry=QUICK,
    )


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        pytest.param(404, 60003, CustomerNotFound, id="no such tenant"),
        pytest.param(403, 20002, CustomerNotFound, id="a tenant of somebody else"),
        pytest.param(404, "20003", SubscriptionNotFound, id="no such subscription"),
        pytest.param(404, 400013, OfferNotFound, id="no such product"),
        pytest.param(403, "13605", AgreementMissing, id="no agreement"),
        pytest.param(400, 2055, ChangedMeanwhile, id="a stale etag"),
        pytest.param(412, "", ChangedMeanwhile, id="a precondition"),
        pytest.param(404, 400019, ChangedMeanwhile, id="a stale availability"),
        pytest.param(409, 800082, RemoteUnavailable, id="not ready"),
        pytest.param(409, 900278, RemoteRefused, id="busy for a day"),
        pytest.param(403, 900329, SignInRefused, id="a user is needed"),
        pytest.param(401, 900420, SignInRefused, id="the wrong audience"),
        pytest.param(401, 900421, SignInRefused, id="no second factor"),
        pytest.param(403, 900308, SignInRefused, id="no role"),
        pytest.param(403, 900309, SignInRefused, id="a policy of the customer"),
        pytest.param(400, 800090, RemoteRefused, id="out of the window"),
        pytest.param(400, 2002, RemoteRefused, id="too many seats"),
        pytest.param(500, 800094, RemoteUnavailable, id="a failure while reading"),
    ],
)
async def test_codes_become_errors_that_say_what_happened(
    status: int, code: int | str, error: type[SeatkeeperError]
) -> None:
    body: dict[str, Any] = {
        "code": code,
        "description": "A sentence.",
        "data": [],
        "source": "PartnerFD",
    }

    with pytest.raises(SeatkeeperError) as caught:
        await a_client(httpx.Response(status, json=body)).read(CUSTOMER, SUBSCRIPTION)

    assert type(caught.value) is error


async def test_an_error_says_what_to_do() -> None:
    answer = httpx.Response(400, json={"code": 800090, "description": "It cannot be decreased."})

    with pytest.raises(RemoteRefused) as caught:
        await a_client(answer).read(CUSTOMER, SUBSCRIPTION)

    assert "400 800090" in str(caught.value)
    assert "It cannot be decreased. What to do: `scheduleRenewal`" in str(caught.value)
    assert caught.value.answer.code == "800090"


async def test_a_failure_after_a_change_stays_a_question_whatever_its_code() -> None:
    answer = httpx.Response(500, json={"code": 800094, "description": "It failed."})

    with pytest.raises(OutcomeUnknown):
        await a_client(answer).check_out(CUSTOMER, "cart", "r1")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b'{"code": 800090, "description": "No."}', ("800090", "No."), id="a number"),
        pytest.param(b'{"code": "800090", "message": "No."}', ("800090", "No."), id="a text"),
        pytest.param(b'\xef\xbb\xbf{"code": 1}', ("1", ""), id="after a mark"),
        pytest.param(
            b'{"statusCode": 429, "message": "Wait."}', ("", "Wait."), id="of the gateway"
        ),
        pytest.param(b"<html>", ("", ""), id="a page"),
        pytest.param(b"", ("", ""), id="nothing"),
        pytest.param(b"[]", ("", ""), id="a list"),
    ],
)
def test_faults_are_read_in_every_spelling(content: bytes, fault: tuple[str, str]) -> None:
    assert read_fault(httpx.Response(400, content=content)) == fault


async def test_an_answer_that_cannot_be_read_is_refused_after_a_read() -> None:
    with pytest.raises(RemoteRefused, match="cannot be read"):
        await a_client(httpx.Response(200, text="<html>")).read(CUSTOMER, SUBSCRIPTION)


async def test_an_answer_that_cannot_be_read_is_a_question_after_a_purchase() -> None:
    with pytest.raises(OutcomeUnknown):
        await a_client(httpx.Response(201, text="<html>")).check_out(CUSTOMER, "cart", "r1")


async def test_a_checkout_fails_inside_a_success() -> None:
    body: dict[str, Any] = {
        "orders": [],
        "orderErrors": [{"orderGroupId": "0", "code": 800009, "description": "No"}],
    }

    with pytest.raises(RemoteRefused) as caught:
        await a_client(httpx.Response(201, json=body)).check_out(CUSTOMER, "cart", "r1")

    assert caught.value.answer.code == "800009"


async def test_nothing_of_httpx_is_leaked() -> None:
    def broken(_request: httpx.Request) -> httpx.Response:
        raise httpx.DecodingError("garbled")

    client = open_partner_center(
        open_http(transport=httpx.MockTransport(broken)),
        application_id="app",
        sign_in=SignIn(httpx.Auth(), httpx.Auth()),
        price_sheet_sign_in=httpx.Auth(),
        retry=QUICK,
    )

    with pytest.raises(SeatkeeperError):
        await client.read(CUSTOMER, SUBSCRIPTION)

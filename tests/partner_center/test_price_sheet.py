from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from shared.domain.catalog import BillingPlan, Price, Term
from shared.domain.errors import RemoteUnavailable
from shared.domain.ids import OfferId
from shared.domain.money import Money
from shared.partner_center.calls import SignIn
from shared.partner_center.client import PartnerCenterClient, open_partner_center
from shared.transport.http import open_http
from tests.identity.northwind import QUICK

HEADING = (
    "ProductTitle,ProductId,SkuId,SkuTitle,SkuDescription,TermDuration,BillingPlan,Market,"
    "Currency,UnitPrice,PricingTierRangeMin,EffectiveStartDate,EffectiveEndDate,Segment\r\n"
)


def a_line(**changes: str) -> str:
    fields = {
        "title": '"Business Basic, with ""Teams"""',
        "product": "CFQ7TTC0LH18",
        "sku": "0001",
        "sku_title": "Basic",
        "description": '"Mail,\nfiles and ä"',
        "term": "P1Y",
        "plan": "Monthly",
        "market": "US",
        "currency": "USD",
        "price": "4.80",
        "tier": "",
        "start": "2026-01-01T00:00:00.0000000Z",
        "end": "9999-12-31T23:59:59.9999999Z",
        "segment": "Commercial",
    } | changes
    return ",".join(fields.values()) + "\r\n"


class InPieces(httpx.AsyncByteStream):
    """A body that arrives byte by byte, and may break."""

    def __init__(self, text: str, *, breaks: bool = False) -> None:
        self.body = text.encode("utf-8-sig")
        self.breaks = breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(len(self.body)):
            yield self.body[at : at + 1]
        if self.breaks:
            raise httpx.ReadError("cut")


def a_client(body: httpx.AsyncByteStream) -> PartnerCenterClient:
    def answer(request: httpx.Request) -> httpx.Response:
        assert "deflate" not in request.headers["Accept-Encoding"]
        assert request.url.path.endswith(
            "/sales/pricesheets(Market='US',PricesheetView='updatedlicensebased')/$value"
        )
        return httpx.Response(200, stream=body)

    return open_partner_center(
        open_http(transport=httpx.MockTransport(answer)),
        application_id="app",
        sign_in=SignIn(httpx.Auth(), httpx.Auth()),
        price_sheet_sign_in=httpx.Auth(),
        retry=QUICK,
    )


async def test_a_line_is_the_price_of_one_seat_and_period() -> None:
    prices = await a_client(InPieces(HEADING + a_line())).prices("US")

    assert prices == [
        Price(
            offer=OfferId("CFQ7TTC0LH18:0001"),
            term=Term.YEAR,
            billing=BillingPlan.MONTHLY,
            market="US",
            unit=Money(Decimal("4.80"), "USD"),
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"term": ""}, id="perpetual"),
        pytest.param({"plan": "OneTime"}, id="paid once"),
        pytest.param({"segment": "Education"}, id="for schools"),
        pytest.param({"tier": "100"}, id="for the hundredth seat"),
        pytest.param({"price": "on request"}, id="without a number"),
        pytest.param({"start": ""}, id="without a beginning"),
    ],
)
async def test_other_lines_are_passed_over(changes: dict[str, str]) -> None:
    sheet = HEADING + a_line(**changes) + a_line(price="9.99").rstrip()

    prices = await a_client(InPieces(sheet)).prices("US")

    assert [price.unit.amount for price in prices] == [Decimal("9.99")]


async def test_dates_may_be_written_as_people_do() -> None:
    [price] = await a_client(InPieces(HEADING + a_line(start="9/1/2026", end="10/1/2026"))).prices(
        "US"
    )

    assert price.valid_from == datetime(2026, 9, 1, tzinfo=UTC)
    assert price.valid_until == datetime(2026, 10, 2, tzinfo=UTC), "the last day is sold too"


async def test_a_day_that_is_sold_to_its_last_second_leaves_no_hole_before_the_next() -> None:
    sheet = HEADING + a_line(end="2026-06-30T23:59:59.0000000Z")

    [price] = await a_client(InPieces(sheet)).prices("US")

    assert price.valid_until == datetime(2026, 7, 1, tzinfo=UTC)


async def test_half_a_sheet_is_none() -> None:
    with pytest.raises(RemoteUnavailable):
        await a_client(InPieces(HEADING + a_line(), breaks=True)).prices("US")

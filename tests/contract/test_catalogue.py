"""What is for sale, and what the catalogue says of what it does not have."""

import pytest

from tests.contract.caller import code_of
from tests.contract.sandbox import BASIC, Sandbox

VIEW = "/v1/products?country=US&targetView="
MISSING = [
    ("/v1/products/NOTHING?country=US", 400013),
    (f"/v1/products/{BASIC}/skus/9999?country=US", 400018),
    (f"/v1/products/{BASIC}/skus/0001/availabilities/NOTHING?country=US", 400019),
]


@pytest.mark.case(40)
@pytest.mark.parametrize(("path", "code"), MISSING)
async def test_says_what_is_missing(sandbox: Sandbox, path: str, code: int) -> None:
    assert code_of(await sandbox.call("GET", path)) == (404, str(code))


@pytest.mark.case(41)
@pytest.mark.parametrize(
    ("query", "code"),
    [("Nonsense", 400036), ("OnlineServices&targetSegment=pirates", 400030)],
)
async def test_a_view_and_a_segment_must_be_known(sandbox: Sandbox, query: str, code: int) -> None:
    assert code_of(await sandbox.call("GET", f"{VIEW}{query}")) == (403, str(code))


@pytest.mark.case(43)
async def test_what_is_bought_is_product_sku_and_availability(sandbox: Sandbox) -> None:
    path = f"/v1/products/{BASIC}/skus/0001/availabilities?country=US"

    found = (await sandbox.get(path))["items"]

    assert found
    for one in found:
        assert one["catalogItemId"] == f"{BASIC}:0001:{one['id']}"


@pytest.mark.case(46)
async def test_an_id_of_the_new_commerce_is_no_offer(sandbox: Sandbox) -> None:
    answer = await sandbox.call("GET", f"/v1/offers/{BASIC}?country=US")

    assert code_of(answer) == (400, "2100")

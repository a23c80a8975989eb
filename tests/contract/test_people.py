"""Licence counts and who holds what."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from tests.contract.caller import Json
from tests.contract.sandbox import Sandbox


@pytest.fixture
async def ada(sandbox: Sandbox) -> AsyncIterator[str]:
    """The path of somebody who is there for one test."""
    domain = (await sandbox.get(sandbox.customer))["companyProfile"]["domain"]
    body = {
        "usageLocation": "US",
        "userPrincipalName": f"ada{uuid4().hex[:8]}@{domain}",
        "displayName": "Ada Moss",
        "passwordProfile": {"password": "Kq7!mVz2#rLw", "forceChangePassword": True},
        "attributes": {"objectType": "CustomerUser"},
    }
    made = await sandbox.call("POST", f"{sandbox.customer}/users", body, user=True)
    path = f"{sandbox.customer}/users/{made.raise_for_status().json()['id']}"
    yield path
    await sandbox.call("DELETE", path, user=True)


async def counts(sandbox: Sandbox) -> Json:
    """Of the SKU that was bought."""
    rows = (await sandbox.get(f"{sandbox.customer}/subscribedskus", user=True))["items"]
    return next(one for one in rows if one["productSku"]["skuPartNumber"].startswith("O365_BUS"))


@pytest.mark.case(86)
async def test_licence_counts_add_up(sandbox: Sandbox) -> None:
    await sandbox.buy(2)

    row = await counts(sandbox)

    assert row["availableUnits"] == row["totalUnits"] - row["consumedUnits"]
    assert row["totalUnits"] == row["activeUnits"] + row["warningUnits"]
    assert "targetUnits" not in row


@pytest.mark.case(88)
async def test_a_licence_is_taken_from_those_that_are_free(sandbox: Sandbox, ada: str) -> None:
    await sandbox.buy(2)
    before = await counts(sandbox)
    wish = {"licensesToAssign": [{"skuId": before["productSku"]["id"], "excludedPlans": None}]}

    given = await sandbox.call("POST", f"{ada}/licenseupdates", wish, user=True)
    after = await counts(sandbox)

    assert given.status_code == 201
    assert after["consumedUnits"] == before["consumedUnits"] + 1
    assert after["availableUnits"] == before["availableUnits"] - 1


@pytest.mark.case(92)
async def test_deleted_people_are_not_listed(sandbox: Sandbox, ada: str) -> None:
    path = f"{sandbox.customer}/users"
    before = (await sandbox.get(path, user=True))["items"]

    await sandbox.call("DELETE", ada, user=True)
    after = (await sandbox.get(path, user=True))["items"]

    assert ada.rpartition("/")[2] in {one["id"] for one in before}
    assert ada.rpartition("/")[2] not in {one["id"] for one in after}

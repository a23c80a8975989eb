"""A night does not switch to and fro for ever what somebody wants otherwise."""

import logging

import pytest

from tests.changing import held, patches
from tests.everyday import a_night
from tests.outside import edit, enforce, entries
from tests.portal import Json, Portal, Seatkeeper


async def test_what_was_put_back_three_times_in_a_week_is_left_and_somebody_is_told(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, caplog: pytest.LogCaptureFixture
) -> None:
    # Given nights that put a name back, and somebody who gives it another one each day
    caplog.set_level(logging.INFO)
    ours = held(seatkeeper, customer).friendly_name
    await enforce(portal, customer, "name")
    before = patches(seatkeeper)
    for _ in range(4):
        await edit(seatkeeper, customer, friendlyName="Theirs")
        await a_night(seatkeeper, portal, days=1)

    # Then the fourth night leaves it, says why, and calls somebody
    assert (held(seatkeeper, customer).friendly_name, patches(seatkeeper)) == ("Theirs", before + 3)
    found = await entries(portal, customer)
    assert [entry["state"] for entry in found] == ["enforced"] * 3 + ["open"]
    assert "three times" in found[-1]["reason"]
    [told] = [line for line in caplog.messages if line.startswith("event: drift-contested")]
    assert f"subject={customer['subscription']} what=name" in told

    # And it is put back again once the week is over
    await a_night(seatkeeper, portal, days=5)
    assert held(seatkeeper, customer).friendly_name == ours

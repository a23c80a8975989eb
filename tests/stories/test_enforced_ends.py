"""How a term was to end comes back as it was chosen, and nothing is chosen for anybody."""

import pytest

from tests.changing import change, held, let_it_speak_of_ends, patches
from tests.everyday import a_night
from tests.outside import edit, enforce, entries, look, rename, standing
from tests.portal import Json, Portal, Seatkeeper


@pytest.fixture
async def spoken(seatkeeper: Seatkeeper, customer: Json) -> Json:
    """A customer whose connection tells Microsoft how terms end."""
    seatkeeper.world.switches.update({"est.enabled": True})
    await let_it_speak_of_ends(seatkeeper)
    return customer


def ending(seatkeeper: Seatkeeper, customer: Json) -> tuple[bool, list[str]]:
    found = held(seatkeeper, customer)
    return found.auto_renew, [a["actionType"] for a in found.scheduled_actions or []]


async def switch_on(seatkeeper: Seatkeeper, customer: Json) -> None:
    """As somebody does who wants it to renew."""
    await edit(seatkeeper, customer, autoRenewEnabled=True, scheduledActions=[])


async def test_a_term_that_was_to_end_is_to_end_again_by_one_change(
    seatkeeper: Seatkeeper, portal: Portal, spoken: Json
) -> None:
    # Given a term that ends by our word, and somebody who lets it renew
    await change(portal, spoken, kind="setEndOfTerm", intent="cancel")
    await enforce(portal, spoken, "autoRenew")
    await switch_on(seatkeeper, spoken)

    # When the night enforces auto-renew, and nothing else
    before = patches(seatkeeper)
    await a_night(seatkeeper, portal, days=1)
    await a_night(seatkeeper, portal, days=1)

    # Then it ends with its term, said once, and both entries of it say who did so
    assert ending(seatkeeper, spoken) == (False, ["Cancel"])
    assert patches(seatkeeper) == before + 1
    told = await standing(portal, spoken)
    assert sorted(told) == [("autoRenew", "enforced", "timer"), ("endOfTerm", "enforced", "timer")]


async def test_an_extended_term_comes_back_where_somebody_had_chosen_it(
    seatkeeper: Seatkeeper, portal: Portal, spoken: Json
) -> None:
    await change(portal, spoken, kind="setEndOfTerm", intent="extend")
    await enforce(portal, spoken, "autoRenew", "endOfTerm")
    await switch_on(seatkeeper, spoken)

    await a_night(seatkeeper, portal, days=1)

    assert ending(seatkeeper, spoken) == (False, ["RenewToExtendedServiceTerm"])


async def test_an_extended_term_that_nobody_here_chose_is_not_put_back(
    seatkeeper: Seatkeeper, portal: Portal, spoken: Json
) -> None:
    # Given a renewal that is off by a rule that adopts it, where Microsoft fills in what follows
    adopts = {"mode": "report", "drift": {"autoRenew": "adopt", "endOfTerm": "adopt"}}
    await portal.put(f"customers/{spoken['id']}/policy", adopts)
    extends = [{"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}]
    await edit(seatkeeper, spoken, autoRenewEnabled=False, scheduledActions=extends)
    await look(portal, spoken)
    await enforce(portal, spoken, "autoRenew", "endOfTerm")

    # When somebody switches it on, and the night enforces ends of terms
    await switch_on(seatkeeper, spoken)
    before = patches(seatkeeper)
    await a_night(seatkeeper, portal, days=1)

    # Then no extended term is chosen for anybody, and the entries say why
    assert (ending(seatkeeper, spoken), patches(seatkeeper)) == ((True, []), before)
    open_ = [e for e in await entries(portal, spoken) if e["state"] == "open"]
    assert {e["what"] for e in open_} == {"autoRenew", "endOfTerm"}
    assert all("nobody had said" in entry["reason"] for entry in open_)


async def test_where_nobody_had_said_how_it_ends_nothing_is_said_by_the_night(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a renewal that was off without a word, which somebody switches on
    await change(portal, customer, kind="setEndOfTerm", intent="extend")
    await enforce(portal, customer, "autoRenew")
    await switch_on(seatkeeper, customer)

    # When the night enforces auto-renew
    before = patches(seatkeeper)
    await a_night(seatkeeper, portal, days=1)

    # Then it sends no extended term that costs money, and says why
    assert (ending(seatkeeper, customer), patches(seatkeeper)) == ((True, []), before)
    [entry] = await entries(portal, customer)
    assert (entry["state"], "nobody had said" in entry["reason"]) == ("open", True)


async def test_an_end_that_was_decided_here_since_stays(
    seatkeeper: Seatkeeper, portal: Portal, spoken: Json
) -> None:
    # Given a renewal that somebody switched off, and an operator who then ends the term here
    await edit(seatkeeper, spoken, autoRenewEnabled=False)
    await look(portal, spoken)
    await change(portal, spoken, kind="setEndOfTerm", intent="cancel")
    await enforce(portal, spoken, "autoRenew")

    # When the night enforces auto-renew
    await a_night(seatkeeper, portal, days=1)

    # Then the operator's word stands
    assert ending(seatkeeper, spoken) == (False, ["Cancel"])
    [entry] = await entries(portal, spoken)
    assert (entry["state"], "again since" in entry["reason"]) == ("open", True)


async def test_what_was_adopted_of_a_change_is_not_brought_back_with_the_rest(
    seatkeeper: Seatkeeper, portal: Portal, spoken: Json
) -> None:
    # Given a term that ends by our word, let renew by somebody, and the lost word adopted
    await change(portal, spoken, kind="setEndOfTerm", intent="cancel")
    await switch_on(seatkeeper, spoken)
    await look(portal, spoken)
    for entry in await entries(portal, spoken):
        if entry["what"] == "endOfTerm":
            await portal.post(f"customers/{spoken['id']}/drift/{entry['id']}/adopt", key="")
    await enforce(portal, spoken, "autoRenew", "endOfTerm")

    # When the night enforces auto-renew
    await a_night(seatkeeper, portal, days=1)

    # Then nobody knows how it shall end, and nothing is sent
    assert ending(seatkeeper, spoken) == (True, [])
    assert min(await standing(portal, spoken))[:2] == ("autoRenew", "open")


async def test_two_names_of_others_are_one_way_back(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given two foreign names after each other that nobody decided about
    ours = held(seatkeeper, customer).friendly_name
    await rename(seatkeeper, portal, customer, "Theirs", "Theirs again")
    await enforce(portal, customer, "name")

    # When the night enforces names
    before = patches(seatkeeper)
    await a_night(seatkeeper, portal, days=1)

    # Then ours comes back at once
    assert (held(seatkeeper, customer).friendly_name, patches(seatkeeper)) == (ours, before + 1)
    assert await standing(portal, customer) == [("name", "enforced", "timer")] * 2

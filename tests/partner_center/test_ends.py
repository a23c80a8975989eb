"""What Microsoft says of a subscription's end and next term, in our words."""

from typing import Any

import pytest

from shared.domain.subscriptions import EndOfTerm, Subscription
from shared.partner_center._wire_subscriptions import WireSubscription
from tests.partner_center.test_changes import CUSTOMER, DOCUMENT, PRODUCT

OTHER = PRODUCT | {"productId": "CFQ7TTC0LCHC", "skuId": "0002"}


def read(**fields: Any) -> Subscription:
    found = WireSubscription.model_validate(DOCUMENT | fields).to_domain(CUSTOMER)
    assert found is not None
    return found


def action(kind: str, when: str = "TermEnd") -> list[dict[str, Any]]:
    return [{"scheduleType": when, "actionType": kind}]


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        pytest.param(action("Cancel"), EndOfTerm.CANCEL, id="an end"),
        pytest.param(action("RenewToNewTerm"), EndOfTerm.RENEW, id="a renewal"),
        pytest.param(action("RenewToExtendedServiceTerm"), EndOfTerm.EXTEND, id="an extended term"),
    ],
)
def test_what_the_end_of_a_term_is_told_has_our_word(actions: Any, said: EndOfTerm) -> None:
    found = read(scheduledActions=actions)

    assert (found.end_of_term, found.other_end) == (said, "")
    assert found.is_ending is (said is EndOfTerm.CANCEL)


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        pytest.param(action("Cancel", "CustomDate"), "customdate cancel", id="on a day of its own"),
        pytest.param(action("Pause"), "termend pause", id="what nobody knows"),
        pytest.param([{}], "unnamed", id="without a word"),
    ],
)
def test_an_end_that_we_have_no_word_for_is_an_end(actions: Any, words: str) -> None:
    found = read(scheduledActions=actions)

    assert (found.end_of_term, found.other_end, found.is_ending) == (None, words, True)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"scheduledActions": action("Transition")}, id="by an action"),
        pytest.param(
            {"scheduledNextTermInstructions": {"product": OTHER, "quantity": 15}}, id="by schedule"
        ),
        pytest.param(
            {
                "scheduledNextTermInstructions": {
                    "product": OTHER | {"termDuration": "P7Y"},
                    "quantity": 15,
                }
            },
            id="by a schedule of an unknown term",
        ),
    ],
)
def test_another_product_in_the_next_term_is_known_as_one(fields: dict[str, Any]) -> None:
    found = read(**fields)

    assert found.is_converting
    assert not found.is_ending


def test_a_longer_term_of_the_same_product_goes_on_as_what_it_is() -> None:
    longer = PRODUCT | {"termDuration": "P3Y", "productId": PRODUCT["productId"].lower()}

    assert not read(scheduledNextTermInstructions={"product": longer, "quantity": 15}).is_converting

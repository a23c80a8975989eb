"""What Microsoft says of a subscription's end, next term and windows, in our words."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.subscriptions import EndOfTerm, Subscription
from shared.partner_center._wire_subscriptions import WireSubscription
from tests.builders import NOW
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


@pytest.mark.parametrize(
    ("total", "now", "in_two_days"),
    [
        pytest.param({}, 10, 5, id="none"),
        pytest.param({"totalQuantity": 10}, 10, 5, id="the same"),
        pytest.param({"totalQuantity": 12}, 10, 5, id="more"),
        pytest.param({"totalQuantity": 6}, 6, 5, id="less"),
        pytest.param({"totalQuantity": 1}, 1, 1, id="less than the last one"),
        pytest.param({"totalQuantity": 0}, 0, 0, id="nothing"),
    ],
)
def test_of_a_total_and_its_lots_the_smaller_one_may_go_back(
    total: dict[str, int], now: int, in_two_days: int
) -> None:
    details = [
        {"quantity": 5, "allowedUntilDateTime": f"{NOW + timedelta(days=away):%Y-%m-%dT%H:%M:%SZ}"}
        for away in (1, 6)
    ]

    found = read(refundableQuantity={**total, "details": details})

    assert found.refundable_seats(NOW) == now
    assert found.refundable_seats(NOW + timedelta(days=2)) == in_two_days

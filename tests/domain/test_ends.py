"""Whose word the end of a term is, and for how long it holds."""

from dataclasses import replace

import pytest

from shared.domain.ends import ChosenEnd, choice_of, held_end
from shared.domain.history import ChangeRecord, Origin, snapshot_of
from shared.domain.subscriptions import EndOfTerm, Subscription
from tests.builders import NOW, a_subscription, days

RENEW, CANCEL, EXTEND = EndOfTerm.RENEW, EndOfTerm.CANCEL, EndOfTerm.EXTEND


def a_record(
    after: Subscription, *, kind: str = "setEndOfTerm", is_choice: bool = True
) -> ChangeRecord:
    return ChangeRecord(
        id="change-1",
        customer_id=after.customer_id,
        subscription_id=after.id,
        kind=kind,
        origin=Origin.SEATKEEPER,
        requested_by="ada",
        at=NOW,
        after=snapshot_of(after),
        is_choice=is_choice,
    )


def chosen(intent: EndOfTerm) -> ChosenEnd:
    held = a_subscription()
    return ChosenEnd(held.customer_id, held.id, intent, held.ends_at, NOW, "ada")


@pytest.mark.parametrize(
    ("auto_renew", "said", "held"),
    [
        pytest.param(True, None, RENEW, id="auto-renew renews"),
        pytest.param(False, None, EXTEND, id="auto-renew off alone is extended"),
        pytest.param(False, CANCEL, CANCEL, id="what was said in so many words holds"),
    ],
)
def test_what_microsoft_holds(auto_renew: bool, said: EndOfTerm | None, held: EndOfTerm) -> None:
    subscription = replace(a_subscription(auto_renew=auto_renew), end_of_term=said)

    assert held_end(subscription) is held


@pytest.mark.parametrize(
    ("record", "intent"),
    [
        pytest.param(a_record(a_subscription()), RENEW, id="to renew"),
        pytest.param(a_record(a_subscription(auto_renew=False)), EXTEND, id="auto-renew off alone"),
        pytest.param(
            a_record(replace(a_subscription(auto_renew=False), end_of_term=CANCEL)),
            CANCEL,
            id="to cancel",
        ),
        pytest.param(
            a_record(a_subscription(auto_renew=False), kind="bought"),
            RENEW,
            id="bought to renew, which Microsoft does not say yet",
        ),
    ],
)
def test_what_somebody_asked_for_is_their_choice(record: ChangeRecord, intent: EndOfTerm) -> None:
    found = choice_of(record)

    assert found is not None
    assert (found.intent, found.by, found.at) == (intent, "ada", NOW)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_record(a_subscription(), is_choice=False), id="a baseline or a policy"),
        pytest.param(a_record(a_subscription(), kind="rename"), id="another change"),
        pytest.param(replace(a_record(a_subscription()), after=None), id="one without an end"),
    ],
)
def test_what_nobody_asked_for_is_no_choice(record: ChangeRecord) -> None:
    assert choice_of(record) is None


@pytest.mark.parametrize(("intent", "holds"), [(RENEW, True), (EXTEND, True), (CANCEL, False)])
def test_to_cancel_is_said_of_one_term_and_to_go_on_of_all_that_follow(
    intent: EndOfTerm, *, holds: bool
) -> None:
    this = a_subscription()
    following = replace(this, ends_at=this.ends_at + days(31))

    assert chosen(intent).holds_for(this)
    assert chosen(intent).holds_for(following) is holds

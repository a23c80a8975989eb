"""A change past us that brings back what was there before undoes others; any other is one more."""

from dataclasses import replace

from shared.domain.drift import (
    READING,
    DriftEntry,
    DriftField,
    DriftRules,
    DriftState,
)
from shared.domain.drift_folds import Told, chains_of, is_contested, undone_by
from shared.domain.history import snapshot_of
from shared.domain.subscription_drift import end_of, of_record, value_of
from shared.domain.subscriptions import EndOfTerm, Subscription
from tests.builders import CONTOSO, NOW, a_subscription, days
from tests.domain.test_subscription_drift import a_record

A, B, C = (replace(a_subscription(), name=name) for name in "ABC")
NAME, END = DriftField.NAME, DriftField.END_OF_TERM


def moved(before: Subscription, after: Subscription) -> Told:
    record = a_record(before, after)
    entries = tuple(of_record(DriftRules(CONTOSO), record))
    return Told(record, snapshot_of(before), snapshot_of(after), entries)


def ends(*, renews: bool, said: EndOfTerm | None = None) -> Subscription:
    return replace(a_subscription(auto_renew=renews), end_of_term=said)


def test_what_brings_the_value_before_back_undoes_the_change() -> None:
    away = moved(A, B)

    assert list(undone_by(a_record(B, A), NAME, [away])) == list(away.entries)
    assert not undone_by(a_record(B, C), NAME, [away])
    assert not undone_by(a_record(B, A), NAME, [])


def test_what_goes_back_over_several_changes_undoes_them_all() -> None:
    first, second = moved(A, B), moved(B, C)

    undone = undone_by(a_record(C, A), NAME, [second, first])
    one_step = undone_by(a_record(C, B), NAME, [second, first])

    assert list(undone) == [*second.entries, *first.entries]
    assert list(one_step) == list(second.entries)


def test_a_change_that_began_elsewhere_undoes_nothing() -> None:
    """Somebody here has changed it in between."""
    assert not undone_by(a_record(C, A), NAME, [moved(A, B)])


def test_changes_that_follow_one_another_are_one_way_back_and_others_are_not() -> None:
    first, second, apart = moved(A, B), moved(B, C), moved(replace(A, name="D"), B)

    [chain] = chains_of(NAME, [second, first])
    parted = chains_of(NAME, [second, replace(apart, after=snapshot_of(A))])

    assert (chain.before.name, chain.after.name, len(chain.entries)) == ("A", "C", 2)
    assert chain.stands_before(snapshot_of(A))
    assert chain.stands_after(snapshot_of(C))
    assert [(one.before.name, one.after.name) for one in parted] == [("B", "C"), ("D", "A")]


def test_what_was_adopted_of_a_change_does_not_come_back() -> None:
    ending, renewing = ends(renews=False, said=EndOfTerm.CANCEL), ends(renews=True)
    told = replace(moved(ending, renewing), adopted=frozenset({"end_of_term"}))

    [chain] = chains_of(END, [told])

    assert (chain.before.auto_renew, end_of(chain.before)) == (False, None)


def test_auto_renew_and_the_end_of_the_term_are_one_thing() -> None:
    said, unsaid = ends(renews=True, said=EndOfTerm.RENEW), ends(renews=True)
    off = ends(renews=False)
    away = moved(said, off)

    undone = undone_by(a_record(off, unsaid), END, [away])

    assert {entry.what for entry in undone} == {DriftField.AUTO_RENEW, DriftField.END_OF_TERM}
    assert not undone_by(a_record(off, ends(renews=False, said=EndOfTerm.CANCEL)), END, [away])


def test_how_a_term_was_to_end_is_known_only_where_it_was_said() -> None:
    def known(found: Subscription) -> EndOfTerm | None:
        return end_of(snapshot_of(found))

    assert known(ends(renews=True)) is EndOfTerm.RENEW
    assert known(ends(renews=False)) is None
    assert known(ends(renews=False, said=EndOfTerm.CANCEL)) is EndOfTerm.CANCEL
    assert known(ends(renews=False, said=EndOfTerm.EXTEND)) is EndOfTerm.EXTEND
    assert known(ends(renews=True, said=EndOfTerm.CANCEL)) is None


def test_an_extension_that_microsoft_fills_in_by_itself_is_no_other_end() -> None:
    unsaid, filled = ends(renews=False), ends(renews=False, said=EndOfTerm.EXTEND)

    assert value_of(snapshot_of(unsaid), END) == value_of(snapshot_of(filled), END)
    assert undone_by(a_record(filled, ends(renews=True)), END, [moved(ends(renews=True), unsaid)])


def test_an_entry_is_undone_by_one_change_only_and_a_decision_stays() -> None:
    [entry] = moved(A, B).entries

    def decided(state: DriftState, by: str) -> DriftEntry:
        return entry.decided(state, by, NOW)

    assert entry.may_be_undone_by("back")
    assert decided(DriftState.RESOLVED, "ada").may_be_undone_by("back")
    assert not decided(DriftState.RESOLVED, READING).may_be_undone_by("back")
    assert not decided(DriftState.ADOPTED, "ada").may_be_undone_by("back")
    assert not decided(DriftState.ENFORCED, "timer").may_be_undone_by("back")
    assert replace(entry, undone_by="back").may_be_undone_by("back")
    assert not replace(entry, undone_by="back").may_be_undone_by("again")


def test_what_is_put_back_three_times_within_seven_days_is_contested() -> None:
    def put_back(*days_ago: float) -> list[DriftEntry]:
        [entry] = moved(A, B).entries
        return [entry.decided(DriftState.ENFORCED, "timer", NOW - days(ago)) for ago in days_ago]

    def contested(entries: list[DriftEntry], aspect: DriftField = NAME) -> bool:
        return is_contested(entries, "sub-1", aspect, NOW)

    assert contested(put_back(1, 2, 3))
    assert not contested(put_back(1, 2, 8))
    assert not contested(put_back(1, 1, 2)), "of one moment they are one"
    assert not contested(put_back(1, 2, 3), END)
    assert not is_contested(put_back(1, 2, 3), "sub-2", NAME, NOW)

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.lots import LotLedger
from shared.domain.subscriptions import REFUND_WINDOW, WINDOW_MARGIN, Lot
from tests.builders import NOW, days

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("raise"), st.integers(1, 20)),
        st.tuples(st.just("lower"), st.integers(1, 20)),
        st.tuples(st.just("hours"), st.integers(1, 200)),
        st.tuples(st.just("renew"), st.integers(1, 20)),
        st.tuples(st.just("read"), st.just(0)),
    ),
    max_size=30,
)


@dataclass
class SingleSeats:
    """The other model: every seat has its own deadline, and any order may be Microsoft's."""

    draw: st.DataObject
    now: datetime = NOW
    deadlines: list[datetime] = field(default_factory=list)

    def open(self) -> list[datetime]:
        return [d for d in self.deadlines if self.now <= d]

    def lower(self, seats: int) -> None:
        for _ in range(seats):
            self.deadlines.remove(self.draw.draw(st.sampled_from(sorted(self.open()))))

    def told(self) -> list[Lot]:
        found = self.open()
        return [Lot(found.count(d), d) for d in sorted(set(found))]


def step(ledger: LotLedger, seats: SingleSeats, name: str, value: int) -> LotLedger:
    if name == "hours":
        seats.now += timedelta(hours=value)
        return ledger
    if name == "raise":
        seats.deadlines += [seats.now + REFUND_WINDOW] * value
        return ledger.added(value, seats.now)
    if name == "renew":
        seats.deadlines = [seats.now + REFUND_WINDOW] * value
        return ledger.renewed(value, seats.now)
    if name == "read":
        return ledger.reconciled(seats.told(), seats.now)
    taken = min(value, len(seats.open()))
    seats.lower(taken)
    return ledger.lowered(taken, seats.now)


@given(st.data(), STEPS)
def test_what_is_open_lies_between_what_is_certain_and_what_is_possible(
    data: st.DataObject, steps: list[tuple[str, int]]
) -> None:
    seats, ledger = SingleSeats(data), LotLedger()

    for name, value in steps:
        ledger = step(ledger, seats, name, value)

        assert ledger.certain(seats.now) <= len(seats.open()) <= ledger.possible(seats.now)


@given(st.data(), STEPS)
def test_a_reading_leaves_nothing_but_the_margin_in_doubt(
    data: st.DataObject, steps: list[tuple[str, int]]
) -> None:
    seats, ledger = SingleSeats(data), LotLedger()
    for name, value in steps:
        ledger = step(ledger, seats, name, value)

    ledger = ledger.reconciled(seats.told(), seats.now)

    closing = [d for d in seats.open() if d < seats.now + WINDOW_MARGIN]
    assert ledger.possible(seats.now) == len(seats.open())
    assert ledger.certain(seats.now) == len(seats.open()) - len(closing)


def test_every_lot_has_its_own_week() -> None:
    ledger = LotLedger().added(10, NOW).added(5, NOW + days(2))

    assert ledger.certain(NOW + days(3)) == 15
    assert ledger.certain(NOW + days(8)) == 5
    assert ledger.certain(NOW + days(9.1)) == 0


def test_the_last_minutes_of_a_window_are_not_counted_on() -> None:
    ledger = LotLedger().added(10, NOW)

    assert ledger.certain(NOW + REFUND_WINDOW - timedelta(minutes=14)) == 0
    assert ledger.possible(NOW + REFUND_WINDOW - timedelta(minutes=14)) == 10


def test_a_closed_window_is_remembered_for_the_sentence_that_says_so() -> None:
    ledger = LotLedger().added(10, NOW).reconciled([], NOW + days(30))

    assert ledger.last_deadline(NOW + days(30)) == NOW + REFUND_WINDOW

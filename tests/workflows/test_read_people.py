"""A customer's people are counted once, in whatever order and however often they are told.

The directory tells people in any order, some of them twice, and forgets where a reader stands; the
reader dies at any write, before or after it; two deliveries read at the same time.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.drift import DriftEntry, DriftRules
from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.ids import BatchId, CustomerId, PlanId, SkuId
from shared.domain.mirror import MirroredUser, SyncState, UserNews
from shared.domain.plans import UserPlan
from shared.domain.spells import Settled, Spell, Touch, open_spell
from shared.workflows.ports import PEOPLE_WRITES, Page, PeoplePage
from shared.workflows.read_people import Round
from tests.builders import CONTOSO, E3, E5, NOW, days

SKUS = (E3, E5)
PLANS = (UserPlan(PlanId("three"), "", E3), UserPlan(PlanId("five"), "", E5))


class Died(BaseException):
    """The host is gone: nothing of ours may catch it."""


@dataclass
class Entra:
    """A directory that keeps Microsoft's promises about delta, and no others."""

    chance: Random
    people: dict[str, frozenset[SkuId]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    places: dict[str, tuple[list[str], int]] = field(default_factory=dict)
    forgets: bool = True

    def changes(self) -> None:
        """Somebody comes, goes, or is licensed anew."""
        id_ = f"user-{self.chance.randrange(12)}"
        if id_ in self.people and self.chance.random() < 0.3:
            del self.people[id_]
        else:
            self.people[id_] = frozenset(s for s in SKUS if self.chance.random() < 0.5)
        self.log.append(id_)

    async def news_of_people(self, address: str) -> PeoplePage:
        if address and self.forgets and self.chance.random() < 0.1:
            return PeoplePage(expired=True)
        due, since = self.places[address] if address else (list(self.people), len(self.log))
        if address.startswith("link"):
            due, since = self.log[since:], len(self.log)
        if address == "" or address.startswith("link"):
            due = [*dict.fromkeys(due), *self.chance.choices(due, k=2)] if due else []
            self.chance.shuffle(due)
        size = self.chance.randrange(1, 4)
        here, left = due[:size], due[size:]
        name = f"{'page' if left else 'link'}-{len(self.places)}"
        self.places[name] = (left, since)
        news = tuple(self._told(id_) for id_ in here)
        return PeoplePage(news, name, "") if left else PeoplePage(news, "", name)

    def _told(self, id_: str) -> UserNews:
        if id_ not in self.people:
            return UserNews(id_, is_gone=True)
        return UserNews(id_, direct=dict.fromkeys(sorted(self.people[id_]), ()))


@dataclass
class Rows:
    """The mirror's promise: rows and state change together, or not at all."""

    chance: Random
    kept: SyncState = field(default_factory=lambda: SyncState(CONTOSO))
    rows: dict[str, MirroredUser] = field(default_factory=dict)
    ended: list[Spell] = field(default_factory=list)
    drift: list[DriftEntry] = field(default_factory=list)
    touched: dict[str, Touch] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """About whom somebody wanted to know whether we have worked on them."""
    kills: bool = True

    async def state(self, _customer: CustomerId) -> SyncState:
        return self.kept

    async def known(self, _customer: CustomerId, ids: Sequence[str]) -> Mapping[str, MirroredUser]:
        await asyncio.sleep(0)
        return {id_: self.rows[id_] for id_ in ids if id_ in self.rows}

    async def page(self, _customer: CustomerId, cursor: str | None, _size: int) -> Page[Any]:
        left = [id_ for id_ in sorted(self.rows) if id_ > (cursor or "")]
        return Page([self.rows[id_] for id_ in left[:2]], left[1] if len(left) > 2 else None)

    async def save(
        self, state: SyncState, settled: Settled | None = None, *, new: bool = False
    ) -> SyncState:
        fate = self.chance.random() if self.kills else 1
        await asyncio.sleep(0)
        if fate < 0.1:
            raise Died
        if state.etag != self.kept.etag:
            raise ChangedMeanwhile("Somebody else was first.")
        moves = settled.moves if settled is not None else ()
        if new and any(move.after and move.after.id in self.rows for move in moves):
            raise AlreadyExists("Somebody is on record already.")
        self.kept = replace(state, etag=str(int(self.kept.etag or 0) + 1))
        self._take(settled or Settled())
        if fate < 0.2:
            raise Died
        return self.kept

    def _take(self, settled: Settled) -> None:
        assert settled.writes <= PEOPLE_WRITES
        self.ended += settled.ended
        self.drift += settled.drift
        for move in settled.moves:
            if move.after is not None:
                self.rows[move.after.id] = move.after
            elif move.before is not None:
                del self.rows[move.before.id]

    async def spells(
        self, _customer: CustomerId, _since: datetime, _cursor: str | None, _size: int
    ) -> Page[Sequence[Spell]]:
        going_on = (open_spell(user) for user in self.rows.values())
        spells = [*self.ended, *(spell for spell in going_on if spell is not None)]
        whose = sorted({spell.user_id for spell in spells})
        return Page([[s for s in spells if s.user_id == one] for one in whose], None)

    async def note_ours(
        self, _customer: CustomerId, _batch: BatchId, _ids: Sequence[str], _at: datetime
    ) -> None:
        raise AssertionError("nobody of ours works here")

    async def touches(self, _customer: CustomerId, ids: Sequence[str]) -> Mapping[str, Touch]:
        self.asked += ids
        return {id_: self.touched[id_] for id_ in ids if id_ in self.touched}

    async def note_given(
        self, _customer: CustomerId, _holder: BatchId, _ids: Sequence[str], _at: datetime
    ) -> None:
        raise AssertionError("nobody of ours works here")

    async def given(
        self, _customer: CustomerId, _holder: BatchId, _since: datetime
    ) -> frozenset[str]:
        return frozenset()

    async def doubts(
        self, _customer: CustomerId, _cursor: str | None, _size: int
    ) -> Page[MirroredUser]:
        return Page([user for user in self.rows.values() if user.doubt is not None], None)


class Noon:
    async def now(self) -> datetime:
        return NOW


async def a_message(entra: Entra, rows: Rows) -> bool:
    """Read as the night does; answer whether the end was reached."""
    round_ = Round(cast("Any", entra), rows, Noon(), PLANS)
    state = await round_.goes_on(await rows.state(CONTOSO))
    if not state.is_under_way:
        begun = state if state.link or state.is_fresh else state.started_over()
        page = await entra.news_of_people(begun.link)
        state = await round_.ends(await round_.takes(begun, page))
    return not (state.is_under_way or state.is_fresh)


async def hard_times(entra: Entra, rows: Rows, chance: Random) -> None:
    for _ in range(chance.randrange(1, 12)):
        for _ in range(chance.randrange(4)):
            entra.changes()
        deliveries = [a_message(entra, rows) for _ in range(chance.randrange(1, 3))]
        ends = await asyncio.gather(*deliveries, return_exceptions=True)
        unexpected = [e for e in ends if not isinstance(e, bool | Died | ChangedMeanwhile)]
        assert not unexpected, unexpected


def _plan_of(skus: frozenset[SkuId]) -> PlanId | None:
    return next((plan.id for plan in PLANS if skus == {plan.base}), None)


@given(chance=st.randoms(use_true_random=False))
def test_everybody_is_counted_once_whatever_happened(chance: Random) -> None:
    # Given a directory that moves while hosts die over it
    entra, rows = Entra(chance), Rows(chance)
    asyncio.run(hard_times(entra, rows, chance))

    # When one delivery comes to its end
    entra.forgets = rows.kills = False
    assert asyncio.run(a_message(entra, rows))

    # Then rows and counts say what the directory holds
    assert {id_: row.skus for id_, row in rows.rows.items()} == entra.people
    assert rows.kept.counts.people == len(entra.people)
    # And whoever holds one product alone has its plan, in spells that follow each other
    has = {id_: row.plan for id_, row in rows.rows.items() if len(row.skus) != 2}
    assert has == {i: _plan_of(entra.people[i]) for i in has}
    for id_ in {spell.user_id for spell in rows.ended}:
        steps = [(s.plan, s.moved_to) for s in rows.ended if s.user_id == id_]
        assert all(was != goes for was, goes in steps)
        assert all(a[1] in (b[0], None) for a, b in pairwise(steps))
    truth = Counter(sku for skus in entra.people.values() for sku in skus)
    assert rows.kept.counts.direct == truth


def test_whose_doing_it_is_is_asked_only_of_those_who_are_not_as_they_were() -> None:
    # Given three people whom a reading has told of
    chance = Random(1)  # noqa: S311 (it must be repeatable)
    entra, rows = Entra(chance, forgets=False), Rows(chance, kills=False)
    entra.people = {f"user-{n}": frozenset({E3}) for n in range(3)}
    assert asyncio.run(a_message(entra, rows))

    # When everybody is read again, and one of them has other licences
    entra.people["user-1"] = frozenset({E5})
    rows.kept = replace(rows.kept, link="")
    assert asyncio.run(a_message(entra, rows))

    # Then the others' rows are written without another question
    assert {*rows.asked} == {"user-1"}


def test_who_left_by_our_hand_is_removed_as_ours_though_another_message_does_it() -> None:
    # Given somebody whom a batch deleted three hours ago, and a round that was told of everybody
    chance = Random(1)  # noqa: S311 (it must be repeatable)
    rows = Rows(chance, kills=False)
    yesterday = SyncState(CONTOSO, generation=1, read_at=NOW - days(1))
    rows.kept = replace(yesterday.started_over().moved_on("", "link", NOW), etag="0")
    rows.rows["ada"] = MirroredUser("ada", 1, plan=PLANS[0].id, plan_since=NOW - days(9))
    rows.touched["ada"] = Touch("ada", BatchId("leavers"), NOW - timedelta(hours=3))

    # When the next message removes who was not told of
    round_ = Round(cast("Any", None), rows, Noon(), PLANS, DriftRules(CONTOSO))
    asyncio.run(round_.goes_on(rows.kept))

    # Then it is the batch's doing
    assert not rows.rows
    assert not rows.drift
    assert [spell.ended_by for spell in rows.ended] == ["batch:leavers"]

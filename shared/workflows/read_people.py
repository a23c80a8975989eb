"""Read a customer's people in rounds, page by page, so that a death counts nobody twice.

Each round begins where the last one ended. People, the plans that they had and have, and the counts
that follow are one transaction, at most `PEOPLE_WRITES` rows each; the place in the round moves
with a page's last.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from shared.domain.drift import DriftRules
from shared.domain.errors import AlreadyExists
from shared.domain.mirror import MirroredUser, Move, SyncState, UserNews, take_in
from shared.domain.plans import UserPlan
from shared.domain.spells import Plans, Settled
from shared.workflows.ports import PEOPLE_WRITES, Clock, Directory, PeopleMirror, PeoplePage

PEOPLE_A_MESSAGE = 2000
"""News of people that one message works off, give or take a page."""
_PAGES = 50
"""Pages that one message works off: some are empty and have a next one."""
_SWEPT_AT_ONCE = 500
_WRITES_OF_ONE = 5
"""Who left: the person, the plan that ended, the doubt that is over, the drift and its mark."""
_LATE = timedelta(hours=1)
"""Microsoft may tell so late of what we did."""

Noun = TypeVar("Noun")


@dataclass(slots=True)
class Round:
    """As much of a round as one message does."""

    directory: Directory
    mirror: PeopleMirror
    clock: Clock
    plans: Sequence[UserPlan] = ()
    rules: DriftRules | None = None
    people: int = 0
    pages: int = 0

    async def goes_on(self, state: SyncState) -> SyncState:
        """Continue what another message has begun."""
        while state.is_under_way and self._has_time:
            if state.cursor:
                page = await self.directory.news_of_people(state.cursor)
                state = await self.takes(state, page)
            else:
                state = await self._sweeps(state)
        return state

    async def ends(self, state: SyncState) -> SyncState:
        """Continue as far as one message goes, from the start where Microsoft wants it so."""
        state = await self.goes_on(state)
        while state.is_fresh and not state.is_under_way and self._has_time:
            state = await self.takes(state, await self.directory.news_of_people(""))
            state = await self.goes_on(state)
        return state

    @property
    def _has_time(self) -> bool:
        return self.people < PEOPLE_A_MESSAGE and self.pages < _PAGES

    async def takes(self, state: SyncState, page: PeoplePage) -> SyncState:
        """Write a page's rows with their counts; the place in the round moves with the last."""
        self.pages += 1
        self.people += len(page.news)
        if page.expired:
            return state.started_over()
        *blocks, last = _blocks(page.news, PEOPLE_WRITES)
        for block in blocks:
            state = await self._write(state, block, None)
        return await self._write(state, last, page)

    async def _write(
        self, state: SyncState, news: Sequence[UserNews], page: PeoplePage | None
    ) -> SyncState:
        if state.is_fresh and state.generation == 1 and not any(one.is_gone for one in news):
            # The first reading of all finds nobody on record, unless a page is read again.
            with suppress(AlreadyExists):
                return await self._take_in(state, {}, news, page, new=True)
        known = await self.mirror.known(state.customer_id, [one.id for one in news])
        return await self._take_in(state, known, news, page)

    async def _take_in(
        self,
        state: SyncState,
        known: Mapping[str, MirroredUser],
        news: Sequence[UserNews],
        page: PeoplePage | None,
        *,
        new: bool = False,
    ) -> SyncState:
        """In halves where there is more to keep than one transaction takes."""
        taken, now = take_in(state, known, news), await self.clock.now()
        settled = Settled()
        if taken.moves:
            settled = (await self._plans(state, now, taken.moves)).settle(taken.moves)
        if settled.writes > PEOPLE_WRITES:
            half = len(news) // 2
            return await self._write(await self._write(state, news[:half], None), news[half:], page)
        after = taken.state
        if page is not None:
            after = after.moved_on(page.following, page.link, now)
        return await self.mirror.save(after, settled, new=new)

    async def _plans(self, state: SyncState, now: datetime, moves: Sequence[Move]) -> Plans:
        """Whose doing it is, is asked only of those who were told anything new of."""
        offered = {plan.id: plan for plan in self.plans}
        if state.read_at is None:
            return Plans(offered, now)
        ids = [move.user_id for move in moves if move.tells_news]
        touches = (await self.mirror.touches(state.customer_id, ids)).values()
        ours = {t.user_id: t.batch_id for t in touches if t.at >= state.read_at - _LATE}
        return Plans(offered, now, state.read_at, ours, self.rules)

    async def _sweeps(self, state: SyncState) -> SyncState:
        """Remove who was not told of in a reading from the start."""
        self.pages += 1
        cursor = state.swept_to or None
        page = await self.mirror.page(state.customer_id, cursor, _SWEPT_AT_ONCE)
        gone = [user for user in page.items if user.generation != state.generation]
        moves = [Move(user, None) for user in gone]
        plans = await self._plans(state, await self.clock.now(), moves)
        for block in _blocks(moves, PEOPLE_WRITES // _WRITES_OF_ONE):
            state = await self.mirror.save(state, plans.settle(block))
        after = replace(state, swept_to=page.cursor) if page.cursor else state.swept()
        return await self.mirror.save(after)


def _blocks(items: Sequence[Noun], size: int) -> Iterator[Sequence[Noun]]:
    """At least one, for a page without news moves on as well."""
    for at in range(0, max(1, len(items)), size):
        yield items[at : at + size]

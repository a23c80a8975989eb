"""Read a customer's people in rounds, page by page, so that a death counts nobody twice.

Each round begins where the last one ended. A page's rows and the counts that follow from them are
one transaction, at most `PEOPLE_AT_ONCE` people each; the place in the round moves with the last.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from shared.domain.errors import AlreadyExists
from shared.domain.mirror import SyncState, Taken, UserNews, take_in
from shared.workflows.ports import PEOPLE_AT_ONCE, Clock, Directory, PeopleMirror, PeoplePage

PEOPLE_A_MESSAGE = 2000
"""News of people that one message works off, give or take a page."""
_PAGES = 50
"""Pages that one message works off: some are empty and have a next one."""
_SWEPT_AT_ONCE = 500


@dataclass(slots=True)
class Round:
    """As much of a round as one message does."""

    directory: Directory
    mirror: PeopleMirror
    clock: Clock
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
        *blocks, last = _blocks(page.news)
        for block in blocks:
            state = await self._write(state, block, None)
        return await self._write(state, last, page)

    async def _write(
        self, state: SyncState, news: Sequence[UserNews], page: PeoplePage | None
    ) -> SyncState:
        if state.is_fresh and state.generation == 1 and not any(one.is_gone for one in news):
            # The first reading of all finds nobody on record, unless a page is read again.
            with suppress(AlreadyExists):
                return await self._save(take_in(state, {}, news), page, new=True)
        known = await self.mirror.known(state.customer_id, [one.id for one in news])
        return await self._save(take_in(state, known, news), page)

    async def _save(self, taken: Taken, page: PeoplePage | None, *, new: bool = False) -> SyncState:
        state = taken.state
        if page is not None:
            state = state.moved_on(page.following, page.link, await self.clock.now())
        return await self.mirror.save(state, taken.written, taken.removed, new=new)

    async def _sweeps(self, state: SyncState) -> SyncState:
        """Remove who was not told of in a reading from the start."""
        self.pages += 1
        cursor = state.swept_to or None
        page = await self.mirror.page(state.customer_id, cursor, _SWEPT_AT_ONCE)
        gone = [user for user in page.items if user.generation != state.generation]
        for at in range(0, len(gone), PEOPLE_AT_ONCE):
            state = await self.mirror.save(state, removed=gone[at : at + PEOPLE_AT_ONCE])
        after = replace(state, swept_to=page.cursor) if page.cursor else state.swept()
        return await self.mirror.save(after)


def _blocks(news: Sequence[UserNews]) -> Iterator[Sequence[UserNews]]:
    """At least one, for a page without news moves on as well."""
    for at in range(0, max(1, len(news)), PEOPLE_AT_ONCE):
        yield news[at : at + PEOPLE_AT_ONCE]

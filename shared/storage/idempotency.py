"""Remember what was answered to which Idempotency-Key, and who is working on one."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.domain.errors import (
    AlreadyExists,
    ChangedMeanwhile,
    IdempotencyKeyReused,
    StillRunning,
)
from shared.storage import keys
from shared.storage.codec import moment_to_text
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.workflows.ports import StoredAnswer

ABANDONED_AFTER = timedelta(minutes=15)
"""Longer than a function may run, so that who claimed it is done or dead by then."""
KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that somebody works on, or its answer."""

    digest: str
    claimed_at: datetime
    mark: str
    """Tells our own claim from another's where the store's reply to it was lost."""
    answer: StoredAnswer | None = None
    given_up: bool = False
    """The work failed and may have had an effect: the same body may be sent again, no other."""
    etag: str = ""


class IdempotencyTable:
    """Times are the machine's: a moved business clock frees nobody's key."""

    def __init__(
        self,
        tables: Tables,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        abandoned_after: timedelta = ABANDONED_AFTER,
    ) -> None:
        self._table = tables["idempotency"]
        self._now = now
        self._abandoned_after = abandoned_after
        self._ours: dict[tuple[str, str], str] = {}

    async def claim(self, scope: str, key: str, digest: str) -> StoredAnswer | None:
        ours = Claim(digest, self._now(), mark=uuid.uuid4().hex)
        answer = await self._claim(scope, key, ours)
        if answer is None:
            self._ours[scope, key] = ours.mark
        return answer

    async def purge(self, most: int) -> int:
        before = moment_to_text(self._now() - KEPT_FOR)
        rows = await self._table.older("claimed_at lt @before", {"before": before}, most)
        for row in rows:
            await self._table.delete(str(row["PartitionKey"]), str(row["RowKey"]))
        return len(rows)

    async def _claim(self, scope: str, key: str, ours: Claim) -> StoredAnswer | None:
        try:
            await self._table.insert(to_row(ours, *_key(scope, key)))
        except AlreadyExists as error:
            theirs = await self._read(scope, key)
            if theirs is None:
                raise _still_running() from error
            if theirs.mark != ours.mark:
                return await self._answer_or_take_over(scope, key, ours, theirs)
        return None

    async def keep(self, scope: str, key: str, answer: StoredAnswer) -> None:
        """The first answer stands, so that every repetition hears the same one."""
        claim = await self._still_ours(scope, key)
        if claim is not None and claim.answer is None:
            await self._write(scope, key, replace(claim, answer=answer))

    async def give_up(self, scope: str, key: str) -> None:
        claim = await self._still_ours(scope, key)
        if claim is not None and claim.answer is None:
            await self._write(scope, key, replace(claim, given_up=True))

    async def forget(self, scope: str, key: str) -> None:
        claim = await self._still_ours(scope, key)
        if claim is not None and claim.answer is None:
            with suppress(ChangedMeanwhile):
                await self._table.delete_unchanged(*_key(scope, key), claim.etag)

    async def _still_ours(self, scope: str, key: str) -> Claim | None:
        """A claim that somebody took over while we were slow is no longer ours to settle."""
        mark = self._ours.pop((scope, key), "")
        claim = await self._read(scope, key)
        return claim if claim is not None and claim.mark == mark else None

    async def _write(self, scope: str, key: str, claim: Claim) -> None:
        with suppress(ChangedMeanwhile):
            await self._table.replace(to_row(claim, *_key(scope, key)), claim.etag)

    async def _answer_or_take_over(
        self, scope: str, key: str, ours: Claim, theirs: Claim
    ) -> StoredAnswer | None:
        age = ours.claimed_at - theirs.claimed_at
        if age < KEPT_FOR:
            if theirs.digest != ours.digest:
                raise IdempotencyKeyReused("This Idempotency-Key came before with another body.")
            if theirs.answer is not None:
                return theirs.answer
            if age < self._abandoned_after and not theirs.given_up:
                raise _still_running()
        try:
            await self._table.replace(to_row(ours, *_key(scope, key)), theirs.etag)
        except ChangedMeanwhile as error:
            raise _still_running() from error
        return None

    async def _read(self, scope: str, key: str) -> Claim | None:
        row = await self._table.get(*_key(scope, key))
        return from_row(Claim, row) if row is not None else None


def _key(scope: str, key: str) -> tuple[str, str]:
    return keys.escaped(scope), keys.escaped(key)


def _still_running() -> StillRunning:
    return StillRunning("The same request is being worked on; ask again in a moment.")

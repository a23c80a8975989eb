"""Write many items: a few envelopes at once, and again only what failed for a moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import TypeAlias

from shared.domain.errors import OutcomeUnknown, RemoteThrottled, RemoteUnavailable
from shared.graph.batch import WIDTH, Batches, Item, envelopes, wait_of
from shared.graph.errors import Answer, outcome_of
from shared.together import together
from shared.transport.pace import Pace
from shared.transport.retry import Loss, Retry, may_repeat
from shared.workflows.ports import Outcome, OutcomeKind

_PATIENCE = timedelta(seconds=5)
"""A longer pause holds a function for nothing: it belongs to the queue."""

End: TypeAlias = Answer | Outcome


@dataclass(frozen=True, slots=True)
class Writes:
    """The writes of one call, all of a kind."""

    batches: Batches
    pace: Pace
    repeatable: bool
    missing_is_done: bool = False

    async def send(self, items: Sequence[Item]) -> list[Outcome]:
        """Answer one outcome per item, in the order asked."""
        ends = await self._round(items)
        attempt = 1
        while again := [at for at, end in enumerate(ends) if self._may_ask_again(end)]:
            pause = self._pause([end for end in ends if self._may_ask_again(end)], attempt)
            if pause is None:
                break
            await self.batches.channel.sleep(pause.total_seconds())
            repeated = await self._round([items[at] for at in again])
            for at, end in zip(again, repeated, strict=True):
                ends[at] = end
            attempt += 1
        return [self._outcome(end) for end in ends]

    async def _round(self, items: Sequence[Item]) -> list[End]:
        """All of the items, or none of them: half a chunk would come back for the other half."""
        wait = await self._let_go(len(items))
        if wait:
            return [_sent_away(wait)] * len(items)
        try:
            ends = await together(WIDTH, self._envelope, envelopes(items))
        finally:
            self.pace.leave(len(items))
        return [end for part in ends for end in part]

    async def _let_go(self, count: int) -> float:
        """Sleep through short waits; answer the seconds of a long one.

        Whoever comes back from a long one comes early, and sleeps for the rest.
        """
        patience = _PATIENCE.total_seconds()
        while wait := self.pace.enter(count):
            if wait > patience:
                return self.pace.place(count) - patience / 2
            await self.batches.channel.sleep(wait)
        return 0

    async def _envelope(self, items: Sequence[Item]) -> Sequence[End]:
        """An envelope that was not answered is an outcome of every item in it."""
        try:
            answers = await self.batches.write(items, repeatable=self.repeatable)
        except RemoteThrottled as error:
            wait = error.retry_after
            self._hold(wait)
            outcome = Outcome(OutcomeKind.THROTTLED, reason=str(error), retry_after=wait)
        except RemoteUnavailable as error:
            outcome = Outcome(OutcomeKind.THROTTLED, reason=str(error))
        except OutcomeUnknown as error:
            outcome = Outcome(OutcomeKind.UNKNOWN, reason=str(error))
        else:
            self._hold(*(wait_of(a) for a in answers if a.status == HTTPStatus.TOO_MANY_REQUESTS))
            return answers
        return [outcome] * len(items)

    def _hold(self, *waits: timedelta | None) -> None:
        """Microsoft counts per application and tenant: whoever writes there waits as well."""
        self.pace.hold(max((w.total_seconds() for w in waits if w), default=0))

    def _may_ask_again(self, end: End) -> bool:
        """The envelope's own failures have had their attempts."""
        if isinstance(end, Outcome):
            return False
        return may_repeat(end.status or Loss.NO_ANSWER, repeatable=self.repeatable)

    def _outcome(self, end: End) -> Outcome:
        if isinstance(end, Outcome):
            return end
        if self.missing_is_done and end.status == HTTPStatus.NOT_FOUND:
            return Outcome(OutcomeKind.DONE)
        return outcome_of(end)

    def _pause(self, ends: Sequence[End], attempt: int) -> timedelta | None:
        """After the longest of the pauses that the items ask for."""
        answers = [end for end in ends if isinstance(end, Answer)]
        worst = max(answers, key=lambda answer: wait_of(answer) or timedelta(0))
        channel = self.batches.channel
        return _short(channel.retry).pause_before(
            attempt,
            ended=worst.status or Loss.NO_ANSWER,
            repeatable=self.repeatable,
            retry_after=wait_of(worst),
            jitter=channel.jitter(),
        )


def _sent_away(seconds: float) -> Outcome:
    reason = "This host has made all the writes that Microsoft takes from it in this tenant for now"
    wait = timedelta(seconds=seconds)
    return Outcome(OutcomeKind.THROTTLED, reason=reason, retry_after=wait)


def _short(retry: Retry) -> Retry:
    return replace(retry, longest=min(retry.longest, _PATIENCE))

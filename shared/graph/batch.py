"""Send up to twenty requests in one ``$batch``; each has an end of its own.

https://learn.microsoft.com/graph/json-batching
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from shared.domain.errors import RemoteRefused
from shared.graph.errors import NO_ANSWER, Answer, advised, lowered
from shared.transport.call import Call
from shared.transport.channel import Channel
from shared.transport.refusals import error_of
from shared.transport.retry import Loss, may_repeat, retry_after_of

LARGEST = 20
WIDTH = 5
"""Envelopes under way at the same time: the hundred rows of a chunk."""
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Item:
    """One request; ``url`` is relative to the version and its parts are encoded.

    ``needs`` is the permission without which it is refused, of a path that names nobody.
    """

    method: str
    url: str
    body: Mapping[str, Any] | None = None
    needs: str = ""

    @property
    def asked(self) -> str:
        """What may be told of it: other paths have people in them."""
        return self.url.partition("?")[0] if self.needs else ""

    def to_wire(self, number: int) -> dict[str, Any]:
        request: dict[str, Any] = {"id": str(number), "method": self.method, "url": self.url}
        if self.body is not None:
            request |= {"headers": _JSON, "body": self.body}
        return request


def envelopes(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for at in range(0, len(items), LARGEST):
        yield items[at : at + LARGEST]


@dataclass(frozen=True, slots=True)
class Batches:
    """The batch endpoint of one tenant."""

    channel: Channel
    sign_in: httpx.Auth

    async def write(self, items: Sequence[Item], *, repeatable: bool) -> list[Answer]:
        """Answer one by one, in the order asked."""
        return await self._send(items, repeatable=repeatable, writes=True)

    async def read(self, items: Sequence[Item], *, allow: frozenset[int]) -> list[Answer]:
        """Ask again, alone, for what was throttled or failed; raise where it stays so."""
        answers: dict[int, Answer] = {}
        attempt = 1
        while missing := [place for place in range(len(items)) if place not in answers]:
            got = await self._send([items[at] for at in missing], repeatable=True, writes=False)
            pairs = list(zip(missing, got, strict=True))
            settled = {at: a for at, a in pairs if _settles(items[at], a, allow)}
            answers |= settled
            if len(settled) < len(got):
                await self._pause([a for at, a in pairs if at not in settled], attempt)
            attempt += 1
        return [answers[place] for place in range(len(items))]

    async def _pause(self, answers: Sequence[Answer], attempt: int) -> None:
        """After the longest of the pauses that the items ask for."""
        worst = max(answers, key=lambda answer: wait_of(answer) or timedelta(0))
        pause = self.channel.retry.pause_before(
            attempt,
            ended=worst.status or Loss.NO_ANSWER,
            repeatable=True,
            retry_after=wait_of(worst),
            jitter=self.channel.jitter(),
        )
        if pause is None:
            raise error_of(worst.to_remote(), writes=False, retry_after=wait_of(worst))
        await self.channel.sleep(pause.total_seconds())

    async def _send(self, items: Sequence[Item], *, repeatable: bool, writes: bool) -> list[Answer]:
        requests = [item.to_wire(number) for number, item in enumerate(items)]
        call = Call(
            method="POST",
            route="/v1.0/$batch",
            content=json.dumps({"requests": requests}).encode(),
            auth=self.sign_in,
            repeatable=repeatable,
            writes=writes,
        )
        response = await self.channel.send(call)
        answers = _answers_in(response)
        if answers is None and not writes:
            raise RemoteRefused(
                "Graph's answer cannot be read", self.channel.answer_of(call, response)
            )
        return [(answers or {}).get(str(number), NO_ANSWER) for number in range(len(items))]


def _answers_in(response: httpx.Response) -> dict[str, Answer] | None:
    """None where the envelope says nothing to us."""
    try:
        responses = json.loads(response.content)["responses"]
        return {
            str(one["id"]): Answer(int(one["status"]), _body(one), one.get("headers") or {})
            for one in responses
        }
    except (ValueError, KeyError, TypeError):
        return None


def _body(one: Mapping[str, Any]) -> Mapping[str, Any]:
    body = one.get("body")
    return body if isinstance(body, Mapping) else {}


def _settles(item: Item, answer: Answer, allow: frozenset[int]) -> bool:
    """A refusal is an end as well; `read` raises it."""
    if answer.is_success or answer.status in allow:
        return True
    if answer.status and not may_repeat(answer.status, repeatable=True):
        remote = answer.to_remote()
        raise advised(remote, item.asked, item.needs) or error_of(remote, writes=False)
    return False


def wait_of(answer: Answer) -> timedelta | None:
    return retry_after_of(lowered(answer.headers).get("retry-after"))

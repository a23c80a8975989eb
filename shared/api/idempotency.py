"""Do what one Idempotency-Key asks for once, and answer it as often as it is asked."""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable

from shared.api.call import Answer, Call, Request
from shared.domain.callers import Caller
from shared.domain.errors import IdempotencyKeyMissing, MissingError, RequestError
from shared.workflows.ports import IdempotencyKeys, StoredAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
logger = logging.getLogger(__name__)


def key_of(request: Request) -> str:
    """Raise `IdempotencyKeyMissing` where there is none that we can keep."""
    key = request.headers.get(HEADER.lower(), "").strip()
    if not key:
        raise IdempotencyKeyMissing(
            f"{request.method} {request.path} creates or spends: send an {HEADER} header."
        )
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyMissing(f"An {HEADER} has 1 to 255 visible ASCII characters.")
    return key


def scope_of(caller: Caller, request: Request) -> str:
    return f"{caller.id} {request.method} {request.path}"


def digest_of(request: Request) -> str:
    query = "&".join(f"{name}={value}" for name, value in sorted(request.query.items()))
    return hashlib.sha256(request.raw + b"\0" + query.encode()).hexdigest()


async def once(call: Call, key: str, work: Callable[[Call], Awaitable[Answer]]) -> Answer:
    """Answer from the record, or do the work and keep its answer; a failure may be repeated."""
    keys, scope = call.desk.idempotency, scope_of(call.caller, call.request)
    stored = await keys.claim(scope, key, digest_of(call.request))
    if stored is not None:
        return Answer(stored.body, stored.status, {**stored.headers, REPLAYED: "true"})
    try:
        answer = await work(call)
    except (RequestError, MissingError):
        await _let_go(keys.forget, scope, key)
        raise
    except Exception:
        await _let_go(keys.give_up, scope, key)
        raise
    await _keep(keys, scope, key, answer)
    return answer


async def _let_go(way: Callable[[str, str], Awaitable[None]], scope: str, key: str) -> None:
    try:
        await way(scope, key)
    except Exception:
        # The caller is owed the first failure; the claim times out by itself.
        logger.exception("an idempotency claim could not be given up")


async def _keep(keys: IdempotencyKeys, scope: str, key: str, answer: Answer) -> None:
    try:
        await keys.keep(scope, key, StoredAnswer(int(answer.status), answer.text, answer.headers))
    except Exception:
        # The work is done and its ids follow from the key: a repetition finds it.
        logger.exception("an answer could not be kept for its idempotency key")

"""Look people up, three hundred to a request.

https://learn.microsoft.com/graph/api/user-list
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from pydantic import ValidationError

from shared.domain.errors import RemoteRefused
from shared.domain.users import DirectoryUser
from shared.graph._wire import Collection, WireUser, selected
from shared.graph.batch import WIDTH, Batches, Item, envelopes
from shared.graph.errors import Answer
from shared.together import together
from shared.transport.call import segment

MOST_VALUES = 15
"""How many values a filter takes; Microsoft refuses the whole of a longer one."""
_NOTHING: frozenset[int] = frozenset()
_MISSING = frozenset({HTTPStatus.NOT_FOUND})
_USER = selected(WireUser)


@dataclass(frozen=True, slots=True)
class People:
    """The users of one tenant, by name or by id."""

    batches: Batches

    async def named(self, names: Sequence[str]) -> dict[str, DirectoryUser]:
        found = await self._filtered("userPrincipalName", sorted({n.lower() for n in names}))
        return {user.user_principal_name.lower(): user for user in found}

    async def named_alone(self, names: Sequence[str]) -> dict[str, DirectoryUser]:
        return await self._alone({name.lower(): _address(name) for name in names})

    async def with_ids(self, ids: Sequence[str]) -> dict[str, DirectoryUser]:
        """The index behind a filter lags behind the directory, so a miss is looked at again."""
        found = {user.id: user for user in await self._filtered("id", sorted(set(ids)))}
        missed = [id_ for id_ in ids if id_ not in found]
        return found | await self._alone({id_: f"/users/{segment(id_)}" for id_ in missed})

    async def _filtered(self, field: str, values: Sequence[str]) -> list[DirectoryUser]:
        items = [_filter(field, part) for part in _parts(values, MOST_VALUES)]
        users: list[DirectoryUser] = []
        while items:
            answers = await self._read(items, _NOTHING)
            users += [wire.to_domain() for answer in answers for wire in _page(answer).value]
            items = [next_ for answer in answers if (next_ := self._next(answer))]
        return users

    async def _alone(self, addresses: Mapping[str, str]) -> dict[str, DirectoryUser]:
        items = [Item("GET", f"{address}?$select={_USER}") for address in addresses.values()]
        answers = await self._read(items, _MISSING)
        return {
            key: _user(answer)
            for key, answer in zip(addresses, answers, strict=True)
            if answer.status != HTTPStatus.NOT_FOUND
        }

    async def _read(self, items: Sequence[Item], allow: frozenset[int]) -> list[Answer]:
        async def ask(part: Sequence[Item]) -> list[Answer]:
            return await self.batches.read(part, allow=allow)

        parts = await together(WIDTH, ask, envelopes(items))
        return [answer for part in parts for answer in part]

    def _next(self, answer: Answer) -> Item | None:
        """A page may be short, or empty, and still have a next one."""
        link = _page(answer).next_link
        if link is None:
            return None
        root = f"{self.batches.channel.base_url}/v1.0"
        if not link.startswith(f"{root}/users?"):
            raise RemoteRefused("Graph's link to the next page leads elsewhere", answer.to_remote())
        return Item("GET", link.removeprefix(root))


def _parts(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), size):
        yield values[at : at + size]


def _filter(field: str, values: Sequence[str]) -> Item:
    texts = ",".join(f"'{_doubled(value)}'" for value in values)
    return Item("GET", f"/users?$select={_USER}&$filter={quote(f'{field} in ({texts})', safe='')}")


def _doubled(text: str) -> str:
    return text.replace("'", "''")


def _address(name: str) -> str:
    """A name that begins with a dollar sign must stand in parentheses and quotes."""
    if name.startswith("$"):
        return f"/users('{quote(_doubled(name), safe='')}')"
    return f"/users/{segment(name)}"


def _page(answer: Answer) -> Collection[WireUser]:
    if "value" not in answer.body:
        raise RemoteRefused("Graph's list of users cannot be read", answer.to_remote())
    try:
        return Collection[WireUser].model_validate(answer.body)
    except ValidationError as error:
        raise RemoteRefused("Graph's list of users cannot be read", answer.to_remote()) from error


def _user(answer: Answer) -> DirectoryUser:
    try:
        return WireUser.model_validate(answer.body).to_domain()
    except ValidationError as error:
        raise RemoteRefused("Graph's answer about a user cannot be read", answer.to_remote()) from (
            error
        )

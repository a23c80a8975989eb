"""Keep the organisations; there are few, and they are read together."""

from collections.abc import Sequence

from shared.domain.organisations import Organisation
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables

_TOGETHER = "organisations"


class OrganisationTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["organisations"]

    async def all(self) -> Sequence[Organisation]:
        return [from_row(Organisation, row) for row in await self._table.partition(_TOGETHER)]

    async def save(self, organisation: Organisation) -> Organisation:
        row = to_row(organisation, _TOGETHER, keys.escaped(organisation.id))
        await self._table.upsert(row)
        return organisation

"""Hold a customer's part of a run in hand, and keep of it what must outlive a death."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from shared.domain.ids import SkuId
from shared.domain.night_facts import SkuFacts
from shared.domain.runs import CustomerRun
from shared.workflows.ports import Desk


@dataclass(slots=True)
class PartInHand:
    desk: Desk
    part: CustomerRun
    _kept: CustomerRun = field(init=False)

    def __post_init__(self) -> None:
        self._kept = self.part

    async def begin(self, sku: SkuId) -> None:
        """Before the first change of a product is written down, so that it can be found again.

        The product may be shown by nobody when the message comes the next time: its subscription
        gone, the policy another one, the drift decided. Raises `ChangedMeanwhile` where another
        delivery is at work.
        """
        if sku not in self.part.skus:
            self.part = replace(self.part, skus=(*self.part.skus, sku))
        if self.part != self._kept:
            self.part = self._kept = await self.desk.runs.save_part(self.part)

    def note_found(self, idle: int, skus: Sequence[SkuFacts]) -> None:
        """What the first delivery found stands: a later one finds what that one has changed."""
        if not self.part.facts.skus:
            facts = replace(self.part.facts, skus=tuple(skus))
            self.part = replace(self.part, seats_idle=idle, facts=facts)

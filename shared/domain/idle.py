"""Remember how many seats were idle on each of the last nights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.domain.ids import SkuId

KEPT = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class IdleNight:
    """The fewest idle seats of one SKU that any run of one day saw; the day as ISO 8601."""

    day: str
    sku: SkuId
    seats: int


@dataclass(frozen=True, slots=True)
class IdleHistory:
    nights: tuple[IdleNight, ...] = ()
    left: Mapping[SkuId, int] = field(default_factory=dict)
    """What the last night left idle: neither gone nor scheduled away."""

    def noted(self, day: date, idle: Mapping[SkuId, int]) -> "IdleHistory":
        """Add a day's counts; of a day that is counted again the smaller one stays.

        So it is with what the night left: seats that come tomorrow are not idle since today.
        """
        oldest = (day - KEPT).isoformat()
        kept = {(n.day, n.sku): n.seats for n in self.nights if n.day >= oldest}
        for sku, seats in idle.items():
            key = (day.isoformat(), sku)
            kept[key] = min(seats, kept.get(key, seats))
        nights = tuple(IdleNight(d, s, seats) for (d, s), seats in sorted(kept.items()))
        return IdleHistory(nights, dict(idle))

    def steadily(self, sku: SkuId, nights: int, day: date) -> int:
        """Seats that were idle on each of so many days up to this one; a missing day had none."""
        seen = {n.day: n.seats for n in self.nights if n.sku == sku}
        days = ((day - timedelta(days=back)).isoformat() for back in range(max(1, nights)))
        return min(seen.get(d, 0) for d in days)

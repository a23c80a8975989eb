"""Remember how many seats were idle on each of the last nights, and how many of them went."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from shared.domain.ids import SkuId

KEPT = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class IdleNight:
    """The fewest idle seats of one SKU that a day's night, and any run after it, saw.

    Less what went since; the day as ISO 8601.
    """

    day: str
    sku: SkuId
    seats: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Seats of one SKU that a piece of work gave back or scheduled away on one day."""

    day: str
    work: str
    sku: SkuId
    seats: int


@dataclass(frozen=True, slots=True)
class IdleHistory:
    nights: tuple[IdleNight, ...] = ()
    left: Mapping[SkuId, int] = field(default_factory=dict)
    """What the last night left idle: neither gone nor scheduled away."""
    gone: tuple[Gone, ...] = ()

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
        gone = tuple(g for g in self.gone if g.day >= oldest)
        return IdleHistory(nights, dict(idle), gone)

    def lowered(self, day: date, idle: Mapping[SkuId, int]) -> "IdleHistory":
        """Only a night makes a day count; a run by hand may have seen fewer idle seats since."""
        known = {n.sku for n in self.nights if n.day == day.isoformat()}
        seen = self.noted(day, {sku: seats for sku, seats in idle.items() if sku in known})
        return replace(seen, left=dict(idle))

    def less(self, day: date, work: str, sku: SkuId, seats: int) -> "IdleHistory":
        """Seats that went lend their nights to no others; ``seats`` is all that the work took.

        Told again it takes only what is new, so that a message may come twice.
        """
        mine = (work, sku)
        told = sum(g.seats for g in self.gone if (g.work, g.sku) == mine)
        if seats <= told:
            return self
        nights = tuple(
            replace(n, seats=max(0, n.seats - (seats - told))) if n.sku == sku else n
            for n in self.nights
        )
        others = tuple(g for g in self.gone if (g.work, g.sku) != mine)
        gone = (*others, Gone(day.isoformat(), work, sku, seats))
        return replace(self, nights=nights, gone=gone)

    def steadily(self, sku: SkuId, nights: int, day: date) -> int:
        """Seats that were idle on each of so many days up to this one; a missing day had none."""
        seen = {n.day: n.seats for n in self.nights if n.sku == sku}
        days = ((day - timedelta(days=back)).isoformat() for back in range(max(1, nights)))
        return min(seen.get(d, 0) for d in days)

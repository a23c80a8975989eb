"""Mirror a customer's people: what the directory tells of each, and who holds which product."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.fitting import ByGroup, Direct, Doubt, Off, off_in
from shared.domain.ids import CustomerId, PlanId, SkuId
from shared.domain.trials import Trials

FORM = 2
"""What is kept of a person; where that grows, everybody is read anew."""


@dataclass(frozen=True, slots=True)
class MirroredUser:
    """One person without a name; their licences map a SKU to the service plans that are off in it.

    ``generation`` is that of the reading from the start in which the person was last told of.
    """

    id: str
    generation: int = 0
    enabled: bool = True
    usage_location: str = ""
    direct: Direct = field(default_factory=dict)
    by_group: ByGroup = field(default_factory=dict)
    aliases: int = 0
    alias_digest: str | None = None
    """Another one where others are in their place; None: nobody kept it yet."""
    marker: str = ""
    """Which row of ours made the person, if one did."""
    plan: PlanId | None = None
    plan_since: datetime | None = None
    """Since when it is so; None: the person never had a plan."""
    plan_by: str = ""
    plan_from: PlanId | None = None
    """What the person had right before."""
    doubt: Doubt | None = None
    doubt_plans: tuple[PlanId, ...] = ()
    chosen: PlanId | None = None
    """What somebody said where the licences did not tell; it stays until they change."""

    @property
    def off(self) -> Off:
        """What is off in each licence, whatever way it came."""
        return off_in(self.direct, self.by_group)

    @property
    def facts(self) -> tuple[object, ...]:
        """What the directory says of the person, without what we make of it."""
        address = self.aliases, self.alias_digest
        return self.enabled, self.usage_location, self.direct, self.by_group, address

    @property
    def skus(self) -> frozenset[SkuId]:
        return frozenset({*self.direct, *self.by_group})


@dataclass(frozen=True, slots=True)
class UserNews:
    """What the directory tells of one person since it was asked last; None: nothing about it.

    https://learn.microsoft.com/graph/delta-query-users
    """

    id: str
    is_gone: bool = False
    enabled: bool | None = None
    usage_location: str | None = None
    direct: Direct | None = None
    by_group: ByGroup | None = None
    aliases: int | None = None
    alias_digest: str | None = None
    marker: str | None = None

    def on(self, before: MirroredUser, generation: int) -> MirroredUser:
        told = {
            "enabled": self.enabled,
            "usage_location": self.usage_location,
            "direct": self.direct,
            "by_group": self.by_group,
            "aliases": self.aliases,
            "alias_digest": self.alias_digest,
            "marker": self.marker,
        }
        known = {name: value for name, value in told.items() if value is not None}
        return replace(before, generation=generation, **known)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Headcount:
    """People, and how many of them hold each SKU: directly, or by a group alone."""

    people: int = 0
    direct: Mapping[SkuId, int] = field(default_factory=dict)
    by_group: Mapping[SkuId, int] = field(default_factory=dict)

    @property
    def holders(self) -> Mapping[SkuId, int]:
        return dict(Counter(self.direct) + Counter(self.by_group))

    def moved(
        self, gone: Iterable[MirroredUser | None], come: Iterable[MirroredUser | None]
    ) -> "Headcount":
        """Count some out and some in; a person who only changed is both."""
        people, direct, by_group = self.people, Counter(self.direct), Counter(self.by_group)
        for users, sign in ((gone, -1), (come, 1)):
            for user in users:
                if user is not None:
                    people += sign
                    _tally(direct, user.direct, sign)
                    _tally(by_group, user.skus - user.direct.keys(), sign)
        return Headcount(people, +direct, +by_group)


def _tally(counter: Counter[SkuId], skus: Iterable[SkuId], sign: int) -> None:
    for sku in skus:
        counter[sku] += sign


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far a customer's people are read; it changes with the rows, in one transaction.

    A round begins at ``link`` (or from the start) and goes on at ``cursor``. From the start it
    counts anew in ``building``, and ends by removing who was not told of (``swept_to``).
    """

    customer_id: CustomerId
    generation: int = 0
    link: str = ""
    cursor: str = ""
    building: Headcount | None = None
    sweeping: bool = False
    swept_to: str = ""
    counts: Headcount = field(default_factory=Headcount)
    read_at: datetime | None = None
    """When the directory had told everything of the last round that ended."""
    told_at: datetime | None = None
    """The same of a round that still removes who was not told of."""
    fitted: str = ""
    """The digest of the plans that people were last fitted to from the start."""
    form: int = 0
    """The `FORM` that was kept when they were last read from the start."""
    trials: Trials | None = None
    """When which plan rested on trials alone; None: nobody has looked yet."""
    etag: str = field(default="", compare=False)

    @property
    def is_fresh(self) -> bool:
        return self.building is not None

    @property
    def is_under_way(self) -> bool:
        """There is a next page to read, or somebody to remove."""
        return bool(self.cursor) or self.sweeping

    def started_over(self) -> "SyncState":
        """Read everybody again; the counts of the last whole reading stand meanwhile."""
        return replace(
            self,
            generation=self.generation + 1,
            link="",
            cursor="",
            building=Headcount(),
            sweeping=False,
            swept_to="",
        )

    def moved_on(self, following: str, link: str, now: datetime) -> "SyncState":
        """A page is done: the round goes on there, or has ended and left a link to the next."""
        if following:
            return replace(self, cursor=following)
        ended = replace(self, link=link, cursor="", told_at=now)
        if self.is_fresh and self.generation > 1:
            return replace(ended, sweeping=True)
        return ended.swept()

    def swept(self) -> "SyncState":
        """Whom nobody told of is removed; until then the round before is the last one."""
        return replace(
            self,
            counts=self.building or self.counts,
            building=None,
            sweeping=False,
            swept_to="",
            read_at=self.told_at or self.read_at,
            told_at=None,
        )


@dataclass(frozen=True, slots=True)
class Move:
    """One person before and after; None where there was, or is, nobody."""

    before: MirroredUser | None
    after: MirroredUser | None

    @property
    def user_id(self) -> str:
        """Empty where there neither was nor is anybody."""
        either = self.after or self.before
        return either.id if either is not None else ""

    @property
    def tells_news(self) -> bool:
        """A reading from the start tells of everybody, and most are as they were."""
        before, after = self.before, self.after
        return before is None or after is None or before.facts != after.facts

    @property
    def was_doubted(self) -> bool:
        return self.before is not None and self.before.doubt is not None

    @property
    def is_doubted(self) -> bool:
        return self.after is not None and self.after.doubt is not None


@dataclass(frozen=True, slots=True)
class Taken:
    """What some news come to: the counts that follow, and each person's move."""

    state: SyncState
    moves: tuple[Move, ...]


def take_in(state: SyncState, known: Mapping[str, MirroredUser], news: Sequence[UserNews]) -> Taken:
    """Bring rows and counts up to date; told twice, it comes to the same as told once.

    In a reading from the start, who was last told of in an earlier one begins blank.
    """
    after: dict[str, MirroredUser | None] = {}
    for one in news:
        here = after[one.id] if one.id in after else _current(state, known.get(one.id))
        blank = MirroredUser(one.id)
        after[one.id] = None if one.is_gone else one.on(here or blank, state.generation)
    moves = [Move(known.get(id_), user) for id_, user in after.items()]
    counted = [_current(state, move.before) for move in moves]
    real = tuple(move for move in moves if move.before != move.after)
    return Taken(_counted(state, counted, after.values()), real)


def _current(state: SyncState, user: MirroredUser | None) -> MirroredUser | None:
    if user is None or (state.is_fresh and user.generation != state.generation):
        return None
    return user


def _counted(
    state: SyncState,
    gone: Iterable[MirroredUser | None],
    come: Iterable[MirroredUser | None],
) -> SyncState:
    if state.building is not None:
        return replace(state, building=state.building.moved(gone, come))
    return replace(state, counts=state.counts.moved(gone, come))

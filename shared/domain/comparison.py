"""Compare, product by product, what is assigned with what was purchased and what is billed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.domain.ids import SkuId
from shared.domain.mirror import Headcount
from shared.domain.subscriptions import Subscription, SubscriptionStatus


@dataclass(frozen=True, slots=True)
class Compared:
    """One product of one customer.

    ``assigned`` counts people over all owners of the tenant's seats; ``purchased`` and ``billed``
    count the seats of our own subscriptions: those that can be used, and those that Microsoft
    charges us for. Where these two differ both ways, both ways are counted.
    """

    sku: SkuId | None
    names: tuple[str, ...] = ()
    assigned: int = 0
    by_group: int = 0
    purchased: int = 0
    billed: int = 0
    billed_not_purchased: int = 0
    """Charged for, and nobody can use them: suspended."""
    purchased_not_billed: int = 0
    """Trials."""
    counted: bool = True
    """Whether people's licences tell who uses it."""

    @property
    def assigned_not_purchased(self) -> int:
        """Somebody else's seats, or the customer's own."""
        return max(0, self.assigned - self.purchased)

    @property
    def idle(self) -> int:
        return max(0, self.purchased - self.assigned) if self.counted else 0


def compare(people: Headcount, subscriptions: Iterable[Subscription]) -> list[Compared]:
    """A subscription whose product the catalog does not know stands alone, under no SKU."""
    ours: dict[SkuId, list[Subscription]] = {}
    unknown = []
    for one in subscriptions:
        if one.sku is None:
            unknown.append(one)
        else:
            ours.setdefault(one.sku, []).append(one)
    holders, groups = people.holders, people.by_group
    lines = [
        replace(
            _line(sku, ours.get(sku, [])), assigned=holders.get(sku, 0), by_group=groups.get(sku, 0)
        )
        for sku in sorted({*holders, *ours})
    ]
    lines += [_line(None, [one]) for one in unknown]
    return [line for line in lines if line.assigned or line.purchased or line.billed]


def _line(sku: SkuId | None, held: Iterable[Subscription]) -> Compared:
    held = list(held)
    usable = {s.id: s.seats for s in held if s.status is SubscriptionStatus.ACTIVE}
    charged = {s.id: s.seats for s in held if is_charged(s)}
    return Compared(
        sku=sku,
        names=tuple(sorted({one.name for one in held})),
        purchased=sum(usable.values()),
        billed=sum(charged.values()),
        billed_not_purchased=sum(charged[id_] for id_ in charged.keys() - usable.keys()),
        purchased_not_billed=sum(usable[id_] for id_ in usable.keys() - charged.keys()),
        counted=sku is not None,
    )


def is_charged(subscription: Subscription) -> bool:
    """Suspending a new-commerce subscription does not stop its bill.

    https://learn.microsoft.com/partner-center/customers/suspend-a-subscription
    """
    if subscription.is_trial:
        return False
    if subscription.status is SubscriptionStatus.SUSPENDED:
        return not subscription.is_legacy
    return subscription.status is SubscriptionStatus.ACTIVE

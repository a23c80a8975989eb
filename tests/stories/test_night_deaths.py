"""A night that puts back, gives back and schedules dies anywhere, and ends as if it had not."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest

from shared.domain.ids import CustomerId, SkuId
from shared.domain.seats import GrowthStatus
from simulator import estates, seeds
from simulator.nouns import Subscription
from simulator.partner_center.changes import change_outside
from simulator.products import Product, by_sku
from tests.deaths import Fate, Moment, fated
from tests.estates import PHONE, PREMIUM
from tests.nights import age
from tests.portal import Json, Portal, Seatkeeper, let_go, plan_body

BASIC, STANDARD = by_sku("CFQ7TTC0LH18", "0001"), by_sku("CFQ7TTC0LDPB", "0001")
RULES = dict.fromkeys(("name", "schedule", "licences", "autoRenew", "endOfTerm"), "enforce")


@dataclass
class Stage:
    seatkeeper: Seatkeeper
    portal: Portal
    id: str
    subs: dict[Product, Subscription]
    person: str

    async def night(self, fate: Fate | None = None, at: int = 0, moment: str = "") -> Json:
        run = await self.portal.post("runs", {"customerId": self.id})
        if fate is not None:
            fate.arm(at, Moment(moment or "before"))
        await self.seatkeeper.settle()
        ended = await self.portal.get(f"runs/{run['id']}")
        [part] = (await self.portal.get(f"runs/{run['id']}/customers"))["items"]
        return {"summary": ended["summary"], "status": ended["status"], "part": part}

    def patches(self) -> int:
        calls = self.seatkeeper.world.calls.since(0)
        return sum(c.method == "PATCH" and self.id in c.path for c in calls)

    @property
    def state(self) -> dict[str, object]:
        world = self.seatkeeper.world
        person = world.tenants[self.id].users[self.person]
        held: dict[str, object] = {
            p.title: (
                s.quantity,
                s.schedule and s.schedule["quantity"],
                s.auto_renew,
                s.friendly_name,
            )
            for p, s in self.subs.items()
        }
        return held | {"licensed": person.licence(PREMIUM.entra_sku_id) is not None}

    async def growths(self) -> list[GrowthStatus]:
        ledger = self.seatkeeper.works.office.desk.ledger
        pages = [await ledger.read(CustomerId(self.id), SkuId(p.entra_sku_id)) for p in self.subs]
        return [g.status for page in pages for g in page.growths]

    async def record(self) -> list[tuple[str, int, int]]:
        lines = (await self.portal.get(f"customers/{self.id}/transactions?limit=200"))["items"]
        return sorted((ln["kind"], ln["seatsBefore"], ln["seatsAfter"]) for ln in lines)


async def set_up(seatkeeper: Seatkeeper, portal: Portal, number: int) -> Stage:
    world = seatkeeper.world
    customer = estates.found_customer(world, seeds.NORTHWIND, f"deaths{number}.onmicrosoft.com")
    tenant, now = world.tenants[customer.id], world.clock.now()
    subs, people = {}, {}
    for product, seats, used in ((PREMIUM, 10, 5), (BASIC, 10, 6), (PHONE, 6, 4), (STANDARD, 3, 3)):
        subs[product] = estates.sell(world, customer, seeds.NORTHWIND, product, seats=seats)
        age(subs[product], timedelta(days=100))
        people[product] = estates.join(world, tenant, used, product.entra_sku_id)
    person = people[PREMIUM][0]
    stage = Stage(seatkeeper, portal, customer.id, subs, person.id)
    await portal.post(f"customers/{customer.id}/adopt", {"connectionId": "northwind"})
    await let_go(portal, {"id": customer.id}, drift=RULES)
    first = await stage.night()
    assert first["summary"]["seatsScheduled"] == 11
    change_outside(world, subs[PREMIUM], {"scheduledNextTermInstructions": None})
    change_outside(world, subs[PREMIUM], {"friendlyName": "Theirs"})
    change_outside(world, subs[BASIC], {"quantity": 14})
    change_outside(world, subs[STANDARD], {"autoRenewEnabled": False})
    tenant.set_licences(person, [], now)
    estates.join(world, tenant, 1, PHONE.entra_sku_id)
    return stage


@pytest.fixture
def fate(seatkeeper: Seatkeeper, monkeypatch: pytest.MonkeyPatch) -> Fate:
    return fated(seatkeeper, monkeypatch)


async def facts(stage: Stage, fate: Fate, at: int = 0, moment: str = "") -> dict[str, object]:
    """What a night comes to, whoever told of it, and that the next one finds nothing to do."""
    before = stage.patches()
    night = await stage.night(fate, at, moment)
    fate.armed = False
    sent = stage.patches() - before
    found = {
        "status": night["status"],
        "seats": {k: v for k, v in night["summary"].items() if k.startswith("seats")},
        "state": stage.state,
        "record": await stage.record(),
        "open": GrowthStatus.INTENT in await stage.growths(),
    }
    await stage.night()
    return found | {"sent": sent, "again": stage.patches() - before - sent}


@pytest.mark.trial
async def test_a_night_ends_the_same_wherever_its_host_dies(
    seatkeeper: Seatkeeper, portal: Portal, fate: Fate
) -> None:
    # Given a night in which nothing goes wrong
    await seatkeeper.connect(portal)
    await portal.post("plans", plan_body())
    numbers = count()
    undisturbed = await facts(await set_up(seatkeeper, portal, next(numbers)), fate)
    met = list(fate.met)

    # When others die after each write and each change, or hear no answer to it
    breaches = []
    for at, what in enumerate(met, 1):
        for moment in () if "budgets" in what or "GET" in what else ("after", "lost"):
            stage = await set_up(seatkeeper, portal, next(numbers))
            found = await facts(stage, fate, at, moment)
            if found != undisturbed:
                breaches.append((at, moment, what, found))

    # Then they come to the same
    assert breaches == []

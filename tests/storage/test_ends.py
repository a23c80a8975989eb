from datetime import timedelta

from shared.domain.ends import ChosenEnd
from shared.domain.ids import SubscriptionId
from shared.domain.subscriptions import EndOfTerm
from tests.builders import CONTOSO, NOW, days
from tests.storage.conftest import Stores

FIRST, SECOND = SubscriptionId("sub-1"), SubscriptionId("sub-2")


def chosen(
    intent: EndOfTerm, of: SubscriptionId = FIRST, *, later: timedelta = timedelta(0)
) -> ChosenEnd:
    return ChosenEnd(CONTOSO, of, intent, NOW + days(30), NOW + later, "ada")


async def test_the_last_word_on_each_subscription_is_found(stores: Stores) -> None:
    await stores.ends.keep(chosen(EndOfTerm.RENEW))
    await stores.ends.keep(chosen(EndOfTerm.CANCEL, SECOND))
    await stores.ends.keep(chosen(EndOfTerm.EXTEND, later=days(1)))

    found = await stores.ends.of(CONTOSO)

    assert {id_: end.intent for id_, end in found.items()} == {
        FIRST: EndOfTerm.EXTEND,
        SECOND: EndOfTerm.CANCEL,
    }


async def test_an_earlier_word_that_is_told_again_replaces_no_later_one(stores: Stores) -> None:
    await stores.ends.keep(chosen(EndOfTerm.EXTEND, later=days(1)))

    await stores.ends.keep(chosen(EndOfTerm.RENEW))

    assert (await stores.ends.of(CONTOSO))[FIRST].intent is EndOfTerm.EXTEND

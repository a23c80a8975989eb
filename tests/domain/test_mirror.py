"""Rows of people and their counts follow the news, however they are told."""

from dataclasses import replace

from shared.domain.ids import SkuId
from shared.domain.mirror import Headcount, MirroredUser, SyncState, Taken, UserNews, take_in
from tests.builders import CONTOSO, E3, E5, NOW, days

ROUND = SyncState(CONTOSO, generation=1, link="/next")


def holds(*skus: SkuId, id_: str = "ada") -> UserNews:
    return UserNews(id_, direct=dict.fromkeys(skus, ()))


def written(taken: Taken) -> list[MirroredUser]:
    return [move.after for move in taken.moves if move.after is not None]


def test_a_licence_that_moves_is_counted_out_and_in() -> None:
    ada = MirroredUser("ada", generation=1, direct={E3: ()})
    state = replace(ROUND, counts=Headcount(1, {E3: 1}))

    taken = take_in(state, {"ada": ada}, [holds(E5)])

    assert taken.state.counts == Headcount(1, {E5: 1})
    [move] = taken.moves
    assert move.before == ada
    assert move.after is not None
    assert move.after.skus == {E5}


def test_told_twice_in_one_page_the_last_word_counts() -> None:
    taken = take_in(
        ROUND, {}, [holds(E3), holds(E3, E5), UserNews("bob"), UserNews("bob", is_gone=True)]
    )

    assert taken.state.counts == Headcount(1, {E3: 1, E5: 1})
    assert [user.id for user in written(taken)] == ["ada"]


def test_two_pieces_of_news_of_one_person_add_up() -> None:
    taken = take_in(ROUND, {}, [UserNews("ada", enabled=False), UserNews("ada", aliases=2)])

    assert written(taken) == [MirroredUser("ada", generation=1, enabled=False, aliases=2)]


def test_what_is_not_told_stays_as_it_was() -> None:
    ada = MirroredUser("ada", 1, usage_location="GB", direct={E3: ()}, aliases=2)

    taken = take_in(ROUND, {"ada": ada}, [UserNews("ada", enabled=False)])

    assert written(taken) == [replace(ada, enabled=False)]


def test_who_holds_a_product_twice_is_one_holder() -> None:
    taken = take_in(ROUND, {}, [UserNews("ada", direct={E3: ()}, by_group={E3: (), E5: ()})])

    assert taken.state.counts.holders == {E3: 1, E5: 1}
    assert taken.state.counts.direct == {E3: 1}


def test_read_from_the_start_nothing_of_before_is_counted_or_believed() -> None:
    old = MirroredUser("ada", generation=1, direct={E3: ()}, aliases=3)
    state = replace(ROUND, counts=Headcount(1, {E3: 1})).started_over()

    taken = take_in(state, {"ada": old}, [UserNews("ada", usage_location="US")])

    assert taken.state.building == Headcount(1)
    assert taken.state.counts == Headcount(1, {E3: 1})
    assert written(taken) == [MirroredUser("ada", generation=2, usage_location="US")]


def test_after_the_first_reading_there_is_nobody_to_remove() -> None:
    state = SyncState(CONTOSO).started_over()

    ended = take_in(state, {}, [holds(E3)]).state.moved_on("", "/next", NOW)

    assert not ended.is_under_way
    assert ended.counts == Headcount(1, {E3: 1})


def test_a_reading_that_still_removes_people_has_not_ended() -> None:
    state = replace(ROUND, read_at=NOW - days(1)).started_over()

    told = take_in(state, {}, [holds(E3)]).state.moved_on("", "/next", NOW)

    assert (told.is_under_way, told.read_at) == (True, NOW - days(1))
    assert (told.swept().is_under_way, told.swept().read_at) == (False, NOW)


def test_what_changes_nothing_is_not_written() -> None:
    ada = MirroredUser("ada", generation=1, direct={E3: ()})

    taken = take_in(ROUND, {"ada": ada}, [holds(E3)])

    assert not taken.moves

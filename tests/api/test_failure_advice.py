"""Whatever a customer's part fails of, the report says what a person does about it."""

import re

import pytest

from shared.api.failure_advice import advice_on
from shared.api.problems import KINDS, UNEXPECTED
from shared.api.routes import ENDPOINTS
from shared.domain import errors
from shared.domain.errors import SeatkeeperError
from shared.domain.runs import PUT_ASIDE
from tests.api.test_problems import leaves

FINAL = [leaf for leaf in leaves(SeatkeeperError) if not leaf.retryable]
"""A part ends with one of these; what may pass is tried again, and then put aside."""
NAMES = [*(leaf.__name__ for leaf in FINAL), PUT_ASIDE]
MET = (
    errors.AgreementMissing,
    errors.ChangeInReview,
    errors.ConnectionNotFound,
    errors.CountryNotServed,
    errors.CustomerNotFound,
    errors.DirectBillingRequired,
    errors.OfferNotFound,
    errors.RelationshipMissing,
    errors.RemoteRefused,
    errors.SignInRefused,
    errors.SubscriptionNotFound,
    errors.UserPlanNotFound,
    errors.WrongEnvironment,
)
"""What reading a customer and changing its subscriptions is known to end with."""


@pytest.mark.parametrize("name", NAMES)
def test_every_failure_says_what_comes_next_and_nothing_of_requests(name: str) -> None:
    _, advice = advice_on(name)

    assert re.search("run this customer by hand|next night|tell us|Nothing is to be done", advice)
    assert not re.search("[Rr]epeat|[Kk]ey|new id|If-Match|ETag", advice.partition(". ")[2])


@pytest.mark.parametrize("leaf", FINAL, ids=lambda leaf: leaf.__name__)
def test_a_failure_is_called_as_its_problem(leaf: type[SeatkeeperError]) -> None:
    slug, advice = advice_on(leaf.__name__)

    assert (slug, advice.startswith(KINDS[leaf].title)) == (KINDS[leaf].slug, True)


def test_what_a_night_is_known_to_end_with_has_advice_of_its_own() -> None:
    told = {advice_on(leaf.__name__)[1].partition(". ")[2] for leaf in MET}
    families = {"RequestError", "CallerError", "MissingError", "ConflictError", "RefusedError"}

    assert len(told) == len(MET)
    assert told.isdisjoint(advice_on(family)[1].partition(". ")[2] for family in families)


def test_a_name_that_nobody_knows_any_more_is_not_taken_for_a_message_put_aside() -> None:
    assert advice_on("RenamedSince")[0] == UNEXPECTED.slug


@pytest.mark.parametrize("name", NAMES)
def test_what_is_to_be_called_is_there(name: str) -> None:
    there = {(e.method, re.sub(r"{\w+}", "*", e.path)) for e in ENDPOINTS}
    called = re.findall(r"`(GET|POST) /api/([^`?]+)", advice_on(name)[1])

    assert {(method, re.sub(r"{\w+}", "*", route)) for method, route in called} <= there

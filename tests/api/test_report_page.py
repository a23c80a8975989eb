"""The page of a run says what is to be done, and alarms nobody without need."""

import re
from dataclasses import replace
from decimal import Decimal

from shared.api.report_page import report_html
from shared.api.run_report_replies import RunReportReply
from shared.domain.ids import CustomerId, RunId, SubscriptionId
from shared.domain.money import Money
from shared.domain.night_facts import NightFacts, Saving, SavingKind
from shared.domain.run_tally import RunTally
from shared.domain.runs import CustomerRun, CustomerRunStatus, Run, RunStatus
from tests.builders import CONTOSO, NORTH, NOW

NIGHT = Run(RunId("night-2026-06-15"), "timer", NOW)
PARTIAL = replace(NIGHT, status=RunStatus.PARTIAL, finished_at=NOW)
CLOSED = replace(NIGHT, status=RunStatus.DONE, finished_at=NOW)
WAITING = CustomerRun(NIGHT.id, CONTOSO, NORTH)
DONE = replace(WAITING, status=CustomerRunStatus.DONE)


def reported(run: Run, *parts: CustomerRun) -> RunReportReply:
    tally = RunTally(run.opened_at)
    for part in parts:
        tally.add(part)
    return RunReportReply.of(run, tally.figures)


def alarms(page: str) -> list[str]:
    return [re.sub("<.*?>", "", text) for text in re.findall(r'<p class="alarm">(.*?)</p>', page)]


def customers(count: int, part: CustomerRun) -> list[CustomerRun]:
    return [replace(part, customer_id=CustomerId(f"customer-{n:04}")) for n in range(count)]


def test_a_run_that_is_open_alarms_nobody_and_says_how_far_it_is() -> None:
    report = reported(NIGHT, DONE, *customers(2, WAITING))

    page = report_html(report)

    assert alarms(page) == []
    assert "So far 1 of 3 customers have ended." in page
    assert "2 not ended" in page
    assert report.unfinished_advice is None


def test_who_was_left_at_the_deadline_is_listed_with_what_to_do() -> None:
    report = reported(PARTIAL, DONE, *customers(60, WAITING))

    page = report_html(report)

    told = "Of 61 customers 60 had not ended when the run closed. What to do"
    assert alarms(page) == [told]
    left = page.partition('<h3 id="unfinished">')[2]
    assert left.count("customer-0") == len(report.unfinished_customers) == 50
    assert "the first 50 of 60" in left
    assert "POST /api/runs" in left
    assert "customer-0000" in left


def test_a_sum_says_how_many_seats_it_leaves_out() -> None:
    known, unknown = a_saving(Money(Decimal("5.10"), "USD")), a_saving(None)

    page = report_html(reported(CLOSED, replace(DONE, facts=NightFacts(savings=(known, unknown)))))

    assert '5.10 USD<br><span class="faint">and 2 seats without a price' in page


def a_saving(amount: Money | None) -> Saving:
    return Saving(SavingKind.REALISABLE, SubscriptionId("sub-1"), "E3", 2, NOW, amount)


def test_a_run_in_which_all_went_well_asks_for_nothing() -> None:
    page = report_html(reported(CLOSED, DONE))

    assert alarms(page) == []
    assert "No customer failed." in page
    assert 'href="#unfinished"' not in page

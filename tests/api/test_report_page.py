"""The page of a run says what is to be done, and alarms nobody without need."""

import re
from dataclasses import replace
from decimal import Decimal

from shared.api.report_page import report_html
from shared.api.run_report_replies import RunReportReply
from shared.domain.ids import CustomerId, RunId, SkuId, SubscriptionId
from shared.domain.money import Money
from shared.domain.night_facts import NightFacts, Saving, SavingKind, SkuFacts
from shared.domain.run_tally import RunTally
from shared.domain.runs import PUT_ASIDE, CustomerRun, CustomerRunStatus, Run, RunStatus
from tests.builders import CONTOSO, E3, E5, NORTH, NOW

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


def test_money_is_written_in_thousands() -> None:
    saving = a_saving(Money(Decimal("1234567.50"), "USD"))

    page = report_html(reported(CLOSED, replace(DONE, facts=NightFacts(savings=(saving,)))))

    assert "1,234,567.50 USD" in page


def test_a_bar_is_as_long_as_its_seats_whatever_its_product_is_called() -> None:
    skus = (
        SkuFacts('<b title="x">', 9, used=6, reserved=1, idle=3, sku=E3),
        SkuFacts("x" * 300, 5, used=5, sku=E5),
        SkuFacts("Not counted by people", 7, sku=SkuId("storage")),
    )

    page = report_html(reported(CLOSED, replace(DONE, facts=NightFacts(skus=skus))))

    drawn = page.partition('id="seat-bars"')[2].partition("</figure>")[0]
    pieces = re.findall(r'<i class="(\w+)" style="width: ([\d.]+)%">', drawn)
    assert pieces == [
        ("used", "60.00"),
        ("reserved", "10.00"),
        ("idle", "30.00"),
        ("used", "50.00"),
        ("reserved", "0.00"),
        ("idle", "0.00"),
    ]
    assert "&lt;b title=" in drawn
    assert "Not counted" not in drawn


def test_a_cell_without_its_heading_says_what_it_is() -> None:
    """On a phone a table is told line by line, and its head is gone."""
    failed = replace(WAITING, status=CustomerRunStatus.FAILED, failure="RemoteRefused")
    facts = NightFacts("Contoso", skus=(SkuFacts("E3", 9, 6, 1, 2, E3),), savings=(a_saving(None),))

    page = report_html(reported(PARTIAL, failed, WAITING, replace(DONE, facts=facts)))

    cells = re.findall(r"<td([^>]*)>", page.partition("<tbody>")[2])
    known = ("data-label", "colspan", 'class="d"')
    assert [cell for cell in cells if not any(word in cell for word in known)] == []


def test_what_is_for_machines_is_set_apart_and_all_is_escaped() -> None:
    failed = replace(WAITING, status=CustomerRunStatus.FAILED, failure=PUT_ASIDE, reason="<b>")

    page = report_html(reported(CLOSED, failed))

    assert "<code>GET /api/poison</code>" in page
    assert "`" not in page
    assert "<b>" not in page.partition('id="failures"')[2]


def test_who_failed_is_called_by_name_where_it_is_known() -> None:
    failed = replace(WAITING, status=CustomerRunStatus.FAILED, failure=PUT_ASIDE)
    named = replace(failed, facts=NightFacts("Fabrikam"))

    [unknown] = reported(CLOSED, failed).failed_customers
    [known] = reported(CLOSED, named).failed_customers

    assert (unknown.company_name, known.company_name) == ("", "Fabrikam")
    assert "Fabrikam" in report_html(reported(CLOSED, named))


def test_a_run_in_which_all_went_well_asks_for_nothing() -> None:
    page = report_html(reported(CLOSED, DONE))

    assert alarms(page) == []
    assert "No customer failed." in page
    assert 'href="#unfinished"' not in page

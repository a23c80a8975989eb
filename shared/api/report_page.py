"""Write a run's report as one page: no script, nothing from elsewhere, the same numbers as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from shared.api.models import MoneyReply
from shared.api.report_charts import bars
from shared.api.run_report_replies import ProductReply, RunReportReply, SavingsReply
from shared.api.runs import RunReply
from shared.domain.runs import NIGHT, nightly_id

_TEMPLATES = Path(__file__).parent / "templates"
_MEANINGS = {
    "realised": "given back, counted until the term's end",
    "secured": "the next term starts without them, counted over that term",
    "realisable": "would go on their day, if the policy or the end of the term lets them",
}
_DRAWN = 12
"""Products and months that a chart has room for; the tables list more."""


def report_html(report: RunReportReply) -> str:
    """Everything that came from outside is escaped by the template."""
    return _template().render(
        report=report,
        totals=_totals(report.savings),
        seat_bars=_seat_bars(report.products),
        savings_chart=Markup(_savings_chart(report.savings)),  # noqa: S704 (drawn and escaped by us)
        renewals_chart=Markup(_renewals_chart(report)),  # noqa: S704 (ditto)
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": _count,
        "day": _day,
        "moment": _moment,
        "money": _money,
        "prose": _prose,
        "scope": _scope,
        "title": _title,
    }
    return environment.get_template("report.html")


@dataclass(frozen=True, slots=True)
class Total:
    """One kind of saving over all months."""

    kind: str
    meaning: str
    seats: int
    amounts: Sequence[MoneyReply]
    unpriced: int


def _totals(savings: Sequence[SavingsReply]) -> list[Total]:
    return [_total(k, what, [s for s in savings if s.kind == k]) for k, what in _MEANINGS.items()]


def _total(kind: str, meaning: str, savings: Sequence[SavingsReply]) -> Total:
    sums: dict[str, Decimal] = {}
    for amount in (amount for saving in savings for amount in saving.amounts):
        sums[amount.currency] = sums.get(amount.currency, Decimal()) + Decimal(amount.amount)
    amounts = [MoneyReply(amount=str(sums[name]), currency=name) for name in sorted(sums)]
    seats, unpriced = sum(s.seats for s in savings), sum(s.unpriced_seats for s in savings)
    return Total(kind, meaning, seats, amounts, unpriced)


def _title(run: RunReply) -> str:
    """A night's id carries its date; a run by hand has one that tells nobody anything."""
    if not run.id.startswith(NIGHT):
        return f"Run of {_day(run.opened_at)}"
    number = run.id.removeprefix(nightly_id(run.opened_at.date())).lstrip("-")
    return f"Night of {_day(run.opened_at)}" + (f" ({number})" if number else "")


def _scope(run: RunReply) -> str:
    if run.customer_id:
        return f"of the customer {run.customer_id}"
    if run.connection_id:
        return f"of all customers of the connection {run.connection_id}"
    return "of all customers"


@dataclass(frozen=True, slots=True)
class SeatBar:
    """One product's line, cut in pieces; their widths are shares of the longest line."""

    name: str
    pieces: Sequence[tuple[str, str]]


def _seat_bars(products: Sequence[ProductReply]) -> list[SeatBar]:
    drawn = [(p.name, pieces) for p in products if any((pieces := _pieces(p)).values())][:_DRAWN]
    longest = max((sum(pieces.values()) for _, pieces in drawn), default=0)
    return [
        SeatBar(name, [(kind, f"{100 * seats / longest:.2f}%") for kind, seats in pieces.items()])
        for name, pieces in drawn
    ]


def _pieces(product: ProductReply) -> dict[str, int]:
    seats = product.seats
    return {"used": seats.used, "reserved": seats.reserved, "idle": seats.idle}


def _savings_chart(savings: Sequence[SavingsReply]) -> str:
    months = sorted({saving.month for saving in savings})[:_DRAWN]
    if not months:
        return ""
    found = {(saving.kind, saving.month): saving.seats for saving in savings}
    return bars(
        "Seats that need not be paid any more, by month",
        "Seats given back, scheduled and still to give back, by the month that it counts from.",
        months,
        {
            kind: [found.get((kind, month), 0) for month in months]
            for kind in ("realised", "secured", "realisable")
        },
    )


def _renewals_chart(report: RunReportReply) -> str:
    if not any(renewal.subscriptions for renewal in report.renewals):
        return ""
    return bars(
        "Seats that renew",
        "Seats whose term ends within 30, 60 and 90 days of the run.",
        [f"{renewal.days} days" for renewal in report.renewals],
        {"seats": [renewal.seats for renewal in report.renewals]},
    )


def _count(number: int) -> str:
    return f"{number:,}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _money(amounts: MoneyReply | Sequence[MoneyReply] | None) -> str:
    listed = [amounts] if isinstance(amounts, MoneyReply) else amounts or ()
    told = [f"{Decimal(amount.amount):,} {amount.currency}" for amount in listed]
    return ", ".join(told) or "no price known"


def _prose(text: str) -> Markup:
    """What stands between backticks is for machines; all of it is escaped."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part
        for number, part in enumerate(parts)
    )

"""Shape the figures of a run's report; the page for people is made of the same."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.drift import DriftReply
from shared.api.models import MoneyReply, Reply
from shared.api.renewals import RenewalReply
from shared.api.run_failures import FailureCountReply, FailureReply, LeftOutReply, UnfinishedReply
from shared.api.runs import DriftCountsReply, RunReply
from shared.domain.run_reports import (
    ConnectionFigures,
    CustomerDrift,
    CustomerFigures,
    CustomerSaving,
    OtherProducts,
    ProductFigures,
    RenewalFigures,
    RunFigures,
    SavingFigures,
    SeatFigures,
)
from shared.domain.runs import Run

_UNPRICED = "Of these, seats that no price is known of: no amount counts them."


class FoundSeatsReply(Reply):
    """Seats as the run found them."""

    bought: Annotated[int, Field(description="Our own active seats.")]
    used: Annotated[int, Field(description="Licences in use, over all owners.")]
    reserved: Annotated[int, Field(description="Promised to batches and not assigned yet.")]
    idle: Annotated[int, Field(description="Beyond use, promises, spare and held seats.")]

    @staticmethod
    def found(seats: SeatFigures) -> "FoundSeatsReply":
        return FoundSeatsReply(
            bought=seats.bought, used=seats.used, reserved=seats.reserved, idle=seats.idle
        )


class SeatsReply(FoundSeatsReply):
    """Seats as the run found them, and what it did."""

    given_back: Annotated[int, Field(description="Gone now, inside their windows.")]
    scheduled: Annotated[int, Field(description="Gone from the renewal on.")]
    restored: Annotated[int, Field(description="Scheduled away before, and kept again.")]
    at_risk: Annotated[int, Field(description="In use, and taken by a renewal unless one acts.")]

    @classmethod
    def of(cls, seats: SeatFigures) -> Self:
        return cls(
            bought=seats.bought,
            used=seats.used,
            reserved=seats.reserved,
            idle=seats.idle,
            given_back=seats.given_back,
            scheduled=seats.scheduled,
            restored=seats.restored,
            at_risk=seats.at_risk,
        )


class ConnectionFiguresReply(Reply):
    """One connection's part of a run."""

    connection_id: str
    customers: int
    failed: int
    unfinished: int
    seats: SeatsReply

    @classmethod
    def of(cls, figures: ConnectionFigures) -> Self:
        return cls(
            connection_id=figures.connection_id,
            customers=figures.customers,
            failed=figures.failed,
            unfinished=figures.unfinished,
            seats=SeatsReply.of(figures.seats),
        )


class ProductReply(Reply):
    """One product over all customers."""

    name: Annotated[str, Field(description="As the catalog has it; its id where it has none.")]
    sku_id: str | None = None
    offer_id: Annotated[
        str | None, Field(description="Where the catalog does not tell the product.")
    ] = None
    seats: FoundSeatsReply

    @classmethod
    def of(cls, figures: ProductFigures) -> Self:
        seats = FoundSeatsReply.found(figures.seats)
        return cls(name=figures.name, sku_id=figures.sku, offer_id=figures.offer, seats=seats)


class OtherProductsReply(Reply):
    """What is not among the largest products."""

    products: int
    seats: FoundSeatsReply

    @classmethod
    def beyond(cls, figures: OtherProducts) -> Self | None:
        if not figures.products:
            return None
        return cls(products=figures.products, seats=FoundSeatsReply.found(figures.seats))


class CustomerFiguresReply(Reply):
    """A customer with idle seats, and what was decided about its first subscriptions."""

    customer_id: str
    company_name: str
    seats: SeatsReply
    reasons: list[str]

    @classmethod
    def of(cls, figures: CustomerFigures) -> Self:
        return cls(
            customer_id=figures.customer_id,
            company_name=figures.company,
            seats=SeatsReply.of(figures.seats),
            reasons=list(figures.reasons),
        )


class SavingsReply(Reply):
    """Seats and money of one kind that come in one month."""

    kind: Annotated[str, Field(examples=["realised", "secured", "realisable"])]
    month: Annotated[str, Field(examples=["2026-09"])]
    seats: int
    amounts: Annotated[
        list[MoneyReply], Field(description="One for each currency, by the price sheet.")
    ]
    unpriced_seats: Annotated[int, Field(description=_UNPRICED)]

    @classmethod
    def of(cls, figures: SavingFigures) -> Self:
        return cls(
            kind=figures.kind.value,
            month=figures.month,
            seats=figures.seats,
            amounts=[MoneyReply.of(amount) for amount in figures.amounts],
            unpriced_seats=figures.unpriced,
        )


class RealisableReply(Reply):
    """Idle seats of one subscription, and the day from which they need not be paid."""

    customer_id: str
    company_name: str
    subscription_id: str
    name: str
    seats: int
    at: datetime
    amount: Annotated[MoneyReply | None, Field(description="An estimate by the price sheet.")] = (
        None
    )

    @classmethod
    def of(cls, found: CustomerSaving) -> Self:
        saving = found.saving
        return cls(
            customer_id=found.customer_id,
            company_name=found.company,
            subscription_id=saving.subscription_id,
            name=saving.name,
            seats=saving.seats,
            at=saving.at,
            amount=MoneyReply.maybe(saving.amount),
        )


class CustomerDriftReply(DriftReply):
    """One difference, with whose it is."""

    customer_id: str
    company_name: str

    @classmethod
    def found(cls, drift: CustomerDrift) -> Self:
        entry = DriftReply.of(drift.entry)
        return cls(
            customer_id=drift.entry.customer_id,
            company_name=drift.company,
            **entry.model_dump(),
        )


class DriftFiguresReply(DriftCountsReply):
    """What changed outside, over all customers."""

    items: Annotated[
        list[CustomerDriftReply],
        Field(description="What is open, or was found or decided by this run; newest first."),
    ]

    @classmethod
    def of(cls, figures: RunFigures) -> Self:
        counts = DriftCountsReply.counted(figures.drift)
        items = [CustomerDriftReply.found(drift) for drift in figures.drifted]
        return cls(items=items, **counts.model_dump())


class RenewalFiguresReply(Reply):
    """What ends within so many days of the run."""

    days: int
    subscriptions: int
    seats: int
    amounts: Annotated[list[MoneyReply], Field(description="Over the next term.")]
    unpriced_seats: Annotated[int, Field(description=_UNPRICED)]
    extended: Annotated[
        int, Field(description="Will go on as a paid extended term that nobody chose.")
    ]
    disagreeing: Annotated[int, Field(description="Microsoft holds another end than was chosen.")]

    @classmethod
    def of(cls, figures: RenewalFigures) -> Self:
        return cls(
            days=figures.days,
            subscriptions=figures.subscriptions,
            seats=figures.seats,
            amounts=[MoneyReply.of(amount) for amount in figures.amounts],
            unpriced_seats=figures.unpriced,
            extended=figures.extended,
            disagreeing=figures.disagreeing,
        )


class RunReportReply(Reply):
    """A run added up: sums are whole, lists hold the first or the largest fifty."""

    run: RunReply
    customers: int
    failed: int
    unfinished: int
    left_out: Annotated[int, Field(description="Connections.")]
    seats: SeatsReply
    connections: list[ConnectionFiguresReply]
    products: Annotated[list[ProductReply], Field(description="The largest first.")]
    other_products: Annotated[
        OtherProductsReply | None, Field(description="The sum of those that are not listed.")
    ] = None
    savings: list[SavingsReply]
    realisable: Annotated[list[RealisableReply], Field(description="Soonest first.")]
    idle_customers: Annotated[list[CustomerFiguresReply], Field(description="Most idle first.")]
    failures: list[FailureCountReply]
    failed_customers: list[FailureReply]
    unfinished_customers: list[UnfinishedReply]
    unfinished_advice: Annotated[
        str | None, Field(description="What to do about them, where the run has closed.")
    ] = None
    left_out_connections: list[LeftOutReply]
    drift: DriftFiguresReply
    renewals: list[RenewalFiguresReply]
    next_renewals: Annotated[list[RenewalReply], Field(description="Soonest first.")]

    @classmethod
    def of(cls, run: Run, figures: RunFigures) -> Self:
        return cls(
            run=RunReply.of(run),
            customers=figures.customers,
            failed=figures.failed,
            unfinished=figures.unfinished,
            left_out=len(figures.left_out),
            seats=SeatsReply.of(figures.seats),
            connections=[ConnectionFiguresReply.of(c) for c in figures.connections],
            products=[ProductReply.of(product) for product in figures.products],
            other_products=OtherProductsReply.beyond(figures.other_products),
            savings=[SavingsReply.of(saving) for saving in figures.savings],
            realisable=[RealisableReply.of(saving) for saving in figures.to_realise],
            idle_customers=[CustomerFiguresReply.of(c) for c in figures.idle_customers],
            failures=FailureCountReply.of(figures.failures),
            failed_customers=[FailureReply.of(failure) for failure in figures.failed_customers],
            unfinished_customers=[UnfinishedReply.of(u) for u in figures.unfinished_customers],
            unfinished_advice=UnfinishedReply.advice(run, figures),
            left_out_connections=LeftOutReply.first(figures),
            drift=DriftFiguresReply.of(figures),
            renewals=[RenewalFiguresReply.of(renewal) for renewal in figures.renewals],
            next_renewals=[
                RenewalReply.of(r.renewal, company=r.company, zone_name=r.zone)
                for r in figures.next_renewals
            ],
        )

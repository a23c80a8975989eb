"""Show which terms end soon, what follows, and what we propose."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field

from shared.api.call import Answer, Call
from shared.api.customers import customer_id_of
from shared.api.models import MoneyReply, Pages, Query, Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.catalog import BillingPlan, Term
from shared.domain.renewals import Renewal
from shared.domain.subscriptions import EndOfTerm
from shared.domain.zones import zone
from shared.workflows.renewals import EndingTerms, read_renewals, renewals_of

Days = Annotated[
    Literal[30, 60, 90],
    BeforeValidator(lambda value: int(value) if str(value) in ("30", "60", "90") else value),
    Field(description="How far to look ahead."),
]


class RenewalsQuery(Query):
    days: Days = 30


class RenewalPages(Pages):
    """A page covers so many customers, and lists what ends of theirs."""

    days: Days = 30


class RenewalReply(Reply):
    """A subscription whose term ends soon."""

    customer_id: str
    company_name: str
    subscription_id: str
    name: str
    offer_id: str
    renews_at: Annotated[datetime, Field(description="When the running term ends.")]
    decide_by: Annotated[
        datetime, Field(description="Microsoft may lose what it is told later than this.")
    ]
    decide_by_local: Annotated[
        str | None, Field(description="The same moment on the customer's clock.")
    ] = None
    time_zone: Annotated[str | None, Field(examples=["Europe/London"])] = None
    term: Term
    billing_plan: BillingPlan
    seats: Annotated[int, Field(description="Of the running term.")]
    renewal_seats: Annotated[
        int, Field(description="What the next term starts with; 0: it ends with this one.")
    ]
    proposed_seats: Annotated[int, Field(description="Less what was idle last night.")]
    unit_price: Annotated[
        MoneyReply | None, Field(description="One seat, one billing period, by the price sheet.")
    ] = None
    next_term_price: Annotated[
        MoneyReply | None, Field(description="All seats over the whole next term.")
    ] = None
    price_as_of: Annotated[
        datetime | None,
        Field(description="When that is the price: no price sheet reaches the day of the renewal."),
    ] = None
    next_term_ends_at: Annotated[
        datetime | None, Field(description="The next term's last day, where it is not its own.")
    ] = None
    held_end: Annotated[EndOfTerm, Field(description="What Microsoft will do.")]
    chosen_end: Annotated[EndOfTerm, Field(description="As chosen, or by the baseline.")]
    chosen: Annotated[bool, Field(description="Somebody said so, not only the baseline.")]
    unwanted_extension: Annotated[
        bool, Field(description="It goes on as a paid extended term, and nobody chose that.")
    ]
    proposal: Annotated[str, Field(description="What we would do, in words.")]

    @classmethod
    def of(cls, renewal: Renewal, *, company: str, zone_name: str) -> Self:
        local = zone(zone_name)
        return cls(
            customer_id=renewal.customer_id,
            company_name=company,
            subscription_id=renewal.subscription_id,
            name=renewal.name,
            offer_id=renewal.offer,
            renews_at=renewal.renews_at,
            decide_by=renewal.decide_by,
            decide_by_local=renewal.decide_by.astimezone(local).isoformat() if local else None,
            time_zone=zone_name or None,
            term=renewal.term,
            billing_plan=renewal.billing,
            seats=renewal.seats,
            renewal_seats=renewal.renewal_seats,
            proposed_seats=renewal.proposed_seats,
            unit_price=MoneyReply.maybe(renewal.unit),
            next_term_price=MoneyReply.maybe(renewal.next_term),
            price_as_of=renewal.priced_at,
            next_term_ends_at=renewal.next_ends_at,
            held_end=renewal.held,
            chosen_end=renewal.intent,
            chosen=renewal.is_chosen,
            unwanted_extension=renewal.is_unwanted_extension,
            proposal=renewal.proposal,
        )


class RenewalList(Reply):
    items: list[RenewalReply]
    next_link: str | None = None


class CustomerRenewals(Reply):
    items: list[RenewalReply]


async def list_renewals(call: Call) -> Answer:
    """From the mirror, so that all customers together cost Microsoft no call."""
    query = call.query_as(RenewalPages)
    horizon = timedelta(days=query.days)
    page = await read_renewals(call.desk, cursor_of(call), query.limit, horizon)
    items = [reply for found in page.items for reply in _replies(found)]
    items.sort(key=lambda one: (one.renews_at, one.subscription_id))
    return Answer(RenewalList(items=items, next_link=next_link(call, page.cursor)))


async def list_customer_renewals(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    horizon = timedelta(days=call.query_as(RenewalsQuery).days)
    found = await renewals_of(call.desk, customer, horizon)
    return Answer(CustomerRenewals(items=_replies(found)))


def _replies(found: EndingTerms) -> list[RenewalReply]:
    company, zone_name = found.customer.company_name, found.zone
    return [RenewalReply.of(r, company=company, zone_name=zone_name) for r in found.renewals]

"""Put the rooms together: the one place that knows them all."""

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial

import httpx

from shared import settings as environment
from shared import telemetry
from shared.api.office import Limits, Office
from shared.domain.callbacks import CallbackRules
from shared.domain.connections import Connection
from shared.domain.drift_levels import rules_of_text
from shared.domain.ids import CustomerId
from shared.graph.client import WINDOW, GraphClient, open_graph
from shared.identity.callers import CallerTokens
from shared.identity.certificates import SigningCertificates
from shared.identity.consents import Consents
from shared.identity.secrets import FileSecrets
from shared.identity.signatures import NoticeSignatures
from shared.identity.tokens import Tokens, Witness
from shared.partner_center.calls import SignIn
from shared.partner_center.client import (
    PRICE_SHEET_SCOPE,
    SCOPE,
    PartnerCenterClient,
    open_partner_center,
)
from shared.settings import Settings
from shared.storage.audit import AuditTable
from shared.storage.batches import BatchTable
from shared.storage.budgets import BudgetTable
from shared.storage.catalog import CatalogTable
from shared.storage.claims import ClaimTable
from shared.storage.connections import ConnectionTable
from shared.storage.customers import CustomerTable
from shared.storage.drift import DriftTable
from shared.storage.drops import BlobDrops
from shared.storage.ends import EndTable
from shared.storage.estates import EstateTable
from shared.storage.healths import HealthTable
from shared.storage.history import HistoryTable
from shared.storage.idempotency import IdempotencyTable
from shared.storage.idle import IdleTable
from shared.storage.ledger import SeatLedgerTable
from shared.storage.notices import NoticeTable
from shared.storage.operations import OperationTable
from shared.storage.organisations import OrganisationTable
from shared.storage.plans import PlanTable
from shared.storage.poison import PoisonTable
from shared.storage.policies import PolicyTable
from shared.storage.queues import StorageQueues
from shared.storage.reminders import ReminderTable
from shared.storage.runs import RunTable
from shared.storage.selections import SelectionTable
from shared.storage.standings import StandingTable
from shared.storage.subscriptions import SubscriptionTable
from shared.storage.syncs import SyncTable
from shared.storage.tables import Tables
from shared.storage.transactions import TransactionTable
from shared.storage.users import UserTable
from shared.transport.budget import Budget, Meter, SharedBudget
from shared.transport.callbacks import CallbackPost
from shared.transport.clocks import BorrowedClock, SystemClock
from shared.transport.http import open_http
from shared.transport.pace import Paces
from shared.transport.retry import Retry
from shared.workflows.ports import Desk, Pauses, Secrets

VERSION = "0.1.0"
LEASE = timedelta(minutes=15)
"""Longer than a function may run, so that who holds it is done or dead when it ends."""


@dataclass(frozen=True, slots=True)
class Microsoft:
    """Both APIs, signed in as whoever the call is made for."""

    http: httpx.AsyncClient
    settings: Settings
    tokens: Tokens
    witness: Witness
    paces: Paces
    """This host's writes to each tenant."""
    budget: Budget | None = None
    """Shared by all hosts; none where the setting says that nobody counts."""

    def partner_center(self, connection: Connection) -> PartnerCenterClient:
        return open_partner_center(
            self.http,
            application_id=connection.client_id,
            sign_in=SignIn(
                self.tokens.app_only(connection, SCOPE),
                self.tokens.app_and_user(connection, SCOPE),
            ),
            price_sheet_sign_in=self.tokens.app_and_user(connection, PRICE_SHEET_SCOPE),
            base_url=self.settings.partner_center_url,
            price_sheet_url=self.settings.price_sheet_url,
            sends_scheduled_actions=connection.sends_scheduled_actions,
            on_refusal=partial(self.witness.refused, connection.id),
            retry=self._patience,
            meter=self._meter(connection),
        )

    @property
    def _patience(self) -> Retry:
        """Backing off is a wait of machine time; how long Microsoft asks us to wait is its own."""
        usual = Retry()
        return replace(usual, base=self.settings.scaled(usual.base))

    def _meter(self, connection: Connection) -> Meter | None:
        if self.budget is None:
            return None
        per_customer = self.settings.partner_center_budget_per == "customer"
        return Meter(self.budget, connection.partner_tenant_id, per_customer)

    def directory(self, connection: Connection, customer: CustomerId) -> GraphClient:
        return open_graph(
            self.http,
            sign_in=self.tokens.for_customer(connection, customer),
            base_url=self.settings.graph_url,
            retry=self._patience,
            pace=self.paces.of(f"{connection.client_id}|{customer}"),
        )


@dataclass(frozen=True, slots=True)
class Works:
    """A furnished office and what has to be closed after it."""

    office: Office
    tables: Tables
    queues: StorageQueues
    drops: BlobDrops
    http: httpx.AsyncClient

    async def close(self) -> None:
        await self.http.aclose()
        await self.drops.close()
        await self.queues.close()
        await self.tables.close()


def build(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None, prefix: str = ""
) -> Works:
    """Furnish an office; tests hand in a transport to Microsoft and a prefix for their names."""
    http = open_http(transport=transport)
    tables = Tables(settings.storage, endpoint=settings.table_endpoint, prefix=prefix)
    queues = StorageQueues(settings.storage, endpoint=settings.queue_endpoint, prefix=prefix)
    drops = _drops(settings, prefix)
    secrets = _secrets(settings)
    office = Office(
        desk=_desk(settings, http, tables, queues, secrets),
        callers=CallerTokens(
            http,
            organisations=OrganisationTable(tables).all,
            tenants=[settings.api_tenant_id],
            audience=settings.api_audience,
            login_url=settings.login_url,
        ),
        signatures=NoticeSignatures(
            SigningCertificates(
                http, anchors=settings.webhook_anchors, hosts=settings.webhook_hosts.split(",")
            )
        ),
        drops=drops,
        limits=Limits(
            settings.body_limit, settings.row_limit, settings.cell_limit, settings.fault_limit
        ),
        automation_id=settings.automation_id,
        max_dequeue_count=settings.max_dequeue_count,
        version=VERSION,
    )
    return Works(office, tables, queues, drops, http)


def _drops(settings: Settings, prefix: str) -> BlobDrops:
    return BlobDrops(
        settings.storage,
        endpoint=settings.blob_endpoint,
        container=prefix + settings.batch_container,
    )


def _desk(
    settings: Settings,
    http: httpx.AsyncClient,
    tables: Tables,
    queues: StorageQueues,
    secrets: Secrets,
) -> Desk:
    clock = BorrowedClock(http, settings.dev_clock_url) if settings.dev_clock_url else SystemClock()
    healths = HealthTable(tables)
    witness = Witness(healths, clock.now)
    tokens = Tokens(http, secrets, settings.login_url, witness=witness)
    return Desk(
        clock=clock,
        microsoft=Microsoft(
            http, settings, tokens, witness, _paces(settings), _budget(settings, tables)
        ),
        secrets=secrets,
        connections=ConnectionTable(tables),
        healths=healths,
        consents=Consents(http, secrets, tokens, settings.login_url),
        organisations=OrganisationTable(tables),
        customers=CustomerTable(tables),
        catalog=CatalogTable(tables),
        selections=SelectionTable(tables),
        syncs=SyncTable(tables),
        plans=PlanTable(tables),
        policies=PolicyTable(tables),
        idle=IdleTable(tables),
        people=UserTable(tables),
        drift=DriftTable(tables),
        standings=StandingTable(tables),
        estates=EstateTable(tables),
        subscriptions=SubscriptionTable(tables),
        history=HistoryTable(tables),
        ends=EndTable(tables),
        ledger=SeatLedgerTable(tables, lease_for=settings.scaled(LEASE)),
        batches=BatchTable(tables),
        operations=OperationTable(tables),
        runs=RunTable(tables),
        transactions=TransactionTable(tables),
        idempotency=IdempotencyTable(tables, abandoned_after=settings.scaled(LEASE)),
        notices=NoticeTable(tables),
        audit=AuditTable(tables),
        poison=PoisonTable(tables),
        claims=ClaimTable(tables),
        reminders=ReminderTable(tables),
        callbacks=CallbackPost(_callback_rules(settings)),
        queues=queues,
        pauses=_pauses(settings),
        retention=timedelta(days=settings.retention_days),
        run_retention=timedelta(days=settings.run_retention_days),
        run_longest=timedelta(hours=settings.run_deadline_hours),
        closing_day=settings.billing_closing_day,
        drift_rules=rules_of_text(settings.drift_rules),
        row_limit=settings.row_limit,
        public_url=settings.public_url,
    )


def _callback_rules(settings: Settings) -> CallbackRules:
    hosts = (host.strip().lower() for host in settings.callback_hosts.split(","))
    return CallbackRules(
        tuple(host for host in hosts if host), allow_loopback=settings.callback_loopback == "true"
    )


def _secrets(settings: Settings) -> Secrets:
    if settings.secrets_file:
        return FileSecrets(settings.secrets_file)
    # Heavy, and not needed where a file holds the secrets.
    from shared.identity.vault import KeyVaultSecrets  # noqa: PLC0415

    return KeyVaultSecrets(settings.key_vault_url)


def _paces(settings: Settings) -> Paces:
    return Paces(settings.graph_writes, settings.scaled(WINDOW).total_seconds())


def _budget(settings: Settings, tables: Tables) -> Budget | None:
    limit = settings.partner_center_calls_per_minute
    minute = settings.scaled(timedelta(minutes=1))
    return SharedBudget(BudgetTable(tables), limit, window=minute) if limit else None


def _pauses(settings: Settings) -> Pauses:
    """Waits of machine time shrink on a local host; those of business time follow its clock."""
    usual = Pauses()
    return replace(
        usual,
        busy=settings.scaled(usual.busy),
        seats_visible=settings.scaled(usual.seats_visible),
        settle_look=settings.scaled(usual.settle_look),
        busy_bound=settings.scaled(usual.busy_bound),
        change_visible=settings.scaled(usual.change_visible),
        change_look=settings.scaled(usual.change_look),
        safety_net=settings.scaled(usual.safety_net),
        event_look=settings.scaled(usual.event_look),
        callback_first=settings.scaled(usual.callback_first),
        paused_bound=timedelta(hours=settings.pause_limit_hours),
        lease_margin=settings.scaled(usual.lease_margin),
    )


@cache
def _works() -> Works:
    settings = Settings.from_env(os.environ)
    telemetry.configure(settings.monitor_connection_string)
    return build(settings)


def open_office() -> Office:
    """Answer the office of this process, furnished when somebody first needs it.

    Raises `SettingsMissing` as long as the environment does not say enough.
    """
    return _works().office


def nightly_schedule() -> str:
    """NCRONTAB of the nightly run."""
    return environment.nightly_schedule(os.environ)


def sweep_schedule() -> str:
    """NCRONTAB of the sweep."""
    return environment.sweep_schedule(os.environ)

"""List the endpoints of work in hand: runs, operations, and messages that were put aside."""

from http import HTTPStatus

from shared.api import operations, passwords, poison, run_report_replies, run_reports, runs
from shared.api.endpoint import Endpoint, Roles
from shared.api.models import DryRun, Pages

OK, ACCEPTED = HTTPStatus.OK, HTTPStatus.ACCEPTED
DONE = {HTTPStatus.NO_CONTENT: None}
READERS, OPERATORS = Roles.READERS, Roles.OPERATORS
A_RUN = "runs/{runId}"
A_POISON, AN_OPERATION = "poison/{poisonId}", "operations/{operationId}"

RUNS = (
    Endpoint(
        "POST",
        "runs",
        runs.create_run,
        "Synchronise customers and give idle seats back",
        OPERATORS,
        {ACCEPTED: runs.RunReply},
        "A dry run decides and reports, and changes nothing.",
        query=DryRun,
        body=runs.RunBody,
        body_needed=False,
        spends=True,
    ),
    Endpoint("GET", "runs", runs.list_runs, "List runs", READERS, {OK: runs.RunList}, query=Pages),
    Endpoint("GET", A_RUN, runs.get_run, "What a run came to", READERS, {OK: runs.RunReply}),
    Endpoint(
        "GET",
        f"{A_RUN}/customers",
        runs.list_run_customers,
        "What was decided for each customer, and why",
        READERS,
        {OK: runs.CustomerRunList},
        query=Pages,
    ),
    Endpoint(
        "GET",
        f"{A_RUN}/report",
        run_reports.get_run_report,
        "A run's report as a page for people",
        READERS,
        {OK: "text/html"},
        "Tables and charts in one file: no script, nothing from elsewhere.",
    ),
    Endpoint(
        "GET",
        f"{A_RUN}/report.json",
        run_reports.get_run_figures,
        "A run's report as figures",
        READERS,
        {OK: run_report_replies.RunReportReply},
        "Sums count everything; lists hold the first or the largest fifty.",
    ),
)
OPERATIONS = (
    Endpoint(
        "GET",
        AN_OPERATION,
        operations.get_operation,
        "How far a piece of work has come",
        READERS,
        {OK: operations.OperationReply},
        "Batches and runs are their own operations and are found here too.",
    ),
    Endpoint(
        "POST",
        f"{AN_OPERATION}/password/reveal",
        passwords.reveal_operation_password,
        "Hand out the password of an account just made",
        OPERATORS,
        {OK: passwords.PasswordReply},
        "To whoever asked for the account, until acknowledged or 24 hours have passed.",
    ),
    Endpoint(
        "POST",
        f"{AN_OPERATION}/password/acknowledge",
        passwords.acknowledge_operation_password,
        "Say that the password is safely written down",
        OPERATORS,
        DONE,
    ),
)
POISON = (
    Endpoint(
        "GET",
        "poison",
        poison.list_poison,
        "List messages that could not be handled",
        OPERATORS,
        {OK: poison.PoisonList},
        "What each was about has ended with the same reason.",
        query=Pages,
    ),
    Endpoint(
        "GET",
        A_POISON,
        poison.get_poison,
        "Read one such message as it came",
        OPERATORS,
        {OK: poison.PoisonBodyReply},
    ),
    Endpoint(
        "POST",
        f"{A_POISON}/retry",
        poison.retry_poison,
        "Send such a message again",
        OPERATORS,
        {OK: poison.PoisonReply},
        "Work that has ended stays ended; a document that never became a batch is read anew.",
        spends=True,
    ),
)

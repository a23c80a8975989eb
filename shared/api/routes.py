"""List every endpoint: what is called, by whom, with what, and what it answers.

The HTTP door, the OpenAPI document and the docs page are made from this table.
"""

from http import HTTPStatus

from shared.api import (
    batch_policies,
    batches,
    customers,
    documentation,
    documents,
    health,
    operations,
    passwords,
    poison,
    policies,
    runs,
    subscriptions,
    transactions,
    users,
)
from shared.api.change_routes import CHANGES
from shared.api.endpoint import CSV, JSON, Endpoint, Roles
from shared.api.models import DryRun, Pages
from shared.api.partner_routes import PARTNER
from shared.api.previews import BatchPreviewReply
from shared.api.rows import UserBody
from shared.api.tenant_routes import TENANTS
from shared.api.webhook_routes import WEBHOOKS

OK, CREATED, ACCEPTED = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED
ANYBODY, READERS, OPERATORS = Roles.ANYBODY, Roles.READERS, Roles.OPERATORS
UNAVAILABLE, DONE = HTTPStatus.SERVICE_UNAVAILABLE, {HTTPStatus.NO_CONTENT: None}
A_CUSTOMER, A_BATCH, A_RUN = "customers/{customerId}", "batches/{batchId}", "runs/{runId}"
A_POISON = "poison/{poisonId}"
AN_ITEM, AN_OPERATION = "batches/{batchId}/items/{row}", "operations/{operationId}"

ABOUT = (
    Endpoint(
        "GET",
        "health",
        health.get_health,
        "Whether requests would succeed at this moment",
        ANYBODY,
        {OK: health.HealthReply, UNAVAILABLE: health.HealthReply},
    ),
    Endpoint(
        "GET",
        "health/live",
        health.get_liveness,
        "Whether the process answers at all",
        ANYBODY,
        {OK: health.LiveReply},
    ),
    Endpoint(
        "GET",
        "openapi.json",
        documentation.get_openapi,
        "This API as an OpenAPI 3.1 document",
        ANYBODY,
        {OK: JSON},
    ),
    Endpoint(
        "GET",
        "docs",
        documentation.get_docs,
        "This API as a page for people",
        ANYBODY,
        {OK: "text/html"},
    ),
)
CUSTOMERS = (
    Endpoint(
        "POST",
        "customers",
        customers.create_customer,
        "Create a customer's tenant",
        OPERATORS,
        {CREATED: customers.NewCustomerReply, OK: customers.CustomerPreviewReply},
        "Domain, address and country are checked before anything is made. 200 answers a dry run.",
        query=DryRun,
        body=customers.CustomerBody,
        spends=True,
    ),
    Endpoint(
        "GET",
        "customers",
        customers.list_customers,
        "List customers",
        READERS,
        {OK: customers.CustomerList},
        query=Pages,
    ),
    Endpoint(
        "GET",
        A_CUSTOMER,
        customers.get_customer,
        "Read one customer",
        READERS,
        {OK: customers.CustomerReply},
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/policy",
        policies.get_policy,
        "Read what the nightly run may do",
        READERS,
        {OK: policies.PolicyReply},
    ),
    Endpoint(
        "PUT",
        f"{A_CUSTOMER}/policy",
        policies.put_policy,
        "Say what the nightly run may do",
        OPERATORS,
        {OK: policies.PolicyReply},
        "`report` lists idle seats; `scheduleOnly` takes them out of the next term; `apply` gives "
        "them back as Microsoft's windows allow.",
        body=policies.PolicyBody,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/policy/batches",
        batch_policies.get_batch_policy,
        "Read what batches may buy, and who approves",
        READERS,
        {OK: batch_policies.BatchPolicyReply},
        "Its `ETag` is what a change sends as `If-Match`.",
    ),
    Endpoint(
        "PUT",
        f"{A_CUSTOMER}/policy/batches",
        batch_policies.put_batch_policy,
        "Say what batches may buy, and who approves",
        OPERATORS,
        {OK: batch_policies.BatchPolicyReply},
        "Ceilings bind the highest purchase; what is left out takes its default.",
        body=batch_policies.BatchPolicyBody,
        matches=True,
    ),
    Endpoint(
        "POST",
        f"{A_CUSTOMER}/subscriptions",
        subscriptions.create_subscription,
        "Buy the first seats of an offer",
        OPERATORS,
        {CREATED: subscriptions.NewSubscriptionReply, OK: subscriptions.PurchasePreviewReply},
        "200 answers a dry run.",
        query=DryRun,
        body=subscriptions.PurchaseBody,
        spends=True,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/subscriptions",
        subscriptions.list_subscriptions,
        "List a customer's subscriptions",
        READERS,
        {OK: subscriptions.SubscriptionList},
        query=subscriptions.SubscriptionsQuery,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/subscriptions/{{subscriptionId}}",
        subscriptions.get_subscription,
        "Read one subscription",
        READERS,
        {OK: subscriptions.SubscriptionReply},
        query=subscriptions.SubscriptionsQuery,
    ),
    Endpoint(
        "POST",
        f"{A_CUSTOMER}/users",
        users.create_user,
        "Create a person with licences",
        OPERATORS,
        {CREATED: users.NewUserReply, ACCEPTED: users.NewUserReply, OK: BatchPreviewReply},
        "A seat is bought only where none is free; 202 while it is awaited. 200 answers a dry run.",
        query=DryRun,
        body=UserBody,
        reader=users.read_new_user,
        spends=True,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/users",
        users.list_users,
        "List who is in the directory",
        READERS,
        {OK: users.UserList},
        query=Pages,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/transactions",
        transactions.list_transactions,
        "List what was bought and given back",
        READERS,
        {OK: transactions.TransactionList},
        query=Pages,
    ),
)
BATCHES = (
    Endpoint(
        "POST",
        "batches",
        batches.create_batch,
        "Create many people at once",
        OPERATORS,
        {ACCEPTED: batches.BatchReply, OK: BatchPreviewReply},
        "Every row is checked before anything is bought. 200 answers a dry run.",
        query=documents.BatchQuery,
        body=documents.BatchBody,
        reader=documents.read_draft,
        content_types=(JSON, CSV),
        spends=True,
    ),
    Endpoint(
        "GET",
        "batches",
        batches.list_batches,
        "List batches",
        READERS,
        {OK: batches.BatchList},
        query=Pages,
    ),
    Endpoint(
        "GET",
        A_BATCH,
        batches.get_batch,
        "How far a batch has come, and what it bought",
        READERS,
        {OK: batches.BatchReply},
    ),
    Endpoint(
        "GET",
        f"{A_BATCH}/items",
        batches.list_items,
        "How far every row has come",
        READERS,
        {OK: batches.ItemList},
        query=Pages,
    ),
    Endpoint(
        "POST",
        f"{AN_ITEM}/password/reveal",
        passwords.reveal_item_password,
        "Hand out a row's password",
        OPERATORS,
        {OK: passwords.PasswordReply},
        "To whoever sent the batch, until acknowledged or 24 hours have passed.",
    ),
    Endpoint(
        "POST",
        f"{AN_ITEM}/password/acknowledge",
        passwords.acknowledge_item_password,
        "Say that a row's password is safely written down",
        OPERATORS,
        DONE,
    ),
)
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

ENDPOINTS: tuple[Endpoint, ...] = (
    *ABOUT,
    *PARTNER,
    *WEBHOOKS,
    *TENANTS,
    *CUSTOMERS,
    *CHANGES,
    *BATCHES,
    *RUNS,
    *OPERATIONS,
    *POISON,
)

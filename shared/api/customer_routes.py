"""List the endpoints of customers: what is theirs, and when their terms end."""

from http import HTTPStatus

from shared.api import (
    batch_policies,
    customers,
    policies,
    renewals,
    subscriptions,
    transactions,
    users,
)
from shared.api.endpoint import Endpoint, Roles
from shared.api.models import DryRun, Pages
from shared.api.previews import BatchPreviewReply
from shared.api.rows import UserBody

OK, CREATED, ACCEPTED = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED
READERS, OPERATORS = Roles.READERS, Roles.OPERATORS
A_CUSTOMER = "customers/{customerId}"

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
        "Says the whole of it: what is left out takes its default. `report` lists idle seats; "
        "`scheduleOnly` takes them out of the next term; `apply` gives them back as Microsoft's "
        "windows allow.",
        body=policies.PolicyBody,
        may_match=True,
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
RENEWALS = (
    Endpoint(
        "GET",
        "renewals",
        renewals.list_renewals,
        "List the terms that end soon, over all customers",
        READERS,
        {OK: renewals.RenewalList},
        "From the mirror, soonest first within a page; a page covers `limit` customers.",
        query=renewals.RenewalPages,
    ),
    Endpoint(
        "GET",
        f"{A_CUSTOMER}/renewals",
        renewals.list_customer_renewals,
        "List a customer's terms that end soon",
        READERS,
        {OK: renewals.CustomerRenewals},
        "With the last moment to decide, by UTC and by the customer's clock.",
        query=renewals.RenewalsQuery,
    ),
)

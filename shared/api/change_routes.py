"""List the endpoints that change subscriptions and tell how they came to be."""

from http import HTTPStatus

from shared.api import change_replies, changes
from shared.api.change_bodies import ChangeBody, read_change
from shared.api.endpoint import Endpoint, Roles
from shared.api.models import DryRun, Pages

SUBSCRIPTIONS = "customers/{customerId}/subscriptions"
A_SUBSCRIPTION = f"{SUBSCRIPTIONS}/{{subscriptionId}}"

CHANGES = (
    Endpoint(
        "POST",
        f"{A_SUBSCRIPTION}/changes",
        changes.create_change,
        "Change a subscription",
        Roles.OPERATORS,
        {
            HTTPStatus.CREATED: change_replies.ChangedReply,
            HTTPStatus.ACCEPTED: change_replies.ChangedReply,
            HTTPStatus.OK: change_replies.ChangePreviewReply,
        },
        "Seats, name, state, end of term, next term, product. 202: Microsoft takes its time, and "
        "the operation says how it ends. 200 answers a dry run; its digest, sent with the change, "
        "makes it fail if the world has changed since.",
        query=DryRun,
        body=ChangeBody,
        reader=read_change,
        spends=True,
    ),
    Endpoint(
        "GET",
        f"{A_SUBSCRIPTION}/changes",
        changes.list_changes,
        "List a subscription's changes, newest first",
        Roles.READERS,
        {HTTPStatus.OK: change_replies.ChangeList},
        "What was changed past us is found by comparison and marked `outside`.",
        query=Pages,
    ),
    Endpoint(
        "GET",
        f"{A_SUBSCRIPTION}/upgrades",
        changes.list_upgrades,
        "List what a subscription's seats may move to",
        Roles.READERS,
        {HTTPStatus.OK: change_replies.UpgradeList},
    ),
    Endpoint(
        "GET",
        f"{SUBSCRIPTIONS}/coterm",
        changes.list_coterm_dates,
        "List the days on which a term may end with others",
        Roles.READERS,
        {HTTPStatus.OK: change_replies.CotermList},
        query=changes.CotermQuery,
    ),
)

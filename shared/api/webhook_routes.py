"""List the endpoints of webhooks: Microsoft's way in, and what an administrator does about it."""

from http import HTTPStatus

from shared.api import webhooks
from shared.api.endpoint import Endpoint, Roles

A_WEBHOOK = "connections/{connectionId}/webhook"

WEBHOOKS = (
    Endpoint(
        "POST",
        "webhooks/{connectionId}",
        webhooks.receive_event,
        "Where Partner Center sends its events",
        Roles.ANYBODY,
        {HTTPStatus.OK: None},
        "Microsoft's signature takes the place of an access token; what does not pass answers 401.",
        body=webhooks.EventBody,
    ),
    Endpoint(
        "PUT",
        A_WEBHOOK,
        webhooks.put_webhook,
        "Register this service for a connection's events",
        Roles.ADMINS,
        {HTTPStatus.OK: webhooks.WebhookReply},
        "Replaces what is registered: Microsoft keeps one address per partner.",
    ),
    Endpoint(
        "GET",
        A_WEBHOOK,
        webhooks.get_webhook,
        "What Microsoft has registered, and when an event last came",
        Roles.READERS,
        {HTTPStatus.OK: webhooks.WebhookReply},
    ),
    Endpoint(
        "POST",
        f"{A_WEBHOOK}/test",
        webhooks.send_test_event,
        "Have Microsoft send a validation event",
        Roles.ADMINS,
        {HTTPStatus.OK: webhooks.TrialReply},
        "Twice a minute at most. `lastEventAt` moves when it has come.",
    ),
)

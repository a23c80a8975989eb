"""List the routes of webhooks; Microsoft gives them a version of their own."""

from simulator.partner_center.rows import row
from simulator.webhooks import registrations

_HOOK = "/webhooks/v1/registration"
_TRIALS = f"{_HOOK}/validationEvents"
_PAGE = "partner-center-webhooks"

ROWS = (
    row("GET", f"{_HOOK}/events", registrations.event_names, _PAGE),
    row("GET", _HOOK, registrations.shown, _PAGE),
    row("POST", _HOOK, registrations.register, _PAGE),
    row("PUT", _HOOK, registrations.replace, _PAGE),
    row("DELETE", _HOOK, registrations.remove, _PAGE),
    row("POST", _TRIALS, registrations.validate, _PAGE),
    row("GET", f"{_TRIALS}/{{correlation}}", registrations.validation, _PAGE),
)

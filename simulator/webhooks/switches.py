"""The knobs of webhooks: how late, how often, and in which order notices arrive."""

from simulator.switches import declare

for _name, _default, _about in (
    ("webhooks.background", True, "Notices are posted by themselves; off, a flush posts them."),
    ("webhooks.lateHours", 0, "Business hours until a notice is posted."),
    ("webhooks.duplicates", 0, "Copies of each notice that are posted as well."),
    ("webhooks.newestFirst", False, "Of several notices that wait, the last one is posted first."),
    ("webhooks.attempts", 10, "Attempts before a notice goes to the offline queue."),
    ("webhooks.retrySeconds", 1, "Real seconds between attempts; a flush does not wait."),
    ("webhooks.timeoutSeconds", 10, "Real seconds that the receiver has for its answer."),
    ("webhooks.duplicateStatus", 409, "Status of a second registration; 200 replaces the first."),
    ("webhooks.missingStatus", 404, "Status where a partner has no registration."),
    ("webhooks.perMinute", 2, "Validation events a minute."),
    ("webhooks.certificateForm", "der", "How the certificate is served: der or pem."),
):
    declare(_name, _default, _about)

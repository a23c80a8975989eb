"""The knobs of the simulated Graph; durations are in real time, never on the business clock."""

_KNOBS: tuple[tuple[str, object, str], ...] = (
    ("replication.user_get_ms", 0, "Until a created user can be read by id or name."),
    ("replication.user_filter_ms", 0, "Until a created user appears in lists and counts."),
    ("replication.user_ref_ms", 0, "Until a created user can be changed, deleted or licensed."),
    ("replication.usage_location_ms", 0, "Until assignLicense sees a usage location."),
    ("replication.license_visible_ms", 0, "Until an assignment can be read back on the user."),
    ("replication.license_lost_rate", 0.0, "Share of assignments that answer 200 and are lost."),
    ("replication.consumed_units_ms", 0, "Until consumedUnits counts an assignment."),
    ("graph.throttle.enabled", False, "Writes are limited by app and tenant."),
    ("graph.throttle.writes", 3000, "Writes in one window."),
    ("graph.throttle.window_ms", 150_000, "Length of that window, times `timeScale`."),
    ("graph.throttle.retry_after_s", 10, "What Retry-After says, times `timeScale`."),
    ("graph.quota.total", 50_000, "Objects that a tenant's directory takes."),
    ("graph.batch.shuffle", True, "Items of a batch run and answer in a seeded random order."),
    ("graph.paging.default", 100, "Page size where no $top is given."),
    ("graph.delta.page_size", 100, "Page size of delta rounds."),
    ("graph.delta.repeats", False, "Each page of a delta round begins with the last one's end."),
    ("graph.strict_permissions", True, "A call without a fitting scope is refused with 403."),
    ("revoke.status", 200, "Status of revokeSignInSessions: 200, or 204 as documented."),
    ("proxy_write.status", 400, "Status of a write to proxyAddresses: 400 or 403."),
)

GRAPH_SWITCHES: dict[str, object] = {name: default for name, default, _ in _KNOBS}
GRAPH_ABOUT: dict[str, str] = {name: about for name, _, about in _KNOBS}

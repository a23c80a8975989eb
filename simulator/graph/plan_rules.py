"""Which service plans need, and which exclude, each other on one user."""

from collections.abc import Iterable, Mapping

from simulator.graph.errors import GraphError, bad_request
from simulator.products import ServicePlan

_MAILBOXES = ("EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_DESKLESS")
# One of the plans on the right is enough.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "SHAREPOINT_PROJECT": ("SHAREPOINTENTERPRISE",),
    "MCOEV": ("TEAMS1", "MCOSTANDARD"),
    "THREAT_INTELLIGENCE": _MAILBOXES,
    "EXCHANGE_S_ARCHIVE_ADDON": ("EXCHANGE_S_STANDARD",),
}
_EXCLUDES: tuple[tuple[str, str], ...] = (
    ("EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE"),
    ("SHAREPOINTSTANDARD", "SHAREPOINTENTERPRISE"),
    ("EXCHANGE_S_DESKLESS", "EXCHANGE_S_STANDARD"),
    ("EXCHANGE_S_DESKLESS", "EXCHANGE_S_ENTERPRISE"),
)


def check(enabled: Iterable[ServicePlan], ids: Mapping[str, str]) -> None:
    """Over the union of everything a user would have after the change."""
    names = {plan.name for plan in enabled}
    for name, needed in _NEEDS.items():
        if name in names and not names & set(needed):
            raise _unmet(ids[name], [ids[other] for other in needed])
    for first, second in _EXCLUDES:
        if {first, second} <= names:
            raise _collision(ids[first], ids[second])


def has_mailbox(enabled: Iterable[ServicePlan]) -> bool:
    return any(plan.name in _MAILBOXES for plan in enabled)


def _unmet(plan: str, needed: list[str]) -> GraphError:
    return bad_request(
        f"License assignment failed because service plan {plan} depends on the"
        f" service plan(s) {', '.join(needed)}"
    )


def _collision(first: str, second: str) -> GraphError:
    return bad_request(
        f"License assignment failed because service plans {first}, {second} are mutually exclusive"
    )

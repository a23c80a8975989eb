"""Name what webhooks are made of: who listens, what is to be told, what was asked to be tried."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Registration:
    """The one address of a partner, and what each thing looked like when it last heard of it."""

    partner_id: str
    subscriber_id: str
    url: str
    events: list[str]
    in_ms_signature: bool = False
    seen: dict[str, str] = field(default_factory=dict)


@dataclass
class Event:
    """One notice on its way; `due` is business time, `next_try` real time."""

    id: str
    partner_id: str
    name: str
    resource_uri: str
    resource_name: str
    changed: datetime
    due: datetime
    next_try: datetime
    attempts: int = 0
    outcome: str = ""  # "" while it waits, then "delivered" or "offline"
    answers: list[dict[str, Any]] = field(default_factory=list)

"""Tell of what an alert or a workbook asks for: ids and counts, never a name or a body."""

import logging

_events = logging.getLogger("seatkeeper.events")


def event(name: str, **facts: str | int) -> None:
    """Log one event.

    The facts travel twice: as properties of the log record, which Azure Monitor keeps apart, and
    in its sentence, for whoever reads a console.
    """
    told = " ".join(f"{fact}={value}" for fact, value in facts.items())
    extra = {"seatkeeper.event": name, **{f"seatkeeper.{k}": v for k, v in facts.items()}}
    _events.info("event: %s %s", name, told, extra=extra)

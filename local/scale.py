"""Shrink the platform's delays, so that a test sees in seconds what takes production minutes."""

import math
from dataclasses import dataclass
from datetime import timedelta

# What the platform waits, whatever host.json says.
IN_FLIGHT = timedelta(minutes=10)
SHORTEST_POLL = timedelta(milliseconds=100)
LISTENER_LEASE = timedelta(minutes=1)
LISTENER_LOCK_RECOVERY = timedelta(minutes=1)

# Below these a scaled delay would only keep the emulator busy, or race with its own renewal.
SHORTEST_SCALED_POLL = 0.05
SHORTEST_IN_FLIGHT_SECONDS = 2

# Blob storage leases for no less.
SHORTEST_LEASE_SECONDS = 15


@dataclass(frozen=True)
class TimeScale:
    """How long a platform's second takes here; 1 is the truth."""

    factor: float = 1.0

    def seconds(self, delay: timedelta) -> float:
        return delay.total_seconds() * self.factor

    def visibility_after_failure(self, delay: timedelta) -> int:
        """Queues count in whole seconds; less than half of one is none."""
        return round(self.seconds(delay))

    def in_flight(self) -> int:
        """How long a dead host's message stays unseen."""
        return max(SHORTEST_IN_FLIGHT_SECONDS, math.ceil(self.seconds(IN_FLIGHT)))

    def lease(self) -> int:
        """How long a dead host's locks stay taken."""
        return max(SHORTEST_LEASE_SECONDS, math.ceil(self.seconds(LISTENER_LEASE)))

    def poll(self, delay: timedelta) -> float:
        return max(SHORTEST_SCALED_POLL, self.seconds(delay))

"""Tell the simulated business time, which runs with the real one and can be moved."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Business time: windows, renewals, retention. Tokens and lags go by `real()`."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return self.real() + self.offset

    @staticmethod
    def real() -> datetime:
        return datetime.now(UTC)

    def set(self, now: datetime) -> None:
        self.offset = now - self.real()

    def advance(self, by: timedelta) -> None:
        self.offset += by

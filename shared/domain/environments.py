"""Tell Microsoft's real business from the sandbox that partners rehearse in."""

from enum import StrEnum


class Environment(StrEnum):
    """A sandbox is a partner tenant of its own, with customers of its own.

    https://learn.microsoft.com/partner-center/developer/set-up-api-access-in-partner-center
    """

    PRODUCTION = "production"
    SANDBOX = "sandbox"

"""Make the one HTTP client that every remote call of a host goes through."""

import logging

import httpx

# A change of seats may wait for two sign-ins and two answers, all within the margin of its lease.
_TIMEOUT = httpx.Timeout(connect=10, read=60, write=30, pool=30)
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=15)


def open_http(
    *,
    user_agent: str = "Seatkeeper",
    timeout: httpx.Timeout = _TIMEOUT,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Open a client; tests and the local tour hand in a transport of their own."""
    # The library's own line per request holds the whole URL, and with it user names.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.AsyncClient(
        headers={"User-Agent": user_agent, "Accept": "application/json"},
        timeout=timeout,
        limits=_LIMITS,
        transport=transport,
        follow_redirects=False,
        trust_env=transport is None,
    )

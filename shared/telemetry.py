"""Shape logs and traces: ids and counts, never a name, an address or a body."""

import logging

_NOISY = ("azure.core.pipeline.policies.http_logging_policy", "httpx", "httpcore", "msal")


def configure(connection_string: str) -> None:
    """Send logs, traces and metrics to Azure Monitor where a connection string is set.

    https://learn.microsoft.com/azure/azure-functions/opentelemetry-howto
    """
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    if not connection_string:
        return
    # Half a second of imports that a host without telemetry need not pay for.
    from azure.monitor.opentelemetry import configure_azure_monitor  # noqa: PLC0415

    configure_azure_monitor(connection_string=connection_string)

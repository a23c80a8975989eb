"""Say in the app's own settings where the emulator and the simulator are."""

from collections.abc import Mapping
from pathlib import Path

import httpx


def app_environment(storage: str, simulator: Mapping[str, str], home: Path) -> dict[str, str]:
    """Answer the app settings of a host that talks to this machine only."""
    known = httpx.get(f"{simulator['control']}/signin").raise_for_status().json()
    anchors = httpx.get(f"{simulator['control']}/webhooks/anchor").raise_for_status().text
    return {
        "API_AUDIENCE": known["audience"],
        "API_TENANT_ID": known["apiTenantId"],
        "AzureWebJobsStorage": storage,
        "DEV_CLOCK_URL": f"{simulator['control']}/clock",
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "GRAPH_URL": simulator["graph"],
        "LOGIN_URL": simulator["login"],
        "PARTNER_CENTER_URL": simulator["partnerCenter"],
        "PRICE_SHEET_URL": simulator["partnerCenter"],
        "SECRETS_FILE": str(home / "secrets.json"),
        "WEBHOOK_ANCHORS": anchors,
        "WEBHOOK_HOSTS": "127.0.0.1",
    }

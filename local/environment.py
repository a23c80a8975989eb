"""Say in the app's own settings where the emulator and the simulator are."""

from collections.abc import Mapping


def app_environment(storage: str, simulator: Mapping[str, str]) -> dict[str, str]:
    """Answer the app settings of a host that talks to this machine only."""
    return {
        "AzureWebJobsStorage": storage,
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "LOGIN_URL": simulator["login"],
        "PARTNER_CENTER_URL": simulator["partnerCenter"],
        "GRAPH_URL": simulator["graph"],
        "EXCHANGE_URL": simulator["exchange"],
        "DEV_CLOCK_URL": f"{simulator['control']}/clock",
    }

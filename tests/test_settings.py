"""What the environment says is read once, and refused where it must not hold."""

import pytest

from shared.settings import Settings, SettingsMissing

ENOUGH = {
    "API_AUDIENCE": "api://seatkeeper",
    "API_TENANT_ID": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "AzureWebJobsStorage__accountName": "stseatkeeper",
    "KEY_VAULT_URL": "https://vault.example",
}


def test_webhooks_are_signed_by_microsofts_certificates_unless_said_otherwise() -> None:
    usual = Settings.from_env(ENOUGH)
    own = Settings.from_env({**ENOUGH, "WEBHOOK_HOSTS": "127.0.0.1", "WEBHOOK_ANCHORS": "PEM"})

    assert usual.webhook_hosts.endswith(".blob.core.windows.net")
    assert usual.webhook_anchors == ""
    assert (own.webhook_hosts, own.webhook_anchors) == ("127.0.0.1", "PEM")


def test_azure_takes_no_certificate_from_its_own_loopback() -> None:
    azure = {**ENOUGH, "WEBSITE_SITE_NAME": "func", "WEBHOOK_HOSTS": "certs.example, LocalHost"}

    with pytest.raises(SettingsMissing, match="WEBHOOK_HOSTS"):
        Settings.from_env(azure)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        pytest.param("deleted=forget", "deleted=forget", id="no such rule"),
        pytest.param("shoes=adopt", "shoes=adopt", id="no such field"),
        pytest.param("deleted=adopt, seats=enforce", "seats", id="what would buy"),
    ],
)
def test_the_providers_rules_of_drift_are_read_at_once(rules: str, words: str) -> None:
    assert Settings.from_env({**ENOUGH, "DRIFT_RULES": "deleted=adopt"}).drift_rules

    with pytest.raises(SettingsMissing, match=f"DRIFT_RULES: .*{words}"):
        Settings.from_env({**ENOUGH, "DRIFT_RULES": rules})

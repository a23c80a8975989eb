import json
from datetime import timedelta
from pathlib import Path

import pytest

from local.settings import (
    HostSettings,
    QueueSettings,
    SettingMissing,
    SettingsUnreadable,
    app_settings,
    connection_string,
    resolve,
    span,
)


def test_the_environment_goes_before_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "local.settings.json"
    file.write_text(
        json.dumps({"IsEncrypted": False, "Values": {"A": "file", "B": "file"}}), "utf-8-sig"
    )

    assert app_settings(file, {"A": "environment"}) == {"A": "environment", "B": "file"}


def test_without_a_settings_file_there_is_the_environment(tmp_path: Path) -> None:
    assert app_settings(tmp_path / "none.json", {"A": "1"}) == {"A": "1"}


def test_refuses_encrypted_settings(tmp_path: Path) -> None:
    file = tmp_path / "local.settings.json"
    file.write_text(json.dumps({"IsEncrypted": True, "Values": {"A": "x9=="}}))

    with pytest.raises(SettingsUnreadable, match="decrypt"):
        app_settings(file, {})


def test_an_empty_host_json_means_the_platforms_defaults() -> None:
    settings = HostSettings.parse({})

    assert settings.route_prefix == "api"
    assert settings.function_timeout == timedelta(minutes=30)
    assert settings.queues == QueueSettings(
        batch_size=16,
        new_batch_threshold=8,
        visibility_timeout=timedelta(0),
        max_dequeue_count=5,
        max_polling_interval=timedelta(minutes=1),
        message_encoding="base64",
    )


def test_the_threshold_follows_the_batch_size() -> None:
    assert QueueSettings.parse({"batchSize": 4}).new_batch_threshold == 2


def test_functions_may_be_without_a_timeout() -> None:
    assert HostSettings.parse({"functionTimeout": "-1"}).function_timeout is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:01:30", timedelta(seconds=90)),
        ("7.00:00:00", timedelta(days=7)),
        ("00:00:00.25", timedelta(milliseconds=250)),
        ("00:05", timedelta(minutes=5)),
    ],
)
def test_reads_time_spans(text: str, expected: timedelta) -> None:
    assert span(text) == expected


def test_a_wrong_time_span_says_what_a_right_one_is() -> None:
    with pytest.raises(SettingsUnreadable, match="00:01:00"):
        span("one minute")


def test_settings_take_the_place_of_their_names() -> None:
    assert resolve("%PRE%-batches", {"PRE": "test"}) == "test-batches"
    with pytest.raises(SettingMissing, match="PRE"):
        resolve("%PRE%-batches", {})


@pytest.mark.parametrize("name", ["AzureWebJobsStorage", "Storage", ""])
def test_finds_the_connection_by_its_long_its_short_and_no_name(name: str) -> None:
    assert connection_string(name, {"AzureWebJobsStorage": "here"}) == "here"


def test_app_settings_override_host_json(tmp_path: Path) -> None:
    file = tmp_path / "host.json"
    file.write_text('{"extensions": {"queues": {"batchSize": 4, "maxDequeueCount": 8}}}')

    overridden = HostSettings.read(
        file, {"AzureFunctionsJobHost__extensions__queues__maxDequeueCount": "3"}
    )

    assert overridden.queues.max_dequeue_count == 3
    assert overridden.queues.batch_size == 4

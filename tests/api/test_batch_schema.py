"""What the schema of batches says is what the service takes."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from shared.api.batch_schema import batch_schema, batch_schema_text
from tests.api.counter import Counter

ROOT = Path(__file__).parents[2]
CHECK = jsonschema_rs.validator_for(batch_schema())


def a_document(**row: object) -> dict[str, object]:
    who = {"userPrincipalName": "ada@contoso.com", **row}
    return {"customerId": "0a7e1c52-0000-4000-8000-000000000001", "rows": [who]}


def test_the_schema_in_the_documentation_is_current() -> None:
    """Write it anew from `batch_schema_text` where this fails."""
    assert (ROOT / "docs/batch.schema.json").read_text("utf-8") == batch_schema_text()


async def test_the_schema_is_served_to_anybody(counter: Counter) -> None:
    reply = await counter.ask("GET", "/api/schemas/batch", role=None)

    assert reply.status == 200
    assert json.loads(reply.text) == batch_schema()


def test_the_example_fits() -> None:
    document = json.loads((ROOT / "examples/batch.json").read_text("utf-8"))

    CHECK.validate(document | {"customerId": "0a7e1c52-0000-4000-8000-000000000001"})


@pytest.mark.parametrize(
    "row",
    [
        {"action": "block"},
        {"action": "deprovision", "delete": True},
        {"action": "changePlan", "plan": "manager", "fromPlan": "office-worker"},
        {"action": "addAddOns", "addOns": ["phone"]},
    ],
    ids=lambda row: str(row["action"]),
)
def test_every_action_fits_and_no_other_field(row: dict[str, object]) -> None:
    assert CHECK.is_valid(a_document(**row))
    assert not CHECK.is_valid(a_document(**row, colour="red"))


@pytest.mark.parametrize(
    "row",
    [{"action": "promote"}, {"action": "changePlan"}, {"displayName": "Ada"}],
    ids=["unknown action", "no plan", "creation without a plan"],
)
def test_what_the_service_would_refuse_does_not_fit(row: dict[str, object]) -> None:
    assert not CHECK.is_valid(a_document(**row))

"""A change that breaks a running book fails here: every saved history must replay on today's code."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import NondeterminismError

from bookwright.settings import Settings
from bookwright.temporal import data_converter
from tests.workflows.conftest import WORKFLOWS
from workflows import WORKFLOW_FAILURES

HISTORIES = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "histories").glob("*.json"))}


def replayer() -> Replayer:
    return Replayer(
        workflows=WORKFLOWS,
        data_converter=data_converter(Settings()),
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(
                "pydantic", "bookwright.contracts", "bookwright.text", "activities"
            )
        ),
        workflow_failure_exception_types=WORKFLOW_FAILURES,
    )


def saved(document: str) -> WorkflowHistory:
    """The history under the id it was recorded with, from which children's ids follow."""
    started = json.loads(document)["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], document)


def test_every_workflow_type_has_saved_histories() -> None:
    types = {
        json.loads(document)["events"][0]["workflowExecutionStartedEventAttributes"]["workflowType"]["name"]
        for document in HISTORIES.values()
    }
    assert types == {kind.__name__ for kind in WORKFLOWS}
    assert len(HISTORIES) >= 12


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_saved_history_replays(name: str) -> None:
    await replayer().replay_workflow(saved(HISTORIES[name]))


async def test_a_changed_order_of_steps_is_noticed() -> None:
    """The test above can fail: a history with another activity in it does not replay."""
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(saved(HISTORIES["plain.book"].replace('"Read text"', '"Read tea leaves"')))

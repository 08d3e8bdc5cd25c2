"""Two builds of the workers side by side, as docs/upgrading.md says: a book ends on the build that it began on, though
the newer one's workflows are others."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType, RoutingConfigUpdateState
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest

from bookwright import temporal
from bookwright.contracts.progress import JobState
from bookwright.store import JobRow
from bookwright.temporal import temporal_binary
from tests.support.emulator import ROOT, EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.stack import Stack, WorkerProcess, page_texts

OLD, NEW = "2026.11.1", "2026.11.2"
GUIDE = (ROOT / "docs" / "upgrading.md").read_text()
ROUTED = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_COMPLETED
FAST = ("VersionDrainageStatusRefreshInterval", "VersionDrainageStatusVisibilityGracePeriod")
"""How often Temporal looks whether a build is drained: minutes by default."""
PAGES = 2


def commands() -> dict[str, str]:
    """The guide's commands, by what they do and to which build."""
    found: dict[str, str] = {}
    for line in re.findall(r"^temporal .*$", GUIDE, re.M):
        kind = re.search(r"set-current-version|describe-version|describe|workflow list", line)
        build = re.search(r"2026\.11\.\d", line)
        assert kind, line
        found[f"{kind[0]} {build[0] if build else ''}".strip()] = line
    return found


async def tried(stack: Stack, command: str) -> tuple[bool, str]:
    """Whether the guide's command succeeds here, and what it prints."""
    line = commands()[command].removeprefix("temporal ")
    process = await asyncio.create_subprocess_shell(
        f"{temporal_binary()} {line} --address {stack.temporal.address}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode == 0, printed.decode()


async def says(stack: Stack, command: str, wanted: str = "") -> None:
    """Run the guide's command until it succeeds and prints this: Temporal knows what is new a few moments later."""
    await stack.until(lambda: tried(stack, command), lambda answer: answer[0] and wanted in answer[1], timeout_s=60)


def changed_workflows(folder: Path) -> Path:
    """A copy of the workflows that no book begun before could go on with: it begins with a timer."""
    shutil.copytree(ROOT / "workflows", folder / "workflows")
    book = folder / "workflows" / "book.py"
    text, begin = book.read_text(), "        return await self._work_off(self._make())\n"
    assert text.count(begin) == 1
    book.write_text(text.replace(begin, f"        await workflow.sleep(0.01)\n{begin}"))
    return folder


async def worker(stack: Stack, build: str, workflows: Path = ROOT) -> WorkerProcess:
    code = {"PYTHONPATH": str(workflows), "PYTHONSAFEPATH": "1"}  # which puts the current folder behind
    return await stack.worker(settings={"BOOKWRIGHT_BUILD_ID": build, **code}, concurrency=2 * PAGES)


async def current(stack: Stack, build: str) -> None:
    """Make a build the current one, and wait until every queue knows it: a job that is started before still begins on
    the build before."""
    await says(stack, f"set-current-version {build}")
    about = DescribeWorkerDeploymentRequest(namespace="default", deployment_name="bookwright")
    service = stack.client.workflow_service
    await stack.until(
        lambda: service.describe_worker_deployment(about),
        lambda found: found.worker_deployment_info.routing_config_update_state == ROUTED,
    )


async def builds(stack: Stack, job: JobRow) -> tuple[set[str], bool]:
    """The builds that worked on the job's workflow and its chapters, and whether it began with a timer."""
    workers, timers = set(), False
    async for execution in stack.client.list_workflows(f"WorkflowId STARTS_WITH '{job.workflow_id.split('/')[0]}'"):
        if job.book_id not in execution.id:
            continue
        history = await stack.client.get_workflow_handle(execution.id).fetch_history()
        for event in history.events:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                completed = event.workflow_task_completed_event_attributes
                workers.add(completed.deployment_version.build_id)
        timers |= execution.id == job.workflow_id and any(
            event.event_type == EventType.EVENT_TYPE_TIMER_STARTED for event in history.events[:6]
        )
    return workers, timers


@pytest.mark.chaos
async def test_a_book_survives_a_deploy_of_changed_workflows(
    tmp_path: Path, emulator: EmulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    often = tuple(f'matching.wv.{name}="1s"' for name in FAST)
    monkeypatch.setattr(temporal, "SERVER_SETTINGS", (*temporal.SERVER_SETTINGS, *often))
    async with Stack(tmp_path / "home", emulator) as stack:
        await emulator.knobs(gate="zephyrine")
        before = await worker(stack, OLD)
        await current(stack, OLD)
        first = await stack.order(page_texts(PAGES), title="The Old")
        await emulator.wait_calls(PAGES, of="held")
        after = await worker(stack, NEW, changed_workflows(tmp_path / "new"))
        await says(stack, "describe", NEW)
        await current(stack, NEW)
        await says(stack, f"describe-version {OLD}", "draining")
        second = await stack.order(page_texts(PAGES, book="second"), title="The New")
        await emulator.wait_calls(2 * PAGES, of="held")
        await says(stack, f"workflow list {OLD}", first.workflow_id)
        await emulator.release()
        assert [job.state for job in await stack.closed(first, second)] == [JobState.DONE] * 2
        assert await builds(stack, first) == ({OLD}, False)
        assert await builds(stack, second) == ({NEW}, True)
        await says(stack, f"describe-version {OLD}", "drained")
        before.terminate()
        assert await before.ended() == 0
        assert after.running
        await check_invariants(stack)

"""The recipes of docs/operating.md, run word for word against one server."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.client import WorkflowHandle

from bookwright.contracts.batches import BatchState
from bookwright.contracts.ids import LOCAL_OWNER, BookId, OwnerId, book_workflow_id, job_id
from bookwright.contracts.progress import JobState
from bookwright.settings import Settings
from bookwright.store.batches.store import BatchStore
from tests.cli.conftest import MOST_S, NOT_INHERITED
from tests.support.emulator import ROOT, EmulatorProcess
from tests.support.stack import Stack, book_text

TEXT = (ROOT / "docs" / "operating.md").read_text()
BLOCKS = "".join(re.findall(r"^```console\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE))
RECIPES = [
    command.replace("\\\n", " ").strip()
    for command in re.findall(r"^\$ ((?:[^\n]*\\\n)*[^\n]*\n)", BLOCKS, re.MULTILINE)
]
"""Every command, in order."""
FILES = dict(re.findall(r"`(\w+\.json)`:\n\n```json\n(.*?)```", TEXT, re.DOTALL))
PAGES = 6


@dataclass
class Desk:
    """An operator's shell, and the stack that they operate."""

    stack: Stack
    folder: Path
    done: list[str]

    async def run(self, *words: str) -> str:
        """The next command, which has these words; it succeeds."""
        command = RECIPES[len(self.done)]
        assert all(word in command for word in words), f"the next recipe is {command}"
        self.done.append(command)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        here = {"PATH": path, "HOME": str(self.folder), "TEMPORAL_ADDRESS": self.stack.temporal.address}
        here |= {"BOOKWRIGHT_HOME": str(self.stack.home), "DATABASE_URL": self.stack.settings.database}
        ended = await asyncio.to_thread(
            subprocess.run,
            command,
            shell=True,
            cwd=self.folder,
            env=kept | here,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=MOST_S,
        )
        assert ended.returncode == 0, command + ended.stdout + ended.stderr
        return ended.stdout

    def book(self, name: str) -> WorkflowHandle[object, object]:
        return self.stack.client.get_workflow_handle(book_workflow_id(BookId(name), 1))

    async def start(self, name: str, owner: OwnerId = LOCAL_OWNER) -> None:
        """A book that stands at the provider's gate."""
        text = book_text([f"{name} page {number} is held." for number in range(PAGES)], per_chapter=1)
        order = {"book_id": name, "owner_id": owner, "title": name, "language": "en", "editions": ["mp3"]}
        source = {"kind": "inline", "text": text}
        await self.stack.client.start_workflow(
            "BookGeneration",
            order | {"source": source},
            id=book_workflow_id(BookId(name), 1),
            task_queue="bookwright-books",
        )

    async def is_paused(self, name: str, reason: str | None) -> None:
        """Wait until the workflow says so."""

        async def asked() -> object:
            status: dict[str, object] = await self.book(name).query("status")
            return status["paused_reason"]

        await self.stack.until(asked, lambda said: said == reason)

    async def ended(self, name: str, state: JobState, owner: OwnerId = LOCAL_OWNER) -> None:
        """Wait until the store says so."""
        job = job_id(book_workflow_id(BookId(name), 1))
        await self.stack.until(lambda: self.stack.jobs.job(owner, job), lambda row: row.state.closed)
        assert (await self.stack.jobs.job(owner, job)).state == state

    async def indexed(self, query: str, count: int) -> None:
        """Wait until Temporal's index, which is a moment behind, finds so many."""

        async def counted() -> int:
            return (await self.stack.client.count_workflows(query)).count

        await self.stack.until(counted, lambda found: found == count)


@pytest.fixture
async def desk(tmp_path: Path, emulator: EmulatorProcess) -> AsyncIterator[Desk]:
    async with Stack(tmp_path / "home", emulator) as stack:
        await stack.worker()
        for name, content in FILES.items():
            (tmp_path / name).write_text(content)
        yield Desk(stack, tmp_path, [])


async def test_the_recipes(desk: Desk) -> None:
    stack = desk.stack
    await desk.run("start", "book/otter/1")
    assert "otter" in await desk.run("query", "status")
    assert "COMPLETED" in await desk.run("result")

    await stack.emulator.knobs(gate="is held")
    for name in ("ferry", "heron"):
        await desk.start(name)
    await stack.emulator.wait_calls(PAGES, of="held")
    await desk.run("pause", "ferry")
    await desk.is_paused("ferry", "maintenance")
    await desk.run("resume", "ferry")
    await desk.is_paused("ferry", None)
    assert "5.00" in await desk.run("raise_budget", "ferry")
    await desk.run("cancel_after_page", "ferry")
    await desk.run("cancel", "heron")
    await desk.ended("heron", JobState.CANCELLED)
    await stack.emulator.release()
    await desk.ended("ferry", JobState.CANCELLED)

    await stack.emulator.knobs(gate="is held")
    crane, names = OwnerId("crane"), ("teal", "snipe")
    for name in names:
        await desk.start(name, crane)
    query = re.findall(r"--query '([^']+)'", RECIPES[len(desk.done)])[0]
    await desk.indexed(query, len(names))
    assert "Total: 2" in await desk.run("count", "crane")
    await desk.run("signal", "pause", "crane")
    for name in names:
        await desk.is_paused(name, "provider is down")
    assert re.search("Completed|Running", await desk.run("batch list"))
    await desk.run("signal", "resume", "crane")
    for name in names:
        await desk.is_paused(name, None)
    await desk.run("cancel", "crane")
    for name in names:
        await desk.ended(name, JobState.CANCELLED, crane)
    await stack.emulator.release()

    await desk.run("schedule create")
    assert "night-train" in await desk.run("schedule list")
    await desk.run("schedule trigger")
    await desk.indexed('BookId = "night" AND ExecutionStatus = "Completed"', 1)
    await desk.run("schedule toggle")
    assert "not tonight" in await desk.run("schedule describe")
    await desk.run("schedule delete")

    before = (await stack.emulator.calls())["received"]
    run = (await desk.book("otter").describe()).run_id
    await desk.run("reset", "otter")
    await desk.book("otter").result()
    again = await desk.book("otter").describe()
    assert (again.run_id != run, again.status and again.status.name) == (True, "COMPLETED")
    assert (await stack.emulator.calls())["received"] == before, "nothing is bought again"
    await desk.ended("otter", JobState.DONE)
    assert json.loads(await desk.run("show", "otter"))["events"]

    assert "The otter again" in await desk.run("batches make otter")
    batches = BatchStore(stack.database, stack.assets)
    ended = await stack.until(lambda: batches.batch(LOCAL_OWNER, "1"), lambda batch: batch.state.closed)
    assert (ended.state, ended.jobs) == (BatchState.DONE, {JobState.DONE: 1})
    assert "done" in await desk.run("batches show")
    assert "Asia/Kolkata" in await desk.run("schedules add")
    await stack.until(lambda: batches.schedule(LOCAL_OWNER, "1"), lambda schedule: schedule.settled)
    assert "schedule/" in await desk.run("temporal schedule list")
    assert "removed" in await desk.run("schedules remove")
    assert desk.done == RECIPES


def test_every_setting_is_a_real_one() -> None:
    known = {*Settings.variables(), "BOOKWRIGHT_PUBLISH"}
    named = set(re.findall(r"`((?:BOOKWRIGHT|OTEL|TEMPORAL|DATABASE)_[A-Z_]+)`", TEXT))
    assert named and named <= known


def test_every_metric_is_explained() -> None:
    source = "".join(path.read_text() for path in (ROOT / "bookwright" / "telemetry").glob("*.py"))
    for name in set(re.findall(r'"(bookwright_\w+)"', source)):
        short = name.replace("bookwright_task_queue", "…")
        assert name in TEXT or short in TEXT or f"…{name.removeprefix('bookwright_task_queue')}" in TEXT, name

"""The `temporal` commands of README.md, run word for word, and what an operator sees of them.

Every test has a book of its own: `otter-1` and `ferry` in the commands are replaced by its name."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from bookwright.contracts.calls import CallState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import LOCAL_OWNER, BookId, JobId, book_workflow_id, job_id
from bookwright.contracts.progress import JobState
from bookwright.store import JobRow
from tests.cli.conftest import MOST_S, NOT_INHERITED, Home
from tests.support.emulator import ROOT, EmulatorProcess
from tests.support.invariants import Tally, budgets_hold, bytes_and_rows_agree
from tests.support.stack import Stack, book_text

CHAPTERS, AT_ONCE = 10, 8
"""Chapters of one page each in a long book, and how many of them are under way together."""
PAGES = 4
"""Pages of a short book."""


def documented() -> dict[str, str]:
    """Every command of the section about the CLI, and the output that README.md shows for it."""
    rest = (ROOT / "README.md").read_text().split("### With the `temporal` CLI\n")[1]
    section = re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = "".join(re.findall(r"^```\n(.*?)^```$", section, re.DOTALL | re.MULTILINE))
    shown = re.findall(r"^\$ ((?:[^\n]*\\\n)*[^\n]*\n)((?:(?!\$ )[^\n]*\n)*)", blocks, re.MULTILINE)
    return {command.replace("\\\n", " ").strip(): output for command, output in shown}


README = documented()


def the(*words: str) -> str:
    """The one documented command that has all these words."""
    [found] = [command for command in README if set(words) <= set(shlex.split(command))]
    return found


EXPORT, SHOW_ORDER, START = the("export"), the("cat"), the("start")
QUERY, RESULT, DESCRIBE, METADATA = the("query"), the("result"), the("describe"), the("metadata")
BY_BOOK, BY_STAGE = (command for command in README if " list " in command)
PAUSE, RESUME, FINISH_UP = the("signal", "pause"), the("signal", "resume"), the("signal", "cancel_after_page")
RAISE, RAISE_WRONGLY, CANCEL = the("raise_budget", '"1.00"'), the("raise_budget", '"-3"'), the("cancel")


def test_every_documented_command_is_tested_here() -> None:
    tested = {EXPORT, SHOW_ORDER, START, QUERY, RESULT, DESCRIBE, METADATA, BY_BOOK, BY_STAGE}
    assert tested | {PAUSE, RESUME, FINISH_UP, RAISE, RAISE_WRONGLY, CANCEL} == set(README)
    assert re.fullmatch(r"export TEMPORAL_ADDRESS=127\.0\.0\.1:\d+", EXPORT)


@dataclass
class Operator:
    """Somebody with a shell in a folder of their own, the `temporal` CLI, and one book."""

    stack: Stack
    folder: Path
    book: str

    @property
    def workflow_id(self) -> str:
        return book_workflow_id(BookId(self.book), 1)

    @property
    def job(self) -> JobId:
        return job_id(self.workflow_id)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.stack.client.get_workflow_handle(self.workflow_id)

    def _named(self, text: str) -> str:
        return re.sub(r"\b(otter-1|ferry)\b", self.book, text)

    async def shell(self, command: str) -> tuple[int, str]:
        """Run a documented command for this book: exit code, and everything that it prints."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ended = await asyncio.to_thread(
            subprocess.run,
            self._named(command),
            shell=True,
            cwd=self.folder,
            env=kept | {"PATH": path, "HOME": str(self.folder), "TEMPORAL_ADDRESS": self.stack.temporal.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=MOST_S,
        )
        return ended.returncode, ended.stdout

    async def run(self, command: str, code: int = 0) -> str:
        """`shell`; the command ends with `code`, and every line that README.md shows begins as one of its output."""
        ended, output = await self.shell(command)
        assert ended == code, output
        for line in self._named(README[command]).splitlines():
            label = re.split(r"\s{2,}", line.strip())[0]
            assert label in ("", "…") or label in output, f"README.md shows {label!r}:\n{output}"
        return output

    async def start(self, order: object) -> str:
        """Start the book as README.md says; its run id."""
        (self.folder / "order.json").write_text(order if isinstance(order, str) else json.dumps(order))
        return field(await self.run(START), "RunId")

    async def start_held(self) -> None:
        """Start a book of many chapters, and wait until it stands at the provider's gate with all it may begin."""
        await self.stack.emulator.knobs(gate=self.book)
        pages = [f"{self.book} page {number} is spoken." for number in range(CHAPTERS)]
        await self.start(self.order(book_text(pages, per_chapter=1)))
        await self.stack.emulator.wait_calls(AT_ONCE, of="held")

    def order(self, text: str) -> dict[str, Any]:
        source = {"kind": "inline", "text": text}
        return {"book_id": self.book, "title": "The Ferry", "language": "en", "editions": ["mp3"], "source": source}

    async def query(self) -> dict[str, Any]:
        """What the documented query answers."""
        answer: dict[str, Any] = json.loads(field(await self.run(QUERY), "QueryResult"))
        return answer

    async def row(self) -> JobRow:
        return await self.stack.jobs.job(LOCAL_OWNER, self.job)

    async def row_where(self, state: JobState) -> JobRow:
        """Wait until the job, which is in the store from its first activity on, is in this state."""

        async def row() -> JobRow | None:
            with suppress(NotFound):
                return await self.row()
            return None

        found = await self.stack.until(row, lambda row: row is not None and row.state == state)
        assert found is not None
        return found

    async def spoken(self) -> int:
        """Calls that the provider got for this book."""
        texts = (await self.stack.emulator.calls())["texts"]
        return sum(count for text, count in texts.items() if self.book in text)

    async def nothing_under_way(self) -> None:
        """Wait until neither the book nor one of its chapters waits for an activity."""

        async def under_way() -> list[str]:
            book = await self.handle.describe()
            chapters = [child.workflow_id for child in book.raw_description.pending_children]
            handles = [self.stack.client.get_workflow_handle(chapter) for chapter in chapters]
            found = [book, *await asyncio.gather(*(handle.describe() for handle in handles))]
            return [one.id for one in found if one.raw_description.pending_activities]

        await self.stack.until(under_way, lambda waiting: not waiting)

    async def listed(self, command: str) -> str:
        """What a documented search prints once Temporal's index, which is a moment behind, has the book."""

        async def search() -> str:
            return (await self.shell(command))[1]

        await self.stack.until(search, lambda output: self.workflow_id in output)
        return await self.run(command)


def field(output: str, name: str) -> str:
    """The value that the CLI prints beside a name."""
    found = re.search(rf"^ *{name} +(.+?) *$", output, re.MULTILINE)
    assert found, f"no {name}:\n{output}"
    return found[1]


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory, emulator: EmulatorProcess) -> AsyncIterator[Stack]:
    async with Stack(tmp_path_factory.mktemp("by-hand") / "home", emulator) as opened:
        await opened.worker()
        yield opened


@pytest.fixture
async def operator(stack: Stack, tmp_path: Path) -> AsyncIterator[Callable[[str], Operator]]:
    """An operator for a book of this name. Afterwards nothing is held, half done or left behind."""

    def for_book(book: str) -> Operator:
        (folder := tmp_path / book).mkdir()
        return Operator(stack, folder, book)

    yield for_book
    await stack.emulator.release()
    totals = await stack.ledger.attempt_totals()
    assert not totals.get(CallState.RESERVED) and not totals.get(CallState.SENT)
    await bytes_and_rows_agree(stack, Tally(), crashed=False)
    await budgets_hold(stack)


Book = Callable[[str], Operator]


async def test_a_book_is_ordered_and_seen(operator: Book) -> None:
    otter = operator("otter-1")
    run_id = await otter.start(README[SHOW_ORDER])
    assert await otter.run(SHOW_ORDER) == README[SHOW_ORDER]
    assert field(await otter.run(START), "RunId") == run_id, "the same command again finds the run"
    result = json.loads(field(await otter.run(RESULT), "Result"))
    assert (result["state"], result["pages"], result["failed_pages"], result["warning"]) == ("done", 2, 0, None)
    assert field(await otter.run(START), "RunId") == run_id, "also after it has closed"
    status = await otter.query()
    assert (status["state"], status["title"], status["job_id"]) == ("done", "The Otter", result["job_id"])
    assert [(part["title"], part["done"], part["pages"]) for part in status["chapters"]] == [
        ("The River", 1, 1),
        ("The Sea", 1, 1),
    ]
    row = await otter.row()
    assert (row.state, row.error, row.warning) == (JobState.DONE, None, None)
    assert "Completed" in await otter.listed(BY_BOOK)
    assert "Completed" in await otter.listed(BY_STAGE)
    described = await otter.run(DESCRIBE)
    assert (field(described, "StaticSummary"), field(described, "StaticDetails")) == (
        '"The Otter · en"',
        '"Ordered by hand."',
    )
    assert "| narration | ████████████████████ | 2 | 0 | 2 |" in await otter.run(METADATA)


async def test_pause_begins_nothing_new_until_resume(operator: Book) -> None:
    ferry = operator("heron")
    await ferry.start_held()
    await ferry.shell(PAUSE.replace('"lunch"', '{"for": "lunch"}'))  # not what the signal takes: does nothing
    assert (await ferry.query())["state"] == "running"
    await ferry.run(PAUSE)
    status = await ferry.query()
    assert (status["state"], status["paused_reason"]) == ("paused", "lunch")
    row = await ferry.row_where(JobState.PAUSED)
    assert row.paused_reason == "lunch"
    await ferry.stack.emulator.release()
    await ferry.nothing_under_way()
    assert await ferry.spoken() == len(await ferry.stack.segments(row)) == AT_ONCE
    assert (await ferry.query())["state"] == "paused"
    await ferry.run(RESUME)
    row = await ferry.row_where(JobState.DONE)
    assert (row.paused_reason, row.warning) == (None, None)
    assert await ferry.spoken() == len(await ferry.stack.segments(row)) == CHAPTERS


async def test_cancel_after_page_binds_what_there_is(operator: Book) -> None:
    ferry = operator("plover")
    await ferry.start_held()
    await ferry.run(FINISH_UP)
    await ferry.stack.emulator.release()
    result = json.loads(field(await ferry.run(RESULT), "Result"))
    warning = f"stopped with {AT_ONCE} of {CHAPTERS} pages made"
    assert (result["state"], result["files"], result["warning"]) == ("cancelled", AT_ONCE, warning)
    row = await ferry.row()
    assert (row.state, row.warning, row.error) == (JobState.CANCELLED, warning, None)
    assert await ferry.spoken() == len(await ferry.stack.segments(row)) == AT_ONCE


async def test_a_budget_is_raised_and_a_bad_one_refused(operator: Book) -> None:
    ferry = operator("curlew")
    pages = [f"{ferry.book} page {number} is spoken." for number in range(PAGES)]
    await ferry.start(ferry.order(book_text(pages)) | {"budget_usd": "0.001"})
    row = await ferry.row_where(JobState.PAUSED)
    assert "budget" in str(row.paused_reason)
    refused = await ferry.run(RAISE_WRONGLY, code=1)
    assert refused == README[RAISE_WRONGLY], "one line that says what to give"
    for other in ("NaN", "much"):
        code, output = await ferry.shell(RAISE.replace("1.00", other))
        assert code == 1 and "unable to update workflow" in output
    assert (await ferry.query())["state"] == "paused" and await ferry.spoken() < PAGES
    assert field(await ferry.run(RAISE), "Result") == "1.00"
    row = await ferry.row_where(JobState.DONE)
    assert (row.paused_reason, row.warning) == (None, None)
    assert await ferry.spoken() == len(await ferry.stack.segments(row)) == PAGES


async def test_however_it_is_cancelled_the_same_is_left(operator: Book) -> None:
    books = [operator(name) for name in ("avocet", "dunlin", "whimbrel")]
    stack = books[0].stack
    await stack.emulator.knobs(gate="is held back")
    for book in books:
        pages = [f"{book.book} page {n} is spoken." for n in (1, 2)]
        pages += [f"{book.book} page {n} is held back." for n in (3, 4)]
        await book.start(book.order(book_text(pages)))
    await stack.emulator.wait_calls(2 * len(books), of="held")
    for book in books:
        await stack.segments_where(await book.row(), lambda pages: len(pages) == 2)
    by_cli, by_ui, by_bookwright = books
    home = Home(stack.home, (("TEMPORAL_ADDRESS", stack.temporal.address),))
    await by_cli.run(CANCEL)
    await by_ui.handle.cancel()  # the request that the button of Temporal's UI sends
    asked = await asyncio.to_thread(home.json, "cancel", by_bookwright.job)
    assert asked["status"] == "cancelling"
    for book in books:
        row = await book.row_where(JobState.CANCELLED)
        assert (row.error, row.warning, row.paused_reason, row.closed_at is None) == (None, None, None, False)
        assert sorted(await stack.segments(row)) == [1, 2], "what was made is kept"
        code, output = await book.shell(RESULT)
        assert (code, field(output, "Status")) == (1, "CANCELED")
        assert (await book.query())["state"] == "cancelled"
    await stack.emulator.release()
    again = await asyncio.to_thread(home.json, "retry", by_cli.job)
    finished = await stack.until(lambda: stack.jobs.job(LOCAL_OWNER, again["job_id"]), lambda row: row.state.closed)
    assert finished.state == JobState.DONE and sorted(await stack.segments(finished)) == [1, 2, 3, 4]
    assert await by_cli.spoken() == 6, "of the cancelled book only what had no answer is asked for again"


SOURCE = {"kind": "inline", "text": "A page."}
WRONG: dict[str, tuple[object, str]] = {
    "siskin": ({"book_id": "siskin"}, "source"),
    "linnet": ({"book_id": "linnet", "source": SOURCE, "colour": "as red as rust"}, "colour"),
    "redpoll": ({"book_id": "redpoll", "source": {"kind": "tape"}}, "source"),
    "twite": ({"book_id": "twite", "source": SOURCE, "generation": 0}, "generation"),
    "brambling": ([1, 2], "should be an object"),
}


@pytest.mark.parametrize("book", WRONG)
async def test_a_wrong_order_fails_at_once_and_says_why(operator: Book, book: str) -> None:
    order, says = WRONG[book]
    ferry = operator(book)
    await ferry.start(order)
    code, output = await ferry.shell(RESULT)
    assert (code, field(output, "Status")) == (1, "FAILED")
    message = output.split("StackTrace:")[0]
    assert "1 validation error" in message and says in message
    assert "rust" not in output, "what was given is not repeated"
    with pytest.raises(NotFound):
        await ferry.row()


async def test_an_order_that_can_not_be_worked_off_fails_with_the_reason(operator: Book) -> None:
    ferry = operator("ortolan")
    await ferry.start(ferry.order("A page.") | {"language": "qaa"})
    code, output = await ferry.shell(RESULT)
    assert (code, field(output, "Status")) == (1, "FAILED")
    row = await ferry.row()
    assert row.state == JobState.FAILED and "does not speak this language" in str(row.error)
    assert str(row.error).endswith(field(output, "Message:"))


async def test_what_is_no_json_never_reaches_temporal(operator: Book) -> None:
    ferry = operator("serin")
    (ferry.folder / "order.json").write_text('{"book_id": ')
    code, output = await ferry.shell(START)
    assert code == 1 and "JSON" in output
    code, output = await ferry.shell(RESULT)
    assert code == 1 and "not found" in output

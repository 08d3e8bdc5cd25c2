"""A PDF whose pages are read off their pictures before its chapters are planned."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from bookwright.contracts.book import BookPlan, PageBatch, ReadingBatch, UnreadPages
from bookwright.contracts.errors import Refused
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookOrder
from bookwright.contracts.progress import BatchOutcome, Deferred, Hold, HoldKind, JobState, StageName
from tests.workflows.conftest import working
from tests.workflows.fakes import FakeActivities
from tests.workflows.test_book import start
from workflows.book import BookGeneration


class Scans(FakeActivities):
    """A book of 20 pages, 18 of which are read off their pictures, in three runs."""

    def __init__(self) -> None:
        super().__init__(chapters=2, pages=10)
        self.outcomes: dict[int, list[BatchOutcome | ApplicationError]] = {}
        """What becomes of the next attempts at the run that begins with this page; then all of it is read."""
        self.read_runs: list[int] = []
        self.given_up: list[tuple[int, str]] = []
        self.planned = 0
        self.spoken_before_planned = False
        self.whole = False
        self.gate: asyncio.Event | None = None
        self.begun = asyncio.Event()

    @activity.defn(name="Read text")
    async def read(self, order: BookOrder) -> BookPlan:
        plan = await super().read(order)
        runs = [(1, 8), (9, 16), (17, 20)]
        unread = tuple(UnreadPages(first_page=a, last_page=b, count=min(8, b - a + 1) - (b == 20) * 2) for a, b in runs)
        return plan.model_copy(update={"unread": unread, "document": AssetId("0" * 64), "whole": self.whole})

    @activity.defn(name="Read pages")
    async def read_pages(self, batch: ReadingBatch) -> BatchOutcome:
        self.read_runs.append(batch.first_page)
        self.begun.set()
        if self.gate:
            await self.gate.wait()
        if waiting := self.outcomes.get(batch.first_page):
            outcome = waiting.pop(0)
            if isinstance(outcome, ApplicationError):
                raise outcome
            return outcome
        return BatchOutcome(done=batch.pages)

    @activity.defn(name="Give up reading pages")
    async def give_up_reading(self, batch: ReadingBatch, error_type: str, error: str) -> BatchOutcome:
        self.given_up.append((batch.first_page, error_type))
        return BatchOutcome(failed=batch.pages)

    @activity.defn(name="Plan chapters")
    async def plan(self, order: BookOrder) -> BookPlan:
        self.planned += 1
        return await super().read(order)

    @activity.defn(name="Narrate pages")
    async def speak(self, batch: PageBatch) -> BatchOutcome:
        self.spoken_before_planned |= self.planned == 0
        return await super().speak(batch)

    def all(self) -> list[Any]:
        return [*super().all(), self.read_pages, self.give_up_reading, self.plan]


async def test_chapters_are_planned_and_made_when_all_pages_were_read(client: Client) -> None:
    fakes = Scans()
    until = Hold(kind=HoldKind.RATE_LIMIT, reason="later", until=_soon())
    fakes.outcomes = {
        1: [BatchOutcome(done=3, deferred=Deferred(hold=until))],
        9: [ApplicationError("away", type=Refused.__name__) for _ in range(3)],
        17: [BatchOutcome(done=1, failed=1)],
    }
    async with working(client, fakes):
        handle = await start(client)
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
    stages = {stage.name: stage for stage in status.stages}
    assert sorted(fakes.read_runs) == [1, 1, 9, 9, 9, 17] and fakes.given_up == [(9, Refused.__name__)]
    assert (fakes.planned, fakes.spoken_before_planned) == (1, False)
    reading = stages[StageName.READING]
    assert list(stages)[:3] == [StageName.TEXT, StageName.READING, StageName.NARRATION]
    assert (reading.done, reading.failed, reading.total, reading.state) == (9, 9, 18, "completed")
    assert result.state is JobState.DONE and result.warning == "9 pages could not be read off the document"


async def test_pages_of_a_book_that_was_read_before_change_no_chapters(client: Client) -> None:
    fakes = Scans()
    fakes.whole = True
    async with working(client, fakes):
        result = await (await start(client)).result()
    assert (fakes.planned, sorted(fakes.read_runs), result.state) == (0, [1, 9, 17], JobState.DONE)


async def test_a_job_that_is_to_end_while_pages_are_read_plans_nothing(client: Client) -> None:
    fakes = Scans()
    fakes.gate = asyncio.Event()
    async with working(client, fakes):
        handle = await start(client)
        await fakes.begun.wait()
        await handle.signal("cancel_after_page")
        fakes.gate.set()
        result = await handle.result()
    assert (result.state, result.warning) == (JobState.CANCELLED, "stopped before the text was read")
    assert fakes.planned == 0 and not fakes.batches


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(milliseconds=200)

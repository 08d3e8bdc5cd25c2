"""`AudiobookIngestion`: what is asked for in which order, and what becomes of it when parts can't be done."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from activities.heartbeat import heartbeating
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import CallCounts
from bookwright.contracts.errors import PERMANENT
from bookwright.contracts.ids import BookId, book_workflow_id, job_id
from bookwright.contracts.ingestion import (
    ChaptersPlan,
    ChapterTask,
    IngestionPlan,
    PagesTask,
    PagesWritten,
    RecordingRef,
    StepChange,
    StepKind,
    StepOutcome,
    StepTask,
    Transcribed,
)
from bookwright.contracts.orders import BookContext, BookOrder, Recordings, Track
from bookwright.contracts.progress import (
    BookResult,
    Deferred,
    Hold,
    HoldKind,
    JobEnd,
    JobEnded,
    JobHold,
    JobState,
    StageChanges,
)
from bookwright.contracts.queues import Queue
from tests.workflows.conftest import working
from workflows.ingestion import AudiobookIngestion

Answer = StepOutcome | ApplicationError


class FakeIngestion:
    """The activities of an audiobook of so many chapters with 100 words each."""

    def __init__(self, chapters: int = 3) -> None:
        self.chapters = chapters
        self.surveyed: list[int] = []
        self.transcribed: list[int] = []
        self.written: list[tuple[int, int]] = []
        self.runs: list[tuple[str, int, bool]] = []
        self.steps: list[StepChange] = []
        self.ends: list[JobEnd] = []
        self.holds: list[JobHold] = []
        self.words = 100
        self.failing: dict[int, str] = {}
        """Chapters that end with an error of this type at each attempt."""
        self.attempts: Counter[int] = Counter()
        self.answers: dict[str, list[Answer]] = {}
        """What becomes of the next runs of a step; they succeed when none is left."""
        self.described = asyncio.Event()
        """Summary and tags have been asked for."""
        self.before_chapter: Callable[[int], Awaitable[object]] | None = None

    def all(self) -> Sequence[Callable[..., Any]]:
        found = (getattr(self, name) for name in dir(type(self)))
        return [each for each in found if hasattr(each, "__temporal_activity_definition")]

    def state_of(self, kind: StepKind) -> StepChange:
        """How a step ended."""
        return next(change for change in reversed(self.steps) if change.kind is kind)

    @activity.defn(name="Open ingestion")
    async def open(self, order: BookOrder) -> IngestionPlan:
        job = job_id(activity.info().workflow_id or "")
        context = BookContext(
            owner_id=order.owner_id,
            book_id=order.book_id,
            job_id=job,
            title=order.title or "",
            language="en",
            voice="recording",
            editions=(),
            tracks=order.tracks,
            pages=0,
        )
        return IngestionPlan(context=context, recordings=2)

    @activity.defn(name="Survey recording")
    async def survey(self, ref: RecordingRef) -> None:
        self.surveyed.append(ref.number)

    @activity.defn(name="Plan recorded chapters")
    async def plan(self, context: BookContext) -> ChaptersPlan:
        return ChaptersPlan(chapters=self.chapters, todo=tuple(range(1, self.chapters + 1)))

    @activity.defn(name="Record step")
    async def step(self, change: StepChange) -> None:
        self.steps.append(change)

    @activity.defn(name="Transcribe chapter")
    async def transcribe(self, task: ChapterTask) -> Transcribed:
        async with heartbeating():
            self.attempts[task.chapter] += 1
            if self.before_chapter:
                await self.before_chapter(task.chapter)
            if kind := self.failing.get(task.chapter):
                counted = () if kind in PERMANENT else (self.attempts[task.chapter],)
                raise ApplicationError("it can't be had", *counted, type=kind)
            self.transcribed.append(task.chapter)
            return Transcribed(chapter=task.chapter, words=self.words)

    @activity.defn(name="Give transcript up")
    async def give_up(self, task: ChapterTask, error_type: str, error: str) -> Transcribed:
        return Transcribed(chapter=task.chapter, failed=True)

    @activity.defn(name="Write transcribed pages")
    async def write(self, task: PagesTask) -> PagesWritten:
        self.written.append((task.first, task.last))
        failed = sum(chapter in self.failing for chapter in range(1, task.last + 1))
        words = self.words * (task.last - failed)
        context = task.context.model_copy(update={"pages": task.last})
        return PagesWritten(context=context, chapters=task.last, words=words, failed=failed)

    @activity.defn(name="Summarize")
    async def summarize(self, task: StepTask) -> StepOutcome:
        return self._ran("summarize", task)

    @activity.defn(name="Tag")
    async def tag(self, task: StepTask) -> StepOutcome:
        return self._ran("tag", task)

    @activity.defn(name="Embed passages")
    async def embed(self, task: StepTask) -> StepOutcome:
        return self._ran("embed", task)

    @activity.defn(name="Record stages")
    async def stages(self, wanted: StageChanges) -> None: ...

    @activity.defn(name="Record hold")
    async def hold(self, change: JobHold) -> None:
        self.holds.append(change)

    @activity.defn(name="Close job")
    async def close(self, end: JobEnd) -> JobEnded:
        self.ends.append(end)
        return JobEnded(counts=CallCounts())

    def _ran(self, step: str, task: StepTask) -> StepOutcome:
        self.runs.append((step, task.last, task.whole))
        if {("summarize", 1, False), ("tag", 1, False)} <= set(self.runs):
            self.described.set()
        if waiting := self.answers.get(step):
            answer = waiting.pop(0)
            if isinstance(answer, ApplicationError):
                raise answer
            return answer
        return StepOutcome(done=1)


async def started(client: Client, name: str | None = None) -> WorkflowHandle[AudiobookIngestion, BookResult]:
    """An ingestion under way."""
    book = BookId(name or str(uuid4()))
    order = BookOrder(
        book_id=book, source=Recordings(upload="u"), title="The Lamp", tracks=(Track.NARRATION,), editions=()
    )
    return await client.start_workflow(
        "AudiobookIngestion", order, id=book_workflow_id(book, 1), task_queue=Queue.BOOKS, result_type=BookResult
    )


async def test_summary_and_tags_do_not_wait_for_the_other_chapters(client: Client) -> None:
    fakes = FakeIngestion()
    described = asyncio.Event()

    async def until_described(chapter: int) -> None:
        if chapter > 1:
            await described.wait()

    fakes.before_chapter = until_described
    async with working(client, fakes):
        handle = await started(client)
        async with asyncio.timeout(30):
            await fakes.described.wait()
        assert fakes.transcribed == [1], "the others are still being transcribed"
        described.set()
        result = await handle.result()
    assert (result.state, result.pages, result.warning) == (JobState.DONE, 3, None)
    assert sorted(fakes.surveyed) == [1, 2]
    assert fakes.written[0] == (1, 1) and fakes.written[-1][1] == 3
    assert {run for run in fakes.runs if run[2]} == {(step, 3, True) for step in ("summarize", "tag", "embed")}
    assert all(fakes.state_of(kind).state is TrackState.COMPLETED for kind in StepKind)
    assert (fakes.state_of(StepKind.TRANSCRIBE).done, fakes.state_of(StepKind.TRANSCRIBE).total) == (3, 3)


@pytest.mark.parametrize(("kind", "attempts"), [("Refused", 3), ("Unspeakable", 1)])
async def test_a_chapter_that_can_not_be_had_is_a_dead_letter_and_stops_nothing(
    client: Client, kind: str, attempts: int
) -> None:
    fakes = FakeIngestion(2)
    fakes.failing[2] = kind
    async with working(client, fakes):
        result = await (await started(client)).result()
    assert result.state is JobState.DONE and "1 of 2 chapters" in (result.warning or "")
    assert fakes.attempts[2] == attempts
    step = fakes.state_of(StepKind.TRANSCRIBE)
    assert (step.state, step.done, step.total) == (TrackState.FAILED, 1, 2)
    assert fakes.state_of(StepKind.SUMMARIZE).state is TrackState.COMPLETED


async def test_a_step_that_fails_is_a_dead_letter_and_one_that_must_wait_is_not(client: Client) -> None:
    fakes = FakeIngestion(1)
    fakes.answers["embed"] = [ApplicationError("no vectors", number, type="Refused") for number in (1, 2, 3)]
    soon = Hold(kind=HoldKind.RATE_LIMIT, reason="busy", until=datetime.now(UTC) + timedelta(milliseconds=300))
    fakes.answers["tag"] = [StepOutcome(deferred=Deferred(hold=soon))]
    async with working(client, fakes):
        result = await (await started(client)).result()
    assert result.warning == "embed: no vectors"
    dead = fakes.state_of(StepKind.EMBED)
    assert (dead.state, dead.error_type, dead.error) == (TrackState.FAILED, "Refused", "no vectors")
    assert fakes.state_of(StepKind.TAG).state is TrackState.COMPLETED
    assert [run for run in fakes.runs if run[0] == "tag"] == [("tag", 1, True)] * 2
    assert [hold.reason for hold in fakes.holds] == ["busy", None]


async def test_recordings_in_which_nobody_speaks_fail_with_the_reason(client: Client) -> None:
    fakes = FakeIngestion(1)
    fakes.words = 0
    async with working(client, fakes):
        with pytest.raises(WorkflowFailureError) as failure:
            await (await started(client)).result()
    assert "nobody is heard to speak" in str(failure.value.cause)
    (end,) = fakes.ends
    assert (end.state, end.may_retry) == (JobState.FAILED, False) and "music" in (end.error or "")


async def test_a_cancelled_ingestion_says_so(client: Client) -> None:
    fakes = FakeIngestion(1)
    begun = asyncio.Event()

    async def forever(_chapter: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    fakes.before_chapter = forever
    async with working(client, fakes):
        handle = await started(client)
        async with asyncio.timeout(30):
            await begun.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert [end.state for end in fakes.ends] == [JobState.CANCELLED]


class OutsideFakes(FakeIngestion):
    """Chapters are left to outside workers."""

    def __init__(self) -> None:
        super().__init__(1)
        self.offered = asyncio.Event()

    @activity.defn(name="Transcribe chapter")
    async def transcribe(self, task: ChapterTask) -> Transcribed:
        return Transcribed(chapter=task.chapter, outside=True)

    @activity.defn(name="Have chapter transcribed outside")
    async def left(self, task: ChapterTask) -> Transcribed:
        self.offered.set()
        activity.raise_complete_async()


async def test_a_job_that_is_to_finish_up_waits_for_no_outside_worker(client: Client) -> None:
    fakes = OutsideFakes()
    async with working(client, fakes):
        handle = await started(client)
        async with asyncio.timeout(30):
            await fakes.offered.wait()
        await handle.signal("cancel_after_page")
        result = await handle.result()
    assert result.state is JobState.CANCELLED

"""Stories that are written before they are read in: one step after the other, with what stands in their way."""

from collections.abc import Callable
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from bookwright.contracts.book import BookPlan, TrackState
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookOrder, ExistingBook, StoredText
from bookwright.contracts.progress import Deferred, Hold, HoldKind, JobState, StageName
from bookwright.contracts.stories import Brief, BriefKind, Notes, StoryKind
from bookwright.contracts.writing import Manuscript, WritingStep, Written
from tests.workflows.conftest import working
from tests.workflows.fakes import FakeActivities
from tests.workflows.test_book import start, until_state
from workflows import chapters
from workflows.book import BookGeneration

TOLD = ["Find the characters", "Write the character sheet", "Outline the story", "Write 1", "Write 2", "Put together"]


class FakeWriters(FakeActivities):
    """A story of two chapters, which may become a longer book."""

    def __init__(self, chapters: int = 2, pages: int = 6) -> None:
        super().__init__(chapters, pages)
        self.written: list[str] = []
        self.read_from: list[BookOrder] = []
        self.next: list[Written | ApplicationError] = []
        """What becomes of the next chapters; they are written when none is left."""

    @activity.defn(name="Find the characters")
    async def characters(self, step: WritingStep) -> Written:
        self.written.append("Find the characters")
        return Written(note="nobody could look at the picture")

    @activity.defn(name="Write the character sheet")
    async def sheet(self, step: WritingStep) -> Written:
        self.written.append("Write the character sheet")
        return Written()

    @activity.defn(name="Outline the story")
    async def outline(self, step: WritingStep) -> Written:
        self.written.append("Outline the story")
        return Written()

    @activity.defn(name="Write a chapter")
    async def chapter(self, step: WritingStep) -> Written:
        if self.next:
            if isinstance(found := self.next.pop(0), ApplicationError):
                raise found
            return found
        self.written.append(f"Write {step.number}")
        return Written()

    @activity.defn(name="Put the story together")
    async def put_together(self, step: WritingStep) -> Manuscript:
        self.written.append("Put together")
        return Manuscript(asset=AssetId("a" * 64), title="The Cave", language="hi")

    @activity.defn(name="Read text")
    async def read_story(self, order: BookOrder) -> BookPlan:
        self.read_from.append(order)
        plan = await self.read(order)
        return plan

    def all(self) -> list[Callable[..., Any]]:
        others = [one for one in super().all() if one != self.read]
        mine: list[Callable[..., Any]] = [self.characters, self.sheet, self.outline, self.chapter]
        return [*mine, self.put_together, self.read_story, *others]


def brief(kind: BriefKind = BriefKind.STORY_ADVENTURE, pages: int = 12) -> Brief:
    return Brief(
        job_type=kind,
        character_name="Luna",
        character_type="dragon",
        special_ability="light",
        age_group="7-10",
        story_world="caves",
        adventure_type="hunt",
        pages=pages,
    )


async def test_a_brief_is_written_step_by_step_and_read_in_as_a_text(client: Client) -> None:
    fakes = FakeWriters()
    async with working(client, fakes):
        handle = await start(client, source=brief(), title=None)
        result = await handle.result()
        stages = {stage.name: stage for stage in (await handle.query(BookGeneration.status)).stages}
    assert (result.state, result.pages) == (JobState.DONE, 12)
    assert fakes.written == TOLD
    (order,) = fakes.read_from
    assert order.source == StoredText(asset=AssetId("a" * 64), name="story")
    assert (order.title, order.language) == ("The Cave", "hi")
    assert [(stages[name].done, stages[name].total) for name in list(StageName)[:3]] == [(1, 1), (1, 1), (3, 3)]
    assert [stage for stage in fakes.stages if stage[0] == StageName.STORY] == [
        ("story", "processing"),
        ("story", "completed"),
    ]
    assert result.warning == "nobody could look at the picture"


async def test_notes_have_no_characters_and_a_search_book_no_outline(client: Client) -> None:
    fakes = FakeWriters()
    notes = Notes(story_kind=StoryKind.CREATIVE, content=AssetId("b" * 64), pages=12)
    async with working(client, fakes):
        assert (await (await start(client, source=notes, tracks=())).result()).pages == 12
        told, fakes.written = fakes.written, []
        assert told == TOLD[2:] and not fakes.batches, "a text alone has no tracks"
        await (await start(client, source=brief(BriefKind.INTERACTIVE_SEARCH))).result()
    assert fakes.written == [*TOLD[:2], "Write 1", "Put together"]


async def test_a_step_that_must_wait_is_taken_again_and_one_that_fails_ends_the_job(client: Client) -> None:
    fakes = FakeWriters()
    async with working(client, fakes):
        hold = Hold(kind=HoldKind.BUDGET, reason="the budget is reached")
        fakes.next = [Written(deferred=Deferred(hold=hold))]
        handle = await start(client, source=brief())
        assert (await until_state(handle, JobState.PAUSED)).paused_reason == "the budget is reached"
        await handle.execute_update(BookGeneration.raise_budget, args=["5"])
        assert (await handle.result()).state is JobState.DONE
        assert fakes.written == TOLD

        fakes.next = [ApplicationError("held back twice", type="Blocked", non_retryable=True)]
        handle = await start(client, source=brief())
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert (fakes.ends[-1].state, fakes.ends[-1].error) == (JobState.FAILED, "Blocked: held back twice")


async def test_a_sheet_and_then_the_text_wait_for_approval(client: Client) -> None:
    fakes = FakeWriters()
    async with working(client, fakes):
        handle = await start(client, source=brief(), review=True, review_sheet=True)
        await until_state(handle, JobState.PAUSED)
        assert fakes.written == TOLD[:2]
        assert await handle.execute_update(BookGeneration.approve, id="approve-1")
        while len(fakes.read_from) < 1:
            await until_state(handle, JobState.PAUSED)
        await until_state(handle, JobState.PAUSED)
        assert fakes.written == TOLD and not fakes.batches
        assert await handle.execute_update(BookGeneration.approve, id="approve-2")
        assert (await handle.result()).state is JobState.DONE
    assert fakes.read_from[-1].source == ExistingBook(), "what was reviewed is read again, not the manuscript"


async def test_a_job_that_is_to_finish_up_before_there_is_a_story_ends_as_cancelled(client: Client) -> None:
    fakes = FakeWriters()
    async with working(client, fakes):
        handle = await start(client, source=brief(), review_sheet=True)
        await until_state(handle, JobState.PAUSED)
        await handle.signal(BookGeneration.cancel_after_page)
        result = await handle.result()
    assert (result.state, result.pages) == (JobState.CANCELLED, 0)
    assert fakes.ends[-1].warning == "stopped before the story was written" and fakes.written == TOLD[:2]


async def test_a_book_of_many_chapters_continues_as_new_with_its_counts_and_what_it_lacks(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_a_run = 16
    events_per_chapter = 10_000 / chapters.CHAPTERS_PER_RUN
    monkeypatch.setattr(chapters, "CHAPTERS_PER_RUN", in_a_run)
    fakes = FakeWriters(chapters=20, pages=1)
    async with working(client, fakes):
        handle = await start(client, source=brief())
        result = await handle.result()
        first = client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        history = await first.fetch_history()
        status = await handle.query(BookGeneration.status)
    assert (result.pages, result.failed_pages, result.files) == (20, 0, 23)
    assert result.warning == "nobody could look at the picture"
    stages = {stage.name: stage for stage in status.stages}
    assert stages[StageName.NARRATION].done == 20
    assert history.events[-1].HasField("workflow_execution_continued_as_new_event_attributes")
    assert len(history.events) < in_a_run * events_per_chapter
    assert sum(name == StageName.NARRATION and state == TrackState.PROCESSING for name, state in fakes.stages) == 1

"""Stand-ins for the activities, registered under the real names: what a workflow does is seen in what it asks for."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.heartbeat import heartbeating
from bookwright.contracts.book import (
    BookPlan,
    ChapterBrief,
    ChapterRange,
    ChapterRef,
    EditionRef,
    PageBatch,
)
from bookwright.contracts.calls import CallCounts
from bookwright.contracts.ids import job_id
from bookwright.contracts.orders import BookContext, BookOrder, Track
from bookwright.contracts.progress import (
    BatchOutcome,
    Bound,
    BudgetRaise,
    JobEnd,
    JobEnded,
    JobHold,
    StageChanges,
    Tally,
)
from bookwright.contracts.scenes import SceneScan, ScenesFound, Scored, SoundscapeRef

PAGES_OF_SCENE = 6
Speak = Callable[[PageBatch], Awaitable[BatchOutcome]]


class FakeActivities:
    """A book of `chapters` chapters with `pages` pages each; `speak` decides what becomes of a batch."""

    def __init__(
        self, chapters: int = 1, pages: int = 3, speak: Speak | None = None, *, by_scene: bool = False
    ) -> None:
        """`by_scene` is what every book is now; without it, it was begun before there were scenes."""
        self.by_scene = by_scene
        self.scans: list[SceneScan] = []
        self.finding: list[ApplicationError] = []
        """What the next looks for scenes fail with."""
        self.scored: list[int] = []
        """The soundscapes that were made, by number, in the order in which they were begun."""
        self.score_batches: list[tuple[int, ...]] = []
        """The same by activities."""
        self.scoring: dict[int, list[Scored | ApplicationError]] = {}
        """What becomes of the next activities that are to make a soundscape; they succeed when none is left."""
        self.on_scored: Callable[[], object] = lambda: None
        self.chapter_count = chapters
        self.pages = pages
        self.batches: list[PageBatch] = []
        self.gave_up: list[tuple[int, int, str]] = []
        self.holds: list[JobHold] = []
        self.ends: list[JobEnd] = []
        self.stages: list[tuple[str, str]] = []
        self.budgets: list[int] = []
        self.bound: Counter[str] = Counter()
        self.binding: dict[str, list[Bound | ApplicationError]] = {}
        """What becomes of the next bindings of an edition (`mp3`: of chapters); they succeed when none is left."""
        self.spoken = asyncio.Event()
        self.made: list[tuple[Track, int, int]] = []
        """Batches of the other tracks in the order in which they were begun: track, first and last page."""
        self.making: dict[Track, Speak] = {}
        """What becomes of the batches of another track; all are made when nothing is said."""
        self.facts: dict[str, Any] = {}
        """Further facts of the book's context."""
        self._speak = speak

    @activity.defn(name="Read text")
    async def read(self, order: BookOrder) -> BookPlan:
        context = BookContext(
            owner_id=order.owner_id,
            book_id=order.book_id,
            job_id=job_id(activity.info().workflow_id or ""),
            title=order.title or "A Book",
            language="en",
            voice="en",
            editions=order.editions,
            tracks=order.tracks,
            pages=self.chapter_count * self.pages,
            by_scene=self.by_scene,
            **self.facts,
        )
        return BookPlan(context=context, chapters=self.chapter_count, words=100)

    @activity.defn(name="List chapters")
    async def chapters(self, wanted: ChapterRange) -> list[ChapterBrief]:
        last = min(wanted.first + wanted.limit - 1, self.chapter_count)
        return [
            ChapterBrief(
                number=number,
                title=f"Chapter {number}",
                first_page=(number - 1) * self.pages + 1,
                last_page=number * self.pages,
            )
            for number in range(wanted.first, last + 1)
        ]

    @activity.defn(name="Narrate pages")
    async def speak(self, batch: PageBatch) -> BatchOutcome:
        self.batches.append(batch)
        self.spoken.set()
        if self._speak is None:
            return BatchOutcome(done=batch.pages)
        async with heartbeating():
            return await self._speak(batch)

    @activity.defn(name="Give pages up")
    async def give_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        self.gave_up.append((batch.first_page, batch.last_page, error_type))
        return BatchOutcome(failed=batch.pages)

    @activity.defn(name="Analyse pages")
    async def analyse(self, batch: PageBatch) -> BatchOutcome:
        return await self._make(Track.ANALYSIS, batch)

    @activity.defn(name="Give analyses up")
    async def give_analyses_up(
        self, batch: PageBatch, error_type: str, error: str, attempts: int, trace: str | None
    ) -> BatchOutcome:
        return await self.give_up(batch, error_type, error)

    @activity.defn(name="Illustrate pages")
    async def illustrate(self, batch: PageBatch) -> BatchOutcome:
        return await self._make(Track.ILLUSTRATIONS, batch)

    @activity.defn(name="Validate pictures")
    async def validate(self, batch: PageBatch) -> BatchOutcome:
        return await self._make(Track.VALIDATION, batch)

    @activity.defn(name="Give validation up")
    async def give_validation_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        return await self.give_up(batch, error_type, error)

    @activity.defn(name="Draw answers")
    async def draw_answers(self, context: BookContext) -> int:
        self.bound["answers"] += 1
        return 1

    @activity.defn(name="Score pages")
    async def score(self, batch: PageBatch) -> BatchOutcome:
        return await self._make(Track.SOUNDSCAPE, batch)

    @activity.defn(name="Find scenes")
    async def find(self, scan: SceneScan) -> ScenesFound:
        """Every scene has PAGES_OF_SCENE pages, and a soundscape of its own."""
        self.scans.append(scan)
        if self.finding:
            raise self.finding.pop(0)
        ends = range(scan.next_page + PAGES_OF_SCENE - 1, scan.last_page + scan.final, PAGES_OF_SCENE)
        count = len(ends) + (scan.final and (scan.last_page - scan.next_page + 1) % PAGES_OF_SCENE > 0)
        next_page = scan.last_page + 1 if scan.final else scan.next_page + len(ends) * PAGES_OF_SCENE
        numbers = tuple(range(scan.next_scene, scan.next_scene + count))
        return ScenesFound(next_scene=scan.next_scene + count, next_page=next_page, soundscapes=numbers)

    @activity.defn(name="Give scenes up")
    async def give_scenes_up(
        self, scan: SceneScan, error_type: str, error: str, attempts: int, trace: str | None
    ) -> ScenesFound:
        self.gave_up.append((scan.next_page, scan.last_page, f"{error_type} after {attempts}"))
        return ScenesFound(next_scene=scan.next_scene, next_page=scan.last_page + 1)

    @activity.defn(name="Make soundscape")
    async def score_scene(self, ref: SoundscapeRef) -> Scored:
        self.score_batches.append(ref.numbers)
        self.scored += ref.numbers
        self.on_scored()
        for number in ref.numbers:
            if self.scoring.get(number):
                outcome = self.scoring[number].pop(0)
                if isinstance(outcome, ApplicationError):
                    raise outcome
                return outcome
        return Scored(made=len(ref.numbers))

    @activity.defn(name="Give soundscape up")
    async def give_soundscape_up(
        self, ref: SoundscapeRef, error_type: str, error: str, attempts: int, trace: str | None
    ) -> Scored:
        self.gave_up.append((min(ref.numbers), max(ref.numbers), error_type))
        return Scored()

    @activity.defn(name="Count scored pages")
    async def tally(self, context: BookContext, last: int) -> Tally:
        return Tally(done=last)

    async def _make(self, track: Track, batch: PageBatch) -> BatchOutcome:
        self.made.append((track, batch.first_page, batch.last_page))
        if track not in self.making:
            return BatchOutcome(done=batch.pages)
        async with heartbeating():
            return await self.making[track](batch)

    @activity.defn(name="Give pictures up")
    async def give_pictures_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        return await self.give_up(batch, error_type, error)

    @activity.defn(name="Bind chapter")
    async def bind_chapter(self, ref: ChapterRef) -> Bound:
        return self._bind("mp3")

    @activity.defn(name="Bind edition")
    async def bind_edition(self, ref: EditionRef) -> Bound:
        return self._bind(ref.edition)

    def _bind(self, edition: str) -> Bound:
        self.bound[edition] += 1
        bound = self.binding[edition].pop(0) if self.binding.get(edition) else Bound(files=1)
        if isinstance(bound, ApplicationError):
            raise bound
        return bound

    @activity.defn(name="Record stages")
    async def stage(self, wanted: StageChanges) -> None:
        self.stages.extend((change.name, change.state) for change in wanted.changes)

    @activity.defn(name="Record hold")
    async def hold(self, change: JobHold) -> None:
        self.holds.append(change)

    @activity.defn(name="Raise budget")
    async def raise_budget(self, change: BudgetRaise) -> None:
        self.budgets.append(change.cap_micros)

    @activity.defn(name="Close job")
    async def close(self, end: JobEnd) -> JobEnded:
        self.ends.append(end)
        if end.stages is not None:
            await self.stage(end.stages)
        return JobEnded(counts=CallCounts(calls=len(self.batches)))

    def all(self) -> list[Callable[..., Any]]:
        """Everything to register."""
        return [
            self.read,
            self.chapters,
            self.speak,
            self.give_up,
            self.analyse,
            self.give_analyses_up,
            self.illustrate,
            self.validate,
            self.give_validation_up,
            self.draw_answers,
            self.score,
            self.find,
            self.give_scenes_up,
            self.score_scene,
            self.give_soundscape_up,
            self.tally,
            self.give_pictures_up,
            self.bind_chapter,
            self.bind_edition,
            self.stage,
            self.hold,
            self.raise_budget,
            self.close,
        ]

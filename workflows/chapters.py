"""The chapters of a book: each made in a child of its own, earliest first."""

import asyncio
from collections.abc import Callable, Sequence

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.records import Records
    from bookwright.contracts.book import CHAPTERS_PER_LISTING, ChapterBrief, ChapterRange
    from bookwright.contracts.ids import chapter_workflow_id
    from bookwright.contracts.orders import OF_SOUND, BookContext, ChapterOrder, Track
    from bookwright.contracts.progress import BookProgress, ChapterResult, StageName, Tally
    from workflows import policies
    from workflows.analysing import PAGES_PER_BATCH
    from workflows.board import Board
    from workflows.chapter import NARRATED_TOGETHER, ChapterProduction
    from workflows.durable import once_it_is_back
    from workflows.relay import Relay
    from workflows.soundscapes import BookSoundscapes
    from workflows.steering import Steering

CHAPTERS_AT_ONCE = 8
CHAPTERS_PER_RUN = 300
"""Chapters after which the book continues as new: a chapter costs it about 12 events, a run may have 10,000."""


class BookChapters:
    """The chapters that one run of a book makes, and what all its runs came to."""

    def __init__(
        self,
        so_far: BookProgress | None,
        main: Track | None,
        board: Board,
        steering: Steering,
        relay: Relay,
        soundscapes: BookSoundscapes,
        tell: Callable[[StageName], None],
    ) -> None:
        """`main` is the track whose failed pages count as the book's; `tell(stage)` shows how far the book is."""
        self._main = main
        self._board = board
        self._steering = steering
        self._relay = relay
        self._soundscapes = soundscapes
        self._tell = tell
        self._briefs: list[ChapterBrief] = []
        self.count = so_far.chapters if so_far else 0
        self.next = so_far.next_chapter if so_far else 1
        self.failed = so_far.failed_pages if so_far else 0
        """Pages."""
        self.unbound = so_far.unbound_chapters if so_far else 0
        self.files = so_far.files if so_far else 0

    @property
    def whole(self) -> bool:
        """Whether all chapters were begun."""
        return self.next > self.count

    def planned(self, count: int, first: Sequence[ChapterBrief]) -> None:
        """The book has so many chapters, of which these are the first."""
        self.count, self._briefs = count, list(first)

    async def make(self, context: BookContext) -> None:
        """Every chapter in a child of its own, earliest first, CHAPTERS_AT_ONCE at a time, if they have something to
        make."""
        if not context.made_by_chapters and OF_SOUND.isdisjoint(context.editions):
            self.next = self.count + 1
            return
        last = min(self.count, self.next + CHAPTERS_PER_RUN - 1)
        while self.next <= last and await self._steering.clear():
            if not self._briefs:
                limit = min(CHAPTERS_PER_LISTING, last - self.next + 1)
                self._briefs = await self._list(ChapterRange(context=context, first=self.next, limit=limit))
            # The next lane begins when the one before it has begun its first chapter: eight at once would stand in the
            # way of the first chapter's first pages, which a reader is waiting for. After a long first chapter the
            # next one waits a moment, until those are under way.
            turns = [asyncio.Event() for _ in range(CHAPTERS_AT_ONCE + 1)]
            turns[0].set()
            await asyncio.gather(
                *(self._lane(context, turns[lane], turns[lane + 1]) for lane in range(CHAPTERS_AT_ONCE))
            )

    async def _list(self, wanted: ChapterRange) -> list[ChapterBrief]:
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Records.chapters, wanted, summary=f"List chapters from {wanted.first}", **policies.STORE
            ),
            also_timeouts=True,
        )

    async def _lane(self, context: BookContext, turn: asyncio.Event, begun: asyncio.Event) -> None:
        """Make chapters one after the other, from its turn on."""
        main = context.counted
        try:
            await turn.wait()
            while self._briefs and await self._steering.clear() and self._briefs:
                brief = self._briefs.pop(0)
                self.next = brief.number + 1
                result = await self._produce(context, brief, begun)
                self.failed += result.failed if context.counted is self._main else 0
                self._soundscapes.analysed(brief.last_page)
                self.files += result.files
                self.unbound += result.unbound
                self._board.chapter_ended(brief.number, result.done, result.failed)
                if main is not None:
                    self._board.count(StageName(main), done=result.done, failed=result.failed)
                for track, tally in result.others.items():
                    self._board.count(StageName(track), done=tally.done, failed=tally.failed)
                self._tell(StageName(main or Track.SOUNDSCAPE))
        finally:
            begun.set()

    async def _produce(self, context: BookContext, brief: ChapterBrief, begun: asyncio.Event) -> ChapterResult:
        self._board.chapter(brief)
        child = await workflow.start_child_workflow(
            ChapterProduction.run,
            ChapterOrder(
                context=context,
                chapter=brief.number,
                title=brief.title,
                first_page=brief.first_page,
                last_page=brief.last_page,
                next_page=brief.first_page,
                narrated_together=NARRATED_TOGETHER,
                paused=self._steering.paused,
            ),
            id=chapter_workflow_id(workflow.info().workflow_id, brief.number),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            task_timeout=policies.WORKFLOW_TASK,
            static_summary=f"{brief.title} · {brief.pages} pages",
        )
        self._relay.add(brief.number, child)
        try:
            if _fills_the_start(brief) and workflow.patched("first-chapter-first"):
                await workflow.sleep(policies.HEAD_START)
            begun.set()
            return await child
        except ChildWorkflowError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("chapter failed", extra={"chapter": brief.number})
            lost = Tally(failed=brief.pages)
            others = {track: lost for track in context.made_by_chapters if track is not context.counted}
            return ChapterResult(chapter=brief.number, done=0, failed=brief.pages, others=others)
        finally:
            self._relay.remove(brief.number)


def _fills_the_start(brief: ChapterBrief) -> bool:
    """Whether nobody needs the next chapter's pages yet: this is the first one, and it is long."""
    return brief.first_page == 1 and brief.pages > PAGES_PER_BATCH

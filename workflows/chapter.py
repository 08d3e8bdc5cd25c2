"""`ChapterProduction`: makes the tracks of one chapter's pages and binds the chapter."""

import asyncio
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

with workflow.unsafe.imports_passed_through():
    from activities.binding import Binding
    from activities.illustration import Illustration
    from activities.narration import Narration
    from activities.scoring import Scoring
    from activities.validation import Validation
    from bookwright.contracts.book import ChapterRef, PageBatch
    from bookwright.contracts.ids import scoring_workflow_id
    from bookwright.contracts.orders import OF_SOUND, ChapterOrder, Track, TrackProgress
    from bookwright.contracts.progress import Bound, ChapterResult, Tally
    from bookwright.contracts.scenes import PageRun
    from workflows import policies
    from workflows.analysing import ANALYSING, BATCHES_AT_ONCE, PAGES_PER_BATCH
    from workflows.durable import once_it_is_back
    from workflows.line import Line, Work
    from workflows.steering import ANALYSED, SteeredChild, stop_if_cancelled

PAGES_PER_RUN = 1_600
"""Pages, counted once for each track, after which the workflow continues as new; 200 batches stay under 2,000 events
with every one retried."""
NARRATED_TOGETHER = 16
"""Pages in a batch of narration, unless they wait for another track: half as many activities as PAGES_PER_BATCH."""
WORKS = (
    Work(
        Track.NARRATION,
        "Narrate",
        Narration.speak,
        Narration.give_up,
        policies.NARRATION,
        policies.GIVE_UP,
        PAGES_PER_BATCH,
        BATCHES_AT_ONCE,
    ),
    ANALYSING,
    Work(
        Track.ILLUSTRATIONS,
        "Illustrate",
        Illustration.illustrate,
        Illustration.give_up,
        policies.ILLUSTRATION,
        policies.GIVE_PICTURES_UP,
        PAGES_PER_BATCH,
        BATCHES_AT_ONCE,
    ),
    Work(
        Track.VALIDATION,
        "Validate",
        Validation.validate,
        Validation.give_up,
        policies.VALIDATION,
        policies.GIVE_VALIDATION_UP,
        PAGES_PER_BATCH,
        BATCHES_AT_ONCE,
    ),
    # Of a book that was begun before there were scenes: one sound for the whole chapter, or for as much of it as a run
    # takes.
    Work(
        Track.SOUNDSCAPE,
        "Score",
        Scoring.score,
        Scoring.give_up,
        policies.SOUNDSCAPE,
        policies.GIVE_SOUNDS_UP,
        PAGES_PER_RUN,
        1,
    ),
)
_AFTER = {
    Track.ILLUSTRATIONS: Track.ANALYSIS,
    Track.SOUNDSCAPE: Track.ANALYSIS,
    Track.VALIDATION: Track.ILLUSTRATIONS,
}
"""The track whose outcome for a page must be there before another's begins it."""
_PICTURED = (Track.ILLUSTRATIONS, Track.VALIDATION)


@workflow.defn
class ChapterProduction(SteeredChild):
    """Narrates a chapter's pages; analyses them, and illustrates and scores them from that; all at the same time, each
    track's earliest pages first, several batches at once. Then it binds the chapter.

    A search-and-find book's pages are narrated when their pictures were validated: their lists are final then.

    A page that can't be made never fails the chapter: it is recorded in the store and counted here.
    """

    @workflow.init
    def __init__(self, order: ChapterOrder) -> None:
        super().__init__(paused=order.paused)
        self._order = order
        self._main = order.context.counted
        self._lines: dict[Track, Line] = {}
        self._telling: list[asyncio.Task[None]] = []
        tracks = order.context.made_by_chapters
        run_pages = PAGES_PER_RUN // len(order.context.made) // PAGES_PER_BATCH * PAGES_PER_BATCH
        after = _AFTER | ({Track.NARRATION: Track.VALIDATION} if order.context.search else {})
        for work in (*WORKS[1:], WORKS[0]) if order.context.search else WORKS:
            if work.track in tracks:
                if work.track is Track.NARRATION and work.track not in after:
                    together = order.narrated_together
                    work = work._replace(pages=together, at_once=work.pages * work.at_once // together)
                # No more pages in a batch than are drawn at once: those of one batch are validated while the next is
                # drawn.
                most = order.context.scenes_at_once if work.track in _PICTURED else None
                self._lines[work.track] = Line(
                    work._replace(pages=min(work.pages, run_pages, most or run_pages)),
                    order,
                    self._so_far(work.track),
                    run_pages,
                    self._steering,
                    self._tell,
                    after=self._lines.get(after[work.track]) if work.track in after else None,
                    on_batch=self._analysed if work.track is Track.ANALYSIS else None,
                )

    @workflow.run
    async def run(self, order: ChapterOrder) -> ChapterResult:
        self._tell()
        spoken = self._lines.get(Track.NARRATION)
        bound: Bound | None = None
        if spoken and len(self._lines) > 1 and workflow.patched("bind-once-spoken"):
            others = (line.run() for line in self._lines.values() if line is not spoken)
            bound, *_ = await asyncio.gather(self._bind_once_spoken(spoken), *others)
        else:
            spoken = None
            await asyncio.gather(*(line.run() for line in self._lines.values()))
        await asyncio.gather(*self._telling)
        if any(line.is_left for line in self._lines.values()) and not self._steering.finishing:
            await workflow.wait_condition(workflow.all_handlers_finished)
            workflow.continue_as_new(self._rest())
        stop_if_cancelled()
        if spoken is None:
            bound = await self._bind()
        await workflow.wait_condition(workflow.all_handlers_finished)
        main = self._lines.get(self._main) if self._main else None
        return ChapterResult(
            chapter=order.chapter,
            done=main.done if main else 0,
            failed=main.failed if main else 0,
            others={
                track: Tally(done=line.done, failed=line.failed)
                for track, line in self._lines.items()
                if track is not self._main
            },
            files=bound.files if bound else 0,
            unbound=bound is None and any(edition.by_chapter for edition in order.context.editions),
        )

    # -- the chapter's pages -----------------------------------------------------------------------------------------

    def _so_far(self, track: Track) -> TrackProgress:
        order = self._order
        if track is self._main:
            return TrackProgress(next_page=order.next_page, done=order.done_pages, failed=order.failed_pages)
        return order.others.get(track, TrackProgress(next_page=order.first_page))

    def _rest(self) -> ChapterOrder:
        """What is left for the next run."""
        now = {track: line.progress for track, line in self._lines.items()}
        assert self._main is not None, "what is left is of some track"
        main = now.pop(self._main)
        return self._order.model_copy(
            update={
                "next_page": main.next_page,
                "failed_pages": main.failed,
                "done_pages": main.done,
                "others": now,
                "paused": self._steering.paused,
            }
        )

    def _analysed(self, batch: PageBatch) -> None:
        """Let those who look for scenes know."""
        if Track.SOUNDSCAPE in self._order.context.made and self._order.context.by_scene:
            self._telling.append(asyncio.create_task(self._tell_analysed(batch)))

    async def _tell_analysed(self, batch: PageBatch) -> None:
        book = workflow.info().parent
        if book is not None:
            scoring = workflow.get_external_workflow_handle(scoring_workflow_id(book.workflow_id))
            with suppress(ApplicationError):  # it has ended
                await scoring.signal(ANALYSED, PageRun(first=batch.first_page, last=batch.last_page))

    # -- the chapter as a file ---------------------------------------------------------------------------------------

    async def _bind_once_spoken(self, narration: Line) -> Bound | None:
        """Have the chapter spoken and then bound, while its pictures are still in the making: its files are of sound
        alone. A run that leaves pages to the next one leaves this, too."""
        await narration.run()
        if narration.is_left and not self._steering.finishing:
            return None
        stop_if_cancelled()
        return await self._bind()

    async def _bind(self) -> Bound | None:
        """The chapter's files; None when they can't be bound. What other editions take from it is encoded along."""
        if OF_SOUND.isdisjoint(self._order.context.editions):
            return Bound()
        try:
            bound = await self._steering.past_holds(self._attempt_to_bind, once_more=True)
        except ActivityError as error:
            if not isinstance(error.cause, ApplicationError | TimeoutError):
                raise
            workflow.logger.warning("chapter not bound", extra={"chapter": self._order.chapter})
            return None
        return bound if bound.deferred is None else None

    async def _attempt_to_bind(self) -> Bound:
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Binding.bind_chapter,
                ChapterRef(context=self._order.context, chapter=self._order.chapter),
                summary=f"Bind “{self._order.title}”",
                **policies.BINDING,
            )
        )

    def _tell(self) -> None:
        """What the Temporal UI shows."""
        total = self._order.last_page - self._order.first_page + 1
        rows = "\n".join(f"| {track} | {total} | {line.done} | {line.failed} |" for track, line in self._lines.items())
        workflow.set_current_details(
            f"**{self._order.title}**\n\n| track | pages | done | failed |\n|---|---|---|---|\n{rows}"
        )

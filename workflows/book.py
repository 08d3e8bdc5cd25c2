"""`BookGeneration`: works off one order for a book, from its text to its bound editions."""

import asyncio
from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

with workflow.unsafe.imports_passed_through():
    from activities.answers import Answers
    from activities.reading import Reading
    from bookwright.contracts import attributes
    from bookwright.contracts.book import BookPlan
    from bookwright.contracts.orders import (
        TRACKS,
        WITH_AMBIENCE,
        BookContext,
        BookOrder,
        Edition,
        ExistingBook,
        Track,
        main_track,
    )
    from bookwright.contracts.progress import (
        AWAITING_APPROVAL,
        BookProgress,
        BookResult,
        BookRun,
        Hold,
        HoldKind,
        JobState,
        StageChange,
        StageChanges,
        StageName,
    )
    from workflows import policies
    from workflows.chapters import BookChapters
    from workflows.durable import once_it_is_back
    from workflows.editions import Editions
    from workflows.job import JobWorkflow
    from workflows.reading import PageReadingStage
    from workflows.soundscapes import BookSoundscapes
    from workflows.steering import stop_if_cancelled
    from workflows.writing import StoryWriting


@workflow.defn
class BookGeneration(JobWorkflow):
    """Reads the text, makes every chapter in a child workflow of its own, binds the editions.

    Whatever parts can't be made, the book is made from the others and ends with a warning. It fails only when its
    text can't be read, or nothing at all could be made.
    """

    @workflow.init
    def __init__(self, order: BookRun) -> None:
        super().__init__(order)
        so_far = order.so_far
        self._context = so_far.context if so_far else None
        self._tracks = so_far.context.made if so_far else ()
        self._main = main_track(order.tracks)
        self._approved = not order.review or so_far is not None
        self._sheet_approved = not order.review_sheet or so_far is not None
        self._reviewing_sheet = False
        self._notes = list(so_far.notes) if so_far else []
        self._files = 0
        """Editions of the whole book."""
        self._soundscapes = BookSoundscapes(so_far, self._board, self._steering, self._relay)
        self._chapters = BookChapters(
            so_far, self._main, self._board, self._steering, self._relay, self._soundscapes, self._tell
        )

    @workflow.run
    async def run(self, order: BookRun) -> BookResult:
        return await self._work_off(self._make())

    # -- what people can ask and say ---------------------------------------------------------------------------------

    @workflow.update
    async def approve(self) -> bool:
        """Go on with the character sheet or the text, whichever is being reviewed, as it is now in the store. True;
        approving a text again changes nothing."""
        if self._reviewing_sheet:
            self._sheet_approved = True
        else:
            self._approved = True
        return True

    @approve.validator
    def _check_approval(self) -> None:
        if not self._reviewing_sheet and (self._context is None or not self._order.review):
            raise ValueError("the job does not wait for approval")

    # -- how a book is made ------------------------------------------------------------------------------------------

    async def _make(self) -> BookResult:
        order = self._order.order
        if self._context is None and order.is_written:
            written = await self._write()
            if written is None:
                return await self._unmade("stopped before the story was written")
            order = written
        elif self._context is None and order.rewrites:
            await self._rewrite()
        context = self._context or await self._read(order)
        if context is None:
            return await self._unmade("stopped before the text was read")
        if not self._approved:
            await self._await_approval(lambda: self._approved)
            if workflow.patched("read-after-review"):  # what was reviewed may have another title or sheet now
                existing = order.model_copy(update={"source": ExistingBook()})
                context = await self._read(existing, again=True) or context
        if self._main is None:
            return await self._close(context, StageChanges(context=context, changes=tuple(await self._bind(context))))
        self._tell(StageName(self._main))
        begun = [change for track in self._tracks for change in self._begin(StageName(track), context.pages)]
        await self._soundscapes.begin(context)
        await asyncio.gather(self._record(context, *begun), self._chapters.make(context))
        whole = self._chapters.whole
        if not (whole and context.analysed_for_scenes):
            await self._soundscapes.all_analysed(whole=whole)
        if not whole and not self._steering.finishing:
            await self._scored()
            await self._continue(context)
        stop_if_cancelled()
        if context.search and Track.ILLUSTRATIONS in self._tracks:
            await self._draw_answers(context)
        left = await self._bind(context)
        stop_if_cancelled()
        return await self._close(context, StageChanges(context=context, changes=tuple(left)))

    async def _write(self) -> BookOrder | None:
        """The order with its story written; None when it was to end before that."""
        writing = self._writing()
        try:
            if not await writing.characters():
                return None
            if not self._sheet_approved:
                self._reviewing_sheet = True
                await self._await_approval(lambda: self._sheet_approved)
                self._reviewing_sheet = False
            return await writing.story()
        finally:
            self._notes = writing.notes

    async def _rewrite(self) -> None:
        """Have the pages written anew that the order names; then they are read like any others."""
        writing = self._writing()
        await writing.pages_anew()
        self._notes += writing.notes

    def _writing(self) -> StoryWriting:
        return StoryWriting(self._order.order, self._job, self._board, self._steering, self._record, self._tell)

    async def _unmade(self, warning: str) -> BookResult:
        """End a job that was told to finish before there was a text."""
        counts = await self._record_end(JobState.CANCELLED, warning=warning)
        return BookResult(
            book_id=self._order.book_id,
            job_id=self._job,
            state=JobState.CANCELLED,
            pages=0,
            failed_pages=0,
            files=0,
            warning=warning,
            counts=counts,
        )

    async def _read(self, order: BookOrder, *, again: bool = False) -> BookContext | None:
        """The book's facts, its text read; None when it was to end before that. `again` only looks at what is there by
        now."""
        self._tell(StageName.TEXT)
        self._board.begin(StageName.TEXT, 1, workflow.now())
        plan = await once_it_is_back(
            lambda: workflow.execute_activity_method(Reading.read, order, summary="Read the text", **policies.READING)
        )
        if plan.unread and not again:
            plan = await self._read_pages(plan, order)
            if self._steering.finishing and plan.unread and not plan.whole:
                return None
        self._context = plan.context
        self._chapters.planned(plan.chapters, plan.first)
        self._tracks = plan.context.made
        if Track.VALIDATION in self._tracks:
            self._board.validated()
        if not self._board[StageName.TEXT].done:
            self._board.count(StageName.TEXT, done=1)
            self._board.end(StageName.TEXT, workflow.now())
        return plan.context

    async def _read_pages(self, plan: BookPlan, order: BookOrder) -> BookPlan:
        """The plan once the pages that have no good text were read off their pictures; the same one when nothing new
        is to be begun."""
        await PageReadingStage(plan, self._board, self._steering, self._record, self._tell).run()
        failed = self._board[StageName.READING].failed
        if failed:
            self._notes.append(f"{failed} page{'s' * (failed > 1)} could not be read off the document")
        if plan.whole or self._steering.finishing:
            return plan
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Reading.plan, order, summary="Plan the chapters", **policies.READING
            )
        )

    async def _await_approval(self, approved: Callable[[], bool]) -> None:
        """Stand still until that is approved, or the job is to end. Resuming after a pause does not approve it."""
        hold = Hold(kind=HoldKind.REVIEW, reason=AWAITING_APPROVAL)
        while not (approved() or self._steering.finishing):
            self._steering.stand(hold)
            await workflow.wait_condition(lambda: approved() or self._steering.finishing or self._steering.hold is None)
        if self._steering.hold is hold:
            self.resume()

    async def _continue(self, context: BookContext) -> None:
        """Begin a new history. The wave of children has been waited for: none is cut off."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        so_far = BookProgress(
            context=context,
            stages=self._board.stages,
            chapters=self._chapters.count,
            next_chapter=self._chapters.next,
            failed_pages=self._chapters.failed,
            unbound_chapters=self._chapters.unbound,
            files=self._chapters.files,
            paused=self._steering.paused,
            next_scene=self._soundscapes.next_scene,
            next_scene_page=self._soundscapes.next_page,
            analysed_to=self._soundscapes.analysed_to,
            notes=tuple(self._notes),
        )
        workflow.continue_as_new(self._order.model_copy(update={"so_far": so_far}))

    # -- the answers of a search-and-find book -----------------------------------------------------------------------

    async def _draw_answers(self, context: BookContext) -> None:
        """The pages that show where things are, once all scenes were validated. The book goes on without them."""
        try:
            await once_it_is_back(
                lambda: workflow.execute_activity_method(
                    Answers.draw, context, summary="Draw the answer pages", **policies.BINDING
                )
            )
        except ActivityError as error:
            if not isinstance(error.cause, ApplicationError | TimeoutError):
                raise
            workflow.logger.warning("answers not drawn")

    # -- the editions ------------------------------------------------------------------------------------------------

    async def _bind(self, context: BookContext) -> list[StageChange]:
        """The editions of the whole book. Those with ambience wait for the soundscapes, and a bundle for all others.
        Answers what is left to record."""
        editions = [edition for edition in context.editions if not edition.by_chapter]
        scored = [StageName(track) for track in context.made_for_scenes] if self._soundscapes.begun else []
        ended = [self._end(stage) for track in self._tracks if (stage := StageName(track)) not in scored]
        changes = [*ended, *self._begin(StageName.BINDING, len(editions))]
        self._tell(StageName.BINDING)
        if not editions and not scored:
            return [*changes, self._end(StageName.BINDING)]
        binding = Editions(context, self._board, self._steering, self._tell)
        dry = [edition for edition in editions if edition not in (WITH_AMBIENCE | {Edition.BUNDLE})]
        await asyncio.gather(self._record(context, *changes), binding.bind(dry), self._scored())
        changes = [self._end(stage) for stage in scored]
        await binding.bind(edition for edition in editions if edition in WITH_AMBIENCE)
        await binding.bind(edition for edition in editions if edition is Edition.BUNDLE)  # which has the others in it
        self._files = binding.files
        return [*changes, self._end(StageName.BINDING)]

    async def _scored(self) -> None:
        """Wait for the soundscapes."""
        failed = await self._soundscapes.scored()
        if self._main is Track.SOUNDSCAPE:
            self._chapters.failed += failed

    # -- how it ends -------------------------------------------------------------------------------------------------

    async def _close(self, context: BookContext, left: StageChanges) -> BookResult:
        done = self._board[StageName(self._main)].done if self._main else context.pages
        made = sum(self._board[StageName(track)].done for track in self._order.tracks) if self._main else context.pages
        unbound = self._board[StageName.BINDING].failed
        cancelled = self._steering.finishing
        if cancelled:
            state = JobState.CANCELLED
            warning: str | None = f"stopped with {done} of {context.pages} pages made"
        elif not made:
            raise ApplicationError(
                "No page could be made; see its error in the job's pages.", type="NothingMade", non_retryable=True
            )
        else:
            state, warning = JobState.DONE, _warning(self._lacking(), self._chapters.unbound, unbound, self._notes)
        counts = await self._record_end(state, warning=warning, stages=left)
        return BookResult(
            book_id=self._order.book_id,
            job_id=self._job,
            state=state,
            pages=context.pages,
            failed_pages=self._chapters.failed,
            files=self._chapters.files + self._files,
            warning=warning,
            counts=counts,
        )

    # -- keeping everybody informed ----------------------------------------------------------------------------------

    def _lacking(self) -> dict[Track, int]:
        """How many pages each of the ordered tracks lacks, and of how many the pictures are not right."""
        told = (*(track for track in TRACKS if track in self._order.tracks), Track.VALIDATION)
        return {track: self._board[StageName(track)].failed for track in told if track in self._tracks}

    @property
    def _title(self) -> str:
        return self._context.title if self._context else super()._title

    def _tell(self, stage: StageName) -> None:
        """What the Temporal UI shows and searches."""
        if workflow.info().typed_search_attributes.get(attributes.BOOK_STAGE) != stage:
            workflow.upsert_search_attributes(
                [
                    attributes.BOOK_ID.value_set(self._order.book_id),
                    attributes.USER_ID.value_set(self._order.owner_id),
                    attributes.BOOK_KIND.value_set(self._order.kind),
                    attributes.BOOK_STAGE.value_set(stage),
                ]
            )
        workflow.set_current_details(f"**{self._title}**\n\n{self._board.table()}")


_DONE_TO_PAGES = {
    Track.NARRATION: "narrated",
    Track.ILLUSTRATIONS: "illustrated",
    Track.SOUNDSCAPE: "scored",
    Track.VALIDATION: "drawn true to the characters",
}


def _warning(lacking: dict[Track, int], chapters: int, editions: int, notes: list[str]) -> str | None:
    """What is missing, in words; None when nothing is."""
    missing = (
        *((count, "page", _DONE_TO_PAGES[track]) for track, count in lacking.items()),
        (chapters, "chapter", "bound"),
        (editions, "edition", "bound"),
    )
    parts = [f"{count} {what}{'s' * (count > 1)} could not be {done}" for count, what, done in missing if count]
    return " and ".join([*parts, *notes]) or None

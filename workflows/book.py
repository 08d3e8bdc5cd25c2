"""`BookGeneration`: works off one order for a book, from its text to its bound editions."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    TimeoutError,
    is_cancelled_exception,
)
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.answers import Answers
    from activities.binding import Binding
    from activities.reading import Reading
    from activities.records import Records
    from bookwright.contracts import attributes
    from bookwright.contracts.book import (
        CHAPTERS_PER_LISTING,
        BookPlan,
        ChapterBrief,
        ChapterRange,
        EditionRef,
        TrackState,
    )
    from bookwright.contracts.calls import CallCounts
    from bookwright.contracts.errors import PERMANENT
    from bookwright.contracts.ids import JobId, chapter_workflow_id, job_id, scoring_workflow_id
    from bookwright.contracts.orders import (
        OF_SOUND,
        TRACKS,
        WITH_AMBIENCE,
        BookContext,
        BookOrder,
        ChapterOrder,
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
        BookStatus,
        BudgetRaise,
        ChapterResult,
        Hold,
        HoldKind,
        JobEnd,
        JobState,
        StageChange,
        StageChanges,
        StageName,
        Tally,
    )
    from bookwright.contracts.scenes import ScoringOrder, ScoringResult
    from bookwright.money.usd import to_micros
    from workflows import policies
    from workflows.analysing import PAGES_PER_BATCH
    from workflows.board import Board
    from workflows.chapter import ChapterProduction
    from workflows.durable import once_it_is_back
    from workflows.reading import PageReadingStage
    from workflows.relay import Relay
    from workflows.scoring import SceneScoring
    from workflows.steering import ALL_ANALYSED, FINISH_UP, HOLD, PAUSE, RESUME, Steering, stop_if_cancelled
    from workflows.writing import StoryWriting

Scoring = ChildWorkflowHandle[SceneScoring, ScoringResult]

SCORING = 0
"""Stands for the scoring among the chapters' numbers."""
CHAPTERS_AT_ONCE = 8
CHAPTERS_PER_RUN = 300
"""Chapters after which the book continues as new: a chapter costs it about 12 events, a run may have 10,000."""


@workflow.defn
class BookGeneration:
    """Reads the text, makes every chapter in a child workflow of its own, binds the editions.

    Whatever parts can't be made, the book is made from the others and ends with a warning. It fails only when its
    text can't be read, or nothing at all could be made.
    """

    @workflow.init
    def __init__(self, order: BookRun) -> None:
        self._order = order
        so_far = order.so_far
        self._context = so_far.context if so_far else None
        self._board = Board(order, so_far.stages if so_far else ())
        self._chapters = so_far.chapters if so_far else 0
        self._next = so_far.next_chapter if so_far else 1
        self._failed = so_far.failed_pages if so_far else 0
        self._unbound = so_far.unbound_chapters if so_far else 0
        self._files = so_far.files if so_far else 0
        self._tracks = so_far.context.made if so_far else ()
        self._main = main_track(order.tracks)
        self._steering = Steering(paused=bool(so_far and so_far.paused))
        self._relay = Relay(self._steering, order.owner_id)
        self._briefs: list[ChapterBrief] = []
        self._state = JobState.RUNNING
        self._approved = not order.review or so_far is not None
        self._sheet_approved = not order.review_sheet or so_far is not None
        self._reviewing_sheet = False
        self._notes = list(so_far.notes) if so_far else []
        self._next_scene = so_far.next_scene if so_far else 1
        self._next_scene_page = so_far.next_scene_page if so_far else 1
        self._analysed_to = so_far.analysed_to if so_far else 0

    @workflow.run
    async def run(self, order: BookRun) -> BookResult:
        watching = asyncio.create_task(self._relay.run())
        try:
            result = await self._make()
        except BaseException as error:
            if isinstance(error, workflow.ContinueAsNewError):
                raise
            await self._end_badly(error)
            if isinstance(error, ActivityError) and isinstance(error.cause, ApplicationError):
                # What people see in the Temporal UI is why, not that an activity failed.
                raise ApplicationError(error.cause.message, type=error.cause.type, non_retryable=True) from error
            raise
        finally:
            watching.cancel()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    # -- what people can ask and say ---------------------------------------------------------------------------------

    @workflow.query
    def status(self) -> BookStatus:
        """Stages and chapters as they stand. Pages are in the store."""
        hold = self._steering.hold
        return BookStatus(
            book_id=self._order.book_id,
            job_id=self._job,
            title=self._title,
            state=JobState.PAUSED if self._steering.paused and not self._state.closed else self._state,
            paused_reason=hold.reason if hold else None,
            stages=self._board.stages,
            chapters=self._board.chapters,
            as_of=workflow.now(),
        )

    @workflow.signal(name=PAUSE)
    def pause(self, reason: str = "paused") -> None:
        """Begin nothing new until resumed; what is under way is finished."""
        self._steering.pause(reason)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on after a pause, or after what held the job up was put right."""
        self._steering.resume()
        self._relay.tell_again()

    @workflow.signal(name=FINISH_UP)
    def cancel_after_page(self) -> None:
        """Finish the pages under way, bind what there is, and end as cancelled."""
        self._steering.finish_up()
        self._relay.tell_again()

    @workflow.signal(name=HOLD)
    def hold(self, reason: Hold) -> None:
        """A chapter stands still: for a person (all wait then) or for a provider's time."""
        if not self._steering.finishing and not self._steering.paused:
            self._steering.hold = reason

    @workflow.update
    async def raise_budget(self, cap_usd: Decimal) -> str:
        """Set the order's budget, in US dollars, and go on if it was what held the job up."""
        cap_micros = to_micros(cap_usd)
        await workflow.execute_activity_method(
            Records.raise_budget,
            BudgetRaise(owner_id=self._order.owner_id, job_id=self._job, cap_micros=cap_micros),
            summary=f"Budget {cap_usd} USD",
            **policies.STORE,
        )
        if self._steering.hold and self._steering.hold.kind is HoldKind.BUDGET:
            self.resume()
        return str(cap_usd)

    @raise_budget.validator
    def _check_budget(self, cap_usd: Decimal) -> None:
        if not cap_usd.is_finite() or not 0 < cap_usd < 1_000_000:
            raise ValueError("cap_usd: give an amount in US dollars above 0")

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
        scoring = await self._begin_scoring(context)
        await asyncio.gather(self._record(context, *begun), self._make_chapters(context))
        whole = self._next > self._chapters
        if scoring is not None and not (whole and context.analysed_for_scenes):
            await self._all_analysed(scoring, whole)
        if not whole and not self._steering.finishing:
            await self._scored(scoring)
            await self._continue(context)
        stop_if_cancelled()
        if context.search and Track.ILLUSTRATIONS in self._tracks:
            await self._draw_answers(context)
        left = await self._bind(context, scoring)
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
        self._context, self._chapters, self._briefs = plan.context, plan.chapters, list(plan.first)
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

    async def _make_chapters(self, context: BookContext) -> None:
        """Every chapter in a child of its own, earliest first, CHAPTERS_AT_ONCE at a time, if they have something to
        make."""
        if not context.made_by_chapters and OF_SOUND.isdisjoint(context.editions):
            self._next = self._chapters + 1
            return
        last = min(self._chapters, self._next + CHAPTERS_PER_RUN - 1)
        while self._next <= last and await self._steering.clear():
            if not self._briefs:
                limit = min(CHAPTERS_PER_LISTING, last - self._next + 1)
                self._briefs = await self._list(ChapterRange(context=context, first=self._next, limit=limit))
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
                self._next = brief.number + 1
                result = await self._produce(context, brief, begun)
                self._failed += result.failed if context.counted is self._main else 0
                self._analysed_to = max(self._analysed_to, brief.last_page)
                self._files += result.files
                self._unbound += result.unbound
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

    async def _continue(self, context: BookContext) -> None:
        """Begin a new history. The wave of children has been waited for: none is cut off."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        so_far = BookProgress(
            context=context,
            stages=self._board.stages,
            chapters=self._chapters,
            next_chapter=self._next,
            failed_pages=self._failed,
            unbound_chapters=self._unbound,
            files=self._files,
            paused=self._steering.paused,
            next_scene=self._next_scene,
            next_scene_page=self._next_scene_page,
            analysed_to=self._analysed_to,
            notes=tuple(self._notes),
        )
        workflow.continue_as_new(self._order.model_copy(update={"so_far": so_far}))

    # -- the scenes --------------------------------------------------------------------------------------------------

    async def _begin_scoring(self, context: BookContext) -> Scoring | None:
        """The child that finds the book's scenes and has their soundscapes made, beside the chapters."""
        if not context.made_for_scenes:
            return None
        child = await workflow.start_child_workflow(
            SceneScoring.run,
            ScoringOrder(
                context=context,
                next_scene=self._next_scene,
                next_page=self._next_scene_page,
                analysed_to=self._analysed_to,
                paused=self._steering.paused,
            ),
            id=scoring_workflow_id(workflow.info().workflow_id),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            task_timeout=policies.WORKFLOW_TASK,
            static_summary=f"Soundscapes · {context.pages} pages",
        )
        self._relay.add(SCORING, child)
        return child

    async def _all_analysed(self, scoring: Scoring, whole: bool) -> None:
        with suppress(ApplicationError):  # it has ended
            await scoring.signal(ALL_ANALYSED, args=[self._analysed_to, whole])

    async def _scored(self, scoring: Scoring | None) -> None:
        """Wait until the soundscapes of all scenes that were found have their outcomes."""
        if scoring is None:
            return
        counted = self._board[StageName.SOUNDSCAPE]
        analysed = Tally()
        try:
            result = await scoring
            self._next_scene, self._next_scene_page = result.next_scene, result.next_page
            self._analysed_to = max(self._analysed_to, result.analysed_to)
            done, failed, analysed = result.done - counted.done, result.failed - counted.failed, result.analysed
        except ChildWorkflowError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("scenes not scored")
            done, failed = 0, counted.total - counted.done - counted.failed
        finally:
            self._relay.remove(SCORING)
        self._board.count(StageName.SOUNDSCAPE, done=done, failed=failed)
        if analysed != Tally():
            self._board.count(StageName.ANALYSIS, done=analysed.done, failed=analysed.failed)
        if self._main is Track.SOUNDSCAPE:
            self._failed += failed

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

    async def _bind(self, context: BookContext, scoring: Scoring | None = None) -> list[StageChange]:
        """The editions of the whole book; each chapter has bound its own files. Those with ambience wait for the
        soundscapes, and a bundle for all others. Answers what is left to record."""
        editions = [edition for edition in context.editions if not edition.by_chapter]
        scored = [] if scoring is None else [StageName(track) for track in context.made_for_scenes]
        ended = [self._end(stage) for track in self._tracks if (stage := StageName(track)) not in scored]
        changes = [*ended, *self._begin(StageName.BINDING, len(editions))]
        self._tell(StageName.BINDING)
        if not editions and scoring is None:
            return [*changes, self._end(StageName.BINDING)]
        dry = [edition for edition in editions if edition not in (WITH_AMBIENCE | {Edition.BUNDLE})]
        await asyncio.gather(
            self._record(context, *changes),
            *(self._bind_edition(context, edition) for edition in dry),
            self._scored(scoring),
        )
        changes = [self._end(stage) for stage in scored]
        await asyncio.gather(
            *(self._bind_edition(context, edition) for edition in editions if edition in WITH_AMBIENCE)
        )
        if Edition.BUNDLE in editions:  # which has the others in it
            await self._bind_edition(context, Edition.BUNDLE)
        return [*changes, self._end(StageName.BINDING)]

    async def _bind_edition(self, context: BookContext, edition: Edition) -> None:
        made = 0
        try:
            made = await self._bound(context, edition)
        except ActivityError as error:
            if not isinstance(error.cause, ApplicationError | TimeoutError):
                raise
        self._files += made
        self._board.count(StageName.BINDING, done=made, failed=1 - made)
        self._tell(StageName.BINDING)

    async def _bound(self, context: BookContext, edition: Edition) -> int:
        """How many files the edition has, once nothing stands in the way."""
        while True:
            bound = await once_it_is_back(
                lambda: workflow.execute_activity_method(
                    Binding.bind_edition,
                    EditionRef(context=context, edition=edition),
                    summary=f"Bind as {edition.upper()}",
                    **policies.BINDING,
                )
            )
            if bound.deferred is None or self._steering.finishing:
                return bound.files
            self._steering.stand(bound.deferred.hold)
            await self._steering.wait(bound.deferred.hold)

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
            state, warning = JobState.DONE, _warning(self._lacking(), self._unbound, unbound, self._notes)
        counts = await self._record_end(state, warning=warning, stages=left)
        return BookResult(
            book_id=self._order.book_id,
            job_id=self._job,
            state=state,
            pages=context.pages,
            failed_pages=self._failed,
            files=self._files,
            warning=warning,
            counts=counts,
        )

    async def _end_badly(self, error: BaseException) -> None:
        """Write down that the job was cancelled or failed; what was made is kept for the next generation."""
        cancelled = is_cancelled_exception(error)
        cause = error.cause if isinstance(error, ActivityError) and error.cause else error
        recording = asyncio.create_task(
            self._record_end(
                JobState.CANCELLED if cancelled else JobState.FAILED,
                error=None if cancelled else str(cause),
                may_retry=not (cancelled or (isinstance(cause, ApplicationError) and cause.type in PERMANENT)),
            )
        )
        await asyncio.shield(recording)

    async def _record_end(
        self,
        state: JobState,
        *,
        warning: str | None = None,
        error: str | None = None,
        may_retry: bool = False,
        stages: StageChanges | None = None,
    ) -> CallCounts:
        self._state = state
        end = JobEnd(
            owner_id=self._order.owner_id,
            job_id=self._job,
            state=state,
            warning=warning,
            error=error,
            may_retry=may_retry,
            stages=stages,
        )
        summary = f"Close the job: {state}"
        # A good end is recorded in the very task in which the workflow ends. That may be repeated, which is no matter
        # here; but a job that failed goes back into the queue each time.
        if stages is not None and workflow.patched("close-in-place"):
            ended = await workflow.execute_local_activity_method(Records.close, end, summary=summary, **policies.CLOSE)
        else:
            ended = await workflow.execute_activity_method(Records.close, end, summary=summary, **policies.RECORD)
        return ended.counts

    # -- keeping everybody informed ----------------------------------------------------------------------------------

    @property
    def _job(self) -> JobId:
        return job_id(workflow.info().workflow_id)

    def _lacking(self) -> dict[Track, int]:
        """How many pages each of the ordered tracks lacks, and of how many the pictures are not right."""
        told = (*(track for track in TRACKS if track in self._order.tracks), Track.VALIDATION)
        return {track: self._board[StageName(track)].failed for track in told if track in self._tracks}

    @property
    def _title(self) -> str:
        return self._context.title if self._context else self._order.title or "Untitled"

    def _begin(self, name: StageName, total: int) -> list[StageChange]:
        """The change to record, unless an earlier run has begun the stage."""
        if self._board[name].started_at is not None:
            return []
        self._board.begin(name, total, workflow.now())
        return [StageChange(name=name, state=TrackState.PROCESSING, total=total)]

    def _end(self, name: StageName) -> StageChange:
        stage = self._board[name]
        state = TrackState.FAILED if stage.failed and not stage.done else TrackState.COMPLETED
        self._board.end(name, workflow.now(), state)
        return StageChange(name=name, state=state, total=stage.total, done=stage.done, failed=stage.failed)

    async def _record(self, context: BookContext, *changes: StageChange) -> None:
        if changes:
            await once_it_is_back(
                lambda: workflow.execute_activity_method(
                    Records.stages,
                    StageChanges(context=context, changes=changes),
                    summary=", ".join(f"{change.name} {change.state}" for change in changes),
                    **policies.STORE,
                ),
                also_timeouts=True,
            )

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


def _fills_the_start(brief: ChapterBrief) -> bool:
    """Whether nobody needs the next chapter's pages yet: this is the first one, and it is long."""
    return brief.first_page == 1 and brief.pages > PAGES_PER_BATCH


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

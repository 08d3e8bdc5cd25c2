"""`ChapterProduction`: makes the tracks of one chapter's pages and binds the chapter."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

with workflow.unsafe.imports_passed_through():
    from activities.binding import Binding
    from activities.narration import Narration
    from bookwright.contracts.book import ChapterRef, PageBatch
    from bookwright.contracts.orders import OF_SOUND, ChapterOrder
    from bookwright.contracts.progress import BatchOutcome, Bound, ChapterResult, Hold
    from workflows import policies
    from workflows.durable import once_it_is_back, pause, store_is_away
    from workflows.steering import FINISH_UP, HOLD, PAUSE, RESUME, Steering, stop_if_cancelled

PAGES_PER_BATCH = 8
"""Pages one activity works through: 6 events for 8 pages instead of for each."""
BATCHES_AT_ONCE = 4
PAGES_PER_RUN = 1_600
"""Pages after which the workflow continues as new; 200 batches stay under 2,000 events with every one retried."""


@workflow.defn
class ChapterProduction:
    """Narrates a chapter's pages, earliest first, several batches at once, then binds it.

    A page that can't be made never fails the chapter: it is recorded in the store and counted here.
    """

    @workflow.init
    def __init__(self, order: ChapterOrder) -> None:
        self._order = order
        self._next = order.next_page
        self._done = 0
        self._failed = order.failed_pages
        self._steering = Steering(paused=order.paused)

    @workflow.run
    async def run(self, order: ChapterOrder) -> ChapterResult:
        self._tell()
        await asyncio.gather(*(self._lane() for _ in range(BATCHES_AT_ONCE)))
        if self._next <= order.last_page and not self._steering.finishing:
            await workflow.wait_condition(workflow.all_handlers_finished)
            workflow.continue_as_new(
                order.model_copy(
                    update={
                        "next_page": self._next,
                        "failed_pages": self._failed,
                        "done_pages": order.done_pages + self._done,
                        "paused": self._steering.paused,
                    }
                )
            )
        stop_if_cancelled()
        bound = await self._bind()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return ChapterResult(
            chapter=order.chapter,
            done=order.done_pages + self._done,
            failed=self._failed,
            files=bound.files if bound else 0,
            unbound=bound is None and any(edition.by_chapter for edition in order.context.editions),
        )

    @workflow.signal(name=PAUSE)
    def pause(self, reason: str = "paused") -> None:
        """Begin no new batch until resumed."""
        self._steering.pause(reason)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on, also where a provider's reason held the work up."""
        self._steering.resume()

    @workflow.signal(name=FINISH_UP)
    def finish_up(self) -> None:
        """Finish the pages under way, begin no others, bind what there is."""
        self._steering.finish_up()

    # -- the chapter's pages -----------------------------------------------------------------------------------------

    async def _lane(self) -> None:
        """Take the next batch, again and again."""
        while (batch := await self._take()) is not None:
            outcome = await self._narrate(batch)
            self._done += outcome.done
            self._failed += outcome.failed
            self._tell()

    async def _take(self) -> PageBatch | None:
        if not await self._steering.clear() or not self._more():
            return None
        first = self._next
        last = min(first + PAGES_PER_BATCH - 1, self._order.last_page)
        self._next = last + 1
        return PageBatch(context=self._order.context, chapter=self._order.chapter, first_page=first, last_page=last)

    def _more(self) -> bool:
        """Whether another batch fits into this run."""
        made = self._next - self._order.next_page
        suggested = workflow.info().is_continue_as_new_suggested()
        return self._next <= self._order.last_page and made < PAGES_PER_RUN and not suggested

    async def _narrate(self, batch: PageBatch) -> BatchOutcome:
        """Every page of the batch gets an outcome, however often workers die or providers ask to wait."""
        while True:
            outcome = await self._attempt(batch)
            if outcome.deferred is None:
                return outcome
            await self._stand_still(outcome.deferred.hold)
            if self._steering.finishing:
                return outcome

    async def _attempt(self, batch: PageBatch) -> BatchOutcome:
        pages = f"pages {batch.first_page}–{batch.last_page}"
        away = 0
        while True:
            stop_if_cancelled()
            try:
                return await workflow.execute_activity_method(
                    Narration.speak,
                    batch,
                    summary=f"Narrate {pages} of {self._order.context.pages}",
                    **policies.NARRATION,
                )
            except ActivityError as error:
                cause = error.cause
                if isinstance(cause, TimeoutError):
                    continue  # the worker died or froze, which says nothing about the pages
                if not isinstance(cause, ApplicationError):
                    raise
                if store_is_away(cause):
                    await pause(away)
                    away += 1
                    continue
                if _real_failures(cause) < policies.NARRATION["retry_policy"].maximum_attempts:
                    continue
                return await workflow.execute_activity_method(
                    Narration.give_up,
                    args=[batch, cause.type or "Error", cause.message],
                    summary=f"Give up {pages}",
                    **policies.GIVE_UP,
                )

    async def _stand_still(self, hold: Hold) -> None:
        """Wait, and let the book know why."""
        self._steering.stand(hold)
        book = workflow.info().parent
        if book is not None:
            await workflow.get_external_workflow_handle(book.workflow_id).signal(HOLD, hold)
        await self._steering.wait(hold)

    # -- the chapter as a file ---------------------------------------------------------------------------------------

    async def _bind(self) -> Bound | None:
        """The chapter's files; None when they can't be bound. What other editions take from it is encoded along."""
        if OF_SOUND.isdisjoint(self._order.context.editions):
            return Bound()
        while True:
            try:
                bound = await once_it_is_back(
                    lambda: workflow.execute_activity_method(
                        Binding.bind_chapter,
                        ChapterRef(context=self._order.context, chapter=self._order.chapter),
                        summary=f"Bind “{self._order.title}”",
                        **policies.BINDING,
                    )
                )
            except ActivityError as error:
                if not isinstance(error.cause, ApplicationError | TimeoutError):
                    raise
                workflow.logger.warning("chapter not bound", extra={"chapter": self._order.chapter})
                return None
            if bound.deferred is None:
                return bound
            if self._steering.finishing:
                return None
            await self._stand_still(bound.deferred.hold)

    def _tell(self) -> None:
        """What the Temporal UI shows."""
        total = self._order.last_page - self._order.first_page + 1
        done = self._order.done_pages + self._done
        workflow.set_current_details(
            f"**{self._order.title}**\n\n"
            f"| pages | done | failed |\n|---|---|---|\n| {total} | {done} | {self._failed} |"
        )


def _real_failures(error: ApplicationError) -> int:
    """Attempts that failed by themselves; a permanent error is as good as all of them."""
    limit = policies.NARRATION["retry_policy"].maximum_attempts
    return int(error.details[0]) if error.details else limit

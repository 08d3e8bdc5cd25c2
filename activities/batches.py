"""Working through a batch of pages: each by itself, all that is unfinished, with an outcome for every one."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from temporalio import activity

from activities.attempts import failed_attempt
from activities.heartbeat import heartbeating, real_failures
from activities.holding import as_wait, hold_for
from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.calls import Holder, Usage
from bookwright.contracts.errors import BookwrightError, MustWait, Permanent, StorageFull, Transient, WorkerLeaving
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.store import Books, PageOutcome, PageWork
from bookwright.contracts.progress import BatchOutcome, Deferred
from bookwright.contracts.scenes import Failure

logger = logging.getLogger(__name__)
_LEVELS = {Track.ANALYSIS: logging.INFO}
"""Each spread that is analysed is told of; what is made of single pages is only counted."""


@dataclass
class Shift:
    """One attempt at a batch."""

    context: BookContext
    holder: Holder
    halt: list[MustWait] = field(default_factory=list)
    """Why nothing new may be begun, if so."""

    def go_on(self) -> None:
        """To be called before something new is begun: raises what speaks against it."""
        if self.halt:
            raise self.halt[0]
        if activity.is_worker_shutdown():
            raise WorkerLeaving("this worker is draining; another one goes on")

    def usage(self, unit: str) -> Usage:
        """That a call serves a unit of this book."""
        context = self.context
        return Usage(owner_id=context.owner_id, book_id=context.book_id, job_id=JobId(context.job_id), unit=unit)


Group = Sequence[PageWork]
Make = Callable[[Shift, Group], Awaitable[Sequence[PageOutcome]]]
"""Makes the track of a group of pages. A Permanent error that it raises is recorded as the failure of all of them."""


def each(todo: Group) -> Sequence[Group]:
    """Every page by itself."""
    return [[work] for work in todo]


class Batches:
    """The batches of one track. A batch may be worked through again at any time: what is finished is left alone."""

    def __init__(self, books: Books, track: Track) -> None:
        self._books = books
        self._track = track

    async def work(
        self, batch: PageBatch, make: Make, groups: Callable[[Group], Sequence[Group]] = each
    ) -> BatchOutcome:
        """Have `make` work on the batch's unfinished pages, all groups at once. The answer counts those that were
        finished before, too: by an attempt whose own answer was lost, or by an earlier generation.

        Pages that can't be made are recorded as failed. When a provider asks to wait, those already under way are
        finished and the answer says until when the rest is deferred. Raises the last Transient error when any page may
        succeed on another attempt.
        """
        shift = Shift(batch.context, _holder(batch, self._track))
        async with heartbeating():
            todo = await self._begin(batch)
            shared = groups(todo)
            results = await asyncio.gather(
                *(self._group(shift, group, make) for group in shared), return_exceptions=True
            )
        by_page = [result for group, result in zip(shared, results, strict=True) for _ in group]
        return outcome_of(batch.pages - len(todo), by_page, shift.halt)

    async def give_up(
        self, batch: PageBatch, error_type: str, error: str, attempts: int = 1, trace: str | None = None
    ) -> BatchOutcome:
        """Record the batch's unfinished pages as failed, after the declared attempts."""
        todo = await self._begin(batch)
        await self._fail(
            batch.context, todo, Failure(error_type=error_type, message=error, attempt=attempts, trace=trace)
        )
        return BatchOutcome(done=batch.pages - len(todo), failed=len(todo))

    async def _begin(self, batch: PageBatch) -> list[PageWork]:
        return await self._books.begin_pages(batch.context, self._track, batch.first_page, batch.last_page)

    async def _group(self, shift: Shift, group: Group, make: Make) -> bool:
        """True when its pages are made, False when they are recorded as failed."""
        if shift.halt:
            raise shift.halt[0]
        try:
            made = await make(shift, group)
            # At once, so that they share a transaction's way to the disk.
            await asyncio.gather(*(self._books.page_outcome(shift.context, outcome) for outcome in made))
            pages = [work.page.number for work in group]
            logger.log(_LEVELS.get(self._track, logging.DEBUG), "made", extra={"track": self._track, "pages": pages})
        except (MustWait, StorageFull) as wait:
            shift.halt.append(as_wait(wait))
            raise shift.halt[-1] from None
        except Permanent as error:
            await self._fail(shift.context, group, failure_of(error))
            return False
        return all(outcome.state is not TrackState.FAILED for outcome in made)

    async def _fail(self, context: BookContext, group: Group, failure: Failure) -> None:
        told = {"track": self._track, "pages": [work.page.number for work in group], "error_type": failure.error_type}
        logger.warning("failed", extra=told)
        for work in group:
            outcome = PageOutcome(
                page=work.page.number,
                track=self._track,
                state=TrackState.FAILED,
                error_type=failure.error_type,
                error=failure.message,
                attempts=failure.attempt,
                trace=failure.trace,
            )
            await self._books.page_outcome(context, outcome)


def outcome_of(before: int, results: Sequence[bool | BaseException], halt: Sequence[MustWait]) -> BatchOutcome:
    """What to answer when `before` units were finished already and the others came out like this: made, failed for
    good, or not finished. Raises the last Transient error when nothing speaks against another attempt."""
    done = before + sum(result is True for result in results)
    failed = sum(result is False for result in results)
    if halt:
        return BatchOutcome(done=done, failed=failed, deferred=Deferred(hold=hold_for(halt)))
    errors = [result for result in results if isinstance(result, BaseException)]
    if not errors:
        return BatchOutcome(done=done, failed=failed)
    for error in errors:
        if not isinstance(error, Transient):
            raise error
    leaving = all(isinstance(error, WorkerLeaving) for error in errors)
    raise failed_attempt(errors[-1], leaving=leaving) from errors[-1]


def failure_of(error: Exception) -> Failure:
    """A unit's failure as it is recorded. Its trace says where errors were raised, and quotes none but our own."""
    trace: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        trace += traceback.format_tb(cause.__traceback__)
        trace.append(
            f"{type(cause).__name__}: {cause}\n" if isinstance(cause, BookwrightError) else type(cause).__name__
        )
        cause = cause.__cause__
    return Failure(
        error_type=type(error).__name__, message=str(error), attempt=real_failures() + 1, trace="".join(trace)
    )


def _holder(batch: PageBatch, track: Track) -> Holder:
    """This attempt at the batch. Temporal's scheduling time orders attempts, also of a batch scheduled anew."""
    info = activity.info()
    return Holder(
        activity=f"{info.workflow_id}#{track}/{batch.chapter}:{batch.first_page}-{batch.last_page}",
        attempt=int(info.current_attempt_scheduled_time.timestamp() * 1000),
    )

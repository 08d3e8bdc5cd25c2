"""One track's way through a chapter: batches of pages, earliest first, several at once."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from bookwright.contracts.book import PageBatch
    from bookwright.contracts.orders import ChapterOrder, Track, TrackProgress
    from bookwright.contracts.progress import BatchOutcome
    from workflows.durable import giving_up, to_an_outcome
    from workflows.policies import Policy
    from workflows.steering import Steering


class Work(NamedTuple):
    """What is done with a batch of one track."""

    track: Track
    verb: str
    run: Callable[[Any, PageBatch], Awaitable[BatchOutcome]]
    """An activity's method."""
    give_up: Callable[..., Awaitable[BatchOutcome]]
    policy: Policy
    giving_up: Policy
    pages: int
    """In one batch."""
    at_once: int
    """Batches."""
    traced: bool = False
    """Whether `give_up` is told, too, how many attempts there were and where they failed."""


class Line:
    """Gets every page of a chapter an outcome, however often workers die or providers ask to wait."""

    def __init__(
        self,
        work: Work,
        order: ChapterOrder,
        so_far: TrackProgress,
        run_pages: int,
        steering: Steering,
        tell: Callable[[], None],
        after: "Line | None" = None,
        on_batch: Callable[[PageBatch], None] | None = None,
    ) -> None:
        """`run_pages` is how many pages this run takes at most. `after` is the line whose outcome for a page must be
        there before this one begins it. `on_batch` is called when all pages of a batch have their outcomes."""
        self._work = work
        self._order = order
        self._begun_at = so_far.next_page
        self._next = so_far.next_page
        self._last = order.last_page
        self._run_pages = run_pages
        self._steering = steering
        self._tell = tell
        self._after = after
        self._on_batch = on_batch
        self._under_way: set[int] = set()
        self._ended = False
        self.done = so_far.done
        self.failed = so_far.failed

    @property
    def progress(self) -> TrackProgress:
        """For the next run to go on from."""
        return TrackProgress(next_page=self._next, done=self.done, failed=self.failed)

    @property
    def is_left(self) -> bool:
        """Whether pages have not been begun."""
        return self._next <= self._last

    @property
    def last_page(self) -> int:
        """Where it ends."""
        return self._last

    def end_at(self, page: int) -> None:
        """Begin no page after this one."""
        self._last = min(self._last, page)

    async def run(self) -> None:
        """Work until all is done that fits into this run, or nothing new is to be begun."""
        await asyncio.gather(*(self._lane() for _ in range(self._work.at_once)))
        self._ended = True

    def passed(self, page: int) -> bool:
        """Whether this page and all before it have their outcomes."""
        return page < self._next and all(first > page for first in self._under_way)

    async def _lane(self) -> None:
        """Take the next batch, again and again."""
        while (batch := await self._take()) is not None:
            outcome = await self._steering.past_holds(partial(self._attempt, batch))
            self.done += outcome.done
            self.failed += outcome.failed
            self._under_way.discard(batch.first_page)
            if self._on_batch is not None and outcome.deferred is None:
                self._on_batch(batch)
            self._tell()

    async def _take(self) -> PageBatch | None:
        if not await self._steering.clear() or not self._more():
            return None
        first = self._next
        last = min(first + self._work.pages - 1, self._last)
        self._next = last + 1
        self._under_way.add(first)
        if self._after is not None and not await self._may_begin(self._after, last):
            self._next = min(self._next, first)
            self._under_way.discard(first)
            return None
        return PageBatch(context=self._order.context, chapter=self._order.chapter, first_page=first, last_page=last)

    async def _may_begin(self, before: "Line", last: int) -> bool:
        await workflow.wait_condition(lambda: before.passed(last) or before._ended or self._steering.finishing)
        return before.passed(last) and await self._steering.clear()

    def _more(self) -> bool:
        """Whether another batch fits into this run."""
        made = self._next - self._begun_at
        suggested = workflow.info().is_continue_as_new_suggested()
        return self.is_left and made < self._run_pages and not suggested

    async def _attempt(self, batch: PageBatch) -> BatchOutcome:
        work = self._work
        pages = f"pages {batch.first_page}–{batch.last_page}"
        after = work.policy if work.traced else None
        return await to_an_outcome(
            work.run,
            batch,
            giving_up(work.give_up, batch, summary=f"Give up {pages}", policy=work.giving_up, after=after),
            summary=f"{work.verb} {pages} of {self._order.context.pages}",
            policy=work.policy,
        )

"""How pages without good text are read off their pictures, before a book's chapters are planned."""

import asyncio
from collections.abc import Awaitable, Callable

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.vision import Vision
    from bookwright.contracts.book import BookPlan, ReadingBatch, TrackState, UnreadPages
    from bookwright.contracts.orders import BookContext
    from bookwright.contracts.progress import BatchOutcome, StageChange, StageName
    from workflows import policies
    from workflows.board import Board
    from workflows.durable import to_an_outcome
    from workflows.steering import Steering

RUNS_AT_ONCE = 3
"""Activities that read pages at the same time: one's last page keeps nobody waiting."""


class PageReadingStage:
    """Gets every page that is to be read off its picture an outcome, however often workers die or providers ask to
    wait. A page that can't be read never fails the book."""

    def __init__(
        self,
        plan: BookPlan,
        board: Board,
        steering: Steering,
        record: Callable[..., Awaitable[None]],
        tell: Callable[[StageName], None],
    ) -> None:
        """`record(context, *changes)` writes stages down, `tell(stage)` shows how far the book is."""
        assert plan.document is not None
        self._context: BookContext = plan.context
        self._document = plan.document
        self._left = list(plan.unread)
        self._pictured = plan.pictured
        self._board = board
        self._steering = steering
        self._record = record
        self._tell = tell

    async def run(self) -> None:
        """Read the pages, earliest first."""
        self._board.seen()
        left = sum(run.count for run in self._left)
        before = max(self._pictured - left, 0)
        self._board.begin(StageName.READING, before + left, workflow.now())
        self._board.count(StageName.READING, done=before)
        self._tell(StageName.READING)
        await self._record(self._context, self._board.change(StageName.READING))
        await asyncio.gather(*(self._lane() for _ in range(RUNS_AT_ONCE)))
        stage = self._board[StageName.READING]
        state = TrackState.FAILED if stage.failed and not stage.done else TrackState.COMPLETED
        self._board.end(StageName.READING, workflow.now(), state)
        change: StageChange = self._board.change(StageName.READING)
        await self._record(self._context, change)

    async def _lane(self) -> None:
        while self._left and await self._steering.clear() and self._left:
            outcome = await self._read(self._left.pop(0))
            self._board.count(StageName.READING, done=outcome.done, failed=outcome.failed)
            self._tell(StageName.READING)

    async def _read(self, run: UnreadPages) -> BatchOutcome:
        batch = ReadingBatch(
            context=self._context,
            chapter=1,
            first_page=run.first_page,
            last_page=run.last_page,
            document=self._document,
            count=run.count,
        )
        while True:
            outcome = await self._attempt(batch)
            if outcome.deferred is None or self._steering.finishing:
                return outcome
            self._steering.stand(outcome.deferred.hold)
            await self._steering.wait(outcome.deferred.hold)
            if self._steering.finishing:
                return outcome

    async def _attempt(self, batch: ReadingBatch) -> BatchOutcome:
        pages = f"pages {batch.first_page}–{batch.last_page}"

        async def give_up(error: ApplicationError) -> BatchOutcome:
            return await workflow.execute_activity_method(
                Vision.give_up,
                args=[batch, error.type or "Error", error.message],
                summary=f"Give up reading {pages}",
                **policies.GIVE_READING_UP,
            )

        return await to_an_outcome(
            lambda: workflow.execute_activity_method(
                Vision.read_pages,
                batch,
                summary=f"Read {pages} of {self._context.pages} off their pictures",
                **policies.VISION,
            ),
            give_up,
            policies.VISION["retry_policy"].maximum_attempts,
        )

"""How pages without good text are read off their pictures, before a book's chapters are planned."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.vision import Vision
    from bookwright.contracts.book import BookPlan, ReadingBatch, TrackState, UnreadPages
    from bookwright.contracts.orders import BookContext
    from bookwright.contracts.progress import BatchOutcome, StageChange, StageName
    from workflows import policies
    from workflows.board import Board
    from workflows.durable import giving_up, to_an_outcome
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
            anew=run.anew,
        )
        return await self._steering.past_holds(partial(self._attempt, batch))

    async def _attempt(self, batch: ReadingBatch) -> BatchOutcome:
        pages = f"pages {batch.first_page}–{batch.last_page}"
        give_up = giving_up(Vision.give_up, batch, summary=f"Give up reading {pages}", policy=policies.GIVE_READING_UP)
        summary = f"Read {pages} of {self._context.pages} off their pictures"
        return await to_an_outcome(Vision.read_pages, batch, give_up, summary=summary, policy=policies.VISION)

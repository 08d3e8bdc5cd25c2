"""How a story is written before it is read in: its characters, their sheet, its outline, its chapters one by one."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.rewriting import Rewriting
    from activities.writing import Writing
    from bookwright.contracts.ids import JobId
    from bookwright.contracts.orders import BookContext, BookOrder, StoredText, TextFormat
    from bookwright.contracts.progress import StageName
    from bookwright.contracts.stories import Brief, Notes
    from bookwright.contracts.writing import WritingStep, Written
    from bookwright.text.stories.parts import parts_of
    from bookwright.text.stories.searching import runs_of
    from workflows import policies
    from workflows.board import Board
    from workflows.durable import once_it_is_back
    from workflows.steering import Steering

W = TypeVar("W", bound=Written)


class StoryWriting:
    """Has an order's story written, one step after the other. What was written before, by an earlier job of the book
    too, is there and takes no time."""

    def __init__(
        self,
        order: BookOrder,
        job: JobId,
        board: Board,
        steering: Steering,
        record: Callable[..., Awaitable[None]],
        tell: Callable[[StageName], None],
    ) -> None:
        """`record(context, *changes)` writes stages down, `tell(stage)` shows how far the book is."""
        self._order = order
        self._board = board
        self._steering = steering
        self._record = record
        self._tell = tell
        self._context = _context_of(order, job)
        self.notes: list[str] = []
        """What the book has to do without."""

    async def characters(self) -> bool:
        """The character sheet of a book from a brief. False when nothing new is to be begun."""
        if not isinstance(self._order.source, Brief):
            return True
        return await self._stage(StageName.CHARACTERS, [(Writing.characters, 0, "Find the characters")]) and (
            await self._stage(StageName.ENHANCEMENT, [(Writing.sheet, 0, "Write the character sheet")])
        )

    async def story(self) -> BookOrder | None:
        """The order with its story as a stored text in place of what it was ordered from; None when nothing new is to
        be begun."""
        source = self._order.source
        assert isinstance(source, Brief | Notes)
        if isinstance(source, Brief) and source.is_search:
            runs = runs_of(source.pages)
            steps = [
                (Writing.chapter, number, f"Write scenes, {number} of {len(runs)}")
                for number in range(1, len(runs) + 1)
            ]
        else:
            parts = parts_of(source)
            steps = [(Writing.outline, 0, "Outline the story")]
            steps += [(Writing.chapter, part.number, f"Write chapter {part.number} of {len(parts)}") for part in parts]
        if not await self._stage(StageName.STORY, steps):
            return None
        written = await self._do(Writing.put_together, 0, "Put the story together")
        if written is None or written.asset is None:
            return None
        text = StoredText(asset=written.asset, format=TextFormat.MARKDOWN, name="story")
        return self._order.model_copy(
            update={"source": text, "title": self._order.title or written.title, "language": written.language}
        )

    async def pages_anew(self) -> None:
        """The pages that the order has told in another way. One that can't be stays as it is."""
        name, pages = StageName.STORY, [wanted.page for wanted in self._order.rewrites]
        await self._begin(name, len(pages))
        for page in pages:
            try:
                if await self._do(Rewriting.rewrite, page, f"Write page {page} anew") is None:
                    return
            except ActivityError as error:
                if is_cancelled_exception(error) or not isinstance(error.cause, ApplicationError):
                    raise
                self.notes.append(f"page {page} was not written anew: {error.cause.message}")
                self._board.count(name, failed=1)
            else:
                self._board.count(name, done=1)
            self._tell(name)
        await self._end(name)

    async def _stage(self, name: StageName, steps: list[tuple[Any, int, str]]) -> bool:
        """A stage with a unit for each step. False when nothing new is to be begun."""
        await self._begin(name, len(steps))
        for run, number, summary in steps:
            if await self._do(run, number, summary) is None:
                return False
            self._board.count(name, done=1)
            self._tell(name)
        await self._end(name)
        return True

    async def _begin(self, name: StageName, units: int) -> None:
        self._tell(name)
        begun = self._board[name].started_at is not None
        self._board.begin(name, units, workflow.now())
        if not begun:
            await self._record(self._context, self._board.change(name))

    async def _end(self, name: StageName) -> None:
        self._board.end(name, workflow.now())
        await self._record(self._context, self._board.change(name))

    async def _do(self, run: Callable[[Any, WritingStep], Awaitable[W]], number: int, summary: str) -> W | None:
        """What a step comes to, once nothing stands in its way; None when nothing new is to be begun."""
        step = WritingStep(order=self._order, number=number)
        written = await self._steering.when_clear(
            lambda: once_it_is_back(
                lambda: workflow.execute_activity_method(run, step, summary=summary, **policies.WRITING)
            )
        )
        self.notes += [written.note] if written and written.note else []
        return written


def _context_of(order: BookOrder, job: JobId) -> BookContext:
    """As much of a job's facts as there is before its book has a text."""
    return BookContext(
        owner_id=order.owner_id,
        book_id=order.book_id,
        job_id=job,
        title=order.title or "",
        language=order.language or "und",
        voice=order.voice or "",
        editions=order.editions,
        tracks=order.tracks,
        pages=0,
        priority=order.priority,
    )

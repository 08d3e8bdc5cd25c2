"""How the editions of a whole book are bound; each chapter has bound its own files."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

with workflow.unsafe.imports_passed_through():
    from activities.binding import Binding
    from bookwright.contracts.book import EditionRef
    from bookwright.contracts.orders import BookContext, Edition
    from bookwright.contracts.progress import Bound, StageName
    from workflows import policies
    from workflows.board import Board
    from workflows.durable import once_it_is_back
    from workflows.steering import Steering


class Editions:
    """Binds editions. One that can't be bound is counted, and never fails the book."""

    def __init__(
        self, context: BookContext, board: Board, steering: Steering, tell: Callable[[StageName], None]
    ) -> None:
        """`tell(stage)` shows how far the book is."""
        self._context = context
        self._board = board
        self._steering = steering
        self._tell = tell
        self.files = 0
        """That were bound."""

    async def bind(self, editions: Iterable[Edition]) -> None:
        """Bind these, beside each other."""
        await asyncio.gather(*(self._bind(edition) for edition in editions))

    async def _bind(self, edition: Edition) -> None:
        made = 0
        try:
            made = await self._bound(edition)
        except ActivityError as error:
            if not isinstance(error.cause, ApplicationError | TimeoutError):
                raise
        self.files += made
        self._board.count(StageName.BINDING, done=made, failed=1 - made)
        self._tell(StageName.BINDING)

    async def _bound(self, edition: Edition) -> int:
        """How many files the edition has, once nothing stands in the way."""
        bound = await self._steering.past_holds(partial(self._attempt, edition), once_more=True)
        return bound.files

    async def _attempt(self, edition: Edition) -> Bound:
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                Binding.bind_edition,
                EditionRef(context=self._context, edition=edition),
                summary=f"Bind as {edition.upper()}",
                **policies.BINDING,
            )
        )

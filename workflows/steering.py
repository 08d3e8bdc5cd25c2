"""Pausing, resuming and stopping: what a person's signals do to a workflow and to its children."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from temporalio import workflow

from bookwright.contracts.progress import Deferred, Hold, HoldKind

T = TypeVar("T")
PAUSE, RESUME, FINISH_UP, HOLD = "pause", "resume", "cancel_after_page", "hold"
"""Signal names, the same on books, chapters and the scoring of scenes."""
ANALYSED, ALL_ANALYSED = "analysed", "all_analysed"
"""What chapters and the book tell those who look for scenes."""


class Deferrable(Protocol):
    """What an activity answers that may have to wait."""

    @property
    def deferred(self) -> Deferred | None: ...


D = TypeVar("D", bound=Deferrable)


class Steering:
    """The switches of one workflow. `hold` says why it stands still; `finishing` that no new page is begun."""

    def __init__(self, *, paused: bool = False) -> None:
        self.hold: Hold | None = Hold(kind=HoldKind.REQUESTED, reason="paused") if paused else None
        self.finishing = False

    @property
    def paused(self) -> bool:
        """Standing still until somebody acts."""
        return self.hold is not None and self.hold.until is None

    def pause(self, reason: str = "paused") -> None:
        self.hold = Hold(kind=HoldKind.REQUESTED, reason=reason)

    def resume(self) -> None:
        self.hold = None

    def finish_up(self) -> None:
        self.finishing = True
        self.hold = None

    async def clear(self) -> bool:
        """Wait until work may go on. False when nothing new should be begun."""
        stop_if_cancelled()
        await workflow.wait_condition(lambda: self.finishing or not self.paused)
        return not self.finishing

    async def past_holds(self, attempt: Callable[[], Awaitable[D]], *, once_more: bool = False) -> D:
        """What `attempt` answers, made again after each time that it had to wait. When nothing new is to be begun, that
        is its last answer; with `once_more`, for what is to be done at the end, it is made once more before."""
        while True:
            outcome = await attempt()
            if outcome.deferred is None or (once_more and self.finishing):
                return outcome
            await self.stand_still(outcome.deferred.hold)
            if self.finishing and not once_more:
                return outcome

    async def when_clear(self, attempt: Callable[[], Awaitable[D]]) -> D | None:
        """What `attempt` answers, made when work may go on, and again after each time that it had to wait; None when
        nothing new is to be begun."""
        while await self.clear():
            outcome = await attempt()
            if outcome.deferred is None:
                return outcome
            await self.stand_still(outcome.deferred.hold)
        return None

    async def unless_finishing(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What `work` answers, or None as soon as nothing new is to be begun: `work` is cancelled then."""
        task = asyncio.create_task(work)
        try:
            await workflow.wait_condition(lambda: task.done() or self.finishing)
            return task.result() if task.done() else None
        finally:
            task.cancel()

    def stand(self, hold: Hold) -> None:
        """Stand still from now on. To be called before anybody is told: the answer may come at once."""
        if not self.finishing:
            self.hold = hold

    async def stand_still(self, hold: Hold) -> None:
        """Stand still until the hold has passed, and let the workflow above know why."""
        self.stand(hold)
        above = workflow.info().parent
        if above is not None:
            await workflow.get_external_workflow_handle(above.workflow_id).signal(HOLD, hold)
        await self.wait(hold)

    async def wait(self, hold: Hold) -> None:
        """Wait for the end of a hold that `stand` began: until its time, or until somebody resumes."""
        if self.finishing:
            return
        if hold.until is None:
            await self.clear()
            return
        left = max(hold.until - workflow.now(), timedelta(milliseconds=1))
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self.hold is None or self.finishing, timeout=left)
        if self.hold is hold:
            self.hold = None


class SteeredChild:
    """Base of the child workflows: what the one above, or a person, tells them."""

    def __init__(self, *, paused: bool) -> None:
        self._steering = Steering(paused=paused)

    @workflow.signal(name=PAUSE)
    def pause(self, reason: str = "paused") -> None:
        """Begin nothing new until resumed."""
        self._steering.pause(reason)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on, also where a provider's reason held the work up."""
        self._steering.resume()

    @workflow.signal(name=FINISH_UP)
    def finish_up(self) -> None:
        """Finish what is under way, begin nothing else, and end with what there is."""
        self._steering.finish_up()


def stop_if_cancelled() -> None:
    """Raise CancelledError if this workflow was cancelled.

    An activity that is waited for to the end (WAIT_CANCELLATION_COMPLETED) may succeed all the same, and the one
    CancelledError that the workflow gets is swallowed with it: so every new step asks first.
    """
    if workflow.cancellation_reason() is not None:
        raise asyncio.CancelledError

"""Passing a change of mind on: from a book to its chapters, to the scoring of its scenes, and to the store."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.workflow import ChildWorkflowHandle

with workflow.unsafe.imports_passed_through():
    from activities.records import Records
    from bookwright.contracts.ids import OwnerId, job_id
    from bookwright.contracts.progress import JobHold
    from workflows import policies
    from workflows.steering import FINISH_UP, PAUSE, RESUME, Steering

Child = ChildWorkflowHandle[Any, Any]


class Relay:
    """Tells the chapters under way, and the store, where the book's steering stands; in order."""

    def __init__(self, steering: Steering, owner: OwnerId) -> None:
        self._steering = steering
        self._owner = owner
        self._children: dict[int, Child] = {}
        self._told: dict[int, str] = {}

    def add(self, number: int, child: Child) -> None:
        """A chapter has begun; it was told how things stand with its order."""
        self._children[number] = child
        self._told[number] = PAUSE if self._steering.paused else RESUME

    def remove(self, number: int) -> None:
        """A chapter has ended."""
        self._children.pop(number, None)
        self._told.pop(number, None)

    def tell_again(self) -> None:
        """Somebody has spoken: chapters may hold for reasons of their own that this ends."""
        self._told.clear()

    async def run(self) -> None:
        """Pass a change of mind on to the children and to the store, in order, as long as the book is made."""
        job = job_id(workflow.info().workflow_id)
        recorded = self._standing()
        while True:
            await self._news(recorded)
            wanted = self._wanted()
            for number in self._untold():
                if (child := self._children.get(number)) is None:  # it ended while another one was told
                    continue
                self._told[number] = wanted
                with suppress(ApplicationError):  # that chapter has just ended
                    await child.signal(wanted)
            if self._standing() != recorded:
                recorded = self._standing()
                await workflow.execute_activity_method(
                    Records.hold,
                    JobHold(owner_id=self._owner, job_id=job, reason=recorded[0], paused=recorded[1]),
                    summary=recorded[0] or "Going on",
                    **policies.RECORD,
                )

    async def _news(self, recorded: tuple[str | None, bool]) -> None:
        """Wait until a child or the store must hear something; a provider's hold passes with its time."""
        hold = self._steering.hold
        left = max(hold.until - workflow.now(), timedelta(milliseconds=1)) if hold and hold.until else None
        try:
            await workflow.wait_condition(
                lambda: bool(self._untold()) or self._standing() != recorded or self._steering.hold is not hold,
                timeout=left,
            )
        except TimeoutError:
            if self._steering.hold is hold:
                self._steering.resume()

    def _wanted(self) -> str:
        return FINISH_UP if self._steering.finishing else PAUSE if self._steering.paused else RESUME

    def _untold(self) -> list[int]:
        wanted = self._wanted()
        return [number for number in self._children if self._told.get(number) != wanted]

    def _standing(self) -> tuple[str | None, bool]:
        hold = self._steering.hold
        return (hold.reason if hold else None, self._steering.paused)

"""Delivery: one attempt to tell somebody's address, and what became of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity

from bookwright.contracts.deliveries import Delivered, DeliveryRun, DeliveryState
from bookwright.contracts.ports.deliveries import DeliveryDesk, Messenger


class Delivering:
    """The activity of deliveries."""

    def __init__(self, desk: DeliveryDesk, messenger: Messenger, disable_after: timedelta) -> None:
        """A webhook all of whose attempts have failed for so long is disabled."""
        self._desk = desk
        self._messenger = messenger
        self._disable_after = disable_after

    def all(self) -> list[Callable[..., Any]]:
        """Everything to register."""
        return [self.deliver]

    @activity.defn(name="Deliver")
    async def deliver(self, run: DeliveryRun) -> Delivered:
        """Make one attempt. A receiver may see the same message twice, with the same id: when this worker dies after
        it has sent it, it is sent again."""
        parcel = await self._desk.parcel(run)
        if parcel is None:
            return Delivered(over=True)
        answer = await self._messenger.send(parcel)
        state = await self._desk.attempted(run, answer, self._disable_after)
        return Delivered(over=state is not DeliveryState.PENDING, wait_s=answer.wait_s)

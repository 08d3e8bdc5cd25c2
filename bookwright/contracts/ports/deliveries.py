"""The ports of what is sent to others."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bookwright.contracts.base import Payload
from bookwright.contracts.deliveries import Alert, DeliveryRun, DeliveryState, Outlet


@dataclass(frozen=True)
class Parcel:
    """What is to be sent, and where: a webhook's message with its secrets, or an alert."""

    delivery_id: str
    outlet: Outlet
    event: str
    url: str = field(default="", repr=False)
    """Of a webhook; the operator's outlets have theirs in the settings."""
    body: str = field(default="", repr=False)
    """Of a webhook's message: the same bytes at each attempt."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Of a webhook, the newest first; for some time after a rotation there are two, and both sign."""
    alert: Alert | None = None


class Answer(Payload):
    """What became of one request."""

    status: int | None = None
    error: str | None = None
    """In words, when there was no answer or it was none to be had."""
    ms: int = 0
    """From the request to the beginning of its answer, or until it was given up."""
    wait_s: float = 0
    """At least so long the receiver asks to be left alone, in seconds."""

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class DeliveryDesk(Protocol):
    """Keeps deliveries. Everything may be repeated without effect."""

    async def parcel(self, run: DeliveryRun) -> Parcel | None:
        """What is to be sent; None when it was delivered or given up meanwhile, or its webhook or job is gone."""
        ...

    async def attempted(self, run: DeliveryRun, answer: Answer, disable_after: timedelta) -> DeliveryState:
        """Write an attempt down. A webhook that is answered with 410 is disabled, and one that has failed again and
        again for so long."""
        ...


class Messenger(Protocol):
    """Sends."""

    async def send(self, parcel: Parcel) -> Answer:
        """Make one request; whatever becomes of it is in the answer."""
        ...

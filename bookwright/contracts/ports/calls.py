"""The ports around paid calls: the ledger, the turns that calls take with their provider, and who looks on."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Protocol

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.calls import Answer, CallCounts, Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.errors import RateLimited
from bookwright.contracts.ids import JobId, OwnerId

Failpoint = Callable[[str], None]
"""Called with the name of a step at which tests may kill or freeze the process; does nothing in production."""

Watch = Callable[[ProviderCall], AbstractContextManager[None]]
"""A context around one call of a provider, for whoever looks on."""

WebhookUrl = Callable[[ProviderCall, str], str | None]
"""The address at which the call's provider may report on the job that was created under a token; None when there is
none that it could reach."""

Turn = AbstractAsyncContextManager[None]
"""One call's turn with its provider. An engine enters it just before its request leaves and leaves it once the answer
is here; what it does before and after, such as taking the answer apart, keeps no other call waiting. Entering raises
what stands in the way (RateLimited, Fenced): nothing may be sent then."""


class Ledger(Protocol):
    """The table of provider calls. Every method is one transaction."""

    async def reserve(self, call: ProviderCall, usage: Usage, holder: Holder) -> Reservation | Answer:
        """Reserve the call's maximum cost against the budgets, or answer what was bought before (its usage is then
        recorded too). Raises BudgetReached, CallInFlight while another holder is making the same call, or
        TakeRejected when this take was answered uselessly before."""
        ...

    async def sent(self, reservation: Reservation, deadline_s: float, token: str | None = None) -> None:
        """Record, before the request leaves, that an attempt is being made and by when it must have ended; of one that
        creates a job at a provider, also the token that it is created under. May be repeated.
        Raises Fenced when a newer attempt has taken over."""
        ...

    async def created(self, reservation: Reservation, external_id: str, deadline_s: float) -> None:
        """Record the job that the attempt has created at its provider, or found there, and by when it must have ended.
        Raises Fenced."""
        ...

    async def woken(self, tokens: Collection[str]) -> set[str]:
        """Those of these tokens whose jobs their provider has reported on while an attempt at them was under way."""
        ...

    async def settle(self, reservation: Reservation, answer: Answer) -> None:
        """Record the stored answer and its actual cost. Raises Fenced when a newer attempt has taken over; the late
        answer is then kept as such and stays charged."""
        ...

    async def reject(self, reservation: Reservation, reason: str, cost_micros: int) -> None:
        """The answer came, may have been paid, and is unusable."""
        ...

    async def fail(self, reservation: Reservation, reason: str) -> None:
        """The call was surely not paid: give the reserved amount back."""
        ...

    async def lose(self, reservation: Reservation, reason: str) -> None:
        """No answer is known: mark the attempt ambiguous. It stays charged at its maximum."""
        ...

    async def counts(self, owner: OwnerId, job: JobId) -> CallCounts:
        """The totals of one job."""
        ...


class Material(Payload):
    """A provider's answer that was examined and found good: what is stored and settled."""

    data: bytes = Field(repr=False)
    media_type: str
    facts: dict[str, Any]
    cost_micros: int = Field(ge=0)


class CallLimit(Protocol):
    """How many calls one provider takes at once, and until when it takes none."""

    def ahead(self, owner: str = "", whose: str = "", place: int = 0) -> AbstractAsyncContextManager[None]:
        """Room for calls that are being reserved or made: enough that the provider never waits for us, and no more,
        so that reserving a whole book does not stand in the way of the calls that are due. Of those that wait for one
        job, `whose`, the lowest place comes first; of several owners, most turns are the one's who wants the fewest."""
        ...

    def deck(self, owner: str = "") -> AbstractAsyncContextManager[None]:
        """Room for calls that are marked as sent: those being made and the few that are next in line. Of several owners
        most turns are the one's who wants the fewest."""
        ...

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *exc: object) -> None: ...

    def check(self) -> None:
        """Raise RateLimited while the provider has asked to be left alone."""
        ...

    def close_until(self, wait: RateLimited) -> None:
        """Let no call begin before the time that the provider gave."""
        ...

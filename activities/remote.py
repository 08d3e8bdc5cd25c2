"""Jobs that run at a provider: created once, gone on with after any crash, watched until they end, and then fetched.

What makes that hold: the token is in the ledger before the request leaves, and the provider knows the job by it. So a
later attempt finds in the ledger the job's id, or else by the token at the provider whether there is a job.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from temporalio import activity

from activities.calling import Caller, to_the_end
from activities.waking import Waker
from bookwright.contracts.calls import ProviderCall, Reservation
from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    Blocked,
    BookwrightError,
    NotSent,
    Refused,
    WorkerLeaving,
)
from bookwright.contracts.media import RemoteState
from bookwright.contracts.ports.calls import CallLimit, Failpoint, Ledger, Turn, WebhookUrl
from bookwright.contracts.ports.engines import RemoteJobs

T = TypeVar("T")

REQUEST_S = 60.0
"""A look, a search, a cancellation or a collection has ended by then."""
FIRST_PAUSE_S, LONGEST_PAUSE_S, GROWTH = 0.5, 15.0, 1.15
"""Between looks: one that ends is seen after at most 15 % of its time. A webhook, if one comes, ends a pause early."""
MISSED_LOOKS = 5
"""Looks in a row that may fail before the attempt is given up; the job goes on meanwhile."""
BLOCKED = "blocked"
"""The category of `RemoteState.error` that says: held back by the provider's safety rules."""


@dataclass(frozen=True)
class Remote(Generic[T]):
    """A call that a provider works on for minutes, in place of what makes a call at once."""

    jobs: RemoteJobs[T]
    wait_s: float = 900.0
    """How long the job may take. One that takes longer is cancelled."""
    recording: Path | None = None
    references: Sequence[bytes] = ()


@dataclass(frozen=True)
class Job:
    """A job that is under way at the provider."""

    token: str
    external_id: str


class RemoteCaller:
    """Makes calls that were reserved and whose answers take minutes. The provider's slot is held for the request that
    creates the job, which is what such providers count; nothing is held while the job is under way."""

    def __init__(self, ledger: Ledger, caller: Caller, failpoint: Failpoint, webhook: WebhookUrl) -> None:
        self._ledger = ledger
        self._caller = caller
        self._failpoint = failpoint
        self._webhook = webhook
        self._waker = Waker(ledger)

    async def begin(
        self, reservation: Reservation, call: ProviderCall, remote: Remote[T], limit: CallLimit, deadline_s: float
    ) -> Job:
        """The job: the one that an earlier attempt has left, or a new one. Raises what creating it raises."""
        trace = reservation.trace
        token = trace.token if trace else secrets.token_urlsafe(32)
        try:
            if trace:
                await self._ledger.sent(reservation, remote.wait_s)
                external_id = trace.external_id or await self._find(reservation, remote, token)
                if external_id:
                    if not trace.external_id:
                        await self._ledger.created(reservation, external_id, remote.wait_s)
                    return Job(token, external_id)

            async def create(call: ProviderCall, turn: Turn) -> str:
                webhook = self._webhook(call, token)
                return await remote.jobs.create(call, turn, token, webhook, remote.recording, remote.references)

            external_id = await self._caller.make(reservation, call, create, limit, deadline_s, token)
        except asyncio.CancelledError:
            if _called_off():
                await to_the_end(self._call_off(remote, token))
            raise
        self._failpoint("created")
        await self._ledger.created(reservation, external_id, remote.wait_s)
        self._failpoint("recorded")
        return Job(token, external_id)

    async def finish(self, reservation: Reservation, call: ProviderCall, remote: Remote[T], job: Job) -> T:
        """The job's answer. When there will be none, the ledger is told what that costs; when it is not known yet, that
        the call is lost until a later attempt goes on with its job."""
        try:
            try:
                reports = self._webhook(call, job.token) is not None
                async with asyncio.timeout(remote.wait_s):
                    state = await self._end_of(remote, job, reports)
            except TimeoutError:
                await self._give_up(reservation, remote, job)
                raise AnswerLost(f"{call.provider} did not end its job within {remote.wait_s:g} s") from None
            _check(call, state)
            async with asyncio.timeout(REQUEST_S):
                return await remote.jobs.collect(call, job.external_id)
        except (BadAnswer, Blocked) as useless:
            await self._caller.end(reservation, useless)
            raise
        except _NothingPaid as error:
            await self._ledger.fail(reservation, str(error))
            raise Refused(str(error)) from None
        except asyncio.CancelledError:
            if _called_off():
                await to_the_end(self._give_up(reservation, remote, job))
            else:
                await to_the_end(self._ledger.lose(reservation, "this attempt was ended; its job goes on"))
            raise
        except TimeoutError:
            await self._ledger.lose(reservation, "its answer could not be fetched in time")
            raise AnswerLost(f"{call.provider}'s answer could not be fetched within {REQUEST_S:g} s") from None
        except BookwrightError as error:
            await self._ledger.lose(reservation, f"{type(error).__name__}; its job may go on")
            raise

    async def _find(self, reservation: Reservation, remote: Remote[T], token: str) -> str | None:
        try:
            async with asyncio.timeout(REQUEST_S):
                return await remote.jobs.find(token)
        except (BookwrightError, TimeoutError) as error:
            await self._ledger.lose(reservation, f"{type(error).__name__}; it is not known whether there is a job")
            if isinstance(error, TimeoutError):
                raise AnswerLost("the provider did not say in time whether it has the job") from None
            raise

    async def _end_of(self, remote: Remote[T], job: Job, reports: bool) -> RemoteState:
        """How the job ended. Looks at once, then again and again; `reports` says that a webhook may come, too."""
        pause, missed = FIRST_PAUSE_S, 0
        while True:
            if activity.in_activity() and activity.is_worker_shutdown():
                raise WorkerLeaving("this worker is draining; another one goes on with the job")
            try:
                async with asyncio.timeout(REQUEST_S):
                    state = await remote.jobs.look(job.external_id)
                if state.ended:
                    return state
                missed = 0
            except (NotSent, Refused, AnswerLost, BadAnswer):
                missed += 1
                if missed == MISSED_LOOKS:
                    raise AnswerLost("the provider can't be asked how the job stands") from None
            if not reports:
                await asyncio.sleep(pause)
            elif await self._waker.reported(job.token, pause):
                reports, pause = False, FIRST_PAUSE_S  # that was the one report that counts
                continue
            pause = min(pause * GROWTH, LONGEST_PAUSE_S)

    async def _give_up(self, reservation: Reservation, remote: Remote[T], job: Job) -> None:
        """Cancel the job, and write down what it costs as far as that is known."""
        state = await self._cancel(remote, job.external_id)
        if state is None or not state.ended or state.error is None:
            await self._ledger.lose(reservation, "given up before it ended")
        elif state.cost_micros == 0:
            await self._ledger.fail(reservation, "cancelled before it cost anything")
        else:
            cost = reservation.max_cost_micros if state.cost_micros is None else state.cost_micros
            await self._ledger.reject(reservation, "cancelled while it was under way", cost)

    async def _call_off(self, remote: Remote[T], token: str) -> None:
        """Cancel the job that may have been created under a token."""
        with suppress(BookwrightError, TimeoutError):
            async with asyncio.timeout(REQUEST_S):
                if external_id := await remote.jobs.find(token):
                    await remote.jobs.cancel(external_id)

    async def _cancel(self, remote: Remote[T], external_id: str) -> RemoteState | None:
        with suppress(BookwrightError, TimeoutError):
            async with asyncio.timeout(REQUEST_S):
                await remote.jobs.cancel(external_id)
                return await remote.jobs.look(external_id)
        return None


class _NothingPaid(Exception):
    """The job ended without an answer, before it cost anything."""


def _check(call: ProviderCall, state: RemoteState) -> None:
    """Raise what a job that ended without an answer comes to."""
    if state.error is None:
        return
    what = f"{call.provider}'s job ended without an answer ({state.error})"
    if state.error == BLOCKED:
        blocked = Blocked(f"{call.provider}'s safety rules held this back")
        blocked.cost_micros = call.max_cost_micros if state.cost_micros is None else state.cost_micros
        raise blocked
    if state.cost_micros == 0:
        raise _NothingPaid(what)
    bad = BadAnswer(what)
    bad.cost_micros = state.cost_micros
    raise bad


def _called_off() -> bool:
    """Whether the work itself is cancelled, and not only this attempt at it (its worker leaves, its time is over)."""
    if not activity.in_activity():
        return True
    details = activity.cancellation_details()
    return details is None or details.cancel_requested

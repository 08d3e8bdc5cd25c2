"""Steering jobs: cancel, pause, resume, retry, approve, raise the budget. The command line and the API share this."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import Any

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from bookwright.contracts.access import Actor
from bookwright.contracts.errors import BadInput, Conflict, NotFound, ServiceUnavailable
from bookwright.contracts.orders import (
    TRACKS,
    WITH_AMBIENCE,
    BookOrder,
    Edition,
    ExistingBook,
    Recordings,
    Track,
    editions_with,
)
from bookwright.contracts.progress import AWAITING_APPROVAL, OF_PAGES, JobState
from bookwright.contracts.stories import PageRewrite
from bookwright.money.usd import to_micros
from bookwright.store import JobRow, JobStore
from bookwright.store.books.redos import Redo, Redos
from bookwright.store.books.versions import PageVersions
from bookwright.store.jobs.wishes import Wish

APPROVE, RAISE_BUDGET = "approve", "raise_budget"
"""Names of the workflow's updates."""
UPDATE_S = 2.0
"""How long an update is waited for; a worker takes a tenth of that. Later the dispatcher delivers it."""
HIGHEST_BUDGET = Decimal(1_000_000)


class Steering:
    """What people can do to a job. Raises Conflict for what its state does not allow, ServiceUnavailable for what
    needs Temporal when that is away. An update that needs a worker is written down first and delivered once."""

    def __init__(self, jobs: JobStore, client: Callable[[], Awaitable[Client]]) -> None:
        self._jobs = jobs
        self._client = client

    async def cancel(self, job: JobRow, *, after_page: bool = False) -> None:
        """Stop now, or when the pages under way are finished. What was made is kept."""
        _must_be_open(job)
        if job.state is JobState.QUEUED and await self._jobs.withdraw(job.owner_id, job.job_id):
            return
        async with self._workflow(job) as handle:
            await (handle.signal("cancel_after_page") if after_page else handle.cancel())

    async def pause(self, job: JobRow) -> None:
        """Begin nothing new until resumed; what is under way is finished."""
        await self._signal(job, "pause")

    async def resume(self, job: JobRow) -> None:
        """Go on after a pause, or after what held the job up was put right."""
        await self._signal(job, "resume")

    async def retry(self, job: JobRow) -> JobRow:
        """Order what is missing of a job that has ended: the queued next job of its book. After the newest job that is
        also what those before it did not manage of other tracks: soundscapes may have been ordered for a book whose
        narration lacks pages. What was cancelled stays so."""
        if not job.state.closed:
            raise Conflict(f"job {job.number} is {job.state}: cancel or resume it instead", field="job")
        before = await self._unfinished_before(job)
        if not before:
            return await self.order_next(job)
        wanted = set(job.order.tracks).union(before)
        editions = set(job.order.editions).union(*(one.order.editions for one in before.values()))
        return await self.order_next(
            job,
            tracks=tuple(track for track in TRACKS if track in wanted),
            editions=tuple(edition for edition in Edition if edition in editions),
            rewrites=job.order.rewrites,
        )

    async def _unfinished_before(self, job: JobRow) -> dict[Track, JobRow]:
        """The tracks that the book lacks and `job`, its newest, was not to make, each with the job that was."""
        if (await self._jobs.newest_of(job.owner_id, job.book_id)).job_id != job.job_id:
            return {}
        lacking = await self._jobs.lacking(job.owner_id, job.book_id) - set(job.order.tracks)
        found = {track: await self._jobs.newest_with(job.owner_id, job.book_id, track) for track in lacking}
        return {track: one for track, one in found.items() if one and one.state is not JobState.CANCELLED}

    async def redo(self, newest: JobRow, track: Track, change: Callable[[], Awaitable[None]]) -> JobRow:
        """Order a job that makes what is not there any more of a track of the book that `newest` is the newest job of,
        after `change` has dropped it. One that has not begun does that too. Raises Conflict, with nothing changed,
        while another job makes the book, and for a track that it was never ordered with."""
        if newest.state is JobState.QUEUED and _does(newest.order, track):
            await change()
            return newest
        _must_be_closed(newest)
        if track is Track.READING:
            return await self._order_text(newest, change)
        before = await self._jobs.newest_with(newest.owner_id, newest.book_id, track)
        if before is None:
            raise Conflict(f"the book was ordered without {track}", field="track")
        await change()
        wanted = {*newest.order.editions}
        if track is Track.SOUNDSCAPE:
            wanted |= WITH_AMBIENCE & {*before.order.editions}  # whoever asked for them wants them with the new sound
        return await self.order_next(before, tracks=(track,), then=(), editions=editions_with(wanted, [track]))

    async def rewrite(self, newest: JobRow, page: PageRewrite) -> JobRow:
        """Order a job that writes a page of the story anew and speaks it, if the book is narrated; `newest` is the
        newest job of the book. Raises Conflict while another job makes the book."""
        _must_be_closed(newest)
        return await self._order_text(newest, rewrites=(page,))

    async def _order_text(
        self, newest: JobRow, change: Callable[[], Awaitable[None]] | None = None, **wishes: Any
    ) -> JobRow:
        """Order a job that gets a page another text and speaks it, if the book is narrated, after `change`."""
        narrated = await self._jobs.newest_with(newest.owner_id, newest.book_id, Track.NARRATION)
        tracks = (Track.NARRATION,) if narrated else ()
        editions = editions_with(newest.order.editions, tracks)
        if change:
            await change()
        return await self.order_next(narrated or newest, tracks=tracks, then=(), editions=editions, **wishes)

    async def redo_waiting(self, redos: Redos, versions: PageVersions) -> None:
        """Order the redos that waited for the end of a job of their book. Each is ordered once: a crash in between may
        at most order a job that finds nothing to do."""
        for redo in await redos.due():

            async def change(redo: Redo = redo) -> None:
                if not redo.begun:
                    await versions.redo(redo.owner, redo.book, redo.page, track=redo.track)

            with suppress(Conflict, NotFound):  # a job was faster: it is due again when that one has ended
                await self.redo(await self._jobs.newest_of(redo.owner, redo.book), redo.track, change)
                await redos.ordered(redo)

    async def order_next(self, job: JobRow, **changes: Any) -> JobRow:
        """Order the next job of the book that `job` was for, from the pages that are there, with `changes` to the
        order. Raises Conflict while another job of the book is not closed."""
        newest = await self._jobs.newest_of(job.owner_id, job.book_id)
        _must_be_closed(newest)
        progress = await self._jobs.progress(job.owner_id, newest.job_id)
        fields = job.order.model_dump() | {"generation": newest.generation + 1}
        # Transcribing does by itself what is missing, and leaves alone what is there.
        transcribed = isinstance(job.order.source, Recordings) and not changes
        if progress.pages and not transcribed:
            fields["source"] = ExistingBook()  # reading the source again would undo what was edited
        if any(stage.name in OF_PAGES for stage in progress.stages):
            fields["review"] = False  # the text was approved
        if changes:
            fields["rewrites"] = ()  # that job was asked for them, this one is for something else
        order = BookOrder.model_validate(fields | changes)
        kind = None if changes else job.kind  # what is left of a story is its story, though it is written by now
        return await self._jobs.accept(order, fingerprint=job.fingerprint or "", kind=kind)

    def check_approval(self, job: JobRow) -> None:
        """Raise Conflict unless the job waits for approval."""
        _must_be_open(job)
        if job.state is not JobState.PAUSED or job.paused_reason != AWAITING_APPROVAL:
            raise Conflict(f"job {job.number} does not wait for approval", field="job")

    async def approve(self, job: JobRow) -> bool:
        """Go on with a text that was reviewed. True when the workflow has taken it, False when it will."""
        self.check_approval(job)
        return await self.deliver(await self._jobs.wish(job.owner_id, job.job_id, APPROVE))

    async def raise_budget(self, job: JobRow, cap_usd: Decimal, actor: Actor) -> bool:
        """Set the job's budget, and have it go on if that was what held it up. True when that is done, False when the
        workflow will be told."""
        if not cap_usd.is_finite() or not 0 < cap_usd < HIGHEST_BUDGET:
            raise BadInput("give an amount in US dollars above 0, such as 2.50", field="cap")
        _must_be_open(job)
        if job.state is JobState.QUEUED:
            await self._jobs.set_budget(job.owner_id, job.job_id, to_micros(cap_usd), actor)
            return True
        return await self.deliver(await self._jobs.wish(job.owner_id, job.job_id, RAISE_BUDGET, str(cap_usd), actor))

    async def deliver(self, wish: Wish) -> bool:
        """Have the workflow take a wish, under an id by which it takes it once. False when no worker answers. Raises
        Conflict when the workflow refuses it."""
        arguments = [] if wish.argument is None else [wish.argument]
        try:
            handle = (await self._client()).get_workflow_handle(wish.workflow_id)
            async with asyncio.timeout(UPDATE_S):
                await handle.execute_update(wish.name, args=arguments, id=wish.update_id)
        except WorkflowUpdateFailedError as refused:
            await self._jobs.settle_wish(wish)
            raise Conflict(f"the job refuses: {refused.cause}", field="job") from None
        except (ServiceUnavailable, RPCError, TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from None  # which the client has made a time-out of
            return False
        await self._jobs.settle_wish(wish)
        return True

    async def _signal(self, job: JobRow, name: str) -> None:
        _must_be_open(job)
        if job.state is JobState.QUEUED:
            raise Conflict(f"job {job.number} has not begun: cancel it, or wait until it runs", field="job")
        async with self._workflow(job) as handle:
            await handle.signal(name)

    @asynccontextmanager
    async def _workflow(self, job: JobRow) -> AsyncIterator[WorkflowHandle[Any, Any]]:
        try:
            yield (await self._client()).get_workflow_handle(job.workflow_id)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise ServiceUnavailable(
                    f"job {job.number} is not running in Temporal yet, or has just ended; ask for its status"
                ) from None
            raise ServiceUnavailable("Temporal did not answer; try again") from error


def _does(order: BookOrder, track: Track) -> bool:
    """Whether a job that has not begun makes what is missing of a track. What a page says is read by any that goes on
    from the book's pages, and then spoken by those that narrate."""
    if track is Track.READING:
        return isinstance(order.source, ExistingBook) and Track.NARRATION in order.tracks
    return track in order.tracks


def _must_be_closed(newest: JobRow) -> None:
    if not newest.state.closed:
        raise Conflict(f"job {newest.number} is making the book: wait for its end, or cancel it", field="job")


def _must_be_open(job: JobRow) -> None:
    if job.state.closed:
        raise Conflict(f"job {job.number} has ended ({job.state}); `retry` makes what is missing", field="job")

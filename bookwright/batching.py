"""Working on batches and schedules: what their workflow asks for, and what people do to them."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from bookwright.contracts.batches import (
    ALL_BOOKS,
    BatchEnd,
    BatchLook,
    BatchPlan,
    BatchRef,
    BatchRun,
    BatchState,
    BookItem,
    Item,
)
from bookwright.contracts.errors import BookwrightError, Conflict, NotFound, ServiceUnavailable
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.progress import JobState
from bookwright.soundscapes import SoundscapeOrders
from bookwright.steering import Steering
from bookwright.store import Assets, BookStore, JobRow, JobStore
from bookwright.store.batches.missing import books_lacking
from bookwright.store.batches.store import BatchFacts, BatchItem, BatchStore
from bookwright.store.books.shelf import Shelf
from bookwright.store.database.engine import Database
from bookwright.store.scenes.store import SceneStore

_PASSING = (ServiceUnavailable,)
"""Errors that say nothing about an item: it is ordered later."""


def open_batching(
    database: Database, assets: Assets, jobs: JobStore, client: Callable[[], Awaitable[Client]]
) -> "Batching":
    """Batching over these stores."""
    steering = Steering(jobs, client)
    soundscapes = SoundscapeOrders(
        Shelf(database), BookStore(database, assets), jobs, SceneStore(database, assets), steering
    )
    return Batching(database, BatchStore(database, assets), jobs, soundscapes, steering, client)


class Batching:
    """The `BatchDesk` port, and steering of batches."""

    def __init__(
        self,
        database: Database,
        batches: BatchStore,
        jobs: JobStore,
        soundscapes: SoundscapeOrders,
        steering: Steering,
        client: Callable[[], Awaitable[Client]],
    ) -> None:
        self._database = database
        self._batches = batches
        self._jobs = jobs
        self._soundscapes = soundscapes
        self._steering = steering
        self._client = client

    async def open(self, run: BatchRun, workflow_id: str) -> BatchPlan:
        """The batch of a run, made from its schedule if it comes from one. Raises NotFound."""
        batch = run.batch_id
        if batch is None:
            schedule = await self._batches.schedule(run.owner_id, run.schedule_id or "")
            items = await self.expanded(run.owner_id, schedule.items)
            batch = await self._batches.create_scheduled(schedule, workflow_id, items)
        await self._batches.change(run.owner_id, batch, BatchState.RUNNING)
        facts = await self._batches.batch(run.owner_id, batch)
        return BatchPlan(batch_id=facts.batch_id, name=facts.name, items=facts.items, at_once=facts.at_once)

    async def order(self, ref: BatchRef) -> JobId | None:
        """The job of an item, ordered now unless it was before; None, with the reason on record, when it is
        refused."""
        items = await self._batches.items(ref.owner_id, ref.batch_id)
        item = next(item for item in items if item.item == ref.item)
        if item.job_id or item.error:
            return item.job_id
        try:
            job = (await self._ordered(ref.owner_id, item)).job_id
        except _PASSING:
            raise
        except BookwrightError as error:
            await self._batches.ordered(ref.owner_id, ref.batch_id, ref.item, error=str(error))
            return None
        await self._batches.ordered(ref.owner_id, ref.batch_id, ref.item, job=job)
        return job

    async def _ordered(self, owner: OwnerId, item: BatchItem) -> JobRow:
        wanted = item.wanted
        if not isinstance(wanted, BookItem):
            return await self._jobs.accept_once(wanted.order, fingerprint=wanted.fingerprint)
        if wanted.kind == "soundscapes":
            return await self._soundscapes.order(owner, wanted.book)
        newest = await self._jobs.newest_of_named(owner, wanted.book)
        return await self._steering.retry(newest) if newest.state.closed else newest

    async def still_open(self, look: BatchLook) -> list[JobId]:
        """Those of the jobs that go on."""
        return await self._batches.still_open(look.owner_id, look.jobs)

    async def close(self, end: BatchEnd) -> None:
        """Record how the batch ended; of one that was cancelled, the jobs that go on are cancelled too."""
        if end.state is BatchState.CANCELLED:
            await self._cancel_jobs(end.owner_id, end.batch_id)
        await self._batches.change(end.owner_id, end.batch_id, end.state)

    async def expanded(self, owner: OwnerId, items: Sequence[BookItem]) -> list[Item]:
        """The items with each `*` replaced by the books that lack this."""
        found: list[Item] = []
        for item in items:
            if item.book == ALL_BOOKS:
                books = await books_lacking(self._database, owner, item.kind)
                found += [BookItem(kind=item.kind, book=book) for book in books]
            else:
                found.append(item)
        return found

    # -- what people do ----------------------------------------------------------------------------------------------

    async def cancel(self, batch: BatchFacts) -> None:
        """Order nothing more of it, and cancel its jobs that go on. Raises Conflict when it has ended."""
        if batch.state.closed:
            raise Conflict(f"batch {batch.number} has ended ({batch.state})", field="batch")
        if batch.state is BatchState.RUNNING:
            try:
                await (await self._client()).get_workflow_handle(batch.workflow_id).cancel()
                return
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise ServiceUnavailable("Temporal did not answer; try again") from error
        await self.close(BatchEnd(owner_id=batch.owner_id, batch_id=batch.batch_id, state=BatchState.CANCELLED))

    async def retry(self, batch: BatchFacts) -> str:
        """Order the rest of a batch that has ended, in a new one: what was refused or never ordered, and whatever is
        missing of the books whose jobs did not end well. Answers the new batch's id. Raises Conflict."""
        if not batch.state.closed:
            raise Conflict(f"batch {batch.number} is {batch.state}: cancel it instead, or wait", field="batch")
        rest: list[Item] = []
        for item in await self._batches.items(batch.owner_id, batch.batch_id):
            if item.job_id is None:
                rest.append(item.wanted)
            elif item.state is not JobState.DONE or item.warning:
                with suppress(NotFound):  # its book was deleted
                    job = await self._jobs.job(batch.owner_id, item.job_id)
                    kind = item.wanted.kind if isinstance(item.wanted, BookItem) else "rest"
                    rest.append(BookItem(kind=kind, book=job.book_id))
        if not rest:
            raise Conflict(f"nothing is missing of batch {batch.number}", field="batch")
        return await self._batches.create(batch.owner_id, batch.name, rest, batch.at_once)

    async def _cancel_jobs(self, owner: OwnerId, batch: str) -> None:
        for item in await self._batches.items(owner, batch):
            if item.job_id and item.state is not None and not item.state.closed:
                with suppress(Conflict, NotFound):
                    await self._steering.cancel(await self._jobs.job(owner, item.job_id))

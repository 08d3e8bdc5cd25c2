"""Doing the same to many jobs: exactly to those that were counted, once, whatever workers crash."""

import pytest

from bookwright.contracts.access import Actor
from bookwright.contracts.errors import Conflict
from bookwright.contracts.orders import JobKind
from bookwright.contracts.progress import JobState
from bookwright.store import SERVICE
from bookwright.store.access.tables import audit
from bookwright.store.bulk.store import LEASE, BulkStore, BulkVerb
from bookwright.store.jobs.filters import JobFilter, QueueState
from tests.store.conftest import ANNA, BELA, World


async def failed(world: World, *owners: str) -> None:
    for owner in owners:
        job = await world.accepted(owner)  # type: ignore[arg-type]
        await world.jobs.started(job.owner_id, job.job_id)
        await world.jobs.close(job.owner_id, job.job_id, JobState.FAILED, "the voice is gone")


async def test_only_what_was_counted_is_begun_and_it_is_written_down(world: World) -> None:
    bulk = BulkStore(world.database, world.clock)
    await failed(world, ANNA, BELA)
    waiting = await world.accepted(ANNA)
    wanted = JobFilter(standing=QueueState.FAILED)
    assert await bulk.count(BulkVerb.RETRY, wanted) == 2
    assert await bulk.count(BulkVerb.CANCEL, wanted) == 0
    assert await bulk.count(BulkVerb.CANCEL, JobFilter(owner=ANNA, kind=JobKind.AUDIO)) == 1
    with pytest.raises(Conflict, match="2 such jobs now, not 3"):
        await bulk.begin(ANNA, Actor(ANNA), BulkVerb.RETRY, wanted, 3)
    assert await bulk.claim(10) == []
    begun = await bulk.begin(ANNA, Actor(ANNA), BulkVerb.RETRY, wanted, 2)
    assert (begun.jobs, begun.open, begun.wanted) == (2, 2, wanted)
    first, second = await bulk.claim(10)
    assert waiting.job_id not in (first.job_id, second.job_id)
    await bulk.settle(first, None)
    await bulk.settle(second, "the book is being made")
    [now] = await bulk.recent(5)
    assert (now.open, now.done, now.refused, now.reasons) == (0, 1, 1, {"the book is being made": 1})
    facts = await world.database.read(SERVICE, lambda c: c.execute(audit.select()).one().facts)
    assert facts == {"action": "retry", "jobs": 2, "wanted": {"standing": "failed"}}


async def test_what_a_worker_claimed_and_left_is_anothers_after_the_lease(world: World) -> None:
    bulk = BulkStore(world.database, world.clock)
    for _ in range(3):
        await world.accepted(ANNA)
    await bulk.begin(BELA, Actor(BELA), BulkVerb.CANCEL, JobFilter(), 3)
    assert len(await bulk.claim(2)) == 2
    [last] = await bulk.claim(2)
    await bulk.settle(last, None)
    assert await bulk.claim(2) == []
    world.clock.pass_by(LEASE.total_seconds())
    again = await bulk.claim(5)
    assert len(again) == 2 and last.job_id not in {job.job_id for job in again}


async def test_what_was_cancelled_or_ordered_again_is_retried_only_when_it_is_meant(world: World) -> None:
    bulk = BulkStore(world.database, world.clock)
    await failed(world, ANNA)
    stopped = await world.accepted(ANNA)
    assert await world.jobs.withdraw(ANNA, stopped.job_id)
    [old] = [job for job in await world.jobs.jobs(ANNA) if job.state is JobState.FAILED]
    assert await bulk.count(BulkVerb.RETRY, JobFilter()) == 1
    assert await bulk.count(BulkVerb.RETRY, JobFilter(standing=QueueState.CANCELLED)) == 1
    await world.accepted(ANNA, book=old.book_id, generation=2)
    assert await bulk.count(BulkVerb.RETRY, JobFilter()) == 0

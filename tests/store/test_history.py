"""What happened over time: into which step it falls, and what its figures are."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bookwright.contracts.errors import BadInput
from bookwright.contracts.progress import JobState
from bookwright.store import SERVICE
from bookwright.store.jobs.history import FRESH, History
from bookwright.store.ledger.tables import provider_attempts
from bookwright.store.tables import jobs
from tests.store.conftest import ANNA, BELA, World, call_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def ended(world: World, state: JobState, ago: timedelta, took: float) -> None:
    job = await world.accepted(ANNA if took else BELA)
    at = world.clock() - ago
    changes = {"state": state, "closed_at": at, "started_at": at - timedelta(seconds=took) if took else None}
    change = sa.update(jobs).where(jobs.c.number == job.number).values(**changes)
    await world.database.write(SERVICE, lambda c: c.execute(change))


async def test_jobs_are_counted_in_the_step_in_which_they_ended(world: World) -> None:
    history = History(world.database, world.clock)  # which says noon
    for took in (1, 2, 3, 4):
        await ended(world, JobState.DONE, timedelta(minutes=30), took)
    await ended(world, JobState.FAILED, timedelta(minutes=31), 9)
    await ended(world, JobState.CANCELLED, timedelta(minutes=59), 0)
    await ended(world, JobState.DONE, HOUR, 7.5)  # on the boundary: it is part of the later step
    await ended(world, JobState.DONE, timedelta(minutes=61), 8)
    await ended(world, JobState.DONE, timedelta(hours=24), 8)
    steps = await history.steps(DAY, HOUR)
    assert [step.at for step in steps] == [world.clock() - timedelta(hours=23 - number) for number in range(24)]
    assert (steps[-1].completed, steps[-1].p50) == (0, None)
    last = steps[-2]
    assert (last.completed, last.failed, last.cancelled) == (5, 1, 1)
    assert (last.p50, last.p95) == (3.0, 7.5)
    assert (steps[-3].completed, steps[-3].p50) == (1, 8.0)
    assert sum(step.completed for step in steps) == 6


async def test_money_is_counted_in_the_step_in_which_it_was_committed(world: World) -> None:
    book = await world.book(ANNA)
    await world.bought(book, call_of("one", cost=100), cost=70)
    await world.bought(book, call_of("two", cost=100), cost=30)
    await world.reserved(book, call_of("three", cost=100))
    change = sa.update(provider_attempts).values(reserved_at=world.clock() - timedelta(minutes=90))
    await world.database.write(SERVICE, lambda c: c.execute(change))
    steps = await History(world.database, world.clock).steps(DAY, HOUR)
    assert [step.cost_micros for step in steps[-3:]] == [100, 0, 0]


async def test_many_looks_are_one_until_it_is_old(world: World) -> None:
    history = History(world.database, world.clock)
    before = await history.steps(DAY, HOUR)
    await ended(world, JobState.DONE, timedelta(minutes=30), 1)
    assert await history.steps(DAY, HOUR) is before
    world.clock.pass_by(2 * FRESH.total_seconds())
    assert (await history.steps(DAY, HOUR))[-2].completed == 1


async def test_more_steps_than_anybody_can_see_are_refused(world: World) -> None:
    with pytest.raises(BadInput, match="take longer ones"):
        await History(world.database, world.clock).steps(timedelta(days=7), timedelta(minutes=15))

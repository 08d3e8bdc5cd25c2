"""Steps that wait for outside workers, on both databases: one claimer each, and tokens that are good once."""

import asyncio

import pytest

from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.ingestion import StepKind
from bookwright.contracts.orders import BookContext
from bookwright.contracts.outside import OutsideTask
from bookwright.contracts.progress import JobState
from bookwright.store.ingestion.audiobooks import AudiobookStore
from bookwright.store.ingestion.outside import Claim, OutsideStore
from tests.store.conftest import ANNA, BELA, World
from tests.store.test_ingestion import audiobook, handed_in

TRANSCRIBE = StepKind.TRANSCRIBE


async def offered(world: World, *chapters: int) -> tuple[BookContext, str]:
    """An audiobook whose chapters wait to be transcribed, and the id of that step."""
    context = await audiobook(world, await handed_in(world, ("1.wav", b"RIFF-one")))
    for chapter in chapters:
        await offer(world, context, chapter, attempt=1)
    _, steps = await AudiobookStore(world.database, world.assets).steps(ANNA, context.book_id)
    return context, steps[0].step_id


async def offer(world: World, context: BookContext, chapter: int, *, attempt: int) -> None:
    task = OutsideTask(context=context, kind=TRANSCRIBE, chapter=chapter)
    await OutsideStore(world.database).offer(task, f"activity/{chapter}/{attempt}".encode(), attempt)


async def claim(world: World, owner: OwnerId = ANNA) -> Claim:
    found = await OutsideStore(world.database).claim(owner, TRANSCRIBE)
    assert found is not None
    return found


async def test_each_step_has_one_claimer(world: World) -> None:
    _, step = await offered(world, 1, 2)
    store = OutsideStore(world.database)
    claims = [each for each in await asyncio.gather(*(store.claim(ANNA, TRANSCRIBE) for _ in range(4))) if each]
    assert sorted(each.step.task.chapter for each in claims) == [1, 2]
    assert {each.step.step_id for each in claims} == {step} and len({each.token for each in claims}) == 2
    assert await store.claim(ANNA, StepKind.TAG) is None
    for each in claims:
        assert (await store.claimed(ANNA, step, each.token)).task == each.step.task


async def test_a_token_is_good_once_and_for_its_own_step_and_owner(world: World) -> None:
    _, step = await offered(world, 1)
    _, other = await offered(world, 1)
    store = OutsideStore(world.database)
    assert await store.claim(BELA, TRANSCRIBE) is None
    mine = await claim(world)
    for wrong in (mine.token[:-1], "", "x" * 43):
        with pytest.raises(Conflict):
            await store.reported(ANNA, step, wrong, failed=False)
    with pytest.raises(Conflict):
        await store.reported(ANNA, other, mine.token, failed=False)
    with pytest.raises(NotFound):
        await store.reported(BELA, step, mine.token, failed=False)
    assert (await store.reported(ANNA, step, mine.token, failed=False)).temporal_token == b"activity/1/1"
    with pytest.raises(Conflict):
        await store.reported(ANNA, step, mine.token, failed=True)


async def test_a_lost_lease_gives_the_step_to_somebody_else(world: World) -> None:
    context, step = await offered(world, 1)
    store = OutsideStore(world.database)
    slow = await claim(world)
    await offer(world, context, 1, attempt=2)  # what the lease's end leads to
    quick = await claim(world)
    assert quick.step.temporal_token == b"activity/1/2"
    with pytest.raises(Conflict):
        await store.reported(ANNA, step, slow.token, failed=False)
    await offer(world, context, 1, attempt=1)  # by a worker that was frozen meanwhile
    assert (await store.reported(ANNA, step, quick.token, failed=True)).failures == 1
    await offer(world, context, 1, attempt=3)
    assert (await claim(world)).step.failures == 1, "failures add up within a job"


async def test_nothing_is_to_be_had_of_a_job_that_stands_still_or_has_ended(world: World) -> None:
    context, step = await offered(world, 1, 2)
    store, job = OutsideStore(world.database), JobId(context.job_id)
    mine = await claim(world)
    await world.jobs.close(ANNA, job, JobState.CANCELLED, None)
    assert await store.claim(ANNA, TRANSCRIBE) is None
    with pytest.raises(Conflict):
        await store.claimed(ANNA, step, mine.token)

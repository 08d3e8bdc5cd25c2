"""Jobs that failed are begun again as often as their order says; and what follows a job that is done."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import BookId, JobId, job_id
from bookwright.contracts.orders import Edition, JobKind, Track
from bookwright.contracts.progress import JobEnd, JobState, StageChange, StageName
from bookwright.store import JobRow
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.records import EventKind
from bookwright.store.jobs.statistics import Statistics
from tests.store.conftest import ANNA, World, call_of, context_of, order, plan_of, source_of

LIMITS = dict.fromkeys(JobKind, 8)
DIED = "the provider did not answer"


async def ordered(world: World, **changes: object) -> JobRow:
    wish = order(budget="2.5").model_copy(update=changes)
    job = await world.jobs.accept(wish, fingerprint="print")
    await world.jobs.started(ANNA, job.job_id)
    return job


async def failed(world: World, job: JobRow, *, may_retry: bool = True) -> JobRow:
    end = JobEnd(owner_id=ANNA, job_id=job.job_id, state=JobState.FAILED, error=DIED, may_retry=may_retry)
    await world.books.close_job(end)
    return await world.jobs.job(ANNA, job.job_id)


async def test_a_job_that_fails_goes_back_into_the_queue_and_at_last_has_failed(world: World) -> None:
    world.clock.now = utcnow()
    job = await ordered(world, max_retries=2)
    seen = []
    for retry in (1, 2):
        again = await failed(world, job)
        assert (again.state, again.retries, again.error, again.number) == (JobState.QUEUED, retry, DIED, job.number)
        assert await world.jobs.claim(LIMITS, None, 8) == [], "it waits a little"
        assert (await Statistics(world.database, lambda: world.clock.now).usage(ANNA)).jobs.delayed == 1
        world.clock.now = utcnow() + timedelta(minutes=10)
        [claimed] = await world.jobs.claim(LIMITS, None, 8)
        assert job_id(claimed.workflow_id) == claimed.job_id == job.job_id
        seen.append(claimed.workflow_id)
        await world.jobs.started(ANNA, job.job_id)
        world.clock.now = utcnow()
    assert len({job.workflow_id, *seen}) == 3, "no workflow is begun twice under one id"
    assert ((await failed(world, job)).state, (await failed(world, job)).retries) == (JobState.FAILED, 2)
    kinds = [event.kind for event in await world.jobs.events(ANNA, job.job_id)]
    assert kinds.count(EventKind.REQUEUED) == 2 and kinds[-1] is EventKind.CLOSED


async def test_what_would_end_the_same_way_is_not_begun_again(world: World) -> None:
    job = await ordered(world, max_retries=3)
    assert (await failed(world, job, may_retry=False)).state is JobState.FAILED


async def test_what_was_made_is_kept_and_not_asked_for_again(world: World) -> None:
    """The second run begins from the pages, with what was edited in them, and asks for no second approval."""
    job = await ordered(world, max_retries=1, review=True)
    context = context_of(job, 2)
    await world.books.save_source(plan_of(context), None, source_of("one", "two"))
    for name, state in ((StageName.NARRATION, TrackState.PROCESSING), (StageName.BINDING, TrackState.FAILED)):
        await world.books.stage(context, StageChange(name=name, state=state, total=2))
    await failed(world, job)
    world.clock.now = utcnow() + timedelta(minutes=10)
    [claimed] = await world.jobs.claim(LIMITS, None, 8)
    assert (claimed.order.source.kind, claimed.order.review) == ("existing", False)
    row = await world.jobs.job(ANNA, job.job_id)
    assert row.order.source.kind == "inline", "what was ordered stays on record"
    progress = await world.jobs.progress(ANNA, job.job_id)
    assert [stage.state for stage in progress.stages] == [TrackState.PENDING] * 2
    await world.books.stage(context, StageChange(name=StageName.BINDING, state=TrackState.COMPLETED, total=2, done=2))
    progress = await world.jobs.progress(ANNA, job.job_id)
    assert progress.stages[-1].state is TrackState.COMPLETED


async def test_a_job_that_was_not_read_is_read_when_it_is_begun_again(world: World) -> None:
    job = await ordered(world, max_retries=1, review=True)
    await failed(world, job)
    world.clock.now = utcnow() + timedelta(minutes=10)
    [claimed] = await world.jobs.claim(LIMITS, None, 8)
    assert claimed.order == job.order


async def test_pictures_follow_a_story_that_is_done(world: World) -> None:
    job = await ordered(world, then=(Track.ILLUSTRATIONS,), editions=(Edition.M4B,), pictures=3)
    context = context_of(job, 1)
    await world.books.save_source(plan_of(context), None, source_of("one"))
    await world.bought(context, call_of(cost=500_000), 500_000)
    for _ in range(2):
        await world.jobs.close(ANNA, job.job_id, JobState.DONE, None)
    following, _ = await world.jobs.jobs(ANNA)
    assert (following.kind, following.generation, following.state) == (JobKind.IMAGE, 2, JobState.QUEUED)
    assert following.order.source.kind == "existing" and following.order.then == ()
    assert following.order.tracks == (Track.ILLUSTRATIONS,) and following.order.pictures == 3
    assert following.order.editions == (Edition.M4B, Edition.EPUB, Edition.PDF)
    assert following.order.budget_usd == Decimal("2.0"), "both together keep to what was set"


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
async def test_nothing_follows_a_job_that_did_not_end_well(world: World, state: JobState) -> None:
    job = await ordered(world, then=(Track.ILLUSTRATIONS,))
    await world.jobs.close(ANNA, JobId(job.job_id), state, DIED)
    assert [row.job_id for row in await world.jobs.jobs(ANNA)] == [job.job_id]


async def test_no_more_jobs_of_a_kind_start_in_a_minute_than_are_set(world: World) -> None:
    world.clock.now = utcnow()
    for number in range(3):
        await world.accepted(book=BookId(f"book-{number}"))
    rates = {JobKind.AUDIO: 2, JobKind.IMAGE: 1}
    [first] = await world.jobs.claim(LIMITS, None, 1, rates)
    await world.jobs.started(ANNA, first.job_id)
    await world.jobs.close(ANNA, first.job_id, JobState.DONE, None)
    assert len(await world.jobs.claim(LIMITS, None, 8, rates)) == 1, "one has begun, and one more may"
    assert await world.jobs.claim(LIMITS, None, 8, rates) == []
    world.clock.now += timedelta(minutes=2)
    assert len(await world.jobs.claim(LIMITS, None, 8, rates)) == 2, "claims that nobody followed up have lapsed"

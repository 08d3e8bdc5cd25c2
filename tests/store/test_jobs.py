"""Orders become jobs, and jobs are admitted in turn."""

import asyncio
from collections import Counter

import pytest
import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.errors import BadInput, NotFound
from bookwright.contracts.ids import BookId, OwnerId, job_id
from bookwright.contracts.orders import JobKind, StoredDocument, StoredText, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobState, StageChange, StageName
from bookwright.store import AssetRows, Database, JobStore, LocalAssets
from bookwright.store.database.engine import SERVICE
from bookwright.store.jobs.records import EventKind
from bookwright.store.tables import books, users
from tests.store.conftest import ANNA, BELA, Clock, World, asset_of, call_of, order

AUDIO = {JobKind.AUDIO: 2}


async def test_an_order_is_accepted_once(world: World) -> None:
    wish = order(budget="2.5")
    first = await world.jobs.accept(wish, fingerprint="a")
    again = await world.jobs.accept(wish, fingerprint="a")
    assert first == again
    assert first.workflow_id == f"book/{wish.book_id}/1"
    assert first.job_id == job_id(first.workflow_id)
    assert (first.state, first.title, first.order) == (JobState.QUEUED, "The River", wish)
    assert [event.kind for event in await world.jobs.events(ANNA, first.job_id)] == [EventKind.ACCEPTED]


async def test_twenty_orders_at_once_with_one_key_make_one_job(world: World) -> None:
    jobs = await asyncio.gather(
        *(world.jobs.accept(order(), fingerprint="same", idempotency_key="key") for _ in range(20))
    )
    assert len({job.job_id for job in jobs}) == 1
    made = await world.database.read(SERVICE, lambda c: c.execute(sa.select(books.c.id)).scalars().all())
    assert made == [jobs[0].book_id]
    assert len(await world.jobs.jobs(ANNA)) == 1
    with pytest.raises(BadInput) as refusal:
        await world.jobs.accept(order(), fingerprint="other", idempotency_key="key")
    assert refusal.value.field == "idempotency_key"
    assert (await world.jobs.accept(order(BELA), fingerprint="other", idempotency_key="key")).owner_id == BELA


@pytest.mark.parametrize("kind", ["text", "document"])
async def test_a_stored_source_gets_its_row(world: World, database: Database, kind: str) -> None:
    """Without one the sweeper would take it for what a crash has left, while its job still waits."""
    asset = await world.assets.put(b"text", "text/plain")
    source = StoredText(asset=asset) if kind == "text" else StoredDocument(asset=asset, format=DocumentKind.HTML)
    wish = order().model_copy(update={"source": source})
    await world.jobs.accept(wish, fingerprint="a")
    assert [(blob.asset, blob.media_type, blob.size) for blob in await AssetRows(database).all()] == [
        (asset_of(b"text"), "text/plain", 4)
    ]


async def test_jobs_are_found(world: World) -> None:
    first = await world.accepted(fingerprint="x")
    second = await world.accepted(fingerprint="x")
    foreign = await world.accepted(BELA)
    assert await world.jobs.find_by_fingerprint(ANNA, "x") == second
    assert await world.jobs.find_by_fingerprint(BELA, "x") is None
    assert await world.jobs.job(ANNA, first.number) == await world.jobs.job(ANNA, first.job_id) == first
    assert await world.jobs.job(ANNA, str(second.number)) == second
    assert await world.jobs.jobs(ANNA) == [second, first]
    assert await world.jobs.jobs(ANNA, 1, second.number) == [first]
    for name in (foreign.number, foreign.job_id, "9" * 30, "nonsense"):
        with pytest.raises(NotFound):
            await world.jobs.job(ANNA, name)
        with pytest.raises(NotFound):
            await world.jobs.progress(ANNA, name)
    assert await world.jobs.events(ANNA, foreign.job_id) == []


async def test_a_job_that_is_opened_leaves_no_gap_in_the_numbers(world: World) -> None:
    first = await world.accepted()
    for _ in range(3):
        await world.books.open_job(first.order, first.workflow_id)
    assert (await world.accepted()).number == first.number + 1


async def test_generations_follow_each_other(world: World) -> None:
    first = await world.accepted()
    assert await world.jobs.next_generation(ANNA, first.book_id) == 2
    second = await world.accepted(book=first.book_id, generation=2)
    assert second.job_id != first.job_id
    assert await world.jobs.next_generation(ANNA, first.book_id) == 3
    with pytest.raises(NotFound):
        await world.jobs.next_generation(BELA, first.book_id)
    with pytest.raises(NotFound):
        await world.jobs.next_generation(ANNA, BookId("none"))


async def test_jobs_are_claimed_by_priority_then_age_within_the_limit(world: World) -> None:
    late, urgent, normal = [await world.accepted(priority=priority) for priority in (9, 1, 5)]
    claimed = await world.jobs.claim(AUDIO, None, 10)
    assert [job.job_id for job in claimed] == [urgent.job_id, normal.job_id]
    assert claimed[0].order == urgent.order
    assert await world.jobs.claim(AUDIO, None, 10) == []
    await world.jobs.started(ANNA, urgent.job_id)
    await world.jobs.started(ANNA, normal.job_id)
    assert await world.jobs.claim(AUDIO, None, 10) == []
    assert {job.job_id for job in await world.jobs.running()} == {urgent.job_id, normal.job_id}
    await world.jobs.close(ANNA, urgent.job_id, JobState.DONE, None)
    assert [job.job_id for job in await world.jobs.claim(AUDIO, None, 10)] == [late.job_id]


async def test_one_users_flood_does_not_hide_another(world: World) -> None:
    flood = [await world.accepted(ANNA, priority=1) for _ in range(30)]
    other = await world.accepted(BELA)
    claimed = await world.jobs.claim({JobKind.AUDIO: 5}, 2, 5)
    assert [job.job_id for job in claimed] == [flood[0].job_id, flood[1].job_id, other.job_id]


async def test_who_comes_to_a_flood_is_next_and_waits_for_none_of_its_books(world: World) -> None:
    flood = [await world.accepted(ANNA) for _ in range(30)]
    two = {JobKind.AUDIO: 2}
    for job in await world.jobs.claim(two, None, 20):
        await world.jobs.started(ANNA, job.job_id)
    assert await world.jobs.claim(two, None, 20) == []
    bela, carla = await world.accepted(BELA), await world.accepted(OwnerId("carla"))
    claimed = await world.jobs.claim(two, None, 20)
    assert [job.job_id for job in claimed] == [bela.job_id], (
        "there is one place more for users who have nothing under way"
    )
    await world.jobs.started(BELA, bela.job_id)
    again = await world.accepted(BELA)
    assert await world.jobs.claim(two, None, 20) == [], "and no more than one"
    await world.jobs.close(ANNA, flood[0].job_id, JobState.DONE, None)
    claimed = await world.jobs.claim(two, None, 20)
    assert [job.job_id for job in claimed] == [carla.job_id], "before what the flood has ordered long ago"
    await world.jobs.started(carla.owner_id, carla.job_id)
    await world.jobs.close(ANNA, flood[1].job_id, JobState.DONE, None)
    await world.jobs.close(carla.owner_id, carla.job_id, JobState.DONE, None)
    claimed = await world.jobs.claim(two, None, 20)
    assert [job.job_id for job in claimed] == [flood[2].job_id], "whose turn it is now: bela has one under way"
    await world.jobs.started(ANNA, flood[2].job_id)
    await world.jobs.close(BELA, bela.job_id, JobState.DONE, None)
    claimed = await world.jobs.claim(two, None, 20)
    assert [job.job_id for job in claimed] == [again.job_id]


async def test_a_user_of_a_flood_has_the_whole_house_while_nobody_else_comes(world: World) -> None:
    flood = [await world.accepted(ANNA, priority=priority) for priority in (5, 9, 1, 5)]
    claimed = await world.jobs.claim({JobKind.AUDIO: 3}, None, 20)
    assert [job.job_id for job in claimed] == [flood[2].job_id, flood[0].job_id, flood[3].job_id]


async def test_a_users_own_limit_is_taken_in_place_of_everybodys(world: World) -> None:
    for owner in (ANNA, BELA):
        for _ in range(4):
            await world.accepted(owner)
    for owner, limit in ((ANNA, 3), (BELA, 1)):
        own = sa.update(users).where(users.c.owner_id == owner).values(jobs_at_once=limit)
        async with world.database.transaction(owner) as connection:
            await connection.execute(own)
    claimed = await world.jobs.claim({JobKind.AUDIO: 20}, 2, 20)
    assert Counter(job.owner_id for job in claimed) == {ANNA: 3, BELA: 1}


async def test_a_claim_lapses_and_a_paused_job_takes_no_room(world: World) -> None:
    first, second = await world.accepted(), await world.accepted()
    one = {JobKind.AUDIO: 1}
    assert [job.job_id for job in await world.jobs.claim(one, None, 10)] == [first.job_id]
    world.clock.pass_by(9)
    assert await world.jobs.claim(one, None, 10) == []
    world.clock.pass_by(2)
    assert [job.job_id for job in await world.jobs.claim(one, None, 10)] == [first.job_id]
    await world.jobs.started(ANNA, first.job_id)
    world.clock.pass_by(60)
    assert await world.jobs.claim(one, None, 10) == []
    await world.books.hold(ANNA, first.job_id, "budget", paused=True)
    assert [job.job_id for job in await world.jobs.claim(one, None, 10)] == [second.job_id]


async def test_dispatchers_at_once_never_get_the_same_job(
    url: str, world: World, assets: LocalAssets, clock: Clock
) -> None:
    accepted = [await world.accepted() for _ in range(30)]
    async with Database(url) as another:
        dispatchers = [world.jobs, JobStore(another, assets, clock)]
        claims = await asyncio.gather(*(dispatchers[n % 2].claim({JobKind.AUDIO: 20}, None, 3) for n in range(10)))
    numbers = [job.number for claim in claims for job in claim]
    assert len(numbers) == len(set(numbers)) == 20
    assert set(numbers) == {job.number for job in accepted[:20]}


async def test_a_job_is_requeued_at_its_place(world: World) -> None:
    context = await world.book()
    later = await world.accepted()
    assert [job.job_id for job in await world.jobs.claim({JobKind.AUDIO: 2}, None, 1)] == [later.job_id]
    await world.jobs.requeue(ANNA, (await world.jobs.job(ANNA, context.job_id)).job_id)
    world.clock.pass_by(20)
    claimed = await world.jobs.claim(AUDIO, None, 10)
    assert [job.job_id for job in claimed] == [context.job_id, later.job_id]


async def test_a_closed_job_stays_as_it_is(world: World) -> None:
    job = await world.accepted()
    await world.jobs.close(ANNA, job.job_id, JobState.FAILED, "broken")
    await world.jobs.close(ANNA, job.job_id, JobState.DONE, None)
    await world.jobs.started(ANNA, job.job_id)
    await world.jobs.requeue(ANNA, job.job_id)
    await world.books.hold(ANNA, job.job_id, "wait", paused=True)
    closed = await world.jobs.job(ANNA, job.job_id)
    assert (closed.state, closed.error, closed.paused_reason) == (JobState.FAILED, "broken", None)
    assert closed.closed_at is not None
    kinds = [event.kind for event in await world.jobs.events(ANNA, job.job_id)]
    assert kinds == [EventKind.ACCEPTED, EventKind.CLOSED]


async def test_progress_tells_all_at_once(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c", "d", "e")
    await world.books.stage(context, StageChange(name=StageName.NARRATION, state=TrackState.PROCESSING, total=5))
    await world.books.begin_pages(context, Track.NARRATION, 1, 3)
    answer = await world.bought(context, call_of(cost=9), cost=4)
    for page, state in ((1, TrackState.COMPLETED), (2, TrackState.COMPLETED), (3, TrackState.FAILED)):
        outcome = PageOutcome(page=page, track=Track.NARRATION, state=state)
        if state is TrackState.COMPLETED:
            outcome = outcome.model_copy(update={"asset": answer.asset, "duration_ms": 10})
        await world.books.page_outcome(context, outcome)
    shown = await world.jobs.progress(ANNA, context.job_id)
    assert [(c.number, c.pages, c.state, c.done, c.failed) for c in shown.chapters] == [
        (1, 2, TrackState.COMPLETED, 2, 0),
        (2, 2, TrackState.PROCESSING, 0, 1),
        (3, 1, TrackState.PENDING, 0, 0),
    ]
    [stage] = shown.stages
    assert (stage.done, stage.failed, stage.total, stage.state) == (2, 1, 5, TrackState.PROCESSING)
    assert (shown.pages, shown.counts.calls, shown.counts.cost_micros) == (5, 1, 4)
    assert (shown.job.state, shown.as_of) == (JobState.RUNNING, world.clock.now)
    await world.jobs.close(ANNA, shown.job.job_id, JobState.CANCELLED, None)
    await world.books.begin_pages(context, Track.NARRATION, 3, 3)  # the next generation's doing
    [stage] = (await world.jobs.progress(ANNA, context.job_id)).stages
    assert (stage.done, stage.failed) == (2, 1)


async def test_the_same_order_is_taken_in_once(world: World) -> None:
    orders = [order() for _ in range(8)]
    taken = await asyncio.gather(*(world.jobs.accept_once(one, fingerprint="same") for one in orders))
    assert len({job.job_id for job in taken}) == 1
    other = await world.jobs.accept_once(order(BELA), fingerprint="same")
    assert other.job_id != taken[0].job_id and other.owner_id == BELA


@pytest.mark.parametrize(
    ("state", "error", "again"),
    [(JobState.DONE, None, 1), (JobState.FAILED, "no voice", 2), (JobState.CANCELLED, None, 2)],
)
async def test_the_same_order_after_its_job_has_ended_makes_what_is_missing(
    world: World, state: JobState, error: str | None, again: int
) -> None:
    first = await world.jobs.accept_once(order(), fingerprint="same")
    await world.jobs.close(ANNA, first.job_id, state, error)
    second = await world.jobs.accept_once(order(), fingerprint="same")
    assert (second.book_id, second.generation) == (first.book_id, again)

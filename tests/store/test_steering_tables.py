"""Wishes, first answers, page versions, lists and figures, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import BadInput, Conflict, NotFound, Stale
from bookwright.contracts.ids import BookId
from bookwright.contracts.orders import JobKind, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobState, StageChange, StageName
from bookwright.store.books.remaining import lengths_to_make
from bookwright.store.books.takes import TAKES_PER_REDO
from bookwright.store.books.versions import PageVersions
from bookwright.store.jobs.filters import JobFilter
from bookwright.store.jobs.first_answers import FirstAnswer, FirstAnswers
from bookwright.store.jobs.listing import JobLists
from bookwright.store.jobs.statistics import Statistics
from tests.store.conftest import ANNA, BELA, World, call_of


async def test_of_twenty_at_once_one_works_and_the_others_are_told_to_wait(world: World) -> None:
    answers = FirstAnswers(world.database, world.clock)

    async def ask() -> bool:
        try:
            return await answers.begin(ANNA, "key", "body") is None
        except Conflict:
            return False

    assert sum(await asyncio.gather(*(ask() for _ in range(20)))) == 1
    kept = FirstAnswer(status=202, headers={"location": "/x"}, body='{"a": "ü"}')
    await answers.finish(ANNA, "key", kept)
    assert await answers.begin(ANNA, "key", "body") == kept
    assert await answers.begin(BELA, "key", "another") is None
    with pytest.raises(BadInput):
        await answers.begin(ANNA, "key", "another")
    world.clock.pass_by(25 * 3600)
    assert await answers.begin(ANNA, "key", "another") is None
    await answers.forget(ANNA, "key")
    assert await answers.begin(ANNA, "key", "third") is None


async def test_the_newest_wish_counts_and_is_settled_once(world: World) -> None:
    job = await world.accepted()
    await world.jobs.started(ANNA, job.job_id)
    first = await world.jobs.wish(ANNA, job.job_id, "raise_budget", "1.00")
    assert (await world.jobs.wish(ANNA, job.job_id, "raise_budget", "1.00")).update_id == first.update_id
    second = await world.jobs.wish(ANNA, job.job_id, "raise_budget", "2.00")
    assert second.update_id != first.update_id
    await world.jobs.settle_wish(first)
    assert await world.jobs.open_wishes() == [second], "a late answer to the older one settles nothing"
    await world.jobs.settle_wish(second)
    assert await world.jobs.open_wishes() == []
    third = await world.jobs.wish(ANNA, job.job_id, "raise_budget", "2.00")
    assert third.turn == 3
    await world.jobs.close(ANNA, job.job_id, JobState.CANCELLED, None)
    assert await world.jobs.open_wishes() == [], "nobody can take it any more"


async def test_a_queued_job_is_withdrawn_unless_somebody_starts_it(world: World) -> None:
    job = await world.accepted()
    assert await world.jobs.claim({JobKind.AUDIO: 1}, None, 1)
    assert not await world.jobs.withdraw(ANNA, job.job_id)
    world.clock.pass_by(60)
    assert await world.jobs.withdraw(ANNA, job.job_id)
    assert (await world.jobs.job(ANNA, job.job_id)).state is JobState.CANCELLED
    assert not await world.jobs.withdraw(ANNA, job.job_id)


async def test_versions_keep_text_and_sound_together(world: World) -> None:
    context = await world.book(ANNA, "One.", "Two.")
    versions = PageVersions(world.database)
    book = context.book_id
    sound = (await world.answer()).asset
    await world.books.page_outcome(
        context,
        PageOutcome(page=2, track=Track.NARRATION, state=TrackState.COMPLETED, asset=sound, duration_ms=900),
    )
    with pytest.raises(Conflict):
        await versions.edit(ANNA, book, {2: "Too."})
    await world.jobs.close(ANNA, (await world.jobs.newest_of(ANNA, book)).job_id, JobState.DONE, None)
    assert await lengths_to_make(world.database, ANNA, book, Track.NARRATION, all_pages=False) == [4]
    with pytest.raises(NotFound):
        await versions.edit(ANNA, book, {2: "Too.", 3: "Never."})
    assert len(await versions.versions(ANNA, book, 2)) == 1, "all or none"
    await versions.edit(ANNA, book, {2: "Too."}, {2: 1})
    with pytest.raises(Stale):
        await versions.edit(ANNA, book, {2: "Tu."}, {2: 1})
    now, before = await versions.versions(ANNA, book, 2)
    assert (now.text, now.asset, before.text, before.asset) == ("Too.", None, "Two.", sound)
    assert await lengths_to_make(world.database, ANNA, book, Track.NARRATION, all_pages=False) == [4, 4]
    await versions.choose(ANNA, book, 2, 1)
    now, before = sorted(await versions.versions(ANNA, book, 2), key=lambda version: not version.current)
    assert (now.version, now.text, now.asset, now.duration_ms) == (1, "Two.", sound, 900)
    await versions.redo(ANNA, book, 2)
    todo = await world.books.begin_pages(context, Track.NARRATION, 2, 2)
    assert [(work.page.text, work.take) for work in todo] == [("Two.", TAKES_PER_REDO)]
    with pytest.raises(Conflict):
        await versions.redo(ANNA, book, 2)
    for wrong in (versions.versions(BELA, book, 2), versions.versions(ANNA, BookId("none"), 1)):
        with pytest.raises(NotFound):
            await wrong
    with pytest.raises(NotFound):
        await versions.edit(BELA, book, {2: "Mine."})


async def test_lists_find_jobs_of_one_owner_or_of_all(world: World) -> None:
    mine = await world.book(ANNA, "One.", "Two.")
    await world.books.stage(mine, StageChange(name=StageName.NARRATION, state=TrackState.PROCESSING, total=2))
    await world.bought(mine, call_of(cost=700), 500)
    await world.books.begin_pages(mine, Track.NARRATION, 1, 2)
    sound = (await world.answer()).asset
    await world.books.page_outcome(
        mine, PageOutcome(page=1, track=Track.NARRATION, state=TrackState.COMPLETED, asset=sound)
    )
    hers = await world.accepted(BELA)
    lists = JobLists(world.database, world.clock)
    everything = await lists.of_all(JobFilter(), None, 10)
    assert [found.job.job_id for found in everything.jobs] == [hers.job_id, mine.job_id]
    [found] = (await lists.of_owner(ANNA, JobFilter(owner=BELA), None, 10)).jobs
    assert (found.job.job_id, found.counts.cost_micros, found.counts.calls, found.pages) == (mine.job_id, 500, 1, 2)
    [stage] = found.stages
    assert (stage.name, stage.done, stage.total) == (StageName.NARRATION, 1, 2)
    part = await lists.of_all(JobFilter(), None, 1)
    assert part.cursor == hers.number
    rest = await lists.of_all(JobFilter(), part.cursor, 1)
    assert [found.job.job_id for found in rest.jobs] == [mine.job_id] and rest.cursor is None
    created = hers.created_at
    for wanted, count in (
        (JobFilter(states=(JobState.QUEUED,)), 1),
        (JobFilter(kind=JobKind.AUDIO, q="RIVER"), 2),
        (JobFilter(q="%"), 0),
        (JobFilter(q=str(hers.number)), 1),
        (JobFilter(q=mine.book_id), 1),
        (JobFilter(since=created + timedelta(days=1)), 0),
        (JobFilter(until=created + timedelta(days=1)), 2),
        (JobFilter(since=created - timedelta(days=1), owner=ANNA), 1),
        (JobFilter(until=created - timedelta(days=1)), 0),
    ):
        assert len((await lists.of_all(wanted, None, 10)).jobs) == count, wanted


async def test_figures_are_summed_over_all_owners_and_for_each(world: World) -> None:
    mine = await world.book(ANNA)
    await world.bought(mine, call_of("a", cost=900), 600)
    await world.bought(await world.book(BELA), call_of("b", cost=900), 300)
    statistics = Statistics(world.database, world.clock)
    found = await statistics.jobs()
    assert (found.month_micros, found.today_micros) == (900, 900)
    assert found.queues[JobKind.AUDIO].active == 2 and found.oldest_waiting is None
    usage = await statistics.usage(ANNA)
    assert (usage.committed_micros, usage.today_micros, usage.calls, usage.books, usage.month) == (
        600,
        600,
        1,
        1,
        "2026-11",
    )

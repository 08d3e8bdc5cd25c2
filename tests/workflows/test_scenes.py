"""How a book's scenes are found while its chapters are analysed, and their soundscapes made."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, is_cancelled_exception
from temporalio.testing import WorkflowEnvironment

from bookwright.contracts.book import PageBatch
from bookwright.contracts.ids import scoring_workflow_id
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import BatchOutcome, Deferred, Hold, HoldKind, JobState, StageName
from bookwright.contracts.scenes import Scored
from tests.workflows.conftest import working
from tests.workflows.fakes import FakeActivities
from tests.workflows.test_book import start, until_state
from workflows.book import BookGeneration

ALL = [Track.NARRATION, Track.SOUNDSCAPE]


async def test_scenes_run_across_chapters_and_each_soundscape_is_made_once(client: Client) -> None:
    fakes = FakeActivities(chapters=4, pages=10, by_scene=True)
    async with working(client, fakes):
        handle = await start(client, tracks=ALL)
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
    assert (result.state, result.warning) == (JobState.DONE, None)
    assert sorted(fakes.scored) == [1, 2, 3, 4, 5, 6, 7], "40 pages in scenes of 6"
    assert {stage.name: (stage.done, stage.total) for stage in status.stages}[StageName.SOUNDSCAPE] == (40, 40)
    assert not [made for made in fakes.made if made[0] is Track.SOUNDSCAPE], "no chapter makes a sound for itself"
    last = fakes.scans[-1]
    assert (last.last_page, last.final) == (40, True)
    for before, after in zip(fakes.scans, fakes.scans[1:], strict=False):
        assert before.next_page <= after.next_page and before.last_page <= after.last_page


async def test_the_first_scenes_are_scored_while_later_pages_are_analysed(client: Client) -> None:
    scored = asyncio.Event()

    async def analyse(batch: PageBatch) -> BatchOutcome:
        if batch.first_page > 30:
            await scored.wait()
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=4, pages=10, by_scene=True)
    fakes.making[Track.ANALYSIS] = analyse
    fakes.on_scored = lambda: scored.set() if {1, 2, 3} <= set(fakes.scored) else None
    async with working(client, fakes):
        result = await (await start(client, tracks=ALL)).result()
    assert result.state is JobState.DONE and sorted(fakes.scored) == [1, 2, 3, 4, 5, 6, 7]


async def test_a_chapter_analysed_early_waits_for_those_before_it(client: Client) -> None:
    later = asyncio.Event()

    async def analyse(batch: PageBatch) -> BatchOutcome:
        if batch.first_page == 1:
            await later.wait()
        elif batch.last_page == 30:
            assert not fakes.scans
            later.set()
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=3, pages=10, by_scene=True)
    fakes.making[Track.ANALYSIS] = analyse
    async with working(client, fakes):
        result = await (await start(client, tracks=[Track.SOUNDSCAPE], editions=[])).result()
    assert result.state is JobState.DONE and sorted(fakes.scored) == [1, 2, 3, 4, 5]


async def test_a_soundscape_that_fails_is_given_up_alone(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=12, by_scene=True)
    fakes.scoring[2] = [ApplicationError("held back", type="Blocked", non_retryable=True)]
    async with working(client, fakes):
        result = await (await start(client, tracks=ALL)).result()
    assert result.state is JobState.DONE
    assert (fakes.gave_up, sorted(fakes.scored)) == ([(2, 2, "Blocked")], [1, 2])


async def test_soundscapes_that_are_found_together_are_made_by_one_activity(client: Client) -> None:
    others = asyncio.Semaphore(0)

    async def analyse(batch: PageBatch) -> BatchOutcome:
        if batch.first_page > 1:
            others.release()
        else:
            for _ in range(3):
                await others.acquire()
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=1, pages=60, by_scene=True)
    fakes.facts["analysed_for_scenes"] = True
    fakes.making[Track.ANALYSIS] = analyse
    async with working(client, fakes):
        result = await (await start(client, tracks=[Track.SOUNDSCAPE], editions=[])).result()
    assert result.state is JobState.DONE
    assert sorted(fakes.scored) == [*range(1, 11)], "60 pages in scenes of 6"
    assert len(fakes.score_batches) <= 5 and max(map(len, fakes.score_batches)) <= 8


async def test_a_provider_that_asks_to_wait_is_waited_for_and_the_book_says_so(client: Client) -> None:
    hold = Hold(kind=HoldKind.QUOTA, reason="top it up")
    fakes = FakeActivities(chapters=1, pages=12, by_scene=True)
    fakes.scoring[1] = [Scored(deferred=Deferred(hold=hold))]
    async with working(client, fakes):
        handle = await start(client, tracks=ALL)
        await until_state(handle, JobState.PAUSED)
        assert (await handle.query(BookGeneration.status)).paused_reason == "top it up"
        await handle.signal(BookGeneration.resume)
        result = await handle.result()
    assert result.state is JobState.DONE and fakes.scored.count(1) == 2


async def test_dry_editions_do_not_wait_for_soundscapes(client: Client) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    hold = Hold(kind=HoldKind.RATE_LIMIT, reason="wait", until=until)
    fakes = FakeActivities(chapters=1, pages=12, by_scene=True)
    fakes.scoring[1] = [Scored(deferred=Deferred(hold=hold))]
    async with working(client, fakes):
        handle = await start(client, tracks=ALL, editions=["m4b", "epub"])
        async with asyncio.timeout(60):
            while fakes.bound["epub"] == 0 or fakes.bound["m4b"] == 0:  # noqa: ASYNC110 - the fakes only count
                await asyncio.sleep(0.02)
        assert (await handle.query(BookGeneration.status)).state is JobState.RUNNING
        await handle.signal(BookGeneration.resume)
        assert (await handle.result()).state is JobState.DONE


async def test_stopping_and_cancelling_reach_the_scoring(client: Client) -> None:
    async def wait(batch: PageBatch) -> BatchOutcome:
        await asyncio.sleep(3600)
        raise AssertionError

    fakes = FakeActivities(chapters=1, pages=12, by_scene=True)
    fakes.making[Track.ANALYSIS] = wait
    async with working(client, fakes):
        handle = await start(client, tracks=ALL)
        await fakes.spoken.wait()
        await handle.cancel()
        async with asyncio.timeout(60):
            while not fakes.ends:  # noqa: ASYNC110 - the fakes only count
                await asyncio.sleep(0.02)
        with pytest.raises(WorkflowFailureError) as ended:
            await client.get_workflow_handle(scoring_workflow_id(handle.id)).result()
    assert is_cancelled_exception(ended.value.cause)
    assert fakes.ends[0].state is JobState.CANCELLED and not fakes.scored


async def test_without_pictures_the_scoring_has_the_pages_analysed_itself_in_order(client: Client) -> None:
    fakes = FakeActivities(chapters=3, pages=30, by_scene=True)
    fakes.facts["analysed_for_scenes"] = True
    async with working(client, fakes):
        handle = await start(client, tracks=ALL)
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
        history = await client.get_workflow_handle(scoring_workflow_id(handle.id)).fetch_history()
    assert (result.state, result.warning) == (JobState.DONE, None)
    batches = sorted(made[1:] for made in fakes.made)
    assert [first for first, _ in batches] == [1, *(last + 1 for _, last in batches[:-1])] and batches[-1][1] == 90
    assert sorted(fakes.scored) == [*range(1, 16)], "90 pages in scenes of 6"
    stages = {stage.name: (stage.done, stage.failed, stage.total) for stage in status.stages}
    assert stages[StageName.ANALYSIS] == stages[StageName.SOUNDSCAPE] == (90, 0, 90)
    assert not [event for event in history.events if event.HasField("workflow_execution_signaled_event_attributes")]


async def test_a_job_of_soundscapes_alone_begins_no_chapter(client: Client) -> None:
    fakes = FakeActivities(chapters=3, pages=30, by_scene=True)
    fakes.facts["analysed_for_scenes"] = True
    async with working(client, fakes):
        handle = await start(client, tracks=[Track.SOUNDSCAPE], editions=[])
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
    assert (result.state, status.chapters, sorted(fakes.scored)) == (JobState.DONE, (), [*range(1, 16)])


async def test_with_ambience_in_an_edition_the_chapters_are_bound_though_they_make_nothing(client: Client) -> None:
    fakes = FakeActivities(chapters=2, pages=6, by_scene=True)
    fakes.facts["analysed_for_scenes"] = True
    async with working(client, fakes):
        handle = await start(client, tracks=[Track.SOUNDSCAPE], editions=["m4b-ambience"])
        result = await handle.result()
    assert (result.state, fakes.bound["mp3"], fakes.bound["m4b-ambience"]) == (JobState.DONE, 2, 1)


async def test_pages_that_are_not_analysed_are_counted_and_fail_nothing(client: Client) -> None:
    async def analyse(batch: PageBatch) -> BatchOutcome:
        if batch.first_page == 1:
            raise ApplicationError("held back", type="Blocked", non_retryable=True)
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=1, pages=40, by_scene=True)
    fakes.facts["analysed_for_scenes"] = True
    fakes.making[Track.ANALYSIS] = analyse
    async with working(client, fakes):
        handle = await start(client, tracks=[Track.SOUNDSCAPE], editions=[])
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
    stages = {stage.name: (stage.done, stage.failed) for stage in status.stages}
    assert (result.state, stages[StageName.ANALYSIS]) == (JobState.DONE, (24, 16))
    assert fakes.gave_up == [(1, 16, "Blocked")]


async def test_a_database_that_fails_is_tried_three_times_and_then_recorded(skipping: WorkflowEnvironment) -> None:
    fakes = FakeActivities(chapters=1, pages=12, by_scene=True)
    fakes.facts["analysed_for_scenes"] = True
    fakes.finding = [ApplicationError("the disk has an error", type="OperationalError") for _ in range(3)]
    async with working(skipping.client, fakes):
        result = await (await start(skipping.client, tracks=ALL)).result()
    assert result.state is JobState.DONE
    assert len(fakes.scans) == 3 and fakes.gave_up == [(1, 12, "OperationalError after 3")]

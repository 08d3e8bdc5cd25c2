"""How a book's workflow makes several tracks beside each other."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from bookwright.contracts.book import PageBatch
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import BatchOutcome, Deferred, Hold, HoldKind, JobState, StageName
from tests.workflows.conftest import working
from tests.workflows.fakes import FakeActivities
from tests.workflows.test_book import start, until_state
from workflows.book import BookGeneration

ALL = [Track.NARRATION, Track.ILLUSTRATIONS, Track.SOUNDSCAPE]


async def test_each_track_is_made_once_for_every_page_and_from_its_analysis(client: Client) -> None:
    fakes = FakeActivities(chapters=2, pages=20)
    async with working(client, fakes):
        handle = await start(client, tracks=ALL)
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
    assert (result.state, result.warning, result.pages) == (JobState.DONE, None, 40)
    assert [(stage.name, stage.done, stage.total) for stage in status.stages] == [
        (StageName.TEXT, 1, 1),
        (StageName.NARRATION, 40, 40),
        (StageName.ANALYSIS, 40, 40),
        (StageName.ILLUSTRATIONS, 40, 40),
        (StageName.SOUNDSCAPE, 40, 40),
        (StageName.BINDING, 3, 3),
    ]
    begun = {batch: number for number, batch in enumerate(fakes.made)}
    assert len(begun) == len(fakes.made), "no batch is given twice"
    assert [batch[1:] for batch in fakes.made if batch[0] is Track.SOUNDSCAPE] == [(1, 20), (21, 40)]
    for (track, first, last), number in begun.items():
        analysed = [begun[Track.ANALYSIS, at, min(at + 7, last)] for at in range(first, last + 1, 8)]
        assert track is Track.ANALYSIS or max(analysed) < number


async def test_a_track_is_made_only_when_it_was_ordered(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=3)
    async with working(client, fakes):
        handle = await start(client, tracks=[Track.ILLUSTRATIONS], editions=["pdf"])
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
    assert [track for track, *_ in fakes.made] == [Track.ANALYSIS, Track.ILLUSTRATIONS]
    assert (result.state, fakes.batches, status.chapters[0].done) == (JobState.DONE, [], 3)
    assert StageName.NARRATION not in [stage.name for stage in status.stages]


async def test_pictures_that_fail_never_fail_the_book(client: Client) -> None:
    async def refuse(batch: PageBatch) -> BatchOutcome:
        raise ApplicationError("the provider holds it back", type="Blocked", non_retryable=True)

    fakes = FakeActivities(chapters=1, pages=3)
    fakes.making[Track.ILLUSTRATIONS] = refuse
    async with working(client, fakes):
        result = await (await start(client, tracks=ALL)).result()
    assert (result.state, result.failed_pages) == (JobState.DONE, 0)
    assert result.warning == "3 pages could not be illustrated"
    assert fakes.gave_up == [(1, 3, "Blocked")]


async def test_narration_does_not_wait_for_pictures(client: Client) -> None:
    drawn = asyncio.Event()

    async def wait(batch: PageBatch) -> BatchOutcome:
        await drawn.wait()
        return BatchOutcome(done=batch.pages)

    async def speak(batch: PageBatch) -> BatchOutcome:
        if batch.last_page == 100:
            drawn.set()  # else nothing is ever drawn
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=1, pages=100, speak=speak)
    fakes.making[Track.ILLUSTRATIONS] = wait
    async with working(client, fakes):
        assert (await (await start(client, tracks=ALL)).result()).state is JobState.DONE


async def test_a_provider_of_pictures_that_asks_to_wait_holds_no_other_track_up(client: Client) -> None:
    later: list[PageBatch] = []
    spoken = asyncio.Event()

    async def asked_to_wait(batch: PageBatch) -> BatchOutcome:
        later.append(batch)
        if len(later) > 1:
            return BatchOutcome(done=batch.pages)
        until = datetime.now(UTC) + timedelta(days=1)
        return BatchOutcome(deferred=Deferred(hold=Hold(kind=HoldKind.RATE_LIMIT, reason="wait", until=until)))

    async def speak(batch: PageBatch) -> BatchOutcome:
        if batch.last_page == 100:
            spoken.set()
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=1, pages=100, speak=speak)
    fakes.making[Track.ILLUSTRATIONS] = asked_to_wait
    async with working(client, fakes):
        handle = await start(client, tracks=[Track.NARRATION, Track.ILLUSTRATIONS])
        async with asyncio.timeout(60):
            await spoken.wait()
        await handle.signal(BookGeneration.resume)
        result = await handle.result()
    assert (result.state, result.warning) == (JobState.DONE, None)


async def test_stopping_after_the_page_begins_no_picture_any_more(client: Client) -> None:
    release = asyncio.Event()

    async def analyse(batch: PageBatch) -> BatchOutcome:
        await release.wait()
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=1, pages=100)
    fakes.making[Track.ANALYSIS] = analyse
    async with working(client, fakes):
        handle = await start(client, tracks=ALL)
        await fakes.spoken.wait()
        await handle.signal(BookGeneration.pause, "lunch")
        await until_state(handle, JobState.PAUSED)
        await handle.signal(BookGeneration.cancel_after_page)
        release.set()
        result = await handle.result()
    assert result.state is JobState.CANCELLED
    assert {track for track, *_ in fakes.made} <= {Track.ANALYSIS}


async def test_a_long_chapter_goes_on_with_every_track_where_it_was(client: Client) -> None:
    pages = 410
    fakes = FakeActivities(chapters=1, pages=pages)
    async with working(client, fakes):
        handle = await start(client, tracks=ALL)
        result = await handle.result()
    assert (result.state, result.pages, result.warning) == (JobState.DONE, pages, None)
    for track in (Track.ANALYSIS, Track.ILLUSTRATIONS, Track.SOUNDSCAPE):
        made = [page for made, first, last in fakes.made if made is track for page in range(first, last + 1)]
        assert sorted(made) == list(range(1, pages + 1))


SHEET = "c" * 64


async def test_a_books_pictures_are_held_against_its_characters_as_soon_as_they_are_there(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=10)
    fakes.facts = {"sheet": SHEET, "scenes_at_once": 5}
    fakes.making[Track.VALIDATION] = _one_is_not_alike
    async with working(client, fakes):
        handle = await start(client, tracks=[Track.NARRATION, Track.ILLUSTRATIONS])
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
    assert (result.state, result.failed_pages) == (JobState.DONE, 0)
    assert result.warning == "2 pages could not be drawn true to the characters"
    validated = next(stage for stage in status.stages if stage.name is StageName.VALIDATION)
    assert (validated.done, validated.failed, validated.total) == (8, 2, 10)
    made = {batch: number for number, batch in enumerate(fakes.made)}
    for first in (1, 6):
        assert made[Track.ILLUSTRATIONS, first, first + 4] < made[Track.VALIDATION, first, first + 4]
    assert fakes.bound["answers"] == 0


async def test_a_search_book_is_narrated_when_its_lists_are_final_and_its_answers_come_last(client: Client) -> None:
    seen: list[str] = []

    async def speak(batch: PageBatch) -> BatchOutcome:
        seen.append(f"spoken {batch.first_page}")
        return BatchOutcome(done=batch.pages)

    async def validate(batch: PageBatch) -> BatchOutcome:
        seen.append(f"validated {batch.first_page}")
        assert not fakes.bound, "the answers, and the book, come after it"
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=1, pages=4, speak=speak)
    fakes.facts = {"sheet": SHEET, "search": SHEET, "scenes_at_once": 2}
    fakes.making[Track.VALIDATION] = validate
    async with working(client, fakes):
        handle = await start(client, tracks=[Track.NARRATION, Track.ILLUSTRATIONS], editions=["pdf"])
        result = await handle.result()
    assert (result.state, result.warning) == (JobState.DONE, None)
    assert sorted(seen[:2]) == ["validated 1", "validated 3"] and seen[2:] == ["spoken 1"]
    assert list(fakes.bound) == ["answers", "pdf"]


async def _one_is_not_alike(batch: PageBatch) -> BatchOutcome:
    return BatchOutcome(done=batch.pages - 1, failed=1)

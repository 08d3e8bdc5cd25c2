"""Several tracks of the same pages, each with its own standing."""

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import TRACKS, BookContext, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobEnd, JobState, StageChange, StageName
from bookwright.store.jobs.filters import JobFilter
from bookwright.store.jobs.listing import JobLists
from tests.store.conftest import ANNA, World, plan_of, source_of

COMPLETED, FAILED, SKIPPED = TrackState.COMPLETED, TrackState.FAILED, TrackState.SKIPPED


async def outcome(world: World, context: BookContext, track: Track, page: int, state: TrackState) -> None:
    asset = await world.assets.put(f"{track} {page}".encode(), "application/json") if state is COMPLETED else None
    await world.books.page_outcome(context, PageOutcome(page=page, track=track, state=state, asset=asset))


async def made(world: World, context: BookContext, track: Track) -> list[int]:
    return list(await world.books.made(ANNA, context.book_id, track, 1, 99))


async def test_every_track_is_counted_by_itself(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c", tracks=TRACKS)
    drawn = StageName.ILLUSTRATIONS
    for name in (StageName.NARRATION, drawn):
        await world.books.stage(context, StageChange(name=name, state=TrackState.PROCESSING, total=3))
    await outcome(world, context, Track.NARRATION, 1, COMPLETED)
    await outcome(world, context, Track.ILLUSTRATIONS, 1, COMPLETED)
    await outcome(world, context, Track.ILLUSTRATIONS, 2, FAILED)
    await outcome(world, context, Track.ILLUSTRATIONS, 3, SKIPPED)
    expected = {StageName.NARRATION: (1, 0), drawn: (2, 1)}
    progress = await world.jobs.progress(ANNA, context.job_id)
    assert {stage.name: (stage.done, stage.failed) for stage in progress.stages} == expected, "while it is made"
    (listed,) = (await JobLists(world.database).of_owner(ANNA, JobFilter(), None, 5)).jobs
    assert {stage.name: (stage.done, stage.failed) for stage in listed.stages} == expected, "also in lists"
    await world.books.stage(context, StageChange(name=drawn, state=COMPLETED))
    await outcome(world, context, Track.ILLUSTRATIONS, 2, COMPLETED)
    progress = await world.jobs.progress(ANNA, context.job_id)
    assert {stage.name: (stage.done, stage.failed) for stage in progress.stages} == expected, "at its end it is frozen"
    assert [chapter.done for chapter in progress.chapters] == [1, 0], "chapters count the narration"


async def test_what_is_made_of_a_track_is_known_by_its_page(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c", tracks=TRACKS)
    for page, state in ((1, COMPLETED), (2, FAILED), (3, COMPLETED)):
        await outcome(world, context, Track.ILLUSTRATIONS, page, state)
    assert await made(world, context, Track.ILLUSTRATIONS) == [1, 3]
    assert await made(world, context, Track.NARRATION) == []
    material = await world.books.binding_material(ANNA, context.book_id, None)
    plates = [page.plate is not None for chapter in material.chapters for page in chapter.pages]
    assert plates == [True, False, True]
    assert material.seen_changed_at == material.changed_at, "a picture makes an edition to look at newer"


async def test_another_voice_leaves_pictures_and_another_text_does_not(world: World) -> None:
    context = await world.book(ANNA, "a", "b", tracks=TRACKS)
    for track in (Track.NARRATION, Track.ANALYSIS, Track.ILLUSTRATIONS):
        for page in (1, 2):
            await outcome(world, context, track, page, COMPLETED)
    deep = context.model_copy(update={"voice": "deep"})
    await world.books.save_source(plan_of(deep), None, source_of("a", "b"))
    assert await made(world, context, Track.NARRATION) == []
    assert await made(world, context, Track.ILLUSTRATIONS) == [1, 2]
    await world.books.save_source(plan_of(deep), None, source_of("a", "another text"))
    assert await made(world, context, Track.ANALYSIS) == await made(world, context, Track.ILLUSTRATIONS) == [1]


async def test_a_closed_job_leaves_no_track_under_way(world: World) -> None:
    context = await world.book(ANNA, "a", tracks=TRACKS)
    await world.books.begin_pages(context, Track.ILLUSTRATIONS, 1, 1)
    await world.books.close_job(JobEnd(owner_id=ANNA, job_id=JobId(context.job_id), state=JobState.CANCELLED))
    counts = await world.books.track_counts(ANNA, context.book_id, Track.ILLUSTRATIONS, 1, 1)
    assert counts == {TrackState.PENDING: 1}

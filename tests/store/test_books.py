"""What activities write about books: each step once, whatever is repeated."""

import asyncio
from datetime import datetime

import pytest
import sqlalchemy as sa

from bookwright.contracts.book import BoundFile, ChapterMark, TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import BookContext, Edition, ExistingBook, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobEnd, JobState, StageChange, StageName
from bookwright.store.database.engine import SERVICE
from bookwright.store.jobs.records import EventKind
from bookwright.store.tables import page_tracks, page_versions
from tests.store.conftest import ANNA, BELA, World, context_of, order, plan_of, source_of


async def kinds(world: World, context: BookContext) -> list[EventKind]:
    """The kinds of the job's events, in order; checks that their numbers have no gap."""
    events = await world.jobs.events(context.owner_id, JobId(context.job_id), 0, 1000)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    return [event.kind for event in events]


async def done(world: World, context: BookContext, page: int, content: bytes = b"{}") -> None:
    asset = await world.assets.put(content, "application/json")
    await world.books.page_outcome(
        context,
        PageOutcome(page=page, track=Track.NARRATION, state=TrackState.COMPLETED, asset=asset, duration_ms=7),
    )


async def failed(world: World, context: BookContext, page: int) -> None:
    outcome = PageOutcome(
        page=page, track=Track.NARRATION, state=TrackState.FAILED, error_type="Unspeakable", error="no"
    )
    await world.books.page_outcome(context, outcome)


async def to_do(world: World, context: BookContext) -> list[int]:
    return [work.page.number for work in await world.books.begin_pages(context, Track.NARRATION, 1, 100)]


async def test_a_job_opened_by_hand_is_made_and_runs(world: World) -> None:
    wish = order()
    for _ in range(2):
        job = await world.books.open_job(wish, f"book/{wish.book_id}/1")
    assert (await world.jobs.job(ANNA, job)).state is JobState.RUNNING
    assert [e.kind for e in await world.jobs.events(ANNA, job)] == [EventKind.ACCEPTED, EventKind.STARTED]


async def test_a_source_is_saved_once(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c")
    await world.books.save_source(plan_of(context), "Me", source_of("a", "b", "c"))
    assert [page.text for page in await world.books.pages(ANNA, context.book_id, 1, 9)] == ["a", "b", "c"]
    briefs = await world.books.chapters(ANNA, context.book_id, 1, 10)
    assert [(b.number, b.title, b.first_page, b.last_page) for b in briefs] == [
        (1, "Chapter 1", 1, 2),
        (2, "Chapter 2", 3, 3),
    ]
    assert await world.books.chapters(ANNA, context.book_id, 2, 1) == briefs[1:]
    assert (await kinds(world, context)).count(EventKind.SOURCE) == 1
    assert await world.books.pages(BELA, context.book_id, 1, 9) == []


async def test_a_text_is_as_old_as_its_last_change(world: World) -> None:
    context = await world.book(ANNA, "a", "b")

    async def age() -> datetime:
        return (await world.books.binding_material(ANNA, context.book_id, None)).seen_changed_at

    first = await age()
    await world.books.save_source(plan_of(context), None, source_of("a", "b"))
    assert await age() == first, "read again, and the same"
    await world.books.save_source(plan_of(context), None, source_of("a", "B"))
    assert await age() > first


async def test_files_are_forgotten_with_their_chapter(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c")
    for chapter, content in ((1, b"one"), (2, b"two"), (None, b"all")):
        edition = Edition.MP3 if chapter else Edition.M4B
        file = BoundFile(
            edition=edition,
            chapter=chapter,
            name="a",
            asset=await world.assets.put(content, "audio/mpeg"),
            media_type="audio/mpeg",
            bytes=3,
            duration_ms=1,
        )
        await world.books.save_file(context, file, "recipe")

    async def left() -> list[tuple[Edition, int | None]]:
        return [(file.edition, file.chapter) for file in await world.books.files(ANNA, context.book_id)]

    await world.books.save_source(plan_of(context.model_copy(update={"pages": 2})), None, source_of("a", "b"))
    assert await left() == [(Edition.M4B, None), (Edition.MP3, 1)]
    for _ in range(2):
        await world.books.drop_file(ANNA, context.book_id, Edition.M4B, None)
        await world.books.drop_file(BELA, context.book_id, Edition.MP3, 1)
    assert await left() == [(Edition.MP3, 1)]


async def test_only_changed_pages_are_to_be_done_again(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c")
    for page in (1, 2, 3):
        await done(world, context, page)
    assert await to_do(world, context) == []
    shorter = context.model_copy(update={"pages": 2})
    await world.books.save_source(plan_of(shorter), None, source_of("a", "B"))
    assert await to_do(world, shorter) == [2]
    await world.books.save_source(plan_of(context), None, source_of("a", "B", "c"))
    assert await to_do(world, context) == [2, 3]
    query = sa.select(page_versions.c.number, page_versions.c.version, page_versions.c.text).order_by(
        page_versions.c.number
    )
    rows = await world.database.read(SERVICE, lambda c: c.execute(query).all())
    assert [tuple(row) for row in rows] == [(2, 1, "b"), (3, 1, "c")]


async def test_another_voice_makes_everything_to_be_done_again(world: World) -> None:
    context = await world.book(ANNA, "a", "b")
    await done(world, context, 1)
    other = context.model_copy(update={"voice": "deep"})
    await world.books.save_source(plan_of(other), None, source_of("a", "b"))
    assert await to_do(world, other) == [1, 2]


async def test_the_plan_of_an_existing_book_is_loaded(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c")
    again = order(book=context.book_id, generation=2).model_copy(
        update={"source": ExistingBook(), "editions": (Edition.M4B,), "priority": 2}
    )
    job = await world.jobs.accept(again, fingerprint="x")
    plan = await world.books.load_plan(again, job.job_id)
    expected = {"job_id": job.job_id, "editions": (Edition.M4B,), "priority": 2}
    assert plan.context == context.model_copy(update=expected)
    assert (plan.chapters, plan.words) == (2, 3)
    with pytest.raises(NotFound):
        await world.books.load_plan(order(), job.job_id)


async def test_pages_to_do_come_in_order_and_outcomes_count_once(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c", "d")
    assert await to_do(world, context) == [1, 2, 3, 4]
    assert await to_do(world, context) == [1, 2, 3, 4]
    for _ in range(2):
        await done(world, context, 2)
        await failed(world, context, 3)
    await failed(world, context, 2)  # late: the page is done
    assert (await kinds(world, context))[3:] == [EventKind.PAGES, EventKind.PAGE, EventKind.PAGE]
    counts = await world.books.track_counts(ANNA, context.book_id, Track.NARRATION, 1, 4)
    assert counts == {TrackState.COMPLETED: 1, TrackState.FAILED: 1, TrackState.PROCESSING: 2}
    assert await to_do(world, context) == [1, 3, 4]
    await done(world, context, 3)
    assert await world.books.track_counts(ANNA, context.book_id, Track.NARRATION, 2, 3) == {TrackState.COMPLETED: 2}
    query = sa.select(page_tracks.c.error).where(page_tracks.c.page == 3)
    assert await world.database.read(SERVICE, lambda c: c.execute(query).scalar()) is None


async def test_events_have_no_gap_when_many_write_at_once(world: World) -> None:
    context = await world.book(ANNA, *(f"{n}" for n in range(40)))
    seen: list[int] = []

    async def follow() -> None:
        """Read like a person's browser does; every event must come, in order."""
        while len(seen) < 44:
            after = seen[-1] if seen else 0
            seen.extend(e.seq for e in await world.jobs.events(ANNA, JobId(context.job_id), after))

    follower = asyncio.create_task(follow())
    await to_do(world, context)
    await asyncio.gather(*(done(world, context, page, f"{page}".encode()) for page in range(1, 41)))
    await follower
    assert seen == list(range(1, 45))
    assert (await kinds(world, context)).count(EventKind.PAGE) == 40


async def test_a_refused_event_takes_the_outcome_with_it(world: World) -> None:
    context = await world.book(ANNA, "a")
    with pytest.raises(NotFound):
        await done(world, context.model_copy(update={"job_id": "none"}), 1)
    assert await to_do(world, context) == [1]


def change(name: StageName, state: TrackState, **counts: int) -> StageChange:
    return StageChange(name=name, state=state, **counts)


async def test_stages_begin_and_end_once(world: World) -> None:
    context = await world.book(ANNA, "a", "b")
    for _ in range(2):
        await world.books.stage(context, change(StageName.NARRATION, TrackState.PROCESSING, total=2))
    await done(world, context, 1)
    await failed(world, context, 2)
    for _ in range(2):
        await world.books.stage(context, change(StageName.NARRATION, TrackState.COMPLETED))
    await world.books.stage(context, change(StageName.BINDING, TrackState.PROCESSING, total=3))
    for _ in range(2):
        await world.books.stage(context, change(StageName.BINDING, TrackState.FAILED, total=3, done=1, failed=2))
    narration, binding = (await world.jobs.progress(ANNA, context.job_id)).stages
    assert (narration.state, narration.done, narration.failed, narration.total) == (TrackState.COMPLETED, 1, 1, 2)
    assert narration.started_at is not None and narration.completed_at is not None
    assert (binding.state, binding.done, binding.failed, binding.total) == (TrackState.FAILED, 1, 2, 3)
    assert (await kinds(world, context)).count(EventKind.STAGE) == 4


async def test_holding_and_going_on(world: World) -> None:
    context = await world.book()
    job = JobId(context.job_id)
    shown = []
    for reason, paused in (("rate limit", False), ("budget", True), ("budget", True), (None, False)):
        await world.books.hold(ANNA, job, reason, paused=paused)
        row = await world.jobs.job(ANNA, job)
        shown.append((row.state, row.paused_reason))
    assert shown == [
        (JobState.RUNNING, "rate limit"),
        (JobState.PAUSED, "budget"),
        (JobState.PAUSED, "budget"),
        (JobState.RUNNING, None),
    ]
    assert (await kinds(world, context)).count(EventKind.HOLD) == 3
    with pytest.raises(NotFound):
        await world.books.set_budget(ANNA, JobId("none"), 5)


async def test_binding_material_names_every_page(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c")
    await done(world, context, 1, b"{1}")
    await done(world, context, 3, b"{3}")
    await failed(world, context, 2)
    whole = await world.books.binding_material(ANNA, context.book_id, None)
    assert [[(p.number, p.asset is not None, p.duration_ms) for p in c.pages] for c in whole.chapters] == [
        [(1, True, 7), (2, False, 0)],
        [(3, True, 7)],
    ]
    part = await world.books.binding_material(ANNA, context.book_id, 2)
    assert (part.chapter_count, part.chapters) == (2, whole.chapters[1:])
    for owner, chapter in ((ANNA, 3), (BELA, None)):
        with pytest.raises(NotFound):
            await world.books.binding_material(owner, context.book_id, chapter)


async def test_files_are_found_by_their_recipe(world: World) -> None:
    context = await world.book()
    whole = BoundFile(
        edition=Edition.M4B,
        chapter=None,
        name="The River.m4b",
        asset=await world.assets.put(b"m4b", "audio/mp4"),
        media_type="audio/mp4",
        bytes=3,
        duration_ms=10,
        marks=(ChapterMark(title="One", start_ms=0, end_ms=10),),
        missing_pages=(2,),
    )
    part = whole.model_copy(update={"edition": Edition.MP3, "chapter": 1, "name": "01.mp3"})
    for _ in range(2):
        await world.books.save_file(context, whole, "r1")
        await world.books.save_file(context, part, "r1")
    assert (await kinds(world, context)).count(EventKind.FILE) == 2
    book = context.book_id
    assert await world.books.file(ANNA, book, Edition.M4B, None, "r1") == whole
    assert await world.books.file(ANNA, book, Edition.M4B, None, "r2") is None
    assert await world.books.file(BELA, book, Edition.M4B, None, "r1") is None
    await world.books.save_file(context, whole.model_copy(update={"missing_pages": ()}), "r2")
    assert await world.books.file(ANNA, book, Edition.M4B, None, "r1") is None
    assert [file.name for file in await world.books.files(ANNA, book)] == ["The River.m4b", "01.mp3"]


async def test_closing_a_job_records_how_it_ended(world: World) -> None:
    context = await world.book()
    end = JobEnd(owner_id=ANNA, job_id=JobId(context.job_id), state=JobState.DONE, warning="1 page is missing")
    for _ in range(2):
        await world.books.close_job(end)
    row = await world.jobs.job(ANNA, context.job_id)
    assert (row.state, row.warning, row.error) == (JobState.DONE, "1 page is missing", None)
    assert (await kinds(world, context))[-1] is EventKind.CLOSED
    assert context_of(row, 1).job_id == context.job_id

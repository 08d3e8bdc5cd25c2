"""Uploads and audiobooks in the store, on both databases."""

from datetime import timedelta

import pytest

from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import BadInput, Conflict, NotFound
from bookwright.contracts.ids import AssetId, OwnerId, new_book_id
from bookwright.contracts.ingestion import (
    ChapterHeard,
    Passage,
    RecordingFacts,
    RecordingPart,
    StepChange,
    StepKind,
    Upload,
    UploadState,
    UploadType,
)
from bookwright.contracts.orders import BookContext, BookOrder, Recordings, Track
from bookwright.contracts.progress import JobState
from bookwright.store import AssetRows
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.ingestion.audiobooks import AudiobookStore, natural
from bookwright.store.ingestion.store import IngestionStore
from bookwright.store.ingestion.uploads import LOST, UploadStore
from tests.store.conftest import ANNA, BELA, World

DAY = timedelta(days=1)


def uploads_of(world: World) -> UploadStore:
    return UploadStore(world.database, world.assets, DAY, world.clock, timedelta(0))


async def handed_in(world: World, *files: tuple[str, bytes], owner: OwnerId = ANNA) -> Upload:
    """A completed session."""
    store = uploads_of(world)
    session = await store.create(owner, UploadType.MULTIPLE, len(files), sum(len(data) for _, data in files))
    for name, data in files:
        file = await store.begin_file(owner, session.upload_id, name, "audio/wav", len(data), resumable=False)
        asset = await world.assets.put(data, "audio/wav")
        session = await store.finish_file(owner, session.upload_id, file.file_id, asset, "audio/wav")
    assert session.state is UploadState.COMPLETED
    return session


async def audiobook(world: World, session: Upload) -> BookContext:
    """An audiobook whose job runs."""
    order = BookOrder(
        book_id=new_book_id(),
        owner_id=session.owner_id,
        source=Recordings(upload=session.upload_id),
        title="The Lamp",
        language="en",
        tracks=(Track.NARRATION,),
        editions=(),
    )
    job = await AudiobookStore(world.database, world.assets).create(order, description=None, is_public=False)
    await world.jobs.started(order.owner_id, job)
    return await IngestionStore(world.database, world.assets).context(order, job)


async def test_a_session_that_nothing_is_heard_of_expires_and_its_files_go(world: World) -> None:
    store = uploads_of(world)
    quiet = await store.create(ANNA, UploadType.MULTIPLE, 2, 100)
    file = await store.begin_file(ANNA, quiet.upload_id, "1.wav", "audio/wav", 10, resumable=False)
    asset = await world.assets.put(b"RIFF-quiet", "audio/wav")
    await store.finish_file(ANNA, quiet.upload_id, file.file_id, asset, "audio/wav")
    world.clock.pass_by(DAY.total_seconds() / 2)
    lively = await store.create(BELA, UploadType.SINGLE, 1, 10)
    world.clock.pass_by(DAY.total_seconds() / 2)
    assert [session.upload_id for session in await store.expire()] == [quiet.upload_id]
    found = await store.upload(ANNA, quiet.upload_id)
    assert (found.state, found.files) == (UploadState.EXPIRED, ())
    assert not await world.assets.exists(asset)
    with pytest.raises(Conflict, match="expired"):
        await store.begin_file(ANNA, quiet.upload_id, "2.wav", "audio/wav", 10, resumable=False)
    assert (await store.upload(BELA, lively.upload_id)).state is UploadState.PENDING
    assert await store.expire() == []
    world.clock.pass_by(10 * DAY.total_seconds())
    await store.expire()
    with pytest.raises(NotFound):
        await store.upload(ANNA, quiet.upload_id)


async def test_a_form_whose_sender_is_gone_makes_room(world: World) -> None:
    store = uploads_of(world)
    session = await store.create(ANNA, UploadType.SINGLE, 1, 100)
    await store.begin_file(ANNA, session.upload_id, "1.wav", "audio/wav", 0, resumable=False)
    with pytest.raises(Conflict, match="begun"):
        await store.begin_file(ANNA, session.upload_id, "1.wav", "audio/wav", 0, resumable=False)
    world.clock.pass_by(LOST.total_seconds())
    again = await store.begin_file(ANNA, session.upload_id, "1.wav", "audio/wav", 0, resumable=False)
    with pytest.raises(BadInput, match="total_size_bytes"):
        await store.received(ANNA, session.upload_id, again.file_id, 101)


async def test_others_see_nothing_of_an_upload(world: World) -> None:
    session = await handed_in(world, ("1.wav", b"RIFF-mine"))
    with pytest.raises(NotFound):
        await uploads_of(world).upload(BELA, session.upload_id)
    with pytest.raises(NotFound):
        await uploads_of(world).remove(BELA, session.upload_id)


async def test_an_audiobook_takes_its_recordings_in_the_order_of_their_names(world: World) -> None:
    session = await handed_in(world, ("10.wav", b"RIFF-ten"), ("2.wav", b"RIFF-two"))
    context = await audiobook(world, session)
    store = IngestionStore(world.database, world.assets)
    found = await store.recordings(ANNA, context.book_id)
    assert [(each.number, each.name) for each in found] == [(1, "2.wav"), (2, "10.wav")]
    assert [step.state for step in await store.steps(ANNA, context.book_id)] == [TrackState.PENDING] * 4
    with pytest.raises(Conflict, match=context.book_id):
        await audiobook(world, await uploads_of(world).upload(ANNA, session.upload_id))
    assert sorted(["b10", "B9", "a", "10", "9"], key=natural) == ["9", "10", "a", "B9", "b10"]


async def test_a_restart_goes_on_with_what_is_missing(world: World) -> None:
    session = await handed_in(world, ("1.wav", b"RIFF-one"), ("2.wav", b"RIFF-two"))
    context = await audiobook(world, session)
    store, books = IngestionStore(world.database, world.assets), AudiobookStore(world.database, world.assets)
    part = RecordingPart(title=None, begin_ms=0, end_ms=1_000)
    for number in (1, 2):
        facts = RecordingFacts(duration_ms=1_000, sample_rate=16_000, loudness_lufs=-20.0, parts=(part,))
        await store.surveyed(ANNA, context.book_id, number, facts)
    assert await store.plan(ANNA, context.book_id) == await store.plan(ANNA, context.book_id)
    transcript = await world.assets.put(b"{}", "application/json")
    await store.heard(
        context, 1, ChapterHeard(state=TrackState.COMPLETED, transcript=transcript, language="en", words=3)
    )
    lost = ChapterHeard(state=TrackState.FAILED, error_type="Refused", error="no")
    await store.heard(context, 1, lost)
    await store.heard(context, 2, lost)
    change = StepChange(context=context, kind=StepKind.TRANSCRIBE, state=TrackState.FAILED, error="1 of 2", total=2)
    await store.step(change)
    step = (await store.steps(ANNA, context.book_id))[0]
    with pytest.raises(Conflict, match="wait for its end"):
        await books.restart(ANNA, step.step_id)
    job = await world.jobs.newest_of(ANNA, context.book_id)
    await world.jobs.close(ANNA, job.job_id, JobState.DONE, None)
    await books.restart(ANNA, step.step_id)
    following = await world.jobs.newest_of(ANNA, context.book_id)
    assert (following.order.generation, following.order.source) == (2, job.order.source)
    assert (await store.plan(ANNA, context.book_id)).todo == (2,), "what is written down stays so"
    assert (await store.steps(ANNA, context.book_id))[0].state is TrackState.PENDING


async def test_a_deleted_audiobook_takes_everything_along(world: World) -> None:
    session = await handed_in(world, ("1.wav", b"RIFF-gone"))
    context = await audiobook(world, session)
    store = IngestionStore(world.database, world.assets)
    said = Passage(number=1, chapter=1, page=1, start=0, text="Once.", begin_ms=0, end_ms=10)
    await store.save_passages(context, 1, [said])
    await store.embedded(context, "model", {1: [1.0, 0.0]})
    assert await store.unembedded(ANNA, context.book_id, "model", 9) == []
    await store.save_passages(context, 1, [said.model_copy(update={"page": 2})])
    assert await store.unembedded(ANNA, context.book_id, "model", 9) == [], "the same text keeps its vector"
    assert len(await store.unembedded(ANNA, context.book_id, "another", 9)) == 1
    job = await world.jobs.newest_of(ANNA, context.book_id)
    await world.jobs.close(ANNA, job.job_id, JobState.CANCELLED, None)
    assert await BookRemoval(world.database, world.assets, timedelta(0)).remove(ANNA, context.book_id)
    asset = AssetId(session.files[0].asset or "")
    assert await AssetRows(world.database).known([asset]) == set()
    with pytest.raises(NotFound):
        await uploads_of(world).upload(ANNA, session.upload_id)
    assert await store.passage_count(ANNA, context.book_id) == 0


async def test_more_chapters_than_are_taken_are_refused_with_their_number(world: World) -> None:
    context = await audiobook(world, await handed_in(world, ("1.m4b", b"RIFF-marks")))
    store = IngestionStore(world.database, world.assets)
    parts = tuple(RecordingPart(title=None, begin_ms=at * 1_000, end_ms=(at + 1) * 1_000) for at in range(501))
    facts = RecordingFacts(duration_ms=501_000, sample_rate=16_000, loudness_lufs=-20.0, parts=parts)
    await store.surveyed(ANNA, context.book_id, 1, facts)
    with pytest.raises(BadInput, match=r"501 chapters.*at most 500"):
        await store.plan(ANNA, context.book_id)
    assert await store.chapters_of(ANNA, context.book_id, 999) == []

"""Pages that are read off their pictures, on both databases."""

from bookwright.contracts.book import NO_SOURCE, PageText, PageTrouble, SourceText, TrackState
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.ids import JobId, new_book_id
from bookwright.contracts.orders import BookContext, BookOrder, StoredDocument, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobState
from bookwright.store.books.versions import PageVersions
from tests.store.conftest import ANNA, BELA, World, context_of, plan_of, source_of


async def drafted(world: World) -> tuple[BookContext, SourceText]:
    """A running job for a PDF of four pages, of which the second and the fourth have no good text."""
    asset = await world.assets.put(b"%PDF-1.7", "application/pdf")
    source = StoredDocument(asset=asset, format=DocumentKind.PDF, name="book.pdf")
    job = await world.jobs.accept(BookOrder(book_id=new_book_id(), owner_id=ANNA, source=source), fingerprint="pdf")
    await world.jobs.started(ANNA, job.job_id)
    context = context_of(job, 4)
    draft = source_of("One.", "", "Three.", "")
    chapters = []
    for chapter in draft.chapters:
        scanned = {"trouble": PageTrouble.NO_TEXT, "source": NO_SOURCE}
        pages = tuple(page if page.text else page.model_copy(update=scanned) for page in chapter.pages)
        chapters.append(chapter.model_copy(update={"pages": pages}))
    return context, draft.model_copy(update={"chapters": tuple(chapters)})


async def look(world: World, context: BookContext, number: int, text: str, instead_of: int | None = None) -> None:
    """A page is read off its picture."""
    asset = await world.assets.put(text.encode(), "application/json")
    read = PageText(number=number, chapter=(number + 1) // 2, text=text, source="vision:eye")
    outcome = PageOutcome(
        page=number, track=Track.READING, state=TrackState.COMPLETED, asset=asset, read=read, instead_of=instead_of
    )
    await world.books.page_outcome(context, outcome)


async def test_a_text_that_is_not_whole_yet_can_be_seen_and_is_no_book_that_was_read(world: World) -> None:
    context, draft = await drafted(world)
    book = context.book_id
    for _ in range(2):
        await world.books.save_draft(plan_of(context), "A. Writer", draft)
        assert await world.books.unread(ANNA, book) == [2, 4]
    assert not await world.books.was_read(ANNA, book)
    await look(world, context, 2, "Two.")
    assert [page.text for page in await world.books.pages(ANNA, book, 1, 9)] == ["One.", "Two.", "Three.", ""]
    assert await world.books.unread(ANNA, book) == [4]
    versions = await PageVersions(world.database).versions(ANNA, book, 2)
    assert [(version.version, version.source) for version in versions] == [(1, "vision:eye")], "none has seen another"
    await world.books.save_draft(plan_of(context), None, source_of("Another text"))
    assert len(await world.books.pages(ANNA, book, 1, 9)) == 4, "a draft takes the place of nothing"
    assert await world.books.document(ANNA, book) is not None
    assert await world.books.document(BELA, book) is None and await world.books.unread(BELA, book) == []


async def test_a_late_reading_of_a_book_that_was_read_is_a_version_to_be_spoken(world: World) -> None:
    context, draft = await drafted(world)
    await world.books.save_draft(plan_of(context), None, draft)
    await world.books.unread(ANNA, context.book_id)
    await world.books.save_source(plan_of(context), None, draft)
    await look(world, context, 4, "Four.")
    await look(world, context, 3, "Not asked for.")
    assert [page.text for page in await world.books.pages(ANNA, context.book_id, 3, 4)] == ["Three.", "Four."]
    versions = await PageVersions(world.database).versions(ANNA, context.book_id, 4)
    assert [(version.version, version.source) for version in versions] == [(2, "vision:eye"), (1, "none")]


async def test_a_page_is_asked_for_once_more_with_a_take_that_there_never_was(world: World) -> None:
    context, draft = await drafted(world)
    book, versions = context.book_id, PageVersions(world.database)
    await world.books.save_draft(plan_of(context), None, draft)
    await world.books.unread(ANNA, book)
    await world.books.save_source(plan_of(context), None, draft)
    await look(world, context, 2, "Two.")
    await world.jobs.close(ANNA, JobId(context.job_id), JobState.DONE, None)
    takes: list[int] = []
    for version, text in ((2, "Two again."), (3, "Two, at last.")):
        await versions.redo(ANNA, book, 2, version, Track.READING)
        assert await world.books.asked_anew(ANNA, book) == [2] and await world.books.asked_anew(BELA, book) == []
        [work] = await world.books.begin_pages(context, Track.READING, 2, 2)
        takes.append(work.take)
        await look(world, context, 2, text, instead_of=work.version)
        assert await world.books.asked_anew(ANNA, book) == []
    assert 0 < takes[0] < takes[1]
    await versions.choose(ANNA, book, 2, 2)
    assert [page.text for page in await world.books.pages(ANNA, book, 2, 2)] == ["Two."]
    await versions.redo(ANNA, book, 1, 1, Track.READING)
    await versions.edit(ANNA, book, {1: "By hand."})
    assert await world.books.asked_anew(ANNA, book) == [], "whoever writes the page wants no other text"
    await look(world, context, 1, "Too late.", instead_of=1)
    assert [page.text for page in await world.books.pages(ANNA, book, 1, 1)] == ["By hand."]

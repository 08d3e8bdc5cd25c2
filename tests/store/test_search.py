"""Searching passages, on both databases: what is found, by whom, and what follows when passages change."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.ingestion import ChapterHeard, Passage, RecordingFacts, RecordingPart
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobState
from bookwright.contracts.search import FoundPassage, MatchedBy
from bookwright.store import Database, migrate
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.ingestion.audiobooks import AudiobookStore
from bookwright.store.ingestion.store import IngestionStore
from bookwright.store.search.index import has_pgvector
from bookwright.store.search.store import SearchStore
from bookwright.store.search.vectors import NearestPassages
from bookwright.text.searching import asked
from tests.store.conftest import ANNA, BELA, World, plan_of, source_of
from tests.store.test_ingestion import audiobook, handed_in
from tests.support.postgres import PostgresServer

MODEL = "test vectors"


def said(*texts: str, chapter: int = 1) -> list[Passage]:
    """Passages of ten seconds each, one on a page."""
    return [
        Passage(number=at, chapter=chapter, page=at, start=0, text=text, begin_ms=500, end_ms=9_000)
        for at, text in enumerate(texts, 1)
    ]


async def spoken(world: World, *texts: str, owner: OwnerId = ANNA, public: bool = False) -> BookContext:
    """An audiobook of these passages, without vectors."""
    session = await handed_in(world, ("1.wav", f"RIFF-{owner}-{texts}".encode()), owner=owner)
    context = (await audiobook(world, session)).model_copy(update={"pages": len(texts)})
    store = IngestionStore(world.database, world.assets)
    part = RecordingPart(title="The Stair", begin_ms=60_000, end_ms=120_000)
    facts = RecordingFacts(duration_ms=120_000, sample_rate=16_000, loudness_lufs=-20.0, parts=(part,))
    await store.surveyed(owner, context.book_id, 1, facts)
    await store.plan(owner, context.book_id)
    await store.heard(context, 1, ChapterHeard(state=TrackState.COMPLETED, language="en", words=9))
    await world.books.save_source(plan_of(context, len(texts)), None, source_of(*texts, per_chapter=len(texts)))
    for page in range(1, len(texts) + 1):
        asset = await world.assets.put(f"segment {owner} {page}".encode(), "application/json")
        outcome = PageOutcome(
            page=page, track=Track.NARRATION, state=TrackState.COMPLETED, asset=asset, duration_ms=10_000
        )
        await world.books.page_outcome(context, outcome)
    await store.save_passages(context, 1, said(*texts))
    if public:
        await AudiobookStore(world.database, world.assets).change(owner, context.book_id, is_public=True)
    return context


async def embedded(world: World, context: BookContext, *vectors: Sequence[float]) -> None:
    store = IngestionStore(world.database, world.assets)
    await store.embedded(context, MODEL, dict(enumerate(vectors, 1)))


async def found(
    world: World, query: str, *, owner: OwnerId = ANNA, vector: Sequence[float] | None = None, most: int = 50
) -> list[FoundPassage]:
    return await SearchStore(world.database).search(owner, asked(query), vector, MODEL, most=most)


def texts(passages: Sequence[FoundPassage]) -> list[str]:
    return [each.text for each in passages]


async def test_words_are_found_in_any_language_and_say_where_they_are_heard(world: World) -> None:
    book = await spoken(
        world,
        "Mira lit the lamp.",
        "मीरा ने दीपक जलाया।",
        "Le café était fermé.",
        "她点亮了灯塔的灯。",
        "A grey sea.",
    )
    [passage] = await found(world, "LAMP")
    assert (passage.book_id, passage.book_title, passage.own) == (book.book_id, "The Lamp", True)
    assert (passage.chapter, passage.page, passage.begin_ms) == (1, 1, 500)
    assert (passage.recording, passage.recording_ms) == (1, 60_500)
    assert passage.matched_by == (MatchedBy.TEXT,)
    [passage] = await found(world, "दीपक")
    assert (passage.page, passage.recording_ms) == (2, 70_500), "ten seconds, the page before it, come first"
    assert texts(await found(world, "CAFE ferme")) == ["Le café était fermé."]
    assert texts(await found(world, "灯塔")) == ["她点亮了灯塔的灯。"]
    assert await found(world, "दीप") == []
    assert await found(world, "?!") == []


async def test_passages_with_all_words_come_before_those_with_some(world: World) -> None:
    await spoken(world, "The lamp was out.", "The harbour lamp burned.", "The harbour froze.")
    assert texts(await found(world, "harbour lamp"))[0] == "The harbour lamp burned."
    assert len(await found(world, "harbour lamp")) == 3
    assert len(await found(world, "harbour lamp", most=1)) == 1


async def test_what_means_the_same_is_found_without_a_word_in_common(world: World) -> None:
    book = await spoken(world, "The lamp was out.", "Bread was baked.", "It rained.")
    await embedded(world, book, (1.0, 0.0), (0.6, 0.8), (0.0, 1.0))
    near = await found(world, "lantern", vector=(1.0, 0.0))
    assert texts(near) == ["The lamp was out.", "Bread was baked.", "It rained."]
    assert near[0].matched_by == (MatchedBy.MEANING,)
    both = await found(world, "rained", vector=(1.0, 0.1))
    assert both[0].matched_by == (MatchedBy.TEXT, MatchedBy.MEANING)
    assert both[0].text == "It rained.", "what both rankings name comes first"
    assert await SearchStore(world.database).search(ANNA, (), (1.0, 0.0), "another model") == []
    assert await SearchStore(world.database).search(ANNA, (), (1.0, 0.0, 0.0), MODEL) == []


async def test_only_ones_own_books_and_public_ones_are_found(world: World) -> None:
    mine = await spoken(world, "The lamp of Anna.")
    private = await spoken(world, "The lamp of Bela.", owner=BELA)
    public = await spoken(world, "The lamp for all.", owner=BELA, public=True)
    for book in (mine, private, public):
        await embedded(world, book, (1.0, 0.0))
    for query, vector in (("lamp", None), ("nothing", (1.0, 0.0))):
        seen = await found(world, query, vector=vector)
        assert {each.text: each.own for each in seen} == {"The lamp of Anna.": True, "The lamp for all.": False}
        theirs = await found(world, query, owner=BELA, vector=vector)
        assert {each.text: each.own for each in theirs} == {"The lamp of Bela.": True, "The lamp for all.": True}
    await AudiobookStore(world.database, world.assets).change(BELA, public.book_id, is_public=False)
    assert texts(await found(world, "lamp", vector=(1.0, 0.0))) == ["The lamp of Anna."]


async def test_row_security_has_the_last_word(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the statements that look for candidates were wrong."""
    if world.database.dialect == "sqlite":
        pytest.skip("SQLite has no row-level security")
    await spoken(world, "The lamp of Bela.", owner=BELA)
    public = await spoken(world, "The lamp for all.", owner=BELA, public=True)
    monkeypatch.setattr(
        "bookwright.store.search.store.by_words",
        lambda connection, *_: list(connection.execute(sa.text("SELECT id FROM passage_index")).scalars()),
    )
    assert [each.book_id for each in await found(world, "lamp")] == [public.book_id]
    async with world.database.transaction(ANNA) as connection:
        for table in ("books", "pages", "recordings", "transcripts", "passage_index", "searchable_books"):
            assert (await connection.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar() == 0, table
        changed = await connection.execute(sa.text("UPDATE passages SET text = 'mine'"))
        assert changed.rowcount == 0
        assert (await connection.execute(sa.text("DELETE FROM audiobooks"))).rowcount == 0


async def test_what_was_written_anew_or_deleted_is_not_found_any_more(world: World) -> None:
    book = await spoken(world, "The lamp.", "The sea.")
    await embedded(world, book, (1.0, 0.0), (0.0, 1.0))
    search = SearchStore(world.database)
    assert len(await search.search(ANNA, asked("lamp"), (1.0, 0.0), MODEL)) == 2
    store = IngestionStore(world.database, world.assets)
    await store.save_passages(book, 1, said("The lantern.", "The sea."))
    again = await search.search(ANNA, asked("lamp"), (1.0, 0.0), MODEL)
    assert texts(again) == ["The sea."], "which kept its vector"
    assert texts(await search.search(ANNA, asked("lantern"))) == ["The lantern."]
    job = await world.jobs.newest_of(ANNA, book.book_id)
    await world.jobs.close(ANNA, job.job_id, JobState.CANCELLED, None)
    assert await BookRemoval(world.database, world.assets, timedelta(0)).remove(ANNA, book.book_id)
    assert await search.search(ANNA, asked("sea"), (1.0, 0.0), MODEL) == []


async def test_vectors_in_memory_are_bounded_and_forgotten_when_they_change(world: World) -> None:
    first = await spoken(world, "One.", "Two.")
    await embedded(world, first, (1.0, 0.0), (0.0, 1.0))
    nearest = NearestPassages(kept_bytes=20)
    search = SearchStore(world.database, nearest)
    assert texts(await search.search(ANNA, (), (1.0, 0.0), MODEL)) == ["One.", "Two."]
    await embedded(world, first, (0.0, 1.0), (1.0, 0.0))
    assert texts(await search.search(ANNA, (), (1.0, 0.0), MODEL)) == ["Two.", "One."]
    second = await spoken(world, "Three.")
    await embedded(world, second, (1.0, 0.0))
    assert len(await search.search(ANNA, (), (1.0, 0.0), MODEL)) == 3
    assert nearest.held_bytes <= 20


async def test_a_server_without_pgvector_is_searched_exactly(postgres: PostgresServer, world: World) -> None:
    if world.database.dialect == "sqlite":
        pytest.skip("about PostgreSQL")
    name = postgres.database(pgvector=False)
    try:
        await migrate(postgres.url(name))
        async with Database(postgres.url(name)) as database:
            bare = World(database, world.assets, world.clock)
            assert not await database.read(ANNA, has_pgvector)
            book = await spoken(bare, "The lamp.", "The sea.")
            await embedded(bare, book, (1.0, 0.0), (0.0, 1.0))
            assert texts(await found(bare, "lamp", vector=(0.0, 1.0)))[0] == "The lamp."
    finally:
        postgres.drop(name)
    assert await world.database.read(ANNA, has_pgvector)

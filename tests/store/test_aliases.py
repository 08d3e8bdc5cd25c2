"""Public keys: behind each is the newest file, and they go with their book."""

from datetime import timedelta

import sqlalchemy as sa

from bookwright.contracts.aliases import Alias, bound_file, page_audio, page_image
from bookwright.contracts.book import BoundFile, TrackState
from bookwright.contracts.ids import AssetId, BookId, JobId, OwnerId
from bookwright.contracts.orders import BookContext, Edition, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobState
from bookwright.store import SERVICE
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.books.source import add_tracks
from bookwright.store.ledger.tables import asset_aliases
from tests.store.conftest import ANNA, BELA, World, plan_of, source_of

BOOK = BookId("7f0c")


async def names(world: World) -> dict[tuple[OwnerId, str], AssetId]:
    """Every alias there is."""
    query = sa.select(asset_aliases.c.owner_id, asset_aliases.c.name, asset_aliases.c.asset)
    rows = await world.database.read(SERVICE, lambda c: c.execute(query).all())
    return {(OwnerId(row.owner_id), row.name): AssetId(row.asset) for row in rows}


async def part(world: World, context: BookContext, content: bytes) -> AssetId:
    asset = await world.assets.put(content, "audio/mpeg")
    await world.books.save_rendition(context, asset, asset)
    return asset


def test_the_keys_are_the_published_ones() -> None:
    assert page_audio(BOOK, "hi", 1) == "stories/7f0c/audio/hi/page_0001.mp3"
    assert page_image(BOOK, 12, "image/jpeg") == "stories/7f0c/images/page_0012.jpg"
    assert bound_file(BOOK, Edition.M4B, None) == "stories/7f0c/editions/book.m4b"
    assert bound_file(BOOK, Edition.ACX, 3) == "stories/7f0c/editions/acx/chapter_0003.mp3"
    assert bound_file(BOOK, Edition.BUNDLE, None) == "stories/7f0c/editions/book.zip"


async def test_a_page_has_one_key_and_the_newest_sound_behind_it(world: World) -> None:
    context = await world.book(ANNA, "One.", "Two.")
    key = page_audio(context.book_id, "en", 1)
    first, second = await part(world, context, b"first"), await part(world, context, b"second")
    for asset in (first, first, second):
        await world.books.save_aliases(ANNA, context.book_id, [Alias(name=key, asset=asset)])
    assert await names(world) == {(ANNA, key): second}


async def test_a_pictures_key_is_written_with_its_page(world: World) -> None:
    context = await world.book(ANNA, "One.")
    wanted = context.model_copy(update={"tracks": (Track.NARRATION, Track.ILLUSTRATIONS)})
    await world.database.write(ANNA, lambda c: add_tracks(c, wanted))
    picture = await part(world, context, b"a drawn picture")
    key = page_image(context.book_id, 1, "image/webp")
    outcome = PageOutcome(
        page=1,
        track=Track.ILLUSTRATIONS,
        state=TrackState.COMPLETED,
        asset=await world.assets.put(b'{"picture": ""}', "application/json"),
        aliases=(Alias(name=key, asset=picture),),
    )
    for _ in range(2):
        await world.books.page_outcome(context, outcome)
    assert await names(world) == {(ANNA, key): picture}


async def test_a_bound_file_has_a_key_until_it_is_dropped(world: World) -> None:
    context = await world.book()
    file = BoundFile(
        edition=Edition.MP3,
        chapter=1,
        name="a.mp3",
        asset=await world.assets.put(b"bound", "audio/mpeg"),
        media_type="audio/mpeg",
        bytes=5,
        duration_ms=5,
    )
    await world.books.save_file(context, file, "recipe")
    assert await names(world) == {(ANNA, bound_file(context.book_id, Edition.MP3, 1)): file.asset}
    await world.books.drop_file(ANNA, context.book_id, Edition.MP3, 1)
    assert await names(world) == {}


async def test_the_keys_of_pages_that_are_no_more_are_dropped(world: World) -> None:
    context = await world.book(ANNA, "One.", "Two.", "Three.")
    keys = [page_audio(context.book_id, "en", page) for page in (1, 2, 3)]
    asset = await part(world, context, b"the same for all")
    await world.books.save_aliases(ANNA, context.book_id, [Alias(name=key, asset=asset) for key in keys])
    shorter = context.model_copy(update={"pages": 1})
    await world.books.save_source(plan_of(shorter), None, source_of("One."))
    assert list(await names(world)) == [(ANNA, keys[0])]


async def test_keys_go_with_their_book_and_bytes_with_the_last_key(world: World) -> None:
    anna, bela = await world.book(ANNA), await world.book(BELA)
    removal = BookRemoval(world.database, world.assets, timedelta(0))
    shared = b"the same sound"
    for context in (anna, bela):
        asset = await part(world, context, shared)
        key = page_audio(context.book_id, "en", 1)
        await world.books.save_aliases(context.owner_id, context.book_id, [Alias(name=key, asset=asset)])
        await world.jobs.close(context.owner_id, JobId(context.job_id), JobState.DONE, None)
    assert await removal.remove(ANNA, anna.book_id)
    assert [owner for owner, _ in await names(world)] == [BELA] and await world.assets.exists(asset)
    assert await removal.remove(BELA, bela.book_id)
    assert await names(world) == {} and list(world.assets.all()) == []

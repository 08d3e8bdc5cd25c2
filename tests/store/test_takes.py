"""What pages' pictures and sounds were before: kept, and gone back to."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bookwright.contracts.aliases import Alias, page_image
from bookwright.contracts.book import TrackState
from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobEnd, JobState
from bookwright.contracts.spreads import Plate
from bookwright.store import SERVICE
from bookwright.store.blobs import record_blob
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.books.takes import TAKES_PER_REDO, TrackVersions
from bookwright.store.books.versions import PageVersions
from bookwright.store.ledger.tables import asset_aliases
from bookwright.store.tables import page_tracks
from tests.store.conftest import ANNA, BELA, World, plan_of, source_of

DRAWN, CHECKED = Track.ILLUSTRATIONS, Track.VALIDATION


async def drawn(world: World, context: BookContext, page: int, name: str, kind: str = "webp") -> PageOutcome:
    picture = await world.assets.put(name.encode(), f"image/{kind}")
    plate = Plate(page=page, picture=picture, media_type=f"image/{kind}", width=9, height=9, alt=name, prompt=name)
    return PageOutcome(
        page=page,
        track=DRAWN,
        state=TrackState.COMPLETED,
        asset=await world.assets.put(plate.model_dump_json().encode(), "application/json"),
        made_by=f"painter of {name}",
        aliases=(Alias(name=page_image(context.book_id, page, plate.media_type), asset=picture),),
    )


async def book(world: World) -> BookContext:
    """A book of two pages with pictures that were held against a character sheet; its job has ended."""
    sheet = CharacterSheet(characters=(Character(name="Luna", kind="dragon", looks="small and violet"),))
    context = await world.book(ANNA, "a", "b", tracks=(Track.NARRATION, DRAWN))
    asset = await world.assets.put(sheet.model_dump_json().encode(), "application/json")
    context = context.model_copy(update={"sheet": asset})
    await world.books.save_source(plan_of(context), None, source_of("a", "b"))
    for page in (1, 2):
        outcome = await drawn(world, context, page, f"first {page}")
        await know(world, outcome)
        await world.books.page_outcome(context, outcome)
        await world.books.page_outcome(context, PageOutcome(page=page, track=CHECKED, state=TrackState.COMPLETED))
    await world.books.close_job(JobEnd(owner_id=ANNA, job_id=JobId(context.job_id), state=JobState.DONE))
    return context


async def know(world: World, outcome: PageOutcome) -> None:
    """Give the picture a row, as buying it does."""
    blob = await world.assets.describe(outcome.aliases[0].asset)
    await world.database.write(ANNA, lambda c: record_blob(c, ANNA, blob))


async def track(world: World, name: Track, page: int) -> tuple[str, int, int]:
    """State, take and version."""
    query = sa.select(page_tracks).where(page_tracks.c.track == name, page_tracks.c.page == page)
    row = await world.database.read(SERVICE, lambda c: c.execute(query).one())
    return row.state, row.take, row.version


async def names(world: World) -> dict[str, str]:
    query = sa.select(asset_aliases.c.name, asset_aliases.c.asset)
    rows = await world.database.read(SERVICE, lambda c: c.execute(query).all())
    return {row.name.rpartition("/")[2]: row.asset for row in rows}


async def test_a_picture_that_is_redone_is_kept_and_can_be_chosen_again(world: World) -> None:
    context = await book(world)
    versions = TrackVersions(world.database, world.assets)
    (first,) = await versions.versions(ANNA, context.book_id, DRAWN, 1)
    await PageVersions(world.database).redo(ANNA, context.book_id, 1, track=DRAWN)
    assert await track(world, DRAWN, 1) == ("pending", TAKES_PER_REDO, 2)
    assert await track(world, CHECKED, 1) == ("pending", TAKES_PER_REDO, 1), "the new one is checked, too"
    assert await track(world, DRAWN, 2) == ("completed", 0, 1)
    second = await drawn(world, context, 1, "second")
    await know(world, second)
    await world.books.page_outcome(context, second)
    found = await versions.versions(ANNA, context.book_id, DRAWN, 1)
    assert [(one.version, one.current, one.made_by) for one in found] == [
        (2, True, "painter of second"),
        (1, False, "painter of first 1"),
    ]
    await versions.choose(ANNA, context.book_id, DRAWN, 1, 1)
    assert (await world.books.made(ANNA, context.book_id, DRAWN, 1, 1))[1] == first.asset
    assert (await track(world, CHECKED, 1))[0] == "skipped", "what somebody chose is not drawn anew"
    assert [one.version for one in await versions.versions(ANNA, context.book_id, DRAWN, 1)] == [2, 1]
    plate = Plate.model_validate_json(await world.assets.get(first.asset))
    assert (await names(world))["page_0001.webp"] == plate.picture
    await PageVersions(world.database).redo(ANNA, context.book_id, 1, track=DRAWN)
    assert await track(world, DRAWN, 1) == ("pending", 2 * TAKES_PER_REDO, 3), "a take that there never was"


async def test_what_was_drawn_anew_replaces_only_what_it_was_meant_for(world: World) -> None:
    context = await book(world)
    made = await world.books.made(ANNA, context.book_id, DRAWN, 1, 2)
    anew = await drawn(world, context, 1, "anew", "png")
    await know(world, anew)
    await world.books.replace_made(context, anew, made[2], keep=True)
    assert await world.books.made(ANNA, context.book_id, DRAWN, 1, 2) == made
    for _ in range(2):  # the second time it is there already
        await world.books.replace_made(context, anew, made[1], keep=True)
    assert (await world.books.made(ANNA, context.book_id, DRAWN, 1, 2)) == {1: anew.asset, 2: made[2]}
    assert await track(world, DRAWN, 1) == ("completed", 0, 2)
    assert sorted(await names(world)) == ["page_0001.png", "page_0002.webp"], "the old format's key is gone"


async def test_versions_are_their_owners_and_not_to_be_had_while_a_job_runs(world: World) -> None:
    context = await book(world)
    versions = TrackVersions(world.database, world.assets)
    with pytest.raises(NotFound):
        await versions.versions(BELA, context.book_id, DRAWN, 1)
    with pytest.raises(NotFound):
        await versions.choose(ANNA, context.book_id, DRAWN, 1, 7)
    running = await world.accepted(ANNA, book=context.book_id, generation=2)
    await world.jobs.started(ANNA, running.job_id)
    with pytest.raises(Conflict):
        await versions.choose(ANNA, context.book_id, DRAWN, 1, 1)


async def test_a_book_takes_the_versions_of_its_pictures_along(world: World) -> None:
    context = await book(world)
    before = (await world.books.made(ANNA, context.book_id, DRAWN, 1, 1))[1]
    await PageVersions(world.database).redo(ANNA, context.book_id, 1, track=DRAWN)
    assert await world.assets.exists(before)
    removal = BookRemoval(world.database, world.assets, put_lately=timedelta(0))
    assert await removal.remove(ANNA, context.book_id)
    assert not await world.assets.exists(before)

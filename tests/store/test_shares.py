"""Shares and places, on both databases: how shares end, and which place counts."""

from datetime import timedelta

import pytest

from bookwright.contracts.access import Actor
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import BookId
from bookwright.contracts.progress import JobEnd, JobState
from bookwright.store.access.keys import KeyStore
from bookwright.store.access.shares import MOST, REMEMBERED, ShareStore
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.books.places import ReadingPlace, ReadingPlaces
from tests.store.conftest import ANNA, BELA, World

DAY = timedelta(days=1)


async def key(world: World) -> Actor:
    """Anna with a key of her own."""
    made = await KeyStore(world.database, world.clock).create(ANNA, "a", actor="test")
    return Actor(ANNA, made.facts.id)


async def test_a_share_ends_with_its_time_its_key_and_its_book(world: World) -> None:
    store = ShareStore(world.database, world.clock)
    context = await world.book(ANNA)
    book = BookId(context.book_id)
    me, again = await key(world), await key(world)
    short, long = [await store.create(ANNA, book, me, days * DAY) for days in (1, 9)]
    other = await store.create(ANNA, book, again, 9 * DAY, "Grandma", downloads=True)
    world.clock.now += DAY
    assert await store.opened(short.token) is None and await store.ended(short.token)
    assert await store.opened(long.token) and not await store.ended(long.token[:-1])
    assert me.key_id
    await KeyStore(world.database, world.clock).revoke(ANNA, me.key_id, actor="test")
    assert await store.opened(long.token) is None and await store.ended(long.token)
    assert await store.shares(ANNA, book) == [other.facts]
    caller = await store.opened(other.token)
    assert caller and caller.share == other.facts
    await world.books.close_job(JobEnd(owner_id=ANNA, job_id=context.job_id, state=JobState.DONE))
    assert await BookRemoval(world.database, world.assets).remove(ANNA, book)
    assert await store.opened(other.token) is None and not await store.ended(other.token)


async def test_a_book_has_a_limited_number_of_shares_and_old_ones_are_forgotten(world: World) -> None:
    store = ShareStore(world.database, world.clock)
    book = BookId((await world.book(ANNA)).book_id)
    me = await key(world)
    first = await store.create(ANNA, book, me, DAY)
    for _ in range(MOST - 1):
        await store.create(ANNA, book, me, 300 * DAY)
    with pytest.raises(Conflict, match="revoke one"):
        await store.create(ANNA, book, me, DAY)
    with pytest.raises(NotFound):
        await store.revoke(BELA, book, first.facts.share_id, Actor(BELA))
    await store.revoke(ANNA, book, first.facts.share_id, me)
    assert await store.ended(first.token)
    world.clock.now += REMEMBERED + DAY
    await store.create(ANNA, book, me, DAY)
    assert not await store.ended(first.token)


async def test_the_newest_place_counts_whichever_comes_last(world: World) -> None:
    places = ReadingPlaces(world.database)
    book = BookId((await world.book(ANNA, "one", "two", "three")).book_id)
    assert await places.place(ANNA, book) is None
    late = ReadingPlace(page=3, ms=1200, at=world.clock.now)
    early = ReadingPlace(page=2, ms=0, at=world.clock.now - DAY)
    assert await places.keep(ANNA, book, late) == late
    assert await places.keep(ANNA, book, early) == late
    assert await places.place(ANNA, book) == late
    assert await places.place(BELA, book) is None

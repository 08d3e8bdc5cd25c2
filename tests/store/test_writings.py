"""What was written of a story, before it is a text with pages."""

import pytest
import sqlalchemy as sa

from bookwright.contracts.errors import Conflict
from bookwright.contracts.ids import BookId
from bookwright.contracts.ports.writings import Part, Writing
from bookwright.store.tables import books
from tests.store.conftest import ANNA, BELA, World


async def part(world: World, name: str, data: bytes, by: str | None = None) -> Writing:
    return Writing(part=name, asset=await world.assets.put(data, "application/json"), made_by=by)


async def test_a_part_is_kept_once_and_a_newer_one_takes_its_place(world: World) -> None:
    book = BookId((await world.accepted()).book_id)
    sheet, cast = await part(world, Part.SHEET, b"a sheet", "muse m1"), await part(world, Part.CAST, b"a cast")
    for one in (sheet, cast, sheet):
        await world.writings.keep(ANNA, book, one)
    assert await world.writings.parts(ANNA, book) == {Part.SHEET: sheet, Part.CAST: cast}
    newer = await part(world, Part.SHEET, b"another sheet")
    await world.writings.keep(ANNA, book, newer)
    assert await world.writings.parts(ANNA, book) == {Part.SHEET: newer, Part.CAST: cast}
    assert await world.writings.parts(BELA, book) == {}, "it is nobody else's"


async def test_a_book_gets_another_title_once_it_has_one(world: World) -> None:
    unwritten = BookId((await world.accepted()).book_id)
    with pytest.raises(Conflict, match="title"):
        await world.writings.check_title(ANNA, unwritten)
    written = (await world.book(ANNA, "Once.")).book_id
    await world.writings.check_title(ANNA, written)
    await world.writings.rename(ANNA, written, "The Cave")
    query = sa.select(books.c.title).where(books.c.id == written)
    assert await world.database.read(ANNA, lambda c: c.execute(query).scalar()) == "The Cave"

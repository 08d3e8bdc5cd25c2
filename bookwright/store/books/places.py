"""Where people are in their books."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.store.books.tables import reading_places
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert


class ReadingPlace(Payload):
    """Where somebody was in a book, and when."""

    page: int
    ms: int
    """In the page's sound."""
    at: datetime


class ReadingPlaces:
    """The last place of each owner in each book. Several devices may say where somebody is, also long after they were
    there: the newest place counts, whichever comes last."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, owner: OwnerId, book: BookId) -> ReadingPlace | None:
        """Where the owner is in the book."""
        return await self._database.read(owner, lambda c: _place(c, owner, book))

    async def keep(self, owner: OwnerId, book: BookId, place: ReadingPlace) -> ReadingPlace:
        """Keep a place unless a newer one is known. Answers the one that counts."""

        def work(connection: sa.Connection) -> ReadingPlace:
            new = insert(connection, reading_places).values(owner_id=owner, book_id=book, **place.model_dump())
            newer = new.on_conflict_do_update(
                index_elements=[reading_places.c.owner_id, reading_places.c.book_id],
                set_={name: new.excluded[name] for name in ("page", "ms", "at")},
                where=reading_places.c.at < new.excluded.at,
            )
            connection.execute(newer)
            kept = _place(connection, owner, book)
            assert kept
            return kept

        return await self._database.write(owner, work)


def _place(connection: sa.Connection, owner: OwnerId, book: BookId) -> ReadingPlace | None:
    query = sa.select(reading_places).where(reading_places.c.owner_id == owner, reading_places.c.book_id == book)
    row: Any = connection.execute(query).first()
    return ReadingPlace(page=row.page, ms=row.ms, at=row.at) if row else None

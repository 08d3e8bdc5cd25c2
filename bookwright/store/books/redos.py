"""Redos that wait for the end of the job that makes the book."""

from typing import NamedTuple

import sqlalchemy as sa

from bookwright.contracts.errors import Conflict
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import JobState
from bookwright.store.books.tables import redos
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert
from bookwright.store.tables import jobs, page_tracks

AT_ONCE = 100


class Redo(NamedTuple):
    """A page's track that is to be made anew."""

    owner: OwnerId
    book: BookId
    page: int
    track: Track
    begun: bool
    """Whether what there was is gone already, and only the job is lacking that makes another."""


class Redos:
    """Keeps redos until they can be ordered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, owner: OwnerId, book: BookId, page: int, track: Track) -> None:
        """Keep a redo; the same one is kept once. Raises Conflict when the page has no such track."""
        there = (page_tracks.c.owner_id == owner, page_tracks.c.book_id == book, page_tracks.c.page == page)
        query = sa.select(page_tracks.c.page).where(*there, page_tracks.c.track == track)
        row = {"owner_id": owner, "book_id": book, "page": page, "track": track, "asked_at": utcnow(), "begun": False}

        def work(connection: sa.Connection) -> None:
            if track is not Track.READING and connection.execute(query).first() is None:
                raise Conflict(f"the book was ordered without {track}", field="track")
            connection.execute(insert(connection, redos).values(row).on_conflict_do_nothing())

        await self._database.write(owner, work)

    async def due(self) -> list[Redo]:
        """All owners' redos whose books no job makes any more, oldest first. Those of a book whose job was cancelled
        are forgotten: whoever stopped it wants nothing more of it."""

        def work(connection: sa.Connection) -> list[Redo]:
            if connection.execute(sa.select(redos.c.page).limit(1)).first() is None:
                return []
            same = sa.and_(jobs.c.owner_id == redos.c.owner_id, jobs.c.book_id == redos.c.book_id)
            newest = sa.select(jobs.c.state).where(same).order_by(jobs.c.generation.desc()).limit(1).scalar_subquery()
            connection.execute(sa.delete(redos).where(newest == JobState.CANCELLED))
            closed = newest.in_((JobState.DONE, JobState.FAILED))
            rows = connection.execute(sa.select(redos).where(closed).order_by(redos.c.asked_at).limit(AT_ONCE))
            return [
                Redo(OwnerId(row.owner_id), BookId(row.book_id), row.page, Track(row.track), row.begun) for row in rows
            ]

        return await self._database.write(SERVICE, work)

    async def ordered(self, redo: Redo) -> None:
        """A job is there that makes it."""
        statement = sa.delete(redos).where(*is_redo(redo.owner, redo.book, redo.page, redo.track))
        await self._database.write(redo.owner, lambda c: c.execute(statement))


def is_redo(owner: OwnerId, book: BookId, page: int, track: Track) -> "tuple[sa.ColumnElement[bool], ...]":
    """That a row is of this redo."""
    c = redos.c
    return c.owner_id == owner, c.book_id == book, c.page == page, c.track == track


def begin_redo(connection: sa.Connection, owner: OwnerId, book: BookId, page: int, track: Track) -> None:
    """Note, if it was waiting, that what there was is gone. Belongs into the transaction that drops it."""
    connection.execute(sa.update(redos).where(*is_redo(owner, book, page, track)).values(begun=True))

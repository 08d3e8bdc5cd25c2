"""Books' pronunciation lexicons: read, replaced, and held against what was spoken before."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import Stale
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.lexicon import Lexicon, LexiconEntry
from bookwright.contracts.orders import Track
from bookwright.store.books.free import check_free
from bookwright.store.books.versions import speak_again
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert
from bookwright.store.joins import track_of_page
from bookwright.store.lexicons.tables import lexicons, pronounced
from bookwright.store.tables import page_tracks, pages

Mark = Callable[[str], str | None]
"""What tells the entries that change how a text is said from others; None when none does."""


class Lexicons:
    """Reads and changes lexicons. Which pages say words otherwise than the lexicon does follows from what is stored, so
    that a change and having it spoken may be far apart."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, owner: OwnerId, book: BookId) -> Lexicon:
        """The book's lexicon; an empty one if it has none."""
        return await self._database.read(owner, lambda c: read_lexicon(c, owner, book))

    async def replace(
        self, owner: OwnerId, book: BookId, entries: Sequence[LexiconEntry], expected: int | None = None
    ) -> Lexicon:
        """Make these the book's entries; the same ones are no change. `expected` is the version that the caller has
        seen. Raises Stale."""

        def work(connection: sa.Connection) -> Lexicon:
            now = read_lexicon(connection, owner, book, lock=True)
            if expected is not None and now.version != expected:
                raise Stale("the lexicon has been changed since you looked: read it again")
            if now.entries == tuple(entries):
                return now
            new = Lexicon(entries=tuple(entries), version=now.version + 1, changed_at=utcnow())
            row: dict[str, Any] = {"entries": [entry.model_dump() for entry in new.entries]}
            row |= {"version": new.version, "changed_at": new.changed_at}
            statement = insert(connection, lexicons).values(owner_id=owner, book_id=book, **row)
            statement = statement.on_conflict_do_update(index_elements=["owner_id", "book_id"], set_=row)
            connection.execute(statement)
            return new

        return await self._database.write(owner, work)

    async def outdated(self, owner: OwnerId, book: BookId, mark: Mark) -> list[int]:
        """The narrated pages whose sound went by other entries than `mark` says of their text, in order."""
        return await self._database.read(owner, lambda c: _outdated(c, owner, book, mark))

    async def drop_outdated(self, owner: OwnerId, book: BookId, mark: Mark) -> None:
        """Have these pages narrated by the book's next job; how they sound now is kept as versions. Raises Conflict
        while a job makes the book."""

        def work(connection: sa.Connection) -> None:
            check_free(connection, owner, book)
            for number in _outdated(connection, owner, book, mark):
                speak_again(connection, owner, book, number)

        await self._database.write(owner, work)


def read_lexicon(connection: sa.Connection, owner: OwnerId, book: BookId, *, lock: bool = False) -> Lexicon:
    """A book's lexicon, as part of a caller's transaction; if `lock` says so, nobody else changes it meanwhile."""
    query = sa.select(lexicons).where(lexicons.c.owner_id == owner, lexicons.c.book_id == book)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return Lexicon()
    entries = tuple(LexiconEntry.model_validate(entry) for entry in row.entries)
    return Lexicon(entries=entries, version=row.version, changed_at=row.changed_at)


def write_pronounced(connection: sa.Connection, owner: OwnerId, book: BookId, segment: str, mark: str) -> None:
    """Note by which entries a sound was made. Safe to repeat."""
    statement = insert(connection, pronounced).values(owner_id=owner, book_id=book, segment=segment, mark=mark)
    keys = ["owner_id", "book_id", "segment"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"mark": mark}))


def _outdated(connection: sa.Connection, owner: OwnerId, book: BookId, mark: Mark) -> list[int]:
    of_track = sa.and_(track_of_page(Track.NARRATION), page_tracks.c.state == TrackState.COMPLETED)
    of_sound = sa.and_(
        pronounced.c.owner_id == pages.c.owner_id,
        pronounced.c.book_id == pages.c.book_id,
        pronounced.c.segment == page_tracks.c.asset,
    )
    query = (
        sa.select(pages.c.number, pages.c.text, pronounced.c.mark)
        .join(page_tracks, of_track)
        .outerjoin(pronounced, of_sound)
        .where(pages.c.owner_id == owner, pages.c.book_id == book)
        .order_by(pages.c.number)
    )
    return [row.number for row in connection.execute(query) if row.mark != mark(row.text)]

"""What was written of stories, read and written."""

import sqlalchemy as sa

from bookwright.contracts.errors import Conflict
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.ports.writings import Writing
from bookwright.store.blobs import Catalogue, record_blob
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert
from bookwright.store.tables import METADATA, books

_WRITINGS = METADATA.tables["writings"]


class WritingStore:
    """The `Writings` port on the database. Each write is one transaction."""

    def __init__(self, database: Database, assets: Catalogue) -> None:
        self._database = database
        self._assets = assets

    async def keep(self, owner: OwnerId, book: BookId, writing: Writing) -> None:
        """Keep a part of the book's story in place of the one before it. Safe to repeat."""
        blob = await self._assets.describe(writing.asset)
        row = {"owner_id": owner, "book_id": book, **writing.model_dump(), "changed_at": utcnow()}

        def work(connection: sa.Connection) -> None:
            record_blob(connection, owner, blob)
            statement = insert(connection, _WRITINGS).values(row)
            changed = {name: row[name] for name in ("asset", "made_by", "changed_at")}
            keys = ["owner_id", "book_id", "part"]
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=keys, set_=changed, where=_WRITINGS.c.asset != statement.excluded.asset
                )
            )

        await self._database.write(owner, work)

    async def parts(self, owner: OwnerId, book: BookId) -> dict[str, Writing]:
        """What there is of the book's story, by the part."""
        query = sa.select(_WRITINGS).where(_WRITINGS.c.owner_id == owner, _WRITINGS.c.book_id == book)
        rows = await self._database.read(owner, lambda c: c.execute(query).all())
        return {row.part: Writing(part=row.part, asset=AssetId(row.asset), made_by=row.made_by) for row in rows}

    async def check_title(self, owner: OwnerId, book: BookId) -> None:
        """Raise Conflict for a book that has no text and so no title yet."""
        query = sa.select(books.c.source_at).where(books.c.owner_id == owner, books.c.id == book)
        if await self._database.read(owner, lambda c: c.execute(query).scalar()) is None:
            raise Conflict("title: the book gets one with its text; change it when that is reviewed", field="title")

    async def rename(self, owner: OwnerId, book: BookId, title: str) -> None:
        """Give a book another title."""
        mine = (books.c.owner_id == owner, books.c.id == book)
        await self._database.write(owner, lambda c: c.execute(sa.update(books).where(*mine).values(title=title)))

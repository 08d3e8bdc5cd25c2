"""Bound files and their public keys."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bookwright.contracts import aliases
from bookwright.contracts.aliases import Alias
from bookwright.contracts.book import BoundFile, ChapterMark
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.orders import BookContext, Edition
from bookwright.store.blobs import Blob, record_blob
from bookwright.store.database.columns import utcnow
from bookwright.store.database.statements import insert
from bookwright.store.jobs.events import append_event
from bookwright.store.jobs.records import EventKind
from bookwright.store.ledger.tables import asset_aliases
from bookwright.store.publications import expect_publication, expect_withdrawal
from bookwright.store.tables import files


def write_file(connection: sa.Connection, context: BookContext, file: BoundFile, recipe: str) -> None:
    """Record a bound file in place of the one before it, under its public key."""
    owner, book, chapter = context.owner_id, context.book_id, file.chapter or 0
    record_blob(connection, owner, Blob(file.asset, file.media_type, file.bytes))
    about = {
        "recipe": recipe,
        "name": file.name,
        "asset": file.asset,
        "media_type": file.media_type,
        "size": file.bytes,
        "duration_ms": file.duration_ms,
        "marks": [mark.model_dump() for mark in file.marks],
        "missing_pages": list(file.missing_pages),
        "bound_at": utcnow(),
    }
    key = {"owner_id": owner, "book_id": book, "edition": file.edition, "chapter": chapter}
    same = sa.select(files.c.recipe).where(
        *(files.c[name] == value for name, value in key.items()), files.c.recipe == recipe, files.c.asset == file.asset
    )
    if connection.execute(same).first() is not None:
        return
    connection.execute(
        insert(connection, files).values(key | about).on_conflict_do_update(index_elements=list(key), set_=about)
    )
    alias = aliases.bound_file(book, file.edition, file.chapter)
    write_aliases(connection, owner, book, [Alias(name=alias, asset=file.asset)])
    told = {"edition": file.edition, "chapter": file.chapter, "name": file.name, "asset": file.asset}
    append_event(connection, owner, context.job_id, EventKind.FILE, told)


def drop_file(connection: sa.Connection, owner: OwnerId, book: BookId, edition: Edition, chapter: int | None) -> None:
    """Forget a bound file."""
    this = (files.c.owner_id == owner, files.c.book_id == book, files.c.edition == edition)
    connection.execute(sa.delete(files).where(*this, files.c.chapter == (chapter or 0)))
    alias = (asset_aliases.c.owner_id == owner, asset_aliases.c.name == aliases.bound_file(book, edition, chapter))
    connection.execute(sa.delete(asset_aliases).where(*alias))


def write_aliases(connection: sa.Connection, owner: OwnerId, book: BookId, names: Sequence[Alias]) -> None:
    """Put assets, which have rows, behind their public keys, in place of what was there."""
    for alias in names:
        about = {"asset": alias.asset, "made_from": alias.made_from}
        key = {"owner_id": owner, "name": alias.name, "book_id": book}
        statement = insert(connection, asset_aliases).values(key | about)
        connection.execute(statement.on_conflict_do_update(index_elements=["owner_id", "name"], set_=about))
        if others := aliases.other_formats(alias.name):
            _drop(connection, owner, others)
    expect_publication(connection, owner, [alias for alias in names if aliases.page_of(alias.name)])


def _drop(connection: sa.Connection, owner: OwnerId, names: Sequence[str]) -> None:
    """Forget public keys, as far as there are any."""
    these = (asset_aliases.c.owner_id == owner, asset_aliases.c.name.in_(names))
    gone = list(connection.execute(sa.select(asset_aliases.c.name).where(*these)).scalars())
    if gone:
        expect_withdrawal(connection, owner, gone)
        connection.execute(sa.delete(asset_aliases).where(*these))


def drop_page_aliases_after(connection: sa.Connection, owner: OwnerId, book: BookId, last_page: int) -> None:
    """Forget the public keys of pages that the book no longer has."""
    of_book = (asset_aliases.c.owner_id == owner, asset_aliases.c.book_id == book)
    names = connection.execute(sa.select(asset_aliases.c.name).where(*of_book)).scalars()
    gone = [name for name in names if (aliases.page_of(name) or 0) > last_page]
    expect_withdrawal(connection, owner, gone)
    for name in gone:
        connection.execute(sa.delete(asset_aliases).where(*of_book, asset_aliases.c.name == name))


def drop_files_after(connection: sa.Connection, owner: OwnerId, book: BookId, last_chapter: int) -> None:
    """Forget the files of chapters that the book no longer has."""
    gone = (files.c.owner_id == owner, files.c.book_id == book, files.c.chapter > last_chapter)
    for row in connection.execute(sa.select(files.c.edition, files.c.chapter).where(*gone)).all():
        drop_file(connection, owner, book, Edition(row.edition), row.chapter)


def bound_file(row: "sa.Row[*tuple[Any, ...]]") -> BoundFile:
    """A row of the table as activities speak of it."""
    return BoundFile(
        edition=Edition(row.edition),
        chapter=row.chapter or None,
        name=row.name,
        asset=AssetId(row.asset),
        media_type=row.media_type,
        bytes=row.size,
        duration_ms=row.duration_ms,
        marks=tuple(ChapterMark(**mark) for mark in row.marks),
        missing_pages=tuple(row.missing_pages),
    )

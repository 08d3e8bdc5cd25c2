"""Books whose text is not whole yet: some of their pages are to be read off their pictures."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import BookPlan, PageText, SourceText, TrackState
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.orders import BookContext, Track
from bookwright.store.books.source import reset_tracks, write_chapters
from bookwright.store.books.versions import change_reading
from bookwright.store.database.columns import utcnow
from bookwright.store.database.statements import insert_missing
from bookwright.store.joins import track_of_page
from bookwright.store.tables import books, jobs, page_tracks, page_versions, pages


def write_draft(connection: sa.Connection, plan: BookPlan, author: str | None, source: SourceText) -> None:
    """Write the pages of a text that is not whole yet, so that they can be seen as they come. Its chapters are for the
    time being, and the book has not been read. Does nothing for a book that has pages."""
    context = plan.context
    book = (books.c.owner_id == context.owner_id, books.c.id == context.book_id)
    before = connection.execute(sa.select(books.c.pages).where(*book).with_for_update()).one_or_none()
    if before is None:
        raise NotFound("there is no such book")
    if before.pages:
        return
    write_chapters(connection, context, source)
    rows = [page for chapter in source.chapters for page in chapter.pages]
    owned = {"owner_id": context.owner_id, "book_id": context.book_id}
    insert_missing(connection, pages, *(owned | page.model_dump() | {"version": 1} for page in rows))
    facts = {"title": context.title, "author": author, "pages": len(rows), "chapters": plan.chapters}
    connection.execute(sa.update(books).where(*book).values(facts))


def unread(connection: sa.Connection, owner: OwnerId, book: BookId) -> list[int]:
    """The numbers of the pages that have no good text, and are to be read off their pictures."""
    query = (
        sa.select(pages.c.number)
        .where(pages.c.owner_id == owner, pages.c.book_id == book, pages.c.trouble.is_not(None))
        .order_by(pages.c.number)
    )
    numbers = list(connection.execute(query).scalars())
    fresh = {"track": Track.READING, "state": TrackState.PENDING, "duration_ms": 0, "take": 0}
    insert_missing(
        connection, page_tracks, *({"owner_id": owner, "book_id": book, "page": number} | fresh for number in numbers)
    )
    return numbers


def asked_anew(connection: sa.Connection, owner: OwnerId, book: BookId) -> list[int]:
    """The numbers of the pages that have a text, and that somebody wants to be read off their pictures."""
    query = (
        sa.select(pages.c.number)
        .join(page_tracks, track_of_page(Track.READING))
        .where(pages.c.owner_id == owner, pages.c.book_id == book, pages.c.trouble.is_(None))
        .where(page_tracks.c.take > 0, page_tracks.c.state.in_((TrackState.PENDING, TrackState.PROCESSING)))
        .order_by(pages.c.number)
    )
    return list(connection.execute(query).scalars())


def document_of(connection: sa.Connection, owner: OwnerId, book: BookId) -> AssetId | None:
    """The PDF that the book was read from, if it was."""
    source = jobs.c.ordered["source"]
    query = (
        sa.select(source["asset"].as_string())
        .where(jobs.c.owner_id == owner, jobs.c.book_id == book)
        .where(source["kind"].as_string() == "document", source["format"].as_string() == DocumentKind.PDF)
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return AssetId(found) if found else None


def write_reading(
    connection: sa.Connection, context: BookContext, page: PageText, instead_of: int | None = None
) -> bool:
    """Give a page that has no good text the one that was read off its picture. A book that had been read gets another
    version of the page, which is to be narrated. `instead_of` is the version of a good text that it takes the place
    of, as an edit does. False, with nothing changed, when the page has another text by now."""
    if instead_of is not None:
        return change_reading(connection, context.owner_id, context.book_id, page, instead_of)
    this = (pages.c.owner_id == context.owner_id, pages.c.book_id == context.book_id, pages.c.number == page.number)
    now = connection.execute(sa.select(pages).where(*this).with_for_update()).one_or_none()
    if now is None or now.trouble is None:
        return False
    changes: dict[str, Any] = {"text": page.text, "trouble": None, "source": page.source}
    if now.label is None:
        changes["label"] = page.label
    mine = (books.c.owner_id == context.owner_id, books.c.id == context.book_id)
    if connection.execute(sa.select(books.c.source_at).where(*mine)).scalar() is not None:
        changes["version"] = _kept(connection, now)
        reset_tracks(connection, context, [page.number])
    connection.execute(sa.update(pages).where(*this).values(changes))
    return True


def _kept(connection: sa.Connection, now: Any) -> int:
    """Keep what the page says now as a version; the number of the next one."""
    old = (
        page_versions.c.owner_id == now.owner_id,
        page_versions.c.book_id == now.book_id,
        page_versions.c.number == now.number,
    )
    newest = connection.execute(sa.select(sa.func.max(page_versions.c.version)).where(*old)).scalar()
    kept = {name: getattr(now, name) for name in ("owner_id", "book_id", "number", "version", "text", "trouble")}
    insert_missing(connection, page_versions, kept | {"source": now.source, "replaced_at": utcnow()})
    return int(max(newest or 0, now.version)) + 1

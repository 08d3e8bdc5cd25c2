"""Writing a book's text: only what differs from what is there."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import BookPlan, PageText, SourceText, TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.orders import BookContext, Track
from bookwright.store.books.files import drop_files_after, drop_page_aliases_after
from bookwright.store.database.columns import utcnow
from bookwright.store.database.statements import insert_missing
from bookwright.store.jobs.events import append_event
from bookwright.store.jobs.records import EventKind
from bookwright.store.tables import books, chapters, page_tracks, page_versions, pages


def write_source(connection: sa.Connection, plan: BookPlan, author: str | None, source: SourceText) -> None:
    """Make the book's chapters and pages those of `source`. A page with another text keeps its old one as a version,
    and its tracks become pending; so do all of them when the book gets another language, and the narration when it gets
    another voice. The same text read again is as old as it was."""
    context = plan.context
    book = (books.c.owner_id == context.owner_id, books.c.id == context.book_id)
    before = connection.execute(
        sa.select(books.c.language, books.c.voice, books.c.style, books.c.source_at).where(*book).with_for_update()
    ).one_or_none()
    if before is None:
        raise NotFound("there is no such book")
    first_time = before.source_at is None
    write_chapters(connection, context, source)
    texts = [page for chapter in source.chapters for page in chapter.pages]
    new, changed, gone = _write_pages(connection, context, texts, keep=not first_time)
    if first_time:
        new, changed = source.page_count, 0
    news = bool(first_time or new or changed or gone)
    connection.execute(
        sa.update(books)
        .where(*book)
        .values(
            title=context.title,
            author=author,
            language=context.language,
            voice=context.voice,
            pages=source.page_count,
            chapters=plan.chapters,
            words=plan.words,
            source_at=utcnow() if news else before.source_at,
        )
    )
    drop_files_after(connection, context.owner_id, context.book_id, plan.chapters)
    if (before.language, before.voice) != (context.language, context.voice) and not first_time:
        reset_tracks(connection, context, None, Track.NARRATION if before.language == context.language else None)
    change_style(connection, context, before.style)
    add_tracks(connection, context)
    if news:
        told = {"pages": source.page_count, "chapters": plan.chapters, "new": new, "changed": changed, "gone": gone}
        append_event(connection, context.owner_id, context.job_id, EventKind.SOURCE, told)


def add_tracks(connection: sa.Connection, context: BookContext) -> None:
    """Give every page the tracks that are made for the order and it has not yet, pending."""
    numbers = connection.execute(
        sa.select(pages.c.number).where(pages.c.owner_id == context.owner_id, pages.c.book_id == context.book_id)
    ).scalars()
    rows = [
        _owned(context) | {"track": track, "page": number, "state": TrackState.PENDING, "duration_ms": 0, "take": 0}
        for number in numbers.all()
        for track in context.made
    ]
    insert_missing(connection, page_tracks, *rows)


def change_voice(connection: sa.Connection, context: BookContext) -> None:
    """Give the book the context's voice: its narration becomes pending."""
    mine = (books.c.owner_id == context.owner_id, books.c.id == context.book_id)
    connection.execute(sa.update(books).where(*mine).values(voice=context.voice))
    reset_tracks(connection, context, None, Track.NARRATION)


def change_style(connection: sa.Connection, context: BookContext, before: str | None) -> None:
    """Say in which style the book's pictures are made; those of another one become pending."""
    if Track.ILLUSTRATIONS not in context.tracks or before == context.style:
        return
    mine = (books.c.owner_id == context.owner_id, books.c.id == context.book_id)
    connection.execute(sa.update(books).where(*mine).values(style=context.style))
    if before is not None:
        for track in (Track.ILLUSTRATIONS, Track.VALIDATION):
            reset_tracks(connection, context, None, track)


def write_chapters(connection: sa.Connection, context: BookContext, source: SourceText) -> None:
    """Make the book's chapters those of `source`."""
    connection.execute(
        sa.delete(chapters).where(chapters.c.owner_id == context.owner_id, chapters.c.book_id == context.book_id)
    )
    rows = []
    last = 0
    for chapter in source.chapters:
        first, last = last + 1, last + len(chapter.pages)
        rows.append(
            _owned(context) | {"number": chapter.number, "title": chapter.title, "first_page": first, "last_page": last}
        )
    insert_missing(connection, chapters, *rows)


def _write_pages(
    connection: sa.Connection, context: BookContext, texts: list[PageText], *, keep: bool
) -> tuple[int, int, int]:
    """How many pages are new, have another text, are gone. What a page said before is kept as a version if `keep`
    says so."""
    mine = (pages.c.owner_id == context.owner_id, pages.c.book_id == context.book_id)
    old = {row.number: row for row in connection.execute(sa.select(pages).where(*mine))}
    new = [page for page in texts if page.number not in old]
    changed = [
        page
        for page in texts
        if page.number in old
        and (old[page.number].text, old[page.number].trouble, old[page.number].source)
        != (page.text, page.trouble, page.source)
    ]
    moved = [
        page
        for page in texts
        if page.number in old and (old[page.number].chapter, old[page.number].label) != (page.chapter, page.label)
    ]
    gone = [number for number in old if number > len(texts)]
    versions = _versions(connection, context)
    insert_missing(
        connection,
        pages,
        *(_owned(context) | page.model_dump() | {"version": versions.get(page.number, 0) + 1} for page in new),
    )
    replaced = [old[page.number] for page in changed] + [old[number] for number in gone] if keep else []
    insert_missing(
        connection,
        page_versions,
        *(
            _owned(context)
            | {"number": row.number, "version": row.version, "text": row.text, "trouble": row.trouble}
            | {"source": row.source, "replaced_at": utcnow()}
            for row in replaced
        ),
    )
    this = (*mine, pages.c.number == sa.bindparam("p_number"))
    _many(
        connection,
        sa.update(pages)
        .where(*this)
        .values(
            text=sa.bindparam("p_text"),
            trouble=sa.bindparam("p_trouble"),
            source=sa.bindparam("p_source"),
            version=sa.bindparam("p_version"),
        ),
        [
            {"p_number": page.number, "p_text": page.text, "p_trouble": page.trouble, "p_source": page.source}
            | {"p_version": max(old[page.number].version, versions.get(page.number, 0)) + keep}
            for page in changed
        ],
    )
    _many(
        connection,
        sa.update(pages).where(*this).values(chapter=sa.bindparam("p_chapter"), label=sa.bindparam("p_label")),
        [{"p_number": page.number, "p_chapter": page.chapter, "p_label": page.label} for page in moved],
    )
    if gone:
        connection.execute(sa.delete(pages).where(*mine, pages.c.number > len(texts)))
        drop_page_aliases_after(connection, context.owner_id, context.book_id, len(texts))
    if changed:
        reset_tracks(connection, context, [page.number for page in changed])
    return len(new), len(changed), len(gone)


def _versions(connection: sa.Connection, context: BookContext) -> dict[int, int]:
    """The newest version kept of each page: a page that was gone and comes back goes on counting,
    and so does one of which an older version was chosen."""
    rows = connection.execute(
        sa.select(page_versions.c.number, sa.func.max(page_versions.c.version))
        .where(page_versions.c.owner_id == context.owner_id, page_versions.c.book_id == context.book_id)
        .group_by(page_versions.c.number)
    )
    return {row[0]: row[1] for row in rows}


def reset_tracks(
    connection: sa.Connection, context: BookContext, numbers: list[int] | None, track: Track | None = None
) -> None:
    """Make tracks pending again, or one of them: of these pages, or of all. What was read off pages' pictures stays:
    that follows from the document."""
    mine = [page_tracks.c.owner_id == context.owner_id, page_tracks.c.book_id == context.book_id]
    mine.append(page_tracks.c.track != Track.READING if track is None else page_tracks.c.track == track)
    fresh = {
        "state": TrackState.PENDING,
        "asset": None,
        "duration_ms": 0,
        "take": 0,
        "error_type": None,
        "error": None,
        "made_by": None,
        "stand_in": False,
    }
    if numbers is None:
        connection.execute(sa.update(page_tracks).where(*mine).values(fresh))
        return
    this = page_tracks.c.page == sa.bindparam("p_number")
    _many(
        connection,
        sa.update(page_tracks).where(*mine, this).values(fresh),
        [{"p_number": number} for number in numbers],
    )


def _many(connection: sa.Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _owned(context: BookContext) -> dict[str, Any]:
    return {"owner_id": context.owner_id, "book_id": context.book_id}

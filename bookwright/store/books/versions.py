"""Versions of a page: what it said and how it sounded before, to compare and to go back to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.book import PageText, TrackState
from bookwright.contracts.errors import Conflict, NotFound, Stale
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.stories import PageRewrite
from bookwright.store.books.free import check_free
from bookwright.store.books.redos import begin_redo
from bookwright.store.books.takes import TAKES_PER_REDO, make_anew, read_anew
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.tables import books, page_tracks, page_versions, pages

EDITED = "edited"
"""Where the text of a page came from that somebody has changed."""


class PageVersion(Payload):
    """One version of a page."""

    version: int
    current: bool
    text: str
    source: str
    """Where the text came from: `text`, `vision:gemini`, `edited`, `none`."""
    asset: AssetId | None
    """The segment, when this version was spoken."""
    duration_ms: int
    replaced_at: datetime | None
    """None for the current one."""


class PageVersions:
    """Reads and changes the versions of pages. A page that is being made can't be changed: Conflict."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def versions(self, owner: OwnerId, book: BookId, number: int) -> list[PageVersion]:
        """All versions of a page, newest first. Raises NotFound."""

        def work(connection: sa.Connection) -> list[PageVersion]:
            now = _current(connection, owner, book, number)
            older = connection.execute(sa.select(page_versions).where(*_old(owner, book, number))).all()
            found = [_version(row, current=False) for row in older]
            return sorted([_version(now, current=True), *found], key=lambda version: -version.version)

        return await self._database.read(owner, work)

    async def edit(
        self, owner: OwnerId, book: BookId, texts: Mapping[int, str], expected: Mapping[int, int] | None = None
    ) -> None:
        """Give pages new texts, all or none. The narration of each has to be made anew; the same text is no change.
        `expected` has the versions that the caller has seen. Raises NotFound, Stale or Conflict."""

        def work(connection: sa.Connection) -> None:
            check_free(connection, owner, book)
            for number, text in sorted(texts.items()):
                now = _current(connection, owner, book, number, lock=True)
                _check_version(now, (expected or {}).get(number))
                if now.text != text:
                    _replace(connection, owner, now, {"text": text, "trouble": None, "source": EDITED}, take=0)

        await self._database.write(owner, work)

    async def redo(
        self,
        owner: OwnerId,
        book: BookId,
        number: int,
        expected: int | None = None,
        track: Track = Track.NARRATION,
    ) -> None:
        """Have a track of a page made anew by the book's next job. What there was becomes a version; a sound that
        other pages share is made anew for them, too. Raises as `edit` does."""

        def work(connection: sa.Connection) -> None:
            check_free(connection, owner, book)
            now = _current(connection, owner, book, number, lock=True)
            _check_version(now, expected)
            begin_redo(connection, owner, book, number, track)
            if track is Track.READING:
                read_anew(connection, owner, book, number)
            elif track is not Track.NARRATION:
                make_anew(connection, owner, book, number, track)
            elif now.asset is not None:
                same = (*_old(owner, book, number), page_versions.c.text == now.text)
                used = connection.execute(sa.select(sa.func.max(page_versions.c.take)).where(*same)).scalar() or 0
                _replace(connection, owner, now, {}, take=max(used, now.take) + TAKES_PER_REDO)

        await self._database.write(owner, work)

    async def choose(
        self, owner: OwnerId, book: BookId, number: int, version: int, expected: int | None = None
    ) -> None:
        """Make a version the current one, with its sound if it was spoken. Choosing the current one changes nothing.
        Raises as `edit` does."""

        def work(connection: sa.Connection) -> None:
            check_free(connection, owner, book)
            now = _current(connection, owner, book, number, lock=True)
            _check_version(now, expected)
            if now.version == version:
                return
            this = (*_old(owner, book, number), page_versions.c.version == version)
            wanted = connection.execute(sa.select(page_versions).where(*this)).one_or_none()
            if wanted is None:
                raise NotFound("the page has no such version")
            _replace(
                connection,
                owner,
                now,
                {"text": wanted.text, "trouble": wanted.trouble, "source": wanted.source, "version": version},
                take=wanted.take,
                asset=wanted.asset,
                duration_ms=wanted.duration_ms,
                made_by=wanted.made_by,
                stand_in=wanted.stand_in,
            )
            connection.execute(sa.delete(page_versions).where(*this))

        await self._database.write(owner, work)


def change_text(connection: sa.Connection, owner: OwnerId, book: BookId, number: int, old: str, new: str) -> None:
    """What a job itself changes in a page's text: nothing, when it is not `old` any more."""
    now = _current(connection, owner, book, number, lock=True)
    if now.text == old != new:
        _replace(connection, owner, now, {"text": new}, take=0)


def page_version(connection: sa.Connection, owner: OwnerId, book: BookId, number: int) -> int:
    """The current version of a page. Raises NotFound."""
    version: int = _current(connection, owner, book, number).version
    return version


def rewrite(connection: sa.Connection, owner: OwnerId, book: BookId, wanted: PageRewrite, text: str) -> None:
    """A page's text told anew: nothing, when the page is at another version by now."""
    now = _current(connection, owner, book, wanted.page, lock=True)
    if now.version == wanted.version and now.text != text:
        _replace(connection, owner, now, {"text": text, "trouble": None}, take=0)


def change_reading(connection: sa.Connection, owner: OwnerId, book: BookId, page: PageText, instead_of: int) -> bool:
    """Give a page the text that was read off its picture, as an edit does; False when it is at another version by
    now."""
    now = _current(connection, owner, book, page.number, lock=True)
    if now.version != instead_of:
        return False
    if (now.text, now.trouble) != (page.text, None):
        _replace(connection, owner, now, {"text": page.text, "trouble": None, "source": page.source}, take=0)
    return True


def speak_again(connection: sa.Connection, owner: OwnerId, book: BookId, number: int) -> None:
    """Have a page narrated anew, as it was: what would be bought as before is there already. How it sounds now is kept
    as a version."""
    now = _current(connection, owner, book, number, lock=True)
    if now.asset is not None:
        _replace(connection, owner, now, {}, take=now.take)


def _check_version(now: Any, expected: int | None) -> None:
    if expected is not None and now.version != expected:
        raise Stale("the page has been changed since you looked: read it again")
    if now.state == TrackState.PROCESSING:
        raise Conflict("the page is being narrated: try again when that is done", field="page")


def _current(connection: sa.Connection, owner: OwnerId, book: BookId, number: int, *, lock: bool = False) -> Any:
    """The page with its narration. Locked, no narration of it begins before the end of the transaction."""
    narration = (
        page_tracks.c.owner_id == owner,
        page_tracks.c.book_id == book,
        page_tracks.c.page == number,
        page_tracks.c.track == Track.NARRATION,
    )
    if lock:
        connection.execute(sa.select(page_tracks.c.page).where(*narration).with_for_update())
    row = connection.execute(
        sa.select(
            pages,
            page_tracks.c.asset,
            page_tracks.c.state,
            sa.func.coalesce(page_tracks.c.duration_ms, 0).label("duration_ms"),
            sa.func.coalesce(page_tracks.c.take, 0).label("take"),
            page_tracks.c.made_by,
            sa.func.coalesce(page_tracks.c.stand_in, sa.false()).label("stand_in"),
        )
        .outerjoin(page_tracks, sa.and_(*narration))
        .where(pages.c.owner_id == owner, pages.c.book_id == book, pages.c.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound("the book has no such page")
    return row


_KEPT = ("version", "text", "trouble", "source", "asset", "duration_ms", "take", "made_by", "stand_in")


def _replace(
    connection: sa.Connection,
    owner: OwnerId,
    now: Any,
    changes: dict[str, Any],
    *,
    take: int,
    asset: str | None = None,
    duration_ms: int = 0,
    made_by: str | None = None,
    stand_in: bool = False,
) -> None:
    """Keep the current version and put another in its place: the next number, unless `changes` has one."""
    book, number = BookId(now.book_id), now.number
    newest = connection.execute(
        sa.select(sa.func.max(page_versions.c.version)).where(*_old(owner, book, number))
    ).scalar()
    kept = {name: getattr(now, name) for name in _KEPT}
    connection.execute(
        sa.insert(page_versions).values(owner_id=owner, book_id=book, number=number, replaced_at=utcnow(), **kept)
    )
    this = (pages.c.owner_id == owner, pages.c.book_id == book, pages.c.number == number)
    following = {"version": max(newest or 0, now.version) + 1}
    connection.execute(sa.update(pages).where(*this).values(following | changes))
    tracks = (page_tracks.c.owner_id == owner, page_tracks.c.book_id == book, page_tracks.c.page == number)
    connection.execute(
        sa.update(page_tracks)
        .where(*tracks, page_tracks.c.track == Track.NARRATION)
        .values(
            state=TrackState.COMPLETED if asset else TrackState.PENDING,
            asset=asset,
            duration_ms=duration_ms,
            take=take,
            error_type=None,
            error=None,
            made_by=made_by,
            stand_in=stand_in,
        )
    )
    if changes:
        # Whoever wanted the text before it to be read off the page's picture does not mean this one.
        asked = (*tracks, page_tracks.c.track == Track.READING, page_tracks.c.state != TrackState.COMPLETED)
        connection.execute(sa.update(page_tracks).where(*asked).values(state=TrackState.SKIPPED))
        mine = (books.c.owner_id == owner, books.c.id == book)
        connection.execute(sa.update(books).where(*mine).values(source_at=utcnow()))


def _old(owner: OwnerId, book: BookId, number: int) -> "tuple[sa.ColumnElement[bool], ...]":
    return page_versions.c.owner_id == owner, page_versions.c.book_id == book, page_versions.c.number == number


def _version(row: Any, *, current: bool) -> PageVersion:
    return PageVersion(
        version=row.version,
        current=current,
        text=row.text,
        source=row.source,
        asset=row.asset,
        duration_ms=row.duration_ms,
        replaced_at=None if current else row.replaced_at,
    )

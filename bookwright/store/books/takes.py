"""Takes of pages' pictures and sounds: what is replaced is kept as a version, to compare and to go back to."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.aliases import Alias, page_image
from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.store import AssetStore, PageOutcome
from bookwright.contracts.spreads import Plate
from bookwright.store.books.files import write_aliases
from bookwright.store.books.free import check_free
from bookwright.store.books.tables import track_versions
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert_missing
from bookwright.store.jobs.events import append_event
from bookwright.store.jobs.records import EventKind
from bookwright.store.tables import page_tracks

TAKES_PER_REDO = 10
"""More than a page's clips and pictures are asked for again by themselves, so that a redo never gets an answer that was
there."""
_MADE = ("asset", "duration_ms", "take", "made_by", "stand_in")


class TrackVersion(Payload):
    """One version of a page's picture or sound."""

    version: int
    current: bool
    asset: AssetId
    """A `Plate` or an `Ambience`."""
    duration_ms: int
    take: int
    made_by: str | None
    replaced_at: datetime | None
    """None for the current one."""


class TrackVersions:
    """Reads and changes the versions of pages' pictures and sounds."""

    def __init__(self, database: Database, assets: AssetStore) -> None:
        self._database = database
        self._assets = assets

    async def versions(self, owner: OwnerId, book: BookId, track: Track, page: int) -> list[TrackVersion]:
        """All versions of a track of a page, newest first; none while it was never made. Raises NotFound for a page
        that is not there, or has no such track."""

        def work(connection: sa.Connection) -> list[TrackVersion]:
            now = _current(connection, owner, book, track, page)
            older = connection.execute(sa.select(track_versions).where(*_kept(owner, book, track, page))).all()
            found = [_version(row, current=False) for row in older]
            if now.asset is not None:
                found.append(_version(now, current=True))
            return sorted(found, key=lambda version: -version.version)

        return await self._database.read(owner, work)

    async def choose(self, owner: OwnerId, book: BookId, track: Track, page: int, version: int) -> None:
        """Make a version the current one; a sound, for all pages that share the one there is and had that one. It is
        what somebody wants, so it is not held against the character sheet again. Raises NotFound, or Conflict while a
        job makes the book."""
        wanted = next((one for one in await self.versions(owner, book, track, page) if one.version == version), None)
        if wanted is None:
            raise NotFound(f"the page has no such version of its {track}")
        names = await self._names(book, track, wanted.asset)

        def work(connection: sa.Connection) -> None:
            check_free(connection, owner, book)
            now = _current(connection, owner, book, track, page)
            if now.asset == wanted.asset:
                return
            for number in _sharing(connection, now) if now.asset else [page]:
                _go_back(connection, owner, book, track, number, wanted.asset)
            write_aliases(connection, owner, book, names)
            if track is Track.ILLUSTRATIONS:
                chosen = sa.update(page_tracks).where(*_this(owner, book, Track.VALIDATION, page))
                connection.execute(chosen.values(_nothing(TrackState.SKIPPED)))

        await self._database.write(owner, work)

    async def _names(self, book: BookId, track: Track, asset: AssetId) -> list[Alias]:
        if track is not Track.ILLUSTRATIONS:
            return []
        plate = Plate.model_validate_json(await self._assets.get(asset))
        return [Alias(name=page_image(book, plate.page, plate.media_type), asset=plate.picture)]


def make_anew(connection: sa.Connection, owner: OwnerId, book: BookId, page: int, track: Track) -> None:
    """Make the track pending, with other takes than those there were, for the page and all that share what it has,
    which becomes a version. A picture is then held against the character sheet anew."""
    now = _current(connection, owner, book, track, page)
    if now.asset is None:
        return
    sharing = _sharing(connection, now)
    # No take that there ever was: an older version may have been chosen.
    used = [_newest(connection, owner, book, track, number, "take") for number in sharing]
    take = max(used) + TAKES_PER_REDO
    for number in sharing:
        _keep(connection, owner, book, track, number)
        fresh = _nothing(TrackState.PENDING) | {"take": take}
        connection.execute(sa.update(page_tracks).where(*_this(owner, book, track, number)).values(fresh))
        if track is Track.ILLUSTRATIONS:
            again = sa.update(page_tracks).where(*_this(owner, book, Track.VALIDATION, number))
            connection.execute(again.values(fresh))


def read_anew(connection: sa.Connection, owner: OwnerId, book: BookId, page: int) -> None:
    """Have a page's text read off its picture by the book's next job, with a take that there never was. Of a page whose
    text is its document's own nothing of the kind was made before."""
    owned = {"owner_id": owner, "book_id": book, "page": page, "track": Track.READING}
    insert_missing(connection, page_tracks, owned | _nothing(TrackState.PENDING) | {"take": 0})
    take = _newest(connection, owner, book, Track.READING, page, "take") + TAKES_PER_REDO
    if _current(connection, owner, book, Track.READING, page).asset is not None:
        _keep(connection, owner, book, Track.READING, page)
    fresh = _nothing(TrackState.PENDING) | {"take": take}
    connection.execute(sa.update(page_tracks).where(*_this(owner, book, Track.READING, page)).values(fresh))


def replace_made(
    connection: sa.Connection, context: BookContext, outcome: PageOutcome, instead_of: AssetId, *, keep: bool
) -> bool:
    """Put what was made anew in place of what is there, which becomes a version if it is to be kept; False when that is
    not there any more."""
    owner, book, track, page = context.owner_id, context.book_id, outcome.track, outcome.page
    now = _current(connection, owner, book, track, page)
    if now.asset != instead_of:
        return False
    made: dict[str, Any] = {"asset": outcome.asset}
    if keep:
        _keep(connection, owner, book, track, page)
        made |= {"duration_ms": outcome.duration_ms, "made_by": outcome.made_by, "stand_in": outcome.stand_in}
    connection.execute(sa.update(page_tracks).where(*_this(owner, book, track, page)).values(made))
    write_aliases(connection, owner, book, outcome.aliases)
    told = {"page": page, "track": track, "state": outcome.state, "duration_ms": outcome.duration_ms}
    append_event(connection, owner, context.job_id, EventKind.PAGE, told | {"error_type": None})
    return True


def _nothing(state: TrackState) -> dict[str, Any]:
    """What a track has of which nothing is there."""
    return {
        "state": state,
        "asset": None,
        "duration_ms": 0,
        "error_type": None,
        "error": None,
        "made_by": None,
        "stand_in": False,
    }


def _keep(connection: sa.Connection, owner: OwnerId, book: BookId, track: Track, page: int) -> None:
    """Keep what the page has now as a version; what comes next gets the next number."""
    now = _current(connection, owner, book, track, page)
    following = _newest(connection, owner, book, track, page, "version") + 1
    kept = {name: getattr(now, name) for name in ("owner_id", "book_id", "track", "page", "version", *_MADE)}
    connection.execute(sa.insert(track_versions).values(kept | {"replaced_at": utcnow()}))
    connection.execute(sa.update(page_tracks).where(*_this(owner, book, track, page)).values(version=following))


def _this(owner: OwnerId, book: BookId, track: Track, page: int) -> "tuple[sa.ColumnElement[bool], ...]":
    c = page_tracks.c
    return c.owner_id == owner, c.book_id == book, c.track == track, c.page == page


def _kept(owner: OwnerId, book: BookId, track: Track, page: int) -> "tuple[sa.ColumnElement[bool], ...]":
    c = track_versions.c
    return c.owner_id == owner, c.book_id == book, c.track == track, c.page == page


def _current(connection: sa.Connection, owner: OwnerId, book: BookId, track: Track, page: int) -> Any:
    row = connection.execute(sa.select(page_tracks).where(*_this(owner, book, track, page))).one_or_none()
    if row is None:
        raise NotFound(f"the book has no such page, or was ordered without {track}")
    return row


def _sharing(connection: sa.Connection, now: Any) -> list[int]:
    """The pages that have what this one has, itself among them."""
    c = page_tracks.c
    same = (c.owner_id == now.owner_id, c.book_id == now.book_id, c.track == now.track, c.asset == now.asset)
    return list(connection.execute(sa.select(c.page).where(*same).order_by(c.page)).scalars())


def _newest(connection: sa.Connection, owner: OwnerId, book: BookId, track: Track, page: int, column: str) -> int:
    """The largest value of a number that any version has, the current one too."""
    kept = sa.select(sa.func.max(track_versions.c[column])).where(*_kept(owner, book, track, page))
    now = sa.select(page_tracks.c[column]).where(*_this(owner, book, track, page))
    return max(connection.execute(kept).scalar() or 0, connection.execute(now).scalar() or 0)


def _go_back(connection: sa.Connection, owner: OwnerId, book: BookId, track: Track, page: int, asset: AssetId) -> None:
    """Make the version that has this asset the page's current one, if it has one."""
    this = (*_kept(owner, book, track, page), track_versions.c.asset == asset)
    wanted = connection.execute(sa.select(track_versions).where(*this).limit(1)).one_or_none()
    if wanted is None:
        return
    now = _current(connection, owner, book, track, page)
    if now.asset is not None:
        _keep(connection, owner, book, track, page)
    made = {name: getattr(wanted, name) for name in (*_MADE, "version")}
    done = {"state": TrackState.COMPLETED, "error_type": None, "error": None}
    connection.execute(sa.update(page_tracks).where(*_this(owner, book, track, page)).values(made | done))
    connection.execute(sa.delete(track_versions).where(*this, track_versions.c.version == wanted.version))


def _version(row: Any, *, current: bool) -> TrackVersion:
    return TrackVersion(
        version=row.version,
        current=current,
        asset=row.asset,
        duration_ms=row.duration_ms,
        take=row.take,
        made_by=row.made_by,
        replaced_at=None if current else row.replaced_at,
    )

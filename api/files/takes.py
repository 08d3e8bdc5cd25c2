"""Versions of pages' pictures and ambient sounds, to compare."""

from api.access.links import link
from api.deps import Backend
from api.schemas.jobs import TrackVersionAnswer, TrackVersionList
from bookwright.contracts.access import Caller
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import Track
from bookwright.contracts.spreads import Ambience, Plate
from bookwright.store.books.shelf import ShelfBook
from bookwright.store.books.takes import TrackVersion, TrackVersions


async def track_versions(
    backend: Backend, caller: Caller, book: ShelfBook, track: Track, page: int
) -> TrackVersionList:
    """All of them, newest first. Raises NotFound."""
    found = await TrackVersions(backend.database, backend.assets).versions(caller.owner, book.book_id, track, page)
    shown = [_shown(caller, book, track, page, one, await backend.assets.get(one.asset)) for one in found]
    return TrackVersionList(page=page, track=track, versions=tuple(shown))


def made_of(track: Track, record: bytes) -> tuple[AssetId, str, str]:
    """Of a version's record: the asset with its bytes, their media type, and what is said of it."""
    if track is Track.ILLUSTRATIONS:
        plate = Plate.model_validate_json(record)
        return plate.picture, plate.media_type, plate.alt
    ambience = Ambience.model_validate_json(record)
    return ambience.sound, ambience.media_type, ambience.prompt


def _shown(
    caller: Caller, book: ShelfBook, track: Track, page: int, one: TrackVersion, record: bytes
) -> TrackVersionAnswer:
    path = f"/api/books/{book.number}/pages/{page}/versions/{one.version}/file?track={track}"
    return TrackVersionAnswer(
        version=one.version,
        current=one.current,
        description=made_of(track, record)[2],
        made_by=one.made_by,
        url=link(caller, path),
        replaced_at=one.replaced_at,
    )

"""Public keys: the names under which a book's files are known outside.

Each begins with `stories/{id}/`. What readers hear and see page by page is under `audio/` and `images/`, and may be
delivered from elsewhere; the files of editions are under `editions/`.
"""

import re

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import AssetId, BookId
from bookwright.contracts.orders import Edition

_PAGE = re.compile(r"stories/[^/]+/(?:audio/[^/]+|images)/page_(\d+)\.\w+")
_PICTURES = ("jpg", "png", "webp")
_SUFFIXES = {Edition.MP3: "mp3", Edition.ACX: "mp3", Edition.M4B_AMBIENCE: "m4b", Edition.BUNDLE: "zip"}


class Alias(Payload):
    """A public key and the asset that is behind it now."""

    name: str
    asset: AssetId
    made_from: AssetId | None = None
    """The segment that a page's sound was encoded from: once the page has another one, this is its old sound."""


def page_audio(book: BookId, language: str, page: int) -> str:
    """The key of a page's sound as MP3."""
    return f"stories/{book}/audio/{language}/page_{page:04d}.mp3"


def page_image(book: BookId, page: int, media_type: str) -> str:
    """The key of a page's picture."""
    return f"stories/{book}/images/page_{page:04d}.{media_type.partition('/')[2].replace('jpeg', 'jpg')}"


def other_formats(name: str) -> tuple[str, ...]:
    """The keys that a page's picture would have in another format; none of what has one format only."""
    stem, _, suffix = name.rpartition(".")
    if suffix not in _PICTURES or not _PAGE.fullmatch(name):
        return ()
    return tuple(f"{stem}.{other}" for other in _PICTURES if other != suffix)


def page_of(name: str) -> int | None:
    """The number of the page whose sound or picture it is; None for a file of an edition."""
    found = _PAGE.fullmatch(name)
    return int(found[1]) if found else None


def bound_file(book: BookId, edition: Edition, chapter: int | None) -> str:
    """The key of a file of an edition."""
    suffix = _SUFFIXES.get(edition, edition.value)
    file = f"{edition}/chapter_{chapter:04d}.{suffix}" if chapter else f"book.{suffix}"
    return f"stories/{book}/editions/{file}"

"""A book's podcast feed: RSS 2.0 with Apple's elements, an item for each chapter that can be heard by now."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime

from api.files.editions import runs
from api.web import TEMPLATES
from bookwright.contracts.base import Payload
from bookwright.contracts.book import BoundFile, ChapterBrief
from bookwright.contracts.progress import JobState
from bookwright.store.books.standing import BookFacts

MEDIA_TYPE = "application/rss+xml"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write, not even escaped."""


class _Item(Payload):
    """A chapter."""

    number: int
    title: str
    description: str
    guid: str
    """Stays the same when the chapter is bound anew: players would take another one for another episode."""
    published: str
    address: str
    bytes: int
    seconds: int


class _Feed(Payload):
    """All that the template shows."""

    title: str
    author: str | None
    language: str | None
    description: str
    link: str
    address: str
    cover: str
    changed: str
    complete: bool
    items: tuple[_Item, ...]


def episode_name(chapter: int) -> str:
    """The last part of a chapter's address in a feed: players go by its ending."""
    return f"chapter_{chapter:04d}.mp3"


def feed(
    book: BookFacts,
    chapters: Sequence[ChapterBrief],
    files: Sequence[BoundFile],
    link: str,
    address: Callable[[str], str],
) -> bytes:
    """The feed of a book whose chapters have these `files` (one MP3 each). `link` is where people read it; `address`
    makes whole addresses of `feed.xml`, `feed/cover.jpg` and `feed/` with an episode's name, which the player can
    open."""
    titles = {chapter.number: chapter.title for chapter in chapters}
    found = [_item(book, file, titles.get(file.chapter or 0, ""), address) for file in files]
    shown = _Feed(
        title=_plain(book.title),
        author=_plain(book.author) if book.author else None,
        language=book.language.lower() if book.language else None,
        description=_standing(book, len(chapters), files),
        link=link,
        address=address("feed.xml"),
        cover=address("feed/cover.jpg"),
        changed=format_datetime(book.updated_at, usegmt=True),
        complete=book.state is JobState.DONE and not book.warning,
        items=tuple(sorted(found, key=lambda item: item.number)),
    )
    return TEMPLATES.get_template("feed.xml").render(feed=shown).encode()


def _item(book: BookFacts, file: BoundFile, title: str, address: Callable[[str], str]) -> _Item:
    number = file.chapter or 1
    lacks = f" Its pages {runs(file.missing_pages)} could not be narrated." if file.missing_pages else ""
    return _Item(
        number=number,
        title=_plain(title) or f"{number}",
        description=f"Chapter {number} of {_plain(book.title)}.{lacks}",
        guid=f"urn:bookwright:{book.book_id}:{number}",
        published=_published(book.created_at, number),
        address=address(f"feed/{episode_name(number)}"),
        bytes=file.bytes,
        seconds=max(1, round(file.duration_ms / 1000)),
    )


def _published(ordered: datetime, number: int) -> str:
    """Later for each chapter, as players sort by it; when a chapter was bound says nothing of its place."""
    return format_datetime(ordered + timedelta(minutes=number), usegmt=True)


def _standing(book: BookFacts, chapters: int, files: Sequence[BoundFile]) -> str:
    """What there is of the book, in words for its listener."""
    by = f" by {_plain(book.author)}" if book.author else ""
    about = f"{_plain(book.title)}{by}, narrated."
    if not book.state.closed:
        return f"{about} {len(files)} of {chapters or 'its'} chapters so far; the others are being made."
    if book.state is JobState.DONE and not book.warning:
        return about
    return f"{about} Incomplete: {len(files)} of {chapters} chapters, and pages may be missing in them."


def _plain(text: str) -> str:
    return " ".join(_NOT_IN_XML.sub("", text).split())

"""What a share opens: one book, under paths of its own, so that its cookie goes nowhere else.

`/shared/{token}` shows the reader and sets a cookie for `/api/shared/{id}`. Under that path the guard finds the routes
of the book that the share is for, as far as reading and hearing it goes. Somebody who is signed in, too, stays whom
they are everywhere else, and links to several books work side by side.

A public audiobook is opened in the same way to everybody who has a key: under `/api/public/{book}`, and by its reader's
own address.
"""

import re
from typing import NamedTuple

from bookwright.contracts.access import ShareFacts
from bookwright.contracts.ids import BookId

COOKIE = "bookwright_share"
_FOLDER, _PUBLIC = "/api/shared", "/api/public"
_WANTED = re.compile(rf"{_FOLDER}/([0-9a-f]{{16}})(/.+)")
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PUBLISHED = re.compile(rf"(?:{_PUBLIC}/(?P<book>{_UUID})(?P<rest>/.+)|/read/(?P<read>{_UUID}))")
_BOOK = re.compile(r"/api/books/[^/?]+")
_OPEN = re.compile(r"/(?:reader|cover|pages/|pages/\d{1,7}(?:/audio|/image|/ambience)?|audio/page_\d{4,7}\.mp3)")
_FILES = re.compile(r"/editions/[^/]+(?:/\d{1,7})?")


class Wanted(NamedTuple):
    """What somebody wants under the path of a share."""

    share: str
    rest: str
    """Of the path, after the book."""


def wanted(path: str) -> Wanted | None:
    """Which share's path this is (decoded); None for any other."""
    found = _WANTED.fullmatch(path)
    return Wanted(found[1], found[2]) if found else None


def published(path: str) -> tuple[BookId, str] | None:
    """Which book a path (decoded) may be about that somebody else has made public, and the path of its route: the
    reader and what that asks for. None for any other."""
    found = _PUBLISHED.fullmatch(path)
    if found is None:
        return None
    if found["read"]:
        return BookId(found["read"]), path
    if not _OPEN.fullmatch(found["rest"]):
        return None
    return BookId(found["book"]), f"/api/books/{found['book']}{found['rest']}"


def folder(share: ShareFacts) -> str:
    """The path of all that a share opens; its cookie is for this path alone."""
    return f"{_PUBLIC}/{share.book_id}" if share.public else f"{_FOLDER}/{share.share_id}"


def opened(share: ShareFacts, wish: Wanted) -> str | None:
    """The path of the route that is wanted, if this share opens it."""
    mine = wish.share == share.share_id
    is_open = _OPEN.fullmatch(wish.rest) or (share.downloads and _FILES.fullmatch(wish.rest))
    return f"/api/books/{share.book_id}{wish.rest}" if mine and is_open else None


def in_share(path: str, share: ShareFacts) -> str:
    """`path`, one of the book, as somebody who came by the share can open it."""
    return _BOOK.sub(folder(share), path, count=1)

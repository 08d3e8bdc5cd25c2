"""Editions to download: which there are, what they lack, and chapters' files together in one ZIP."""

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from api.access.links import link
from api.deps import Backend
from api.files.zipped import Member, Zipped, zipped_size
from api.schemas.shelf import EditionFile
from api.wire.answers import LOOK_AGAIN, file_answer, unchanged
from bookwright.contracts.access import Caller
from bookwright.contracts.book import BoundFile
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Edition
from bookwright.store.books.standing import BookFacts
from bookwright.text.names import file_name

MISSING = "Bookwright-Missing-Pages"
"""The header of an edition that lacks pages: which ones, such as `3-5, 9`. A whole one has none."""
MOST_RUNS = 200
"""Runs of pages that a header names."""
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def edition_path(book: BookId, file: BoundFile) -> str:
    """The address of one file of an edition."""
    path = f"/api/books/{quote(book, safe='')}/editions/{file.edition}"
    return f"{path}/{file.chapter}" if file.chapter else path


async def offered(backend: Backend, caller: Caller, book: BookFacts) -> tuple[EditionFile, ...]:
    """The editions that can be downloaded by now; one of files for chapters as a ZIP."""
    files = await backend.books.files(caller.owner, book.book_id)
    found = []
    for edition in Edition:
        mine = [file for file in files if file.edition is edition]
        if not mine:
            continue
        name = f"{edition}.zip" if edition.by_chapter or edition is Edition.BUNDLE else str(edition)
        zipped = edition.by_chapter
        found.append(
            EditionFile(
                edition=name,
                name=zip_name(book.title, edition) if zipped else mine[0].name,
                bytes=zipped_size((file.name, file.bytes) for file in mine) if zipped else mine[0].bytes,
                missing_pages=await missing(backend, caller.owner, book.book_id, mine),
                url=link(caller, f"/api/books/{book.number}/editions/{name}"),
            )
        )
    return tuple(found)


async def download(
    request: Request, backend: Backend, owner: OwnerId, book: BookId, edition: str, chapter: int | None
) -> Response:
    """The file of a whole edition or of one chapter. Raises NotFound."""
    wanted = "bundle" if edition == "bundle.zip" else edition
    for file in await backend.books.files(owner, book):
        if (file.edition.value, file.chapter) == (wanted, chapter):
            return file_answer(
                request,
                await asyncio.to_thread(backend.assets.path, file.asset),
                media_type=file.media_type,
                etag=f'"{file.asset}"',
                cache=LOOK_AGAIN,
                name=file.name,
                headers=_lacking(file.missing_pages),
            )
    raise NotFound("the book has no such file")


async def download_zip(
    request: Request, backend: Backend, owner: OwnerId, book: BookId, title: str, edition: Edition
) -> Response:
    """The files of all chapters that are bound by now, whole or one range. Raises NotFound when there is none."""
    files = [file for file in await backend.books.files(owner, book) if file.edition is edition]
    if not files:
        raise NotFound("the book has no such file")
    names = [file.name for file in files]
    return await zip_answer(
        request, backend, files, names, {}, zip_name(title, edition), await missing(backend, owner, book, files)
    )


async def zip_answer(
    request: Request,
    backend: Backend,
    files: Sequence[BoundFile],
    names: Sequence[str],
    texts: Mapping[str, str],
    name: str,
    lacking: Iterable[int],
) -> Response:
    """A ZIP called `name` of `texts` and then `files` under these names, whole or one range, put together while it is
    sent; it lacks these pages."""
    known = [(called, file.asset) for called, file in zip(names, files, strict=True)]
    etag = f'"{hashlib.sha256(repr([known, *texts.items()]).encode()).hexdigest()}"'
    if same := unchanged(request, etag, LOOK_AGAIN):
        return same
    zipped = await asyncio.to_thread(_zipped, backend, files, names, texts)
    headers = {
        "ETag": etag,
        "Cache-Control": LOOK_AGAIN,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}",
        **_lacking(lacking),
    }
    first, last, status = 0, zipped.size - 1, 200
    if part := _wanted(request, etag):
        first, last = _within(*part, zipped.size)
        headers["Content-Range"] = f"bytes {first}-{last}/{zipped.size}"
        if first > last:
            headers["Content-Range"] = f"bytes */{zipped.size}"
            return Response(status_code=416, headers=headers)
        status = 206
    headers["Content-Length"] = str(last + 1 - first)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type="application/zip")
    return StreamingResponse(zipped.read(first, last), status, headers, "application/zip")


def _zipped(backend: Backend, files: Iterable[BoundFile], names: Iterable[str], texts: Mapping[str, str]) -> Zipped:
    """Blocking."""
    said = [Member(name, text.encode(), len(text.encode())) for name, text in texts.items()]
    stored = [
        Member(name, backend.assets.path(file.asset), file.bytes) for name, file in zip(names, files, strict=True)
    ]
    return Zipped(said + stored)


def _wanted(request: Request, etag: str) -> tuple[str, str] | None:
    """The one range that is asked for; None for the whole file, also when it has changed or several are wanted."""
    if request.headers.get("if-range", etag) != etag:
        return None
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if found is None or not (found[1] or found[2]) or (found[1] and found[2] and int(found[1]) > int(found[2])):
        return None  # no range at all: RFC 9110 has it ignored
    return found[1], found[2]


def _within(first: str, last: str, size: int) -> tuple[int, int]:
    """A range of bytes, both ends included; an empty one when it lies beyond the end."""
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (size, size - 1)
    return int(first), min(int(last), size - 1) if last else size - 1


async def missing(backend: Backend, owner: OwnerId, book: BookId, files: Sequence[BoundFile]) -> tuple[int, ...]:
    """The pages that these files of one edition lack, those of chapters without a file among them."""
    pages = {page for file in files for page in file.missing_pages}
    if bound := {file.chapter for file in files if file.chapter}:
        for chapter in await backend.shelf.chapters(owner, book):
            if chapter.number not in bound:
                pages.update(range(chapter.first_page, chapter.last_page + 1))
    return tuple(sorted(pages))


def _lacking(pages: Iterable[int]) -> dict[str, str]:
    """The header that names them; none for a whole edition."""
    named = runs(pages)
    return {MISSING: named} if named else {}


def runs(pages: Iterable[int]) -> str:
    """Pages as people name them, such as `3-5, 9`; the first MOST_RUNS runs of them."""
    numbers = sorted(pages)
    if not numbers:
        return ""
    cuts = [0, *(at for at, (one, other) in enumerate(pairwise(numbers), 1) if other != one + 1), len(numbers)]
    found = [(numbers[begin], numbers[end - 1]) for begin, end in pairwise(cuts)]
    named = [str(one) if one == other else f"{one}-{other}" for one, other in found[:MOST_RUNS]]
    return ", ".join(named + ["..."] * (len(found) > MOST_RUNS))


def zip_name(title: str, edition: Edition) -> str:
    return file_name(f"{title} ({edition})", "zip")

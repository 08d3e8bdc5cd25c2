"""The reader's page, what it needs to work without a connection, and the fonts that it may need."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from api.access.guard import COOKIE, csrf_token
from api.access.links import link
from api.deps import TheBook, TheCaller
from api.web import STATIC, TEMPLATES, fonts
from bookwright.contracts.access import Caller, Scope
from bookwright.contracts.errors import NotFound
from bookwright.store.access.secrets import digest
from bookwright.store.books.shelf import ShelfBook
from bookwright.text.direction import direction

router = APIRouter(include_in_schema=False)
_FONTS = fonts()
_LOOK_AGAIN = {"Cache-Control": "no-cache"}


@router.get("/read/{book}")
async def read(request: Request, book: TheBook, caller: TheCaller) -> Response:
    """The reader of one book."""
    return reader_page(request, book, caller)


def reader_page(request: Request, book: ShelfBook, caller: Caller) -> Response:
    """The page on which the caller reads a book."""
    token = request.cookies.get(COOKIE) if caller.session else None
    context: dict[str, Any] = {
        "book": book,
        "direction": direction(book.language),
        "folder": link(caller, f"/api/books/{book.book_id}") if caller.share else f"/api/books/{book.book_id}",
        "shared": caller.share,
        "csrf": csrf_token(token) if token and Scope.WRITE in caller.scopes else "",
        "user": digest(caller.owner)[:16] if caller.session else "",
    }
    return TEMPLATES.TemplateResponse(request, "reader.html", context, headers={"Cache-Control": "private, no-cache"})


@router.get("/read-worker.js")
async def worker() -> Response:
    """The service worker that keeps books for reading without a connection."""
    headers = {**_LOOK_AGAIN, "Service-Worker-Allowed": "/"}
    return FileResponse(STATIC / "offline" / "worker.js", media_type="text/javascript", headers=headers)


@router.get("/manifest.webmanifest")
async def manifest() -> Response:
    """What a device knows of the application that is put on its home screen."""
    return FileResponse(STATIC / "manifest.json", media_type="application/manifest+json", headers=_LOOK_AGAIN)


@router.get("/fonts/{name}.ttf")
async def font(name: str) -> Response:
    """A font for a script that the reader's machine may lack."""
    if name not in _FONTS:
        raise NotFound("there is no such font")
    return FileResponse(_FONTS[name], media_type="font/ttf", headers={"Cache-Control": "public, max-age=2592000"})

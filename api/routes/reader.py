"""The reader's page, and the fonts that it may need."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from api.deps import TheBook
from api.web import TEMPLATES, fonts
from bookwright.contracts.errors import NotFound
from bookwright.text.direction import direction

router = APIRouter(include_in_schema=False)
_FONTS = fonts()


@router.get("/read/{book}")
async def read(request: Request, book: TheBook) -> Response:
    """The reader of one book."""
    context = {"book": book, "direction": direction(book.language)}
    return TEMPLATES.TemplateResponse(request, "reader.html", context, headers={"Cache-Control": "private, no-cache"})


@router.get("/fonts/{name}.ttf")
async def font(name: str) -> Response:
    """A font for a script that the reader's machine may lack."""
    if name not in _FONTS:
        raise NotFound("there is no such font")
    return FileResponse(_FONTS[name], media_type="font/ttf", headers={"Cache-Control": "public, max-age=2592000"})

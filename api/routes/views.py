"""What the store knows, as the reader gets it."""

from collections.abc import Iterable
from urllib.parse import quote

from api.access.links import link
from api.files.editions import edition_path
from api.schemas.reader import ReaderBook, ReaderChapter, ReaderFile, ReaderPage
from bookwright.contracts.access import Caller
from bookwright.contracts.book import BoundFile
from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.ids import AssetId, BookId
from bookwright.store.books.shelf import BookOverview, ShelfPage
from bookwright.text.direction import direction


def reader_book(overview: BookOverview, files: Iterable[BoundFile], caller: Caller) -> ReaderBook:
    """The book as the reader page gets it, with addresses that this caller can open."""
    book = overview.book
    path = _path(book.book_id)
    return ReaderBook(
        book_id=book.book_id,
        number=book.number,
        title=book.title,
        author=book.author,
        language=book.language,
        direction=direction(book.language),
        state=book.state,
        closed=book.state.closed,
        reason=None if caller.share else book.reason,
        cover_url=link(caller, f"{path}/cover"),
        chapters=tuple(ReaderChapter.model_validate(chapter.model_dump()) for chapter in overview.chapters),
        pages=tuple(reader_page(book.book_id, page, caller) for page in overview.pages),
        files=tuple(
            ReaderFile(
                edition=file.edition,
                chapter=file.chapter,
                name=file.name,
                bytes=file.bytes,
                duration_ms=file.duration_ms,
                missing_pages=file.missing_pages,
                url=link(caller, edition_path(book.book_id, file)),
            )
            for file in (() if caller.share and not caller.share.downloads else files)
        ),
    )


def reader_page(book: BookId, page: ShelfPage, caller: Caller) -> ReaderPage:
    """Where a page stands, with the address of its sound."""
    heard = page.heard
    path = f"{_path(book)}/pages/{page.number}"

    def address(name: str, asset: AssetId | None) -> str | None:
        return link(caller, f"{path}/{name}?v={version(asset)}") if asset else None

    return ReaderPage(
        number=page.number,
        label=page.label,
        state=page.state,
        duration_ms=page.duration_ms,
        error=None if caller.share else page.error,
        made_by=page.made_by,
        stand_in=page.stand_in,
        audio_url=address("audio", heard),
        image_state=page.image_state,
        image_url=address("image", page.plate),
        image_note=page.image_note if page.plate else None,
        ambience_state=page.ambience_state,
        ambience_url=address("ambience", page.ambience),
        scene=scene_name(page.scene) if page.scene else None,
    )


def scene_name(sketch: SoundSketch) -> str:
    """What a scene is called for people: where it is, and the weather or else the time."""
    named = ", ".join(filter(None, (sketch.setting, sketch.weather or sketch.time)))
    return named[:1].upper() + named[1:]


def version(made: AssetId) -> str:
    """What tells one take of a page's sound or picture from another in an address."""
    return made[:16]


def _path(book: BookId) -> str:
    return f"/api/books/{quote(book, safe='')}"

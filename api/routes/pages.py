"""A page: its text with the times at which its words are heard, its sound, its picture and its ambience."""

import asyncio
from collections.abc import Iterable, Iterator

from fastapi import APIRouter, Request, Response

from api.deps import Backend, SoundFiles, TheBackend, TheBook, TheCaller, counted
from api.routes.views import reader_page, version
from api.schemas.problems import Problem
from api.schemas.reader import ReaderPageText, ReaderParagraph, ReaderPicture, ReaderSentence, ReaderWord
from api.wire.answers import FOR_EVER, LOOK_AGAIN, RANGES, UNCHANGED, file_answer, json_answer
from bookwright.contracts.access import Caller
from bookwright.contracts.book import Segment
from bookwright.contracts.editions import SpokenSentence, SpokenWord
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import AssetId
from bookwright.contracts.spreads import Ambience, Plate
from bookwright.store.books.shelf import ShelfBook, ShelfPageText
from bookwright.text.sentences import Span, sentences_by_paragraph
from bookwright.text.timing import spoken_sentences

router = APIRouter(prefix="/api/books/{book}/pages/{number}", tags=["pages"], responses={404: {"model": Problem}})


@router.get("", operation_id="readPage", response_model=ReaderPageText, responses=UNCHANGED)
async def page(request: Request, number: str, book: TheBook, backend: TheBackend, caller: TheCaller) -> Response:
    """The page's text, taken apart into paragraphs and sentences, with the times of all that can be heard."""
    return await page_answer(request, backend, caller, book, counted(number, "page"))


async def page_answer(request: Request, backend: Backend, caller: Caller, book: ShelfBook, number: int) -> Response:
    """A page as JSON; its ETag begins with its version."""
    found = await backend.shelf.page(caller.owner, book.book_id, number)
    segment = Segment.model_validate_json(await backend.assets.get(found.heard)) if found.heard else None
    plate = Plate.model_validate_json(await backend.assets.get(found.plate)) if found.plate else None
    picture = await _picture(backend, caller, book, found, plate) if plate else None
    body = await asyncio.to_thread(_page_text, book, found, segment, picture, caller)
    return json_answer(request, body, edition=str(found.version))


@router.get(
    "/audio",
    operation_id="hearPage",
    response_class=Response,
    responses={200: {"description": "The sound.", "content": {"audio/wav": {}}}, **RANGES},
)
@router.head("/audio", include_in_schema=False)
async def audio(
    request: Request, number: str, book: TheBook, backend: TheBackend, caller: TheCaller, v: str = ""
) -> Response:
    """The page's sound, whole or in ranges. With the version `v` from `audio_url` it may be kept for ever."""
    found = await backend.shelf.page(caller.owner, book.book_id, counted(number, "page"))
    return await sound_answer(request, found, backend.sounds, v)


async def sound_answer(request: Request, page: ShelfPageText, sounds: SoundFiles, v: str, mark: str = "") -> Response:
    """The page's sound from `sounds`, to be kept for ever under its own version. `mark` tells the ETag of this form of
    it from those of others. Raises NotFound while the page can't be heard."""
    if page.heard is None:
        raise NotFound("the page can't be heard yet")
    return file_answer(
        request,
        await sounds.file(page.heard),
        media_type=sounds.media_type,
        etag=f'"{page.heard}{mark}"',
        cache=FOR_EVER if v == version(page.heard) else LOOK_AGAIN,
    )


@router.get(
    "/image",
    operation_id="seePage",
    response_class=Response,
    responses={
        200: {
            "description": "The picture.",
            "content": {"image/png": {}, "image/jpeg": {}, "image/webp": {}},
        },
        **RANGES,
    },
)
@router.head("/image", include_in_schema=False)
async def image(
    request: Request, number: str, book: TheBook, backend: TheBackend, caller: TheCaller, v: str = ""
) -> Response:
    """The page's picture, whole or in ranges. With the version `v` from `image_url` it may be kept for ever."""
    found = await backend.shelf.page(caller.owner, book.book_id, counted(number, "page"))
    if found.plate is None:
        raise NotFound("the page has no picture yet")
    plate = Plate.model_validate_json(await backend.assets.get(found.plate))
    return await _stored(request, backend, found.plate, plate.picture, plate.media_type, v)


@router.get(
    "/ambience",
    operation_id="hearAmbience",
    response_class=Response,
    responses={
        200: {"description": "The sound.", "content": {"audio/wav": {}, "audio/mpeg": {}, "audio/ogg": {}}},
        **RANGES,
    },
)
@router.head("/ambience", include_in_schema=False)
async def ambience(
    request: Request, number: str, book: TheBook, backend: TheBackend, caller: TheCaller, v: str = ""
) -> Response:
    """The ambient sound under the page, whole or in ranges. With the version `v` from `ambience_url` it may be kept for
    ever."""
    found = await backend.shelf.page(caller.owner, book.book_id, counted(number, "page"))
    if found.ambience is None:
        raise NotFound("the page has no ambient sound yet")
    made = Ambience.model_validate_json(await backend.assets.get(found.ambience))
    return await _stored(request, backend, found.ambience, made.sound, made.media_type, v)


async def _stored(
    request: Request, backend: Backend, made: AssetId, asset: AssetId, media_type: str, v: str
) -> Response:
    """The bytes that `made` names."""
    return file_answer(
        request,
        await asyncio.to_thread(backend.assets.path, asset),
        media_type=media_type,
        etag=f'"{asset}"',
        cache=FOR_EVER if v == version(made) else LOOK_AGAIN,
    )


async def _picture(
    backend: Backend, caller: Caller, book: ShelfBook, page: ShelfPageText, plate: Plate
) -> ReaderPicture:
    address = None
    if backend.delivered:
        address = await backend.delivered.page_image(caller.owner, book.book_id, plate)
    return ReaderPicture(
        alt=plate.alt,
        width=plate.width,
        height=plate.height,
        made_by=page.image_made_by,
        judged=page.image_judged,
        delivered_url=address,
    )


def _page_text(
    book: ShelfBook, page: ShelfPageText, segment: Segment | None, picture: ReaderPicture | None, caller: Caller
) -> ReaderPageText:
    spoken = spoken_sentences(segment, page.text, book.language) if segment else ()
    times = {sentence.start: sentence for sentence in spoken}
    return ReaderPageText(
        **reader_page(book.book_id, page, caller).model_dump(),
        chapter=page.chapter,
        text=page.text,
        image=picture,
        paragraphs=tuple(
            ReaderParagraph(
                start=spans[0].start,
                end=spans[-1].end,
                sentences=tuple(_sentence(span, times.get(span.start)) for span in spans),
            )
            for spans in sentences_by_paragraph(page.text, book.language)
        ),
    )


def _sentence(span: Span, spoken: SpokenSentence | None) -> ReaderSentence:
    if spoken is None:
        return ReaderSentence(start=span.start, end=span.end)
    return ReaderSentence(
        start=span.start,
        end=span.end,
        begin_ms=spoken.begin_ms,
        end_ms=spoken.end_ms,
        words=tuple(_words(spoken.words, span)),
    )


def _words(words: Iterable[SpokenWord], span: Span) -> Iterator[ReaderWord]:
    """The words as they can be shown: inside their sentence, none over another."""
    at = span.start
    for word in words:
        start, end = max(word.start, at), min(word.end, span.end)
        if start < end:
            yield ReaderWord(start=start, end=end, begin_ms=word.begin_ms, end_ms=word.end_ms)
            at = end

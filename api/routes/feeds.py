"""A book as a podcast: its feed, the chapters in it, and the addresses that players subscribe to."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.links import in_feed, link
from api.deps import Backend, BookName, TheActor, TheBackend, TheBook, TheCaller, counted
from api.files.editions import download
from api.files.feed import MEDIA_TYPE, feed
from api.routes.books import cover
from api.schemas.feeds import FeedList, FeedOrder, MadeFeed
from api.schemas.problems import Problem
from api.wire.answers import LOOK_AGAIN, RANGES, UNCHANGED, unchanged
from api.wire.names import named
from bookwright.contracts.access import FeedId
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.orders import Edition

_EPISODE = re.compile(r"chapter_(\d{4,7})\.mp3")
FeedName = Annotated[str, named("feed_id", "the book has no such feed")]
_SETTLED = timedelta(seconds=2)
"""Times in headers are whole seconds: what changed just now may change again within the same one."""
_RSS: dict[int | str, dict[str, Any]] = {200: {"description": "The feed.", "content": {MEDIA_TYPE: {}}}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sound or the picture.", "content": {"audio/mpeg": {}, "image/jpeg": {}}}
}
router = APIRouter(prefix="/api/books/{book}", tags=["podcast"], responses={404: {"model": Problem}})


@router.get(
    "/feed.xml",
    operation_id="getFeed",
    response_class=Response,
    responses={**_RSS, 409: {"model": Problem, "description": "The book has no chapters as MP3."}, **UNCHANGED},
)
@router.head("/feed.xml", include_in_schema=False)
async def feed_xml(request: Request, name: BookName, backend: TheBackend, caller: TheCaller) -> Response:
    """The book as a podcast: an item for each chapter that is finished, in order; a book in the making or with pages
    missing says so. Podcast players take the address that `POST /api/books/{book}/feeds` gives."""
    book = await backend.shelf.facts(caller.owner, name)
    files = [file for file in await backend.books.files(caller.owner, book.book_id) if file.edition is Edition.MP3]
    if not files and Edition.MP3 not in book.editions:
        raise Conflict("the book has no chapters as MP3, of which a feed is made: order its edition mp3")
    base = _base(request, backend)
    data = feed(
        book,
        await backend.shelf.chapters(caller.owner, book.book_id),
        files,
        f"{base}/read/{book.number}",
        lambda path: f"{base}{link(caller, f'/api/books/{book.number}/{path}')}",
    )
    etag = f'"{sha256(data).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": LOOK_AGAIN}
    if datetime.now(UTC) - book.updated_at > _SETTLED:
        headers["Last-Modified"] = format_datetime(book.updated_at, usegmt=True)
    same = unchanged(request, etag, LOOK_AGAIN) or _unchanged_since(request, headers)
    return same or Response(data, media_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)


@router.get("/feed/cover.jpg", operation_id="getFeedCover", response_class=Response, responses={**_FILE, **UNCHANGED})
@router.head("/feed/cover.jpg", include_in_schema=False)
async def feed_cover(request: Request, book: TheBook, backend: TheBackend, caller: TheCaller) -> Response:
    """The cover, as a feed names it."""
    return await cover(request, book, backend, caller)


@router.get("/feed/{episode}", operation_id="hearEpisode", response_class=Response, responses={**_FILE, **RANGES})
@router.head("/feed/{episode}", include_in_schema=False)
async def episode(request: Request, episode: str, book: TheBook, backend: TheBackend, caller: TheCaller) -> Response:
    """A chapter of a feed as MP3, `chapter_0001.mp3`, whole or in ranges."""
    if not (named := _EPISODE.fullmatch(episode)):
        raise NotFound("the book has no such chapter")
    chapter = counted(named[1], "chapter")
    return await download(request, backend, caller.owner, book.book_id, Edition.MP3, chapter)


@router.post(
    "/feeds",
    operation_id="createFeed",
    status_code=201,
    responses={409: {"model": Problem, "description": "The book has too many feeds."}},
)
async def create(
    request: Request,
    response: Response,
    book: TheBook,
    backend: TheBackend,
    caller: TheCaller,
    actor: TheActor,
    order: FeedOrder | None = None,
) -> MadeFeed:
    """Make an address that a podcast player can subscribe to: it opens this one book, for reading, for a year unless
    another time is named, and no longer than the key does that it is asked for with."""
    lifetime = timedelta(days=(order or FeedOrder()).expires_in_days)
    made = await backend.feeds.create(caller.owner, book.book_id, caller.key_id, lifetime, actor=actor)
    response.headers["Location"] = f"/api/books/{book.number}/feeds/{made.facts.feed_id}"
    url = in_feed(f"{_base(request, backend)}/api/books/{book.number}/feed.xml", made.token)
    return MadeFeed(**made.facts.model_dump(), url=url)


@router.get("/feeds", operation_id="listFeeds")
async def listed(book: TheBook, backend: TheBackend, caller: TheCaller) -> FeedList:
    """The feeds that open the book, newest first."""
    return FeedList(feeds=tuple(await backend.feeds.feeds(caller.owner, book.book_id)))


@router.delete("/feeds/{feed_id}", operation_id="revokeFeed", status_code=204)
async def revoke(feed_id: FeedName, book: TheBook, backend: TheBackend, caller: TheCaller, actor: TheActor) -> None:
    """Revoke a feed: its address, and those of the chapters in it, open nothing any more."""
    await backend.feeds.revoke(caller.owner, book.book_id, FeedId(feed_id), actor=actor)


def _base(request: Request, backend: Backend) -> str:
    """Scheme and host of whole addresses: as the settings say, else as the request came."""
    return backend.public_url or str(request.base_url).rstrip("/")


def _unchanged_since(request: Request, headers: dict[str, str]) -> Response | None:
    """304 for somebody without an ETag who has seen what there is since it last changed."""
    asked = request.headers.get("if-modified-since")
    if not asked or "if-none-match" in request.headers or "Last-Modified" not in headers:
        return None
    try:
        seen, changed = parsedate_to_datetime(asked), parsedate_to_datetime(headers["Last-Modified"])
        return Response(status_code=304, headers=headers) if seen >= changed else None
    except (ValueError, TypeError):  # no date, or one without its zone: RFC 9110 has it ignored
        return None

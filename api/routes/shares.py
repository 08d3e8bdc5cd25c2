"""A book for people without an account: links to it, and the reader behind them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response

from api.access import sharing
from api.deps import TheActor, TheBackend, TheBook, TheCaller
from api.routes.reader import reader_page
from api.schemas.problems import Problem
from api.schemas.sharing import MadeShare, ShareList, ShareOrder
from api.web import TEMPLATES
from api.wire.names import named
from bookwright.contracts.access import ShareId
from bookwright.store.access.shares import ShareStore

LONGEST_SESSION_S = 12 * 3600
"""The cookie lasts so long; opening the link again renews it."""
ShareName = Annotated[str, named("share_id", "the book has no such share")]
_NOT_FOUND_BY_ANYBODY = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"}
router = APIRouter(prefix="/api/books/{book}/shares", tags=["sharing"], responses={404: {"model": Problem}})
page = APIRouter(include_in_schema=False)


@router.post(
    "",
    operation_id="createShare",
    status_code=201,
    responses={409: {"model": Problem, "description": "The book is shared too many times."}},
)
async def create(
    request: Request,
    response: Response,
    book: TheBook,
    backend: TheBackend,
    caller: TheCaller,
    actor: TheActor,
    order: ShareOrder | None = None,
) -> MadeShare:
    """Make a link that opens this one book to whoever has it, without an account: for reading and hearing, for thirty
    days unless another time is named, and no longer than the key does that it is asked for with."""
    wanted = order or ShareOrder()
    made = await ShareStore(backend.database).create(
        caller.owner, book.book_id, actor, timedelta(seconds=wanted.expires_in), wanted.note, downloads=wanted.downloads
    )
    response.headers["Location"] = f"/api/books/{book.number}/shares/{made.facts.share_id}"
    base = backend.public_url or str(request.base_url).rstrip("/")
    return MadeShare(**made.facts.model_dump(), url=f"{base}/shared/{made.token}")


@router.get("", operation_id="listShares")
async def listed(book: TheBook, backend: TheBackend, caller: TheCaller) -> ShareList:
    """The links that open the book, newest first."""
    return ShareList(shares=tuple(await ShareStore(backend.database).shares(caller.owner, book.book_id)))


@router.delete("/{share_id}", operation_id="revokeShare", status_code=204)
async def revoke(share_id: ShareName, book: TheBook, backend: TheBackend, caller: TheCaller, actor: TheActor) -> None:
    """Revoke a link: from the next request on it opens nothing, also where the book is open."""
    await ShareStore(backend.database).revoke(caller.owner, book.book_id, ShareId(share_id), actor)


@page.get("/shared/{token}")
async def shared(request: Request, token: str, backend: TheBackend) -> Response:
    """The reader, for whoever has the link; a page that says so when the link has ended."""
    store = ShareStore(backend.database)
    caller = await store.opened(token)
    if caller is None or caller.share is None:
        ended = await store.ended(token)
        if not ended:
            standing = await backend.limits.refused(request.client.host if request.client else "")
            if not standing.allowed:
                raise HTTPException(429, headers=standing.headers)
        return TEMPLATES.TemplateResponse(
            request,
            "shared.html",
            {"ended": ended},
            status_code=410 if ended else 404,
            headers=_NOT_FOUND_BY_ANYBODY,
        )
    share = caller.share
    book = await backend.shelf.book(caller.owner, share.book_id)
    answer = reader_page(request, book, caller)
    answer.headers.update(_NOT_FOUND_BY_ANYBODY)
    left = (share.expires_at - datetime.now(UTC)).total_seconds()
    answer.set_cookie(
        sharing.COOKIE,
        token,
        path=sharing.folder(share),
        max_age=max(1, min(LONGEST_SESSION_S, int(left))),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer

"""Lets nobody in without a key, a session or a signed URL.

It stands before the routes: a route that is added later is closed, and nothing of a stranger's request is read.
"""

import hashlib
from contextlib import suppress
from dataclasses import replace
from hmac import compare_digest, digest
from urllib.parse import quote, unquote_plus

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import sharing
from api.access.cutting import Cut, while_allowed
from api.access.limits import RequestLimits
from api.access.links import FEED, in_no_feed, opens, signature
from api.wire.problems import problem, refusal
from bookwright.contracts import access
from bookwright.contracts.access import Caller
from bookwright.contracts.errors import BookwrightError
from bookwright.store.access.credentials import Credentials
from bookwright.store.access.feeds import FeedStore
from bookwright.store.access.secrets import KEYS
from bookwright.store.access.shares import ShareStore

COOKIE = "bookwright_session"
CSRF_HEADER = "X-CSRF-Token"
OPEN = ("/signin", "/signout", "/healthz", "/readyz", "/manifest.webmanifest", "/read-worker.js")
OPEN_FOLDERS = ("/static/", "/fonts/", "/api/webhooks/replicate/", "/api/webhooks/revai/", "/shared/")
ADMIN_FOLDERS = ("/api/admin/", "/api/v1/admin/")
SAFE = ("GET", "HEAD", "OPTIONS")
NOT_KEPT = "no-store"
"""What is said of answers to somebody, where the route says nothing: no proxy and no browser keeps them."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="bookwright"'}
WRONG = {"WWW-Authenticate": 'Bearer realm="bookwright", error="invalid_token"'}


class Guard:
    """Finds out who asks, for the routes to know as `request.state.caller`, and refuses who may not."""

    def __init__(
        self, app: ASGIApp, credentials: Credentials, feeds: FeedStore, shares: ShareStore, limits: RequestLimits
    ) -> None:
        self._app = app
        self._credentials = credentials
        self._feeds = feeds
        self._shares = shares
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            caller = await self._caller(request)
            refused = None if caller else await self._unknown(request)
        except BookwrightError as error:  # the database is away
            caller, refused = None, refusal(request, error)
        if caller is None:
            assert refused is not None
            refused.headers.setdefault("Cache-Control", NOT_KEPT)
            await refused(scope, receive, send)
            return
        if caller.share:
            standing = await self._limits.user(caller.share.share_id)
        else:
            standing = await self._limits.user(caller.owner, caller.requests_per_minute)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(standing.headers)
                headers.setdefault("Cache-Control", NOT_KEPT)
            await send(message)

        if not standing.allowed:
            answer = problem(request, 429, "you ask too often; wait as long as Retry-After says")
            await answer(scope, receive, sending)
        elif reason := _forbidden(request, caller):
            await problem(request, 403, reason)(scope, receive, sending)
        else:
            request.state.caller = await self._reader(request, caller)
            with suppress(Cut):
                await self._app(scope, receive, while_allowed(self._credentials, caller, sending))
        await self._credentials.note_use(caller)

    async def _caller(self, request: Request) -> Caller | None:
        query = request.scope["query_string"].decode("latin-1")
        if KEYS.is_in(unquote_plus(query)):
            return None
        if wish := sharing.wanted(request.scope["path"]):
            return await self._guest(request, wish)
        if "authorization" in request.headers:
            scheme, _, key = request.headers["authorization"].partition(" ")
            return await self._credentials.by_key(key.strip()) if scheme.lower() == "bearer" else None
        if request.method in SAFE and (found := signature(request.scope["path"], query)):
            caller = await self._credentials.by_key_id(found.key)
            if caller and opens(caller, found):
                return replace(caller, scopes=caller.scopes & {access.Scope.READ})
        if request.method in SAFE and (token := request.query_params.get(FEED)):
            opened = await self._feeds.opened(token)
            return None if opened is None or in_no_feed(request.scope["path"], opened.names) else opened.caller
        if token := request.cookies.get(COOKIE):
            return await self._credentials.by_session(token)
        return None

    async def _reader(self, request: Request, caller: Caller) -> Caller:
        """The caller, as a reader of somebody else's public audiobook where that is wanted; the request goes on to the
        route of the book."""
        wish = sharing.published(request.scope["path"])
        if wish is None or caller.share or caller.feed or request.method not in SAFE:
            return caller
        book, path = wish
        reader = await self._shares.public(book, caller)
        if reader is None and path == request.scope["path"]:
            return caller
        request.scope.update(path=path, raw_path=path.encode())
        return reader or caller

    async def _guest(self, request: Request, wish: sharing.Wanted) -> Caller | None:
        """Who comes by a share; the request goes on to the route of its book."""
        token = request.cookies.get(sharing.COOKIE)
        caller = await self._shares.opened(token) if token and request.method in SAFE else None
        path = sharing.opened(caller.share, wish) if caller and caller.share else None
        if path is None:
            return None
        request.scope.update(path=path, raw_path=path.encode())
        return caller

    async def _unknown(self, request: Request) -> Response:
        standing = await self._limits.refused(request.client.host if request.client else "")
        if not standing.allowed:
            answer = problem(request, 429, "too many requests without a key that works; wait as Retry-After says")
            answer.headers.update(standing.headers)
            return answer
        keyed = KEYS.is_in(unquote_plus(request.url.query))
        if not keyed and "text/html" in request.headers.get("accept", "") and request.method in SAFE:
            wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/signin?next={quote(wanted, safe='')}", 303)
        if keyed:
            detail = "a key in an address ends up in logs and is refused: send it as Authorization: Bearer KEY"
        else:
            detail = "send a key that works as Authorization: Bearer KEY"
        answer = problem(request, 401, detail)
        answer.headers.update(WRONG if "authorization" in request.headers else CHALLENGE)
        return answer


def is_open(path: str) -> bool:
    """Whether anybody may ask for this, without a key."""
    return path in OPEN or path.startswith(OPEN_FOLDERS)


def csrf_token(session_token: str) -> str:
    """What a page sends along with each change, as CSRF_HEADER: it shows that the page read its own session."""
    return digest(session_token.encode(), b"csrf", hashlib.sha256).hex()


def csrf_right(request: Request, shown: str) -> bool:
    """Whether `shown` is the token of the session that the request's cookie names."""
    token = request.cookies.get(COOKIE, "")
    return bool(token) and compare_digest(csrf_token(token).encode(), shown.encode())


def _forbidden(request: Request, caller: Caller) -> str | None:
    """Why this caller may not do this, if so."""
    needed = access.Scope.READ if request.method in SAFE else access.Scope.WRITE
    if needed not in caller.scopes:
        return f"this key lacks the scope {needed}"
    if request.scope["path"].startswith(ADMIN_FOLDERS) and not caller.admin:
        return "this needs an admin key"
    changed_by_cookie = caller.session and needed is access.Scope.WRITE
    if changed_by_cookie and not csrf_right(request, request.headers.get(CSRF_HEADER, "")):
        return f"a change by a page needs its token as {CSRF_HEADER}; load the page again"
    return None

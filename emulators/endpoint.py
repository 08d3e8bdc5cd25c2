"""A paid endpoint of an emulated provider: key, quota, gate, latency, scripted faults, counts, whatever it answers.

A provider's module derives from `Endpoint` and says how a request is read and what a good answer is.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from emulators.control import Gone, break_off, close, unless_gone
from emulators.knobs import Board, Fault, Kind

A = TypeVar("A")
_CHUNK = 8_192
HTML = b"<!doctype html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


class Refusal(Exception):
    """The request is answered with an error status."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


@dataclass(frozen=True)
class Body:
    """A good answer's body; headers go with it."""

    content: bytes
    media_type: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    streamed: bool = False
    """Sent in chunks, without saying how long it is."""

    async def chunks(self) -> AsyncIterator[bytes]:
        """The content as it is streamed."""
        for start in range(0, len(self.content), _CHUNK):
            yield self.content[start : start + _CHUNK]


class Endpoint(ABC, Generic[A]):
    """An ASGI application for one route. `A` is a valid request, as far as the answer depends on it."""

    codes: ClassVar[dict[int, str]] = {}
    """The provider's error code for a status."""
    too_many = "Too many requests at once."
    quota_code = "insufficient_quota"
    """What is said to calls beyond the quota."""

    def __init__(self, board: Board) -> None:
        self.board = board

    @abstractmethod
    def admits(self, request: Request) -> bool:
        """Whether the request carries the key (`self.board.knobs.key`)."""

    @abstractmethod
    async def read(self, request: Request) -> A:
        """The request, checked as the provider checks it. Raises Refusal."""

    @abstractmethod
    def unit(self, asked: A) -> str:
        """The text that faults, the gate and the counts know this call by."""

    @abstractmethod
    async def answer(self, asked: A, rule: Fault | None, number: int) -> Body:
        """A good answer to the `number`-th call; or one spoilt as `rule` says, of those kinds that spoil what is inside
        (those that spoil the transport are played here)."""

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        """An error in the provider's shape."""
        return JSONResponse({"error": {"message": message, "code": code}}, status, headers)

    def refused_key(self) -> Refusal:
        """What is said to a wrong key."""
        return Refusal(401, "The key is missing or not valid.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        board = self.board
        number = board.count("received")
        try:
            response = await self._respond(number, scope, receive, send)
        except Refusal as refusal:
            code = refusal.code or self.codes.get(refusal.status)
            response = self.error(refusal.status, refusal.message, code, number)
        except (Gone, ClientDisconnect):
            board.count("disconnected")
            return
        if response is not None:
            if response.status_code >= 300:
                board.statuses[response.status_code] += 1
                board.count("failed")
            await response(scope, receive, send)

    async def _respond(self, number: int, scope: Scope, receive: Receive, send: Send) -> Response | None:
        """The response to send, or None when the connection has been dealt with. Raises Refusal or Gone."""
        board = self.board
        request = Request(scope, receive)
        await request.body()  # read to its end before anything is said, so that a leaving client is noticed
        if not self.admits(request):
            raise self.refused_key()
        asked = await self.read(request)
        unit = self.unit(asked)
        board.texts[unit] += 1
        cap = board.knobs.concurrency_cap
        if cap is not None and board.counts.in_flight >= cap:
            raise Refusal(429, self.too_many)
        if board.knobs.quota is not None and board.counts.charged >= board.knobs.quota:
            raise Refusal(429, "The quota is used up.", self.quota_code)
        board.count("in_flight")
        try:
            if board.knobs.gate is not None:
                await unless_gone(receive, board.hold(unit))
            return await self._play(board.fault(unit, number), asked, number, scope, receive, send)
        except Gone:
            board.count("charged")
            raise
        finally:
            board.count("in_flight", -1)

    async def _play(
        self, rule: Fault | None, asked: A, number: int, scope: Scope, receive: Receive, send: Send
    ) -> Response | None:
        board = self.board
        kind = rule.kind if rule else None
        if rule and kind is Kind.STATUS:
            return self._scripted(rule, number)
        if kind is Kind.HANG:
            await unless_gone(receive, asyncio.Event().wait())
        if kind is Kind.RESET:
            board.count("charged")
            await break_off(scope, receive)
            return None
        wait_ms = board.knobs.latency_ms + (rule.delay_ms if rule and kind is Kind.DELAY else 0)
        if wait_ms:
            await unless_gone(receive, asyncio.sleep(wait_ms / 1_000))
        board.count("charged")
        body = Body(HTML, "text/html") if kind is Kind.HTML else await self.answer(asked, rule, number)
        board.statuses[body.status] += 1
        if rule is None or kind in (Kind.DELAY, Kind.DRIP):
            board.answered_texts[self.unit(asked)] += 1
            board.count("answered")
        if rule and kind in (Kind.DRIP, Kind.RESET_BODY, Kind.CLOSE_BODY):
            await send_slowly(rule, body, scope, receive, send)
            return None
        if kind is Kind.TRUNCATED:
            body = replace(body, content=body.content[: len(body.content) // 2])
        if body.streamed:
            return StreamingResponse(body.chunks(), body.status, dict(body.headers), body.media_type)
        return Response(body.content, body.status, dict(body.headers), body.media_type)

    def _scripted(self, rule: Fault, number: int) -> Response:
        headers = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
        if isinstance(rule.body, dict):
            return JSONResponse(rule.body, rule.status, headers)
        if rule.body is not None:
            return Response(rule.body, rule.status, headers, "text/html")
        code = rule.code or self.codes.get(rule.status)
        return self.error(rule.status, f"Scripted: {code or rule.status}.", code, number, headers)


async def json_object(request: Request) -> dict[str, Any]:
    """The request's body. Raises Refusal for anything but a JSON object."""
    try:
        fields = json.loads(await request.body())
    except ValueError:
        raise Refusal(400, "Request body is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise Refusal(422, "Request body must be a JSON object.")
    return fields


async def send_slowly(rule: Fault, body: Body, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the body in pieces, or half of it before the connection breaks."""
    content = body.content
    headers = [(b"content-type", body.media_type.encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in body.headers]
    if not body.streamed:
        headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": body.status, "headers": headers})
    if rule.kind is Kind.DRIP:
        step = -(-len(content) // rule.pieces)
        for start in range(0, len(content), step):
            await unless_gone(receive, asyncio.sleep(rule.delay_ms / 1_000))
            more = start + step < len(content)
            await send({"type": "http.response.body", "body": content[start : start + step], "more_body": more})
        return
    await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
    await (close if rule.kind is Kind.CLOSE_BODY else break_off)(scope, receive)

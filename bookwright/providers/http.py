"""The one place that makes HTTP clients for providers: own time-outs and limits, nothing taken from the environment.

A client records in the current `Exchange` how far a request got. That is what tells a call that surely was not paid
(it never began to leave) from one whose answer got lost.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import httpx

from bookwright.contracts.errors import BadAnswer
from bookwright.providers.connection import Connection, Origin, connect, origin_of

CONNECT_SECONDS = 5.0
"""The most a connection may take; no SDK can stretch it."""
KEPT_SECONDS = 30.0
"""How long an idle connection may be used again."""
MAX_ANSWER_BYTES = 64 * 1024 * 1024


@dataclass
class Exchange:
    """How far a request got."""

    turn: AbstractAsyncContextManager[None]
    """Entered just before the request leaves, left when the answer's body has been read."""
    sent: bool = False
    """It began to leave: from here on the provider may act on it."""
    status: int | None = None
    """The status of the answer, once its headers are there."""
    response: httpx.Response | None = field(default=None, repr=False)

    def leaving(self) -> None:
        """The request leaves now."""
        self.sent = True


_exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def watched(turn: AbstractAsyncContextManager[None]) -> Iterator[Exchange]:
    """Record how far the request made inside gets, and make it within `turn`. For one request, in the same task."""
    exchange = Exchange(turn)
    token = _exchange.set(exchange)
    try:
        yield exchange
    finally:
        _exchange.reset(token)
        if exchange.response is not None:
            # httpx ties a response and its stream into a cycle: without this, megabytes wait for the collector.
            exchange.response.stream = httpx.ByteStream(b"")
            exchange.response = None


def make_client(*, deadline_s: float, connections: int, max_answer_bytes: int = MAX_ANSWER_BYTES) -> httpx.AsyncClient:
    """A client for one provider. `deadline_s` bounds each wait for the peer; the caller sets the total deadline with
    `asyncio.timeout`. More than `connections` requests at once wait for a free connection. It follows no redirect,
    asks for no compression and raises BadAnswer as soon as an answer is larger than `max_answer_bytes`."""
    return httpx.AsyncClient(
        transport=make_transport(connections=connections, kept=connections, max_answer_bytes=max_answer_bytes),
        timeout=httpx.Timeout(deadline_s, connect=min(CONNECT_SECONDS, deadline_s)),
        headers={"accept-encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )


def make_transport(
    *, connections: int, kept: int, max_answer_bytes: int = MAX_ANSWER_BYTES
) -> httpx.AsyncBaseTransport:
    """What `make_client` sends through, for SDKs that make the client themselves and for requests without one. `kept`
    is how many idle connections are used again."""
    return _Transport(connections, kept, max_answer_bytes)


class _Transport(httpx.AsyncBaseTransport):
    """Connections that are used again, which watch the exchange and cap the answer."""

    def __init__(self, connections: int, kept: int, max_answer_bytes: int) -> None:
        self._room = asyncio.Semaphore(connections)
        self._kept = kept
        self._idle: deque[tuple[float, Connection]] = deque()
        """With the time since when; the one used last is at the end, and is the first to be used again."""
        self._max_answer_bytes = max_answer_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _exchange.get()
        patience = request.extensions.get("timeout", {})
        async with AsyncExitStack() as held:
            if exchange is not None:
                await held.enter_async_context(exchange.turn)
            connection = await held.enter_async_context(self._connection(origin_of(request), patience))
            response = await connection.send(request, patience, exchange.leaving if exchange else _unwatched)
            if exchange is not None:
                exchange.status = response.status_code
                exchange.response = response
            assert isinstance(response.stream, httpx.AsyncByteStream)
            response.stream = _Body(response.stream, self._max_answer_bytes, held.pop_all())
        return response

    async def aclose(self) -> None:
        self._kept = 0  # those in use are closed as soon as they are not
        while self._idle:
            await self._idle.pop()[1].aclose()

    @asynccontextmanager
    async def _connection(self, origin: Origin, patience: Mapping[str, float | None]) -> AsyncIterator[Connection]:
        """A connection for one request and its answer. Raises PoolTimeout, ConnectTimeout or ConnectError."""
        try:
            async with asyncio.timeout(patience.get("pool")):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("no connection is free") from None
        try:
            connection = await self._taken(origin, min(patience.get("connect") or CONNECT_SECONDS, CONNECT_SECONDS))
            try:
                yield connection
            except BaseException:
                await connection.aclose()
                raise
            if not connection.usable:
                await connection.aclose()
                return
            now = time.monotonic()
            self._idle.append((now, connection))
            while self._idle and (len(self._idle) > self._kept or self._idle[0][0] < now - KEPT_SECONDS):
                await self._idle.popleft()[1].aclose()
        finally:
            self._room.release()

    async def _taken(self, origin: Origin, patience_s: float) -> Connection:
        """One that is idle, or a new one."""
        while self._idle:
            _, connection = self._idle.pop()
            if connection.usable and connection.origin == origin:
                return connection
            await connection.aclose()
        return await connect(origin, patience_s)


def _unwatched() -> None:
    """Nobody asks how far the request got."""


class _Body(httpx.AsyncByteStream):
    """An answer's body, which may not grow beyond a limit. Closing it ends the exchange's turn."""

    def __init__(self, body: httpx.AsyncByteStream, limit: int, held: AsyncExitStack) -> None:
        self._body = body
        self._limit = limit
        self._held = held

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._body:
            received += len(chunk)
            if received > self._limit:
                raise BadAnswer(f"the answer is larger than {self._limit} bytes")
            yield chunk

    async def aclose(self) -> None:
        async with self._held:
            await self._body.aclose()

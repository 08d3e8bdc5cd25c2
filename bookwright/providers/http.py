"""The one place that makes HTTP clients for providers: own time-outs and limits, nothing taken from the environment.

A client records in the current `Exchange` how far a request got. That is what tells a call that surely was not paid
(its body never began to leave) from one whose answer got lost.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx

from bookwright.contracts.errors import BadAnswer

CONNECT_SECONDS = 5.0
"""The most a connection may take; no SDK can stretch it."""
MAX_ANSWER_BYTES = 64 * 1024 * 1024


@dataclass
class Exchange:
    """How far a request got."""

    turn: AbstractAsyncContextManager[None]
    """Entered just before the request leaves, left when the answer's body has been read."""
    sent: bool = False
    """Its body began to leave: from here on the provider may act on it."""
    status: int | None = None
    """The status of the answer, once its headers are there."""
    response: httpx.Response | None = field(default=None, repr=False)


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
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=kept, keepalive_expiry=30)
    return _Transport(limits=limits, trust_env=False, max_answer_bytes=max_answer_bytes)


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's own transport, which also watches the exchange and caps the answer."""

    def __init__(self, *, max_answer_bytes: int, **options: Any) -> None:
        super().__init__(**options)
        self._max_answer_bytes = max_answer_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _exchange.get()
        timeout = dict(request.extensions.get("timeout", {}))
        timeout["connect"] = min(timeout.get("connect") or CONNECT_SECONDS, CONNECT_SECONDS)
        request.extensions = {**request.extensions, "timeout": timeout}
        async with AsyncExitStack() as held:
            if exchange is not None:

                async def trace(event: str, _info: dict[str, Any]) -> None:
                    if event.endswith(".send_request_body.started"):
                        exchange.sent = True

                request.extensions["trace"] = trace
                await held.enter_async_context(exchange.turn)
            response = await super().handle_async_request(request)
            if exchange is not None:
                exchange.status = response.status_code
                exchange.response = response
            assert isinstance(response.stream, httpx.AsyncByteStream)
            response.stream = _Body(response.stream, self._max_answer_bytes, held.pop_all())
        return response


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

"""One HTTP/1.1 connection for httpx: h11 says what the bytes mean, the event loop carries them.

httpx's own transport (httpcore 1.0 over anyio) does the same for 1.5 ms more CPU a call, and 5 MB more.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, cast

import h11
import httpx

Origin = tuple[str, str, int, str]
"""Scheme, host, port, and the name that its certificate must have."""
UNREAD_BYTES = 256 * 1024
"""So much is taken in at most before somebody reads it."""
HEAD_BYTES = 100 * 1024
"""The most that an answer's headers may take."""
_PORTS = {"http": 80, "https": 443}
Event = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]


def origin_of(request: httpx.Request) -> Origin:
    """Where a request goes. Raises httpx.UnsupportedProtocol."""
    url = request.url
    if url.scheme not in _PORTS:
        raise httpx.UnsupportedProtocol("only http and https are spoken")
    host = url.raw_host.decode("ascii")
    return url.scheme, host, url.port or _PORTS[url.scheme], request.extensions.get("sni_hostname") or host


async def connect(origin: Origin, patience_s: float | None) -> "Connection":
    """A new connection. Raises httpx.ConnectTimeout or ConnectError."""
    scheme, host, port, name = origin
    secure: dict[str, Any] = {"ssl": _tls(), "server_hostname": name} if scheme == "https" else {}
    try:
        async with asyncio.timeout(patience_s):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(origin), host, port, **secure
            )
    except TimeoutError:
        raise httpx.ConnectTimeout("the connection was not there in time") from None
    except (OSError, UnicodeError) as error:  # one of TLS is an OSError, too
        raise httpx.ConnectError(str(error)) from error
    return connection


@cache
def _tls() -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connection(asyncio.Protocol):
    """Takes one request at a time. An answer that is not read to its end leaves it unusable."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self._transport: asyncio.Transport
        self._unread = 0
        self._reading = True
        self._waiting: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._ended = False
        """Whether nothing more will come."""
        self._gone = asyncio.Event()

    @property
    def usable(self) -> bool:
        """Whether it takes a request now."""
        return self._http.our_state is h11.IDLE and not self._ended and not self._transport.is_closing()

    async def send(
        self, request: httpx.Request, patience: Mapping[str, float | None], leaving: Callable[[], None]
    ) -> httpx.Response:
        """The answer to a request, its body unread. `patience` has the seconds for each wait to `write` and to `read`;
        `leaving` is called just before the request leaves. Raises httpx.TransportError."""
        url = request.url
        try:
            head = self._http.send(h11.Request(method=request.method, target=url.raw_path, headers=request.headers.raw))
            leaving()
            self._transport.write(head or b"")
            # A server may answer and hang up before it has taken everything: what it says is what counts.
            with suppress(ConnectionError):
                async for part in cast(httpx.AsyncByteStream, request.stream):
                    await self._write(self._http.send(h11.Data(data=part)), patience.get("write"))
                await self._write(self._http.send(h11.EndOfMessage()), patience.get("write"))
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        event = await self._next(patience.get("read"))
        while isinstance(event, h11.InformationalResponse):
            event = await self._next(patience.get("read"))
        assert isinstance(event, h11.Response)
        return httpx.Response(
            event.status_code,
            headers=event.headers.raw_items(),
            stream=_Body(self, patience.get("read")),
            extensions={"http_version": b"HTTP/" + event.http_version, "reason_phrase": event.reason},
        )

    async def body(self, patience_s: float | None) -> AsyncIterator[bytes]:
        """The answer's body; the connection is then usable again, if both sides want it."""
        while isinstance(event := await self._next(patience_s), h11.Data):
            yield bytes(event.data)
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            if self._http.trailing_data[0]:  # nobody asked for that
                self._transport.abort()

    async def aclose(self) -> None:
        """Close it, whatever is under way."""
        self._transport.abort()
        await self._gone.wait()

    async def _write(self, data: bytes | None, patience_s: float | None) -> None:
        """Raises ConnectionError when nobody takes it any more."""
        if data:
            if self._transport.is_closing():
                raise ConnectionResetError
            self._transport.write(data)
        if not self._writable.is_set():
            try:
                async with asyncio.timeout(patience_s):
                    await self._writable.wait()
            except TimeoutError:
                raise httpx.WriteTimeout("the server took nothing for too long") from None

    async def _next(self, patience_s: float | None) -> Event:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                if self._ended:
                    raise httpx.ReadError("the connection broke")
                self._unread = 0
                if not self._reading:
                    self._reading = True
                    self._transport.resume_reading()
                await self._more(patience_s)
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        return event

    async def _more(self, patience_s: float | None) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(patience_s):
                await self._waiting
        except TimeoutError:
            raise httpx.ReadTimeout("the server said nothing for too long") from None
        finally:
            self._waiting = None

    # -- what the event loop calls -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._http.our_state is h11.IDLE:  # nobody has asked anything
            self._transport.abort()
            return
        self._http.receive_data(data)
        self._unread += len(data)
        if self._reading and self._unread > UNREAD_BYTES:
            self._reading = False
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._end(broken=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(broken=True)
        self._gone.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _end(self, *, broken: bool) -> None:
        if not self._ended:
            self._ended = True
            if not broken:  # an answer of no declared length ends so
                self._http.receive_data(b"")
            self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class _Body(httpx.AsyncByteStream):
    """An answer's body. Whoever has the connection closes it or uses it again."""

    def __init__(self, connection: Connection, patience_s: float | None) -> None:
        self._connection = connection
        self._patience_s = patience_s

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._connection.body(self._patience_s)

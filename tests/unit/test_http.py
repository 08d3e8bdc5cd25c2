"""The client that all providers are asked with: its connections, against a server that counts them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext

import httpx
import pytest

from bookwright.contracts.errors import NotSent
from bookwright.providers.errors import from_failure
from bookwright.providers.http import Exchange, make_client, make_transport


class Server:
    """Answers every request with its connection's number; `/held` only once the gate is open."""

    def __init__(self) -> None:
        self.opened = self.open = self.held = 0
        self.changed = asyncio.Condition()
        self.gate = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        name = str(self.opened).encode()
        await self._count("open", 1)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b" /held " in head:
                    await self._count("held", 1)
                    await self.gate.wait()
                    await self._count("held", -1)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(name), name))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            await self._count("open", -1)

    async def _count(self, name: str, by: int) -> None:
        async with self.changed:
            setattr(self, name, getattr(self, name) + by)
            self.changed.notify_all()

    async def until(self, name: str, value: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: getattr(self, name) == value)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    counting = Server()
    listening = await asyncio.start_server(counting.serve, "127.0.0.1", 0)
    counting.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield counting
    counting.gate.set()
    listening.close()
    await counting.until("open", 0)


async def test_a_connection_is_used_again(server: Server) -> None:
    async with make_client(deadline_s=5, connections=4) as client:
        for _ in range(5):
            assert (await client.get(server.url)).text == "1"
    await server.until("open", 0)


async def test_requests_at_once_have_connections_of_their_own_up_to_the_limit(server: Server) -> None:
    async with make_client(deadline_s=30, connections=3) as client:
        asking = [asyncio.ensure_future(client.get(f"{server.url}/held")) for _ in range(8)]
        await server.until("held", 3)
        server.gate.set()
        assert {(await answer).text for answer in asking} == {"1", "2", "3"}
        assert (await client.get(server.url)).text in {"1", "2", "3"}
    await server.until("open", 0)


async def test_who_waits_too_long_for_a_connection_has_sent_nothing(server: Server) -> None:
    async with make_client(deadline_s=0.2, connections=1) as client:
        first = asyncio.ensure_future(client.get(f"{server.url}/held", timeout=None))
        await server.until("held", 1)
        with pytest.raises(httpx.PoolTimeout) as error:
            await client.get(server.url)
        assert type(from_failure("sarvam", error.value, Exchange(nullcontext()))) is NotSent
        server.gate.set()
        assert (await first).text == "1"
        assert (await client.get(server.url, timeout=None)).text == "1", "the place in the queue is not lost"


async def test_a_cancelled_request_closes_its_connection_and_leaves_room(server: Server) -> None:
    async with make_client(deadline_s=5, connections=1) as client:
        asking = asyncio.ensure_future(client.get(f"{server.url}/held"))
        await server.until("held", 1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        server.gate.set()
        assert (await client.get(server.url)).text == "2"


async def test_no_more_idle_connections_are_kept_than_wanted(server: Server) -> None:
    transport = make_transport(connections=4, kept=1)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        asking = [asyncio.ensure_future(client.get(f"{server.url}/held")) for _ in range(4)]
        await server.until("held", 4)
        server.gate.set()
        await asyncio.gather(*asking)
        await server.until("open", 1)
    await server.until("open", 0)

"""The API as a process of its own, and a client that costs little beside what it measures."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.store import Database
from bookwright.store.access.keys import KeyStore
from tests.support.emulator import ROOT


@dataclass(frozen=True)
class Served:
    """A running API: its address, its process and an admin's key."""

    host: str
    port: int
    pid: int
    key: str


@asynccontextmanager
async def api(home: Path, database: Database, url: str, temporal: str) -> AsyncIterator[Served]:
    """`bookwright api` over a store whose schema is there."""
    made = await KeyStore(database).create(LOCAL_OWNER, "benchmark", actor="benchmark", role=Role.ADMIN)
    environment = {
        **os.environ,
        "BOOKWRIGHT_HOME": str(home),
        "DATABASE_URL": url,
        "TEMPORAL_ADDRESS": temporal,
        "BOOKWRIGHT_REQUEST_LIMIT": "100000/second",
        "BOOKWRIGHT_LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("bookwright"), "api", "--port", "0", "--json"),
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        told = b""
        async with asyncio.timeout(60):
            while not told.rstrip().endswith(b"}"):
                if not (line := await process.stdout.readline()):
                    raise RuntimeError("the API did not start; its own output says why")
                told += line
        address = urlsplit(json.loads(told)["web"])
        yield Served(address.hostname or "", address.port or 0, json.loads(told)["pid"], made.key)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


class Connection:
    """One connection that is kept open; one request at a time."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._free = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> bytes:
        """The body of the answer. Raises RuntimeError for anything but 200."""
        async with self._free:
            reader, writer = self._streams = self._streams or await self.open()
            writer.write(self.request(path))
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            body = await reader.readexactly(int(length.split(b":")[1]))
            if b" 200 " not in head[:20]:
                raise RuntimeError(f"{path}: {head[:40]!r} {body[:200]!r}")
            return body

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection."""
        return await asyncio.open_connection(self._served.host, self._served.port)

    def request(self, path: str) -> bytes:
        """A GET as it is sent."""
        return (f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self._served.key}\r\n\r\n").encode()


async def steadily(served: Served, paths: Sequence[str], per_second: float, seconds: float) -> list[float]:
    """Ask for the paths in turn, so many a second whatever the answers take: seconds of each answer, from when it was
    due."""
    connections = [Connection(served) for _ in range(16)]
    took: list[float] = []

    async def ask(number: int, due: float) -> None:
        await connections[number % len(connections)].get(paths[number % len(paths)])
        took.append(time.perf_counter() - due)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as asking:
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            asking.create_task(ask(number, due))
    return took


def share(took: Sequence[float], part: float) -> float:
    """In milliseconds: what `part` of the answers did not exceed."""
    return sorted(took)[min(len(took) - 1, int(len(took) * part))] * 1000

"""Events over HTTP as they happen, over a real connection: none missing, none twice, and an end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.contracts.orders import BookContext
from bookwright.store.access.keys import KeyStore
from tests.support.library import Home, home_at
from tests.support.serving import served
from tests.support.stories import KITE

PATIENCE_S = 60


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


class Reader:
    """An open stream of events."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def event(self) -> tuple[int, str, dict[str, Any]] | None:
        """The next event's id, kind and data; None when the stream has ended."""
        found: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                if line:
                    name, _, value = line.partition(":")
                    found[name] = value.strip()
                elif "id" in found:
                    return int(found["id"]), found["event"], json.loads(found["data"])
        return None

    async def rest(self) -> list[tuple[int, str]]:
        """All events to the end."""
        found = []
        while event := await self.event():
            found.append(event[:2])
        return found


@asynccontextmanager
async def watching(address: str, job: str, key: str, after: int | None = None) -> AsyncIterator[Reader]:
    headers = {"Authorization": f"Bearer {key}"} | ({} if after is None else {"Last-Event-ID": str(after)})
    async with (
        httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE_S) as client,
        client.stream("GET", f"/api/jobs/{job}/events") as answer,
    ):
        yield Reader(answer)


async def tell(home: Home, kite: BookContext) -> None:
    """Everything that is to happen."""
    await home.read(kite, KITE)
    for page in range(1, kite.pages + 1):
        await home.begin(kite, page)
        await home.fail(kite, page, "no voice today")
    await home.close(kite)


async def test_events_come_as_they_happen_and_the_last_one_closes(home: Home) -> None:
    kite, key = await home.order(KITE), await home.key()
    async with served(home.app()) as address, watching(address, kite.job_id, key) as reader:
        assert reader.answer.headers["content-type"].startswith("text/event-stream")
        first = await reader.event()
        assert first is not None and first[1] == "accepted" and first[2]["seq"] == 1
        telling = asyncio.create_task(tell(home, kite))
        rest = await reader.rest()
        await telling
    everything = await home.jobs.events(LOCAL_OWNER, (await home.jobs.job(LOCAL_OWNER, kite.job_id)).job_id)
    assert [seq for seq, _ in rest] == list(range(2, len(everything) + 1))
    assert rest[-1][1] == "closed"


async def test_a_dropped_stream_goes_on_without_gap_or_repeat(home: Home) -> None:
    """Fault 28: the connection is closed again and again, by either side; the ids of all parts make one row."""
    kite, key = await home.order(KITE), await home.key()
    seen: list[int] = []
    async with served(home.app()) as address:
        telling = asyncio.create_task(tell(home, kite))
        kind = ""
        while kind != "closed":
            async with watching(address, kite.job_id, key, seen[-1] if seen else None) as reader:
                for _ in range(3):
                    if (event := await reader.event()) is None:
                        break
                    seen.append(event[0])
                    kind = event[1]
        await telling
        assert seen == list(range(1, len(seen) + 1))
        headers = {"Authorization": f"Bearer {key}", "Last-Event-ID": str(seen[-1])}
        async with httpx.AsyncClient(base_url=address, headers=headers) as client:
            assert (await client.get(f"/api/jobs/{kite.job_id}/events")).status_code == 204, "a browser asks no more"
            headers = {"Last-Event-ID": "seven"}
            assert (await client.get(f"/api/jobs/{kite.job_id}/events", headers=headers)).status_code == 422


async def test_a_stream_ends_when_its_key_is_revoked(home: Home) -> None:
    kite = await home.order(KITE)
    made = await KeyStore(home.database).create(LOCAL_OWNER, "stream", actor="test")
    async with served(home.app()) as address, watching(address, kite.job_id, made.key) as reader:
        assert await reader.event()
        await KeyStore(home.database).revoke(LOCAL_OWNER, made.facts.id, actor="test")
        rest = await reader.rest()
    assert all(kind != "closed" for _, kind in rest)


async def test_a_server_that_leaves_ends_its_streams(home: Home) -> None:
    kite, key = await home.order(KITE), await home.key()
    app = home.app()
    async with served(app) as address, watching(address, kite.job_id, key) as reader:
        assert await reader.event()
        await app.state.streams.close()
        assert all(kind != "closed" for _, kind in await reader.rest())
    assert app.state.streams.open == 0

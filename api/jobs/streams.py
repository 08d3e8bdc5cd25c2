"""Events as they happen: one look at the store serves all streams of this process."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress

from api.deps import Backend
from bookwright.contracts.access import Caller
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ids import OwnerId
from bookwright.store import JobEvent, JobRow
from bookwright.store.jobs.records import EventKind

POLL_S = 0.3
"""How often the store is asked for news of all jobs that somebody watches, in one query."""
BEAT_S = 10.0
"""A stream in which nothing happens says so this often, so that nobody on the way closes it."""
GLANCE_S = 2.0
"""How often a stream looks whether its key still holds."""
EVENTS_AT_ONCE = 100
STREAMS_EACH = 600
"""Streams of one user in this process: enough for a wall of screens, and connections are left for others."""
RETRY_MS = 2_000
GONE = 2**62
"""Stands for the newest event of a job that was deleted: there is news, and nothing to read."""


class Streams:
    """The open event streams of this process."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._watched: Counter[int] = Counter()
        self._readers: Counter[OwnerId] = Counter()
        self._newest: dict[int, int] = {}
        self._parts: dict[tuple[int, int, int], asyncio.Task[list[JobEvent]]] = {}
        self._news = asyncio.Condition()
        self._polling: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def open(self) -> int:
        """How many streams there are."""
        return self._watched.total()

    def full(self, owner: OwnerId) -> bool:
        """Whether this user has all the streams that one may have."""
        return self._readers[owner] >= STREAMS_EACH

    async def close(self) -> None:
        """End all streams; their readers come back with the number of their last event."""
        self._closed = True
        async with self._news:
            self._news.notify_all()
        if self._polling is not None:
            self._polling.cancel()

    async def events(self, job: JobRow, caller: Caller, after: int) -> AsyncIterator[bytes]:
        """A job's events after number `after` as server-sent events; ends with the job, with the caller's key, or when
        this process does."""
        self._watched[job.number] += 1
        self._readers[caller.owner] += 1
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            async for part in self._follow(job, caller, after):
                yield part
        finally:
            self._readers[caller.owner] -= 1
            self._watched[job.number] -= 1
            if not self._watched[job.number]:
                del self._watched[job.number]
                self._newest.pop(job.number, None)

    async def _follow(self, job: JobRow, caller: Caller, after: int) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        beat = loop.time() + BEAT_S
        looking = True
        while not self._closed:
            found = await self._read(job, after) if looking else ()
            for event in found or ():
                after = event.seq
                yield _sse(event)
                if event.kind is EventKind.CLOSED:
                    return
            if looking and found == () and self._newest.get(job.number, 0) > after:
                return  # the job is gone, with its events
            if found:
                beat = loop.time() + BEAT_S
                continue
            looking = await self._wait(job, after)
            if not await self._backend.credentials.still_allowed(caller):
                return
            if loop.time() >= beat:
                yield b": nothing new\n\n"
                beat = loop.time() + BEAT_S

    async def _read(self, job: JobRow, after: int) -> tuple[JobEvent, ...] | None:
        """The next events, read once for all streams of the job that are at this point. None while the store is
        away."""
        key = (job.number, after, self._newest.get(job.number, 0))
        if key not in self._parts:
            reading = self._backend.jobs.events(job.owner_id, job.job_id, after, EVENTS_AT_ONCE)
            self._parts[key] = asyncio.create_task(reading)
        try:
            return tuple(await asyncio.shield(self._parts[key]))
        except ServiceUnavailable:
            self._parts.pop(key, None)
            await asyncio.sleep(POLL_S)
            return None

    async def _wait(self, job: JobRow, after: int) -> bool:
        """Until there is news, or it is time to look around. True when there is news."""

        def news() -> bool:
            return self._newest.get(job.number, 0) > after

        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        with suppress(TimeoutError):
            async with asyncio.timeout(GLANCE_S), self._news:
                await self._news.wait_for(lambda: self._closed or news())
        return news()

    async def _poll(self) -> None:
        """Look for news as long as anybody is watching."""
        while self._watched and not self._closed:
            with suppress(ServiceUnavailable):
                counted = await self._backend.jobs.event_counts(list(self._watched))
                newest = {number: counted.get(number, GONE) for number in self._watched}
                if newest != self._newest:
                    self._newest = newest
                    self._parts.clear()
                    async with self._news:
                        self._news.notify_all()
            await asyncio.sleep(POLL_S)


def _sse(event: JobEvent) -> bytes:
    data = {"seq": event.seq, "kind": event.kind, "at": event.at.isoformat(), "data": event.data}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.seq}\nevent: {event.kind}\ndata: {text}\n\n".encode()

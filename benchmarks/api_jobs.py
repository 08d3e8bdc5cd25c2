"""The API: how jobs stand while 50 books are made, lists and figures over 100,000 jobs, and 500 open streams."""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from temporalio.service import RPCError

from benchmarks.books import order
from benchmarks.measure import Figure, peak_mb
from benchmarks.serving import Connection, Served, api, share, steadily
from bookwright.contracts.ids import LOCAL_OWNER, JobId, book_workflow_id, job_id
from bookwright.contracts.orders import BookOrder, InlineText
from bookwright.contracts.progress import BookStatus, JobState
from bookwright.store import SERVICE, Database, JobRow, LocalAssets, migrate
from bookwright.store.books.store import BookStore
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.store import JobStore
from bookwright.store.tables import books, jobs, users
from tests.support.emulator import EmulatorProcess
from tests.support.postgres import postgres_server
from tests.support.stack import Stack, page_texts

BOOKS, STREAMS, JOBS, OWNERS = 50, 500, 100_000, 200
PER_SECOND, SECONDS = 50, 10
NO_TEMPORAL = "127.0.0.1:9"
LISTS = (
    "/api/admin/jobs/list",
    "/api/admin/jobs/list?status=failed&limit=100",
    "/api/admin/jobs/list?status=processing",
    "/api/admin/jobs/list?user=reader-7&status=completed",
    "/api/admin/jobs/list?since=2026-01-01T00:00:00Z&until=2100-01-01T00:00:00Z",
    "/api/admin/jobs/list?q=book%2099999",
    "/api/jobs",
)
FIGURES = ("/api/admin/jobs/stats", "/api/usage")


async def run() -> list[Figure]:
    """One round of each."""
    found = await statuses()
    found += await streams()
    with tempfile.TemporaryDirectory() as folder:
        found += await lists(Path(folder), f"sqlite:///{folder}/bookwright.db", "SQLite")
    with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
        name = server.database()
        found += await lists(Path(folder), server.url(name), "PostgreSQL", lambda: server.vacuum(name))
    return found


async def statuses() -> list[Figure]:
    """50 requests a second for 50 books that are being made, and beside them bare queries of their workflows."""
    with EmulatorProcess("sarvam", latency_ms=2000) as emulator, tempfile.TemporaryDirectory() as folder:
        async with Stack(Path(folder), emulator, audio_jobs=BOOKS) as stack:
            await stack.worker(concurrency=8)
            ordered = [await order(stack, page_texts(200, book=f"book{number}"), 50) for number in range(BOOKS)]
            for job in ordered:
                await stack.job_where(job, lambda row: row.state is JobState.RUNNING)
            async with api(stack.home, stack.database, stack.settings.database, stack.temporal.address) as served:
                paths = [f"/api/jobs/{job.job_id}/status" for job in ordered]
                await steadily(served, paths, PER_SECOND, 2)
                took, asked = await asyncio.gather(
                    steadily(served, paths, PER_SECOND, SECONDS), _queries(stack, ordered, SECONDS)
                )
                ended = [row for row in [await stack.row(job) for job in ordered] if row.state is not JobState.RUNNING]
                if ended:
                    raise RuntimeError(f"{len(ended)} books are not being made: {ended[0].state}, {ended[0].error}")
                return [
                    Figure("status, p99 at 50/s, 50 books running", [share(took, 0.99)], gate=30, unit="ms"),
                    Figure("status, median", [share(took, 0.5)], unit="ms"),
                    Figure("raw query of a workflow, p99", [share(asked, 0.99)], unit="ms"),
                    Figure("raw query of a workflow, median", [share(asked, 0.5)], unit="ms"),
                ]


async def _queries(stack: Stack, ordered: list[JobRow], seconds: float) -> list[float]:
    took = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        with suppress(RPCError):  # a workflow whose task has just failed is not asked
            await stack.handle(random.choice(ordered)).query("status", result_type=BookStatus)
            took.append(time.perf_counter() - began)
        await asyncio.sleep(0.05)
    return took


async def streams() -> list[Figure]:
    """500 open streams of 50 jobs in which things happen: the process's memory, and how soon events arrive."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = f"sqlite:///{home}/bookwright.db"
        await migrate(url)
        async with Database(url) as database:
            assets = LocalAssets(home / "assets", min_room=0)
            store, kept = JobStore(database, assets), BookStore(database, assets)
            accepted = [
                await store.accept(
                    BookOrder(book_id=f"b{number}", source=InlineText(text="Once.")),
                    fingerprint=str(number),
                )
                for number in range(BOOKS)
            ]
            async with api(home, database, url, NO_TEMPORAL) as served:
                before = peak_mb(served.pid)
                begun: list[int] = []
                arrived: list[float] = []
                told: dict[str, float] = {}
                readers = [
                    asyncio.create_task(_listen(served, accepted[number % BOOKS], told, begun, arrived))
                    for number in range(STREAMS)
                ]
                for second in range(5):
                    while len(arrived) < STREAMS * second or len(begun) < STREAMS:  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                    for job in accepted:
                        reason = f"{job.number}/{second}"
                        told[reason] = time.perf_counter()
                        await kept.hold(LOCAL_OWNER, JobId(job.job_id), reason, paused=True)
                while len(arrived) < STREAMS * 5:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
                after = peak_mb(served.pid)
                for reader in readers:
                    reader.cancel()
                await asyncio.gather(*readers, return_exceptions=True)
    return [
        Figure("500 open event streams, the API's peak memory", [after], gate=300, unit="MB"),
        Figure("of which for the streams", [after - before], unit="MB"),
        Figure("an event's way to its streams, p99", [share(arrived, 0.99)], unit="ms"),
    ]


async def _listen(served: Served, job: JobRow, told: dict[str, float], begun: list[int], arrived: list[float]) -> None:
    connection = Connection(served)
    reader, writer = await connection.open()
    writer.write(connection.request(f"/api/jobs/{job.job_id}/events"))
    with suppress(ConnectionError):
        async for line in reader:
            if line.startswith(b"event: accepted"):
                begun.append(job.number)
            if line.startswith(b"data:") and b'"hold"' in line:
                reason = line.rpartition(b'"reason":"')[2].partition(b'"')[0].decode()
                arrived.append(time.perf_counter() - told[reason])


async def lists(home: Path, url: str, name: str, settle: Callable[[], None] = lambda: None) -> list[Figure]:
    """Every list and figure, again and again, over 100,000 jobs; `settle` is called when they are there."""
    await migrate(url)
    async with Database(url) as database:
        await database.write(SERVICE, fill)
        settle()
        async with api(home, database, url, NO_TEMPORAL) as served:
            connection = Connection(served)
            slowest: dict[str, list[float]] = {path: [] for path in (*LISTS, *FIGURES)}
            for path in slowest:
                await connection.get(path)
            for _ in range(100):
                for path, took in slowest.items():
                    began = time.perf_counter()
                    await connection.get(path)
                    took.append(time.perf_counter() - began)
    listed = max(LISTS, key=lambda path: share(slowest[path], 0.99))
    counted = max(FIGURES, key=lambda path: share(slowest[path], 0.99))
    about = "100,000 jobs, " + name
    return [
        Figure(f"slowest list, p99, {about}", [share(slowest[listed], 0.99)], gate=50, unit="ms"),
        Figure(f"slowest figures, p99, {about}", [share(slowest[counted], 0.99)], gate=50, unit="ms"),
    ]


def fill(connection: sa.Connection, apart: timedelta = timedelta(minutes=5)) -> None:
    """Jobs of a year (or as far apart as is said), most of them done, a day's among them, with owners and books."""
    now, chance = utcnow(), random.Random(7)
    owners = [LOCAL_OWNER, *(f"reader-{number}" for number in range(1, OWNERS))]
    connection.execute(sa.insert(users), [{"owner_id": owner, "created_at": now} for owner in owners])
    for start in range(0, JOBS, 5_000):
        made, wanted = [], []
        for number in range(start, start + 5_000):
            owner, book = owners[number % OWNERS], f"book-{number}"
            workflow = book_workflow_id(book, 1)  # type: ignore[arg-type]
            at = now - apart * (JOBS - number)
            [state] = chance.choices(list(JobState), (1, 0.1, 0.1, 90, 5, 3.8))
            ordered = BookOrder(book_id=book, source=InlineText(text="Once."))
            made.append({"id": book, "owner_id": owner, "title": f"Book {number} of many", "created_at": at})
            wanted.append(
                {
                    "id": job_id(workflow),
                    "owner_id": owner,
                    "book_id": book,
                    "workflow_id": workflow,
                    "generation": 1,
                    "kind": ordered.kind,
                    "state": state,
                    "priority": 5,
                    "ordered": ordered.model_dump(mode="json"),
                    "created_at": at,
                    "started_at": None if state is JobState.QUEUED else at,
                    "closed_at": at + timedelta(minutes=2) if state.closed else None,
                }
            )
        connection.execute(sa.insert(books), made)
        connection.execute(sa.insert(jobs), wanted)

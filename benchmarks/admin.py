"""The operators' pages over 100,000 jobs of one week and as many provider calls: first paint in a browser, and every
part of the pages asked for when nothing is fresh."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from playwright.async_api import async_playwright

from api.access.guard import COOKIE
from benchmarks.api_jobs import JOBS, NO_TEMPORAL, fill
from benchmarks.measure import Figure
from benchmarks.serving import Connection, api, share
from bookwright.store import SERVICE, Database, migrate
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.history import FRESH
from bookwright.store.ledger.tables import provider_attempts, provider_calls
from bookwright.store.tables import jobs
from tests.support.browser import HOW_TO_INSTALL, find_chromium
from tests.support.library import new_session
from tests.support.postgres import postgres_server

ROUNDS = 5
APART = timedelta(days=7) / JOBS
SOME_JOB = JOBS // 2
PARTS = (
    "/admin/jobs",
    "/admin/jobs?state=failed&type=audio_generation&user=reader-7",
    "/admin/jobs/now",
    "/admin/jobs/history?span=week",
    f"/admin/jobs/{SOME_JOB}",
    "/api/admin/jobs/stats",
    "/api/admin/jobs/history?span=week&step=1h",
    "/api/admin/jobs/list?state=delayed",
)
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


async def run() -> list[Figure]:
    """On both databases."""
    with tempfile.TemporaryDirectory() as folder:
        found = await pages(Path(folder), f"sqlite:///{folder}/bookwright.db", "SQLite")
    with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
        name = server.database()
        found += await pages(Path(folder), server.url(name), "PostgreSQL", lambda: server.vacuum(name))
    return found


async def pages(home: Path, url: str, name: str, settle: Callable[[], None] = lambda: None) -> list[Figure]:
    """Each part and the first paint, ROUNDS times, with nothing kept from the round before."""
    await migrate(url)
    async with Database(url) as database:
        await database.write(SERVICE, lambda c: fill(c, APART))
        await database.write(SERVICE, _calls)
        settle()
        session = await new_session(database)
        async with api(home, database, url, NO_TEMPORAL) as served:
            took: dict[str, list[float]] = {path: [] for path in PARTS}
            for path in PARTS:
                await Connection(served).get(path)
            for _ in range(ROUNDS):
                for path in PARTS:
                    if "history" in path or path == "/admin/jobs":
                        await asyncio.sleep(2 * FRESH.total_seconds())
                    began = time.perf_counter()
                    await Connection(served).get(path)  # a connection that is not used is closed after 5 s
                    took[path].append(time.perf_counter() - began)
            painted = await _painted(f"http://localhost:{served.port}", session)
    about = f"{JOBS:,} jobs, {name}"
    slowest = max(took, key=lambda path: max(took[path]))
    return [
        Figure(f"first paint of /admin/jobs, {about}", painted["/admin/jobs"], gate=500, unit="ms"),
        Figure(f"first paint of a job, {about}", painted[f"/admin/jobs/{SOME_JOB}"], gate=500, unit="ms"),
        Figure(f"slowest part ({slowest}), {about}", [one * 1000 for one in took[slowest]], unit="ms"),
        *(Figure(f"  {path}, median", [share(seconds, 0.5)], unit="ms") for path, seconds in took.items()),
    ]


async def _painted(address: str, session: str) -> dict[str, list[float]]:
    """When the first text was seen, in a browser that keeps nothing."""
    found: dict[str, list[float]] = {"/admin/jobs": [], f"/admin/jobs/{SOME_JOB}": []}
    async with async_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            raise RuntimeError(HOW_TO_INSTALL)
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for _ in range(ROUNDS):
            for path, times in found.items():
                await asyncio.sleep(FRESH.total_seconds())
                context = await browser.new_context()
                await context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
                tab = await context.new_page()
                await tab.goto(address + path)
                while (at := await tab.evaluate(PAINTED)) is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                times.append(float(at))
                await context.close()
        await browser.close()
    return found


def _calls(connection: sa.Connection) -> None:
    """A call of each job that was paid for, one in a hundred with an outcome that nobody knows."""
    now = utcnow()
    rows = connection.execute(sa.select(jobs.c.number, jobs.c.owner_id, jobs.c.id, jobs.c.book_id)).all()
    for start in range(0, len(rows), 5_000):
        made, tried = [], []
        for number, owner, job, book in rows[start : start + 5_000]:
            at = now - APART * (JOBS - number)
            state = "settled" if number % 100 else "ambiguous"
            call = {"provider": "voice", "model": "v1", "operation": "speech", "take": 0, "state": state, "attempts": 1}
            made.append(call | {"id": number, "owner_id": owner, "key": f"key-{number}", "created_at": at})
            tried.append(
                {
                    "owner_id": owner,
                    "call_id": number,
                    "fence": 1,
                    "state": state,
                    "book_id": book,
                    "job_id": job,
                    "unit": "page/1/narration/1",
                    "month": f"{at:%Y-%m}",
                    "holder": "run/1",
                    "holder_attempt": 1,
                    "max_micros": 1_000,
                    "actual_micros": 700 if number % 100 else None,
                    "deadline": at,
                    "reserved_at": at,
                }
            )
        connection.execute(sa.insert(provider_calls), made)
        connection.execute(sa.insert(provider_attempts), tried)

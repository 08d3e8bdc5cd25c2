"""SQLite: one thread writes, a few read.

Transactions are functions over a plain connection, run in the writer's thread. Those that wait while one is being
committed share the next commit, each in its own savepoint: with 8 at once this takes a sixth of the CPU that
aiosqlite takes (which changes threads four times for each statement), and one fsync for all of them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bookwright.store.database.failures import code, translating

Work = Callable[[sa.Connection], Any]
BUSY_TIMEOUT_MS = 10_000
SHARED_COMMIT = 32
"""Transactions that share one commit at most; bounds how long the first of them waits."""
READERS = 2


class SqliteEngine:
    """One SQLite file. Writes are serial within the process, so that SQLite's own busy polling is met only when
    several processes write."""

    def __init__(self, url: sa.URL, synchronous: str) -> None:
        self._synchronous = synchronous
        plain = url.set(drivername="sqlite+pysqlite")
        # Parameters are hidden from errors: they hold the text of books, and errors go to logs and histories.
        self._writer = self._prepared(sa.create_engine(plain, pool_size=1, hide_parameters=True), True)
        self._reader = self._prepared(sa.create_engine(plain, pool_size=READERS, hide_parameters=True), False)
        self._async = create_async_engine(url.set(drivername="sqlite+aiosqlite"), pool_size=1, hide_parameters=True)
        self._prepared(self._async.sync_engine, True)
        self._write_thread = ThreadPoolExecutor(1, "sqlite-write")
        self._read_threads = ThreadPoolExecutor(READERS, "sqlite-read")
        self._lock = asyncio.Lock()
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._drain: asyncio.Task[None] | None = None

    def _prepared(self, engine: sa.Engine, writes: bool) -> sa.Engine:
        @sa.event.listens_for(engine, "connect")
        def on_connect(connection: DBAPIConnection, _record: object) -> None:
            connection.isolation_level = None  # the driver begins nothing by itself: see on_begin
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute(f"PRAGMA synchronous = {self._synchronous}")
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.close()

        @sa.event.listens_for(engine, "begin")
        def on_begin(connection: sa.Connection) -> None:
            # Not by SQLAlchemy: it needs longer for this than SQLite itself.
            connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    async def write(self, work: Work) -> Any:
        """Run `work` in a write transaction of its own; when this returns it is on disk."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._drain is None or self._drain.done():
            self._drain = asyncio.create_task(self._work_off())
        return await future

    async def read(self, work: Work) -> Any:
        """Run `work` on one consistent snapshot. It waits for no writer."""
        return await asyncio.get_running_loop().run_in_executor(self._read_threads, self._read, work)

    def _read(self, work: Work) -> Any:
        with translating(), self._reader.connect() as connection, connection.begin():
            return work(connection)

    async def _work_off(self) -> None:
        while self._waiting:
            async with self._lock:
                batch = [entry for entry in self._waiting[:SHARED_COMMIT] if not entry[1].done()]
                del self._waiting[:SHARED_COMMIT]
                if not batch:
                    continue
                results = await asyncio.get_running_loop().run_in_executor(
                    self._write_thread, self._commit_together, [work for work, _ in batch]
                )
            for (_, future), (value, error) in zip(batch, results, strict=True):
                if future.done():  # its caller was cancelled meanwhile
                    continue
                if error is None:
                    future.set_result(value)
                else:
                    future.set_exception(error)

    def _commit_together(self, batch: list[Work]) -> list[tuple[Any, BaseException | None]]:
        """Each work's value or error. When the commit itself fails, all of them have failed with it."""
        try:
            with translating(), self._writer.connect() as connection, connection.begin():
                if len(batch) == 1:
                    return [(batch[0](connection), None)]
                return [_apart(connection, work) for work in batch]
        except BaseException as error:
            return [(None, error)] * len(batch)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction over `await`s. All other writes wait for it: never await one within."""
        with translating():
            async with self._lock, self._async.connect() as connection, connection.begin():
                yield connection

    async def close(self) -> None:
        """Finish what is waiting and close all connections."""
        if self._drain is not None:
            await asyncio.gather(self._drain, return_exceptions=True)
        await self._async.dispose()
        self._writer.dispose()
        self._reader.dispose()
        self._write_thread.shutdown()
        self._read_threads.shutdown()


def _apart(connection: sa.Connection, work: Work) -> tuple[Any, BaseException | None]:
    """Run one of several transactions that share a commit: its failure undoes only its own writes."""
    execute = connection.connection.cursor().execute
    execute("SAVEPOINT work")
    try:
        with translating():
            value = work(connection)
    except BaseException as error:
        cause = error.__cause__ or error
        if code(cause).startswith("SQLITE_") and not code(cause).startswith("SQLITE_CONSTRAINT"):
            raise  # a full or failing disk: SQLite may have undone the whole transaction
        execute("ROLLBACK TO work")
        execute("RELEASE work")
        return None, error
    execute("RELEASE work")
    return value, None

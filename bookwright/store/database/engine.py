"""The database: transactions on SQLite or PostgreSQL, as one owner or as the service."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path
from typing import Any, Final, Self, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bookwright.contracts.errors import BookwrightError, Misconfigured
from bookwright.contracts.ids import OwnerId
from bookwright.store.database.failures import retryable
from bookwright.store.database.postgres import PostgresEngine
from bookwright.store.database.sqlite import SqliteEngine

T = TypeVar("T")
CONFLICT_RETRIES = 3


class Scope(Enum):
    """Who a transaction is made for when it is no owner."""

    SERVICE = "service"
    """Dispatcher, reconciler, statistics: sees all rows."""


SERVICE: Final = Scope.SERVICE
Actor = OwnerId | Scope
Work = Callable[[sa.Connection], T]


def database_url(url: str) -> sa.URL:
    """A URL as people write it (`sqlite:///path`, `postgresql://…`), taken apart. Raises Misconfigured."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise Misconfigured("DATABASE_URL is no database URL; use sqlite:///path or postgresql://…") from None
    match parsed.drivername.partition("+")[0]:
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise Misconfigured("DATABASE_URL must name a file: sqlite:///path")
            return parsed.set(drivername="sqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql")
        case other:
            raise Misconfigured(f"DATABASE_URL: {other} is not supported; use sqlite:///path or postgresql://…")


class Database:
    """Transactions. `write` and `read` take a function over a plain connection and are the fast way; a function may
    run again after it lost against another transaction, so it touches nothing but the connection."""

    def __init__(self, url: str, *, pool_size: int = 10, synchronous: str = "FULL") -> None:
        parsed = database_url(url)
        self.dialect = parsed.drivername
        self._sqlite: SqliteEngine | None = None
        self._postgres: PostgresEngine | None = None
        if self.dialect == "sqlite":
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
            self._sqlite = SqliteEngine(parsed, synchronous)
        else:
            self._postgres = PostgresEngine(parsed, pool_size)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def write(self, actor: Actor, work: Work[T]) -> T:
        """Run `work` in one transaction and commit. Raises ServiceUnavailable or StorageFull."""
        for retry in range(CONFLICT_RETRIES + 1):
            try:
                return await self._run(actor, work)
            except Exception as error:
                cause = error.__cause__ if isinstance(error, BookwrightError) else error
                if retry == CONFLICT_RETRIES or cause is None or not retryable(cause):
                    raise
            await asyncio.sleep(random.uniform(0, 0.01 * 2**retry))
        raise AssertionError("unreachable")

    async def read(self, actor: Actor, work: Work[T]) -> T:
        """Run `work`, which only reads, on a consistent snapshot."""
        if self._sqlite is not None:
            return cast(T, await self._sqlite.read(work))
        return await self._run(actor, work)

    async def _run(self, actor: Actor, work: Work[T]) -> T:
        if self._sqlite is not None:
            return cast(T, await self._sqlite.write(work))
        assert self._postgres is not None
        return cast(T, await self._postgres.run(_owner(actor), work))

    @asynccontextmanager
    async def transaction(self, owner: OwnerId) -> AsyncIterator[AsyncConnection]:
        """One explicit transaction as `owner`; it commits at the end of the block and is undone by an exception."""
        async with self._open(owner) as connection:
            yield connection

    @asynccontextmanager
    async def service(self) -> AsyncIterator[AsyncConnection]:
        """One explicit transaction as the service, which sees the rows of all owners."""
        async with self._open(SERVICE) as connection:
            yield connection

    @asynccontextmanager
    async def _open(self, actor: Actor) -> AsyncIterator[AsyncConnection]:
        if self._sqlite is not None:
            async with self._sqlite.transaction() as connection:
                yield connection
        else:
            assert self._postgres is not None
            async with self._postgres.transaction(_owner(actor)) as connection:
                yield connection

    async def check(self) -> None:
        """Raise ServiceUnavailable when the database can't be reached."""
        await self.read(SERVICE, lambda connection: connection.execute(sa.text("SELECT 1")).scalar_one())

    async def close(self) -> None:
        """Close all connections."""
        engine: Any = self._sqlite or self._postgres
        await engine.close()


def _owner(actor: Actor) -> str | None:
    return None if isinstance(actor, Scope) else actor

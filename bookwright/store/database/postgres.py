"""PostgreSQL: a pool of connections, each transaction under a role that row-level security applies to.

The login owns the tables (it made them in the migrations). Each transaction first takes on one of two roles that own
nothing, are no superuser and don't bypass row security: `bookwright_app` sees the rows of the owner that the
transaction names, `bookwright_service` sees all rows. Both settings are local to the transaction, so a pooled
connection carries nobody over. A transaction without either would still be refused: row security is FORCEd, and no
policy names the login.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bookwright.store.database.failures import disconnected, translating

APP_ROLE = "bookwright_app"
SERVICE_ROLE = "bookwright_service"
CONNECT_TIMEOUT_S = 5
_ENTER = sa.text("SELECT set_config('role', :role, true), set_config('bookwright.owner', :owner, true)")


class PostgresEngine:
    """One PostgreSQL database."""

    def __init__(self, url: sa.URL, pool_size: int) -> None:
        self._engine = create_async_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=30,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
            hide_parameters=True,  # they hold the text of books, and errors go to logs and histories
        )

    async def run(self, owner: str | None, work: Callable[[sa.Connection], Any]) -> Any:
        """Run `work` in a transaction of its own, as this owner or (None) as the service.

        A connection that turns out to be broken before the commit (the server was restarted) is replaced once; a
        commit whose answer is lost is not repeated, since it may have happened.
        """
        with translating():
            try:
                return await self._attempt(owner, work)
            except _BrokenBeforeCommit:
                try:
                    return await self._attempt(owner, work)
                except _BrokenBeforeCommit as error:
                    raise error.error from None

    async def _attempt(self, owner: str | None, work: Callable[[sa.Connection], Any]) -> Any:
        async with self._engine.connect() as connection:
            try:
                await _enter(connection, owner)
                value = await connection.run_sync(work)
            except sa.exc.DBAPIError as error:
                if disconnected(error):
                    raise _BrokenBeforeCommit(error) from error
                raise
            await connection.commit()
            return value

    @asynccontextmanager
    async def transaction(self, owner: str | None) -> AsyncIterator[AsyncConnection]:
        """A transaction over `await`s, as this owner or (None) as the service."""
        with translating():
            async with self._engine.connect() as connection, connection.begin():
                await _enter(connection, owner)
                yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


class _BrokenBeforeCommit(Exception):
    def __init__(self, error: sa.exc.DBAPIError) -> None:
        super().__init__(str(error))
        self.error = error


async def _enter(connection: AsyncConnection, owner: str | None) -> None:
    role = SERVICE_ROLE if owner is None else APP_ROLE
    await connection.execute(_ENTER, {"role": role, "owner": owner or ""})

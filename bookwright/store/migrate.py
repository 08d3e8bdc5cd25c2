"""Bring a database to the newest schema. Several workers may do this at once."""

import asyncio
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bookwright.store.database.engine import database_url
from bookwright.store.database.failures import translating
from bookwright.store.database.postgres import CONNECT_TIMEOUT_S

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0024"
"""The newest revision in `migrations/versions`."""
_LOCK = 0x626F6F6B77726967
"""Key of the advisory lock that one migration at a time holds."""


async def migrate(url: str) -> None:
    """Upgrade the database to the newest revision, from wherever it is; an empty one too.

    Connects as the login of the URL, which must own the tables; on PostgreSQL it must also be allowed to create the
    two roles unless they exist. Raises ServiceUnavailable or Misconfigured.
    """
    await asyncio.to_thread(_upgrade, database_url(url))


def alembic_config(connection: sa.Connection) -> "Config":
    """Alembic's configuration for migrations over an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(url: sa.URL) -> None:
    with translating(), _alone(url) as connection:
        if _revision(connection) == HEAD:
            return
        from alembic import command  # 12 MB and 0.2 s that a worker on an up-to-date database does without

        command.upgrade(alembic_config(connection), "head")
        connection.commit()


def _revision(connection: sa.Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("select version_num from alembic_version").scalar()
    connection.rollback()
    return str(found)


@contextmanager
def _alone(url: sa.URL) -> Iterator[sa.Connection]:
    """A connection whose holder is the only one to migrate this database."""
    if url.drivername == "sqlite":
        file = Path(str(url.database))
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.with_name(file.name + ".migrate").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with _connected(sa.create_engine(url)) as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                yield connection
        return
    arguments = {"connect_timeout": CONNECT_TIMEOUT_S}
    with _connected(sa.create_engine(url.set(drivername="postgresql+psycopg"), connect_args=arguments)) as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(_LOCK)))  # until the connection closes
        connection.commit()
        yield connection


@contextmanager
def _connected(engine: sa.Engine) -> Iterator[sa.Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()

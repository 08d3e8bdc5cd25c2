"""The schema that the migrations make is the one that the tables describe."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bookwright.contracts.errors import Misconfigured, ServiceUnavailable
from bookwright.store import Database, migrate
from bookwright.store.database.engine import database_url
from bookwright.store.migrations.versions import __path__ as versions
from bookwright.store.search.tables import OF_ONE_DATABASE
from bookwright.store.tables import METADATA


def opened(url: str) -> sa.Engine:
    parsed = database_url(url)
    return sa.create_engine(parsed if parsed.drivername == "sqlite" else parsed.set(drivername="postgresql+psycopg"))


async def test_an_empty_database_is_migrated_by_several_at_once(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(4)))
    await migrate(empty_url)
    engine = opened(empty_url)
    with engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names()) - OF_ONE_DATABASE
        assert there == {*METADATA.tables, "alembic_version"}
    engine.dispose()


@pytest.mark.filterwarnings("ignore:Did not recognize type 'halfvec'")
def test_the_migrated_schema_has_not_drifted(url: str) -> None:
    engine = opened(url)
    with engine.connect() as connection:
        options: dict[str, Any] = {"compare_type": True, "compare_server_default": True}
        options["include_name"] = lambda name, _kind, _parents: name not in OF_ONE_DATABASE
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
    engine.dispose()


def test_the_revisions_are_packaged() -> None:
    assert versions


@pytest.mark.parametrize("address", ["", "nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
async def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Misconfigured):
        await migrate(address)
    with pytest.raises(Misconfigured):
        Database(address)


async def test_a_server_that_is_not_there_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    away = f"postgresql://me:secret@/db?host={tmp_path_factory.mktemp('away')}"
    with pytest.raises(ServiceUnavailable) as refusal:
        await migrate(away)
    assert "secret" not in str(refusal.value)
    async with Database(away) as database:
        with pytest.raises(ServiceUnavailable, match="DATABASE_URL"):
            await database.check()


def test_the_quick_look_knows_the_newest_revision() -> None:
    from alembic.script import ScriptDirectory

    import bookwright.store
    from bookwright.store.migrate import HEAD

    folder = Path(bookwright.store.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD

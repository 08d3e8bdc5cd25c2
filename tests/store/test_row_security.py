"""Row-level security on PostgreSQL: what an owner's transaction can see and write."""

from collections.abc import AsyncIterator

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bookwright.contracts.ids import OwnerId
from bookwright.store import Database, LocalAssets
from bookwright.store.tables import METADATA, SERVICE_TABLES, TENANT_TABLES
from tests.store.conftest import ANNA, BELA, Clock, World, call_of

NOBODY = OwnerId("")


@pytest.fixture
async def world(postgres_url: str, assets: LocalAssets, clock: Clock) -> AsyncIterator[World]:
    """Two users with all kinds of rows, behind a pool of a single connection."""
    async with Database(postgres_url, pool_size=1) as database:
        world = World(database, assets, clock)
        for owner in (ANNA, BELA):
            context = await world.book(owner, "one", "two", budget="1")
            await world.bought(context, call_of(cost=5), cost=3)
        yield world


async def owners(connection: AsyncConnection, table: str) -> set[str]:
    rows = await connection.execute(sa.text(f"SELECT DISTINCT owner_id FROM {table}"))
    return set(rows.scalars())


async def refused(connection: AsyncConnection, statement: str) -> bool:
    """Whether row security refuses the statement; everything else is an error."""
    try:
        async with connection.begin_nested():
            await connection.execute(sa.text(statement))
    except sa.exc.ProgrammingError as error:
        assert isinstance(error.orig, psycopg.errors.InsufficientPrivilege)
        return True
    return False


def test_every_table_belongs_to_owners_or_to_the_service() -> None:
    assert {*TENANT_TABLES, *SERVICE_TABLES} == set(METADATA.tables)
    assert all("owner_id" in METADATA.tables[name].c for name in TENANT_TABLES)


async def test_owners_see_their_own_rows_on_one_connection(world: World) -> None:
    filled = {"users", "books", "jobs", "events", "pages", "page_tracks", "provider_attempts", "usages", "budgets"}
    for _ in range(2):
        for owner in (ANNA, BELA):
            async with world.database.transaction(owner) as connection:
                for table in TENANT_TABLES:
                    assert await owners(connection, table) <= {owner}
                for table in filled:
                    assert await owners(connection, table) == {owner}
        async with world.database.transaction(NOBODY) as connection:
            for table in TENANT_TABLES:
                assert await owners(connection, table) == set()
        async with world.database.service() as connection:
            assert await owners(connection, "jobs") == {ANNA, BELA}


async def test_without_an_owner_set_nothing_is_seen(world: World, postgres_url: str) -> None:
    async with world.database.transaction(ANNA):
        pass
    with psycopg.connect(postgres_url) as connection:  # the setting was never made: NULL
        for role in ("", "SET LOCAL ROLE bookwright_app"):
            if role:
                connection.execute(role.encode())
            for table in TENANT_TABLES:
                assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)
        connection.execute("SELECT set_config('bookwright.owner', '', true)")  # the setting is empty
        for table in TENANT_TABLES:
            assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)


async def test_nothing_of_a_transaction_stays_on_its_connection(world: World) -> None:
    query = sa.text("SELECT current_setting('bookwright.owner', true), current_user, pg_backend_pid()")
    async with world.database.transaction(ANNA) as connection:
        owner, user, backend = (await connection.execute(query)).one()
        assert (owner, user) == (ANNA, "bookwright_app")
    engine = world.database._postgres
    assert engine is not None
    async with engine._engine.connect() as connection:
        owner, user, same = (await connection.execute(query)).one()
        assert same == backend
        assert not owner
        assert user == "bookwright_owner"


async def test_writing_for_another_user_is_refused(world: World) -> None:
    async with world.database.transaction(ANNA) as connection:
        assert await refused(connection, "INSERT INTO users (owner_id, created_at) VALUES ('bela2', now())")
        assert await refused(
            connection,
            "INSERT INTO budgets (owner_id, scope, ref, committed_micros) VALUES ('bela', 'month', '2030-01', 0)",
        )
        assert await refused(connection, "UPDATE budgets SET owner_id = 'bela', ref = 'stolen'")
        for table in set(TENANT_TABLES) - {"audit"}:
            changed = await connection.execute(
                sa.text(f"UPDATE {table} SET owner_id = owner_id WHERE owner_id = 'bela'")
            )
            assert changed.rowcount == 0
            assert (await connection.execute(sa.text(f"DELETE FROM {table} WHERE owner_id = 'bela'"))).rowcount == 0
    async with world.database.service() as connection:
        assert await owners(connection, "budgets") == {ANNA, BELA}


async def test_nobody_changes_what_was_written_down(world: World) -> None:
    columns, values = "owner_id, actor, action, subject, facts, at", "'{}', 'anna', 'a', 'b', '{{}}', now()"
    add = f"INSERT INTO audit ({columns}) VALUES ({values})"
    async with world.database.transaction(ANNA) as connection:
        assert await refused(connection, add.format(BELA))
        await connection.execute(sa.text(add.format(ANNA)))
        for change in ("UPDATE audit SET actor = 'eve'", "DELETE FROM audit", "TRUNCATE audit"):
            assert await refused(connection, change)
    async with world.database.transaction(BELA) as connection:
        assert await owners(connection, "audit") == set()
    async with world.database.service() as connection:
        assert await owners(connection, "audit") == {ANNA}
        for change in ("UPDATE audit SET actor = 'eve'", "DELETE FROM audit"):
            assert await refused(connection, change)


@pytest.mark.parametrize("table", SERVICE_TABLES)
async def test_what_all_workers_share_is_seen_by_no_owner(world: World, table: str) -> None:
    async with world.database.transaction(ANNA) as connection:
        assert await refused(connection, f"SELECT 1 FROM {table}")
        assert await refused(connection, f"DELETE FROM {table}")


async def test_the_login_itself_is_refused_too(world: World, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("INSERT INTO users (owner_id, created_at) VALUES ('eve', now())")


async def test_the_roles_own_and_bypass_nothing(world: World) -> None:
    async with world.database.service() as connection:
        roles = await connection.execute(
            sa.text(
                "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb FROM pg_roles"
                " WHERE rolname LIKE 'bookwright%' ORDER BY rolname"
            )
        )
        assert [tuple(row) for row in roles] == [
            ("bookwright_app", False, False, False, False, False),
            ("bookwright_owner", False, False, True, True, False),
            ("bookwright_service", False, False, False, False, False),
        ]
        tables = await connection.execute(
            sa.text(
                "SELECT relname, relrowsecurity AND relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class"
                " WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace"
                " AND relname <> 'alembic_version'"
            )
        )
        assert {tuple(row) for row in tables} == {(table, True, "bookwright_owner") for table in METADATA.tables}

"""Transactions: what is undone, what is tried again, what an error is called."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from bookwright.contracts.errors import ServiceUnavailable
from bookwright.store import SERVICE, Database
from bookwright.store.ledger.tables import budgets
from tests.store.conftest import ANNA, World
from tests.support.postgres import PostgresServer, postgres_server


def add(ref: str) -> sa.Insert:
    return sa.insert(budgets).values(owner_id=ANNA, scope="month", ref=ref, committed_micros=0)


async def refs(database: Database) -> list[str]:
    query = sa.select(budgets.c.ref).order_by(budgets.c.ref)
    return list(await database.read(ANNA, lambda c: c.execute(query).scalars().all()))


async def test_a_failure_undoes_only_its_own_transaction(database: Database) -> None:
    def broken(connection: sa.Connection) -> None:
        connection.execute(add("broken"))
        raise KeyError("broken")

    def doubled(connection: sa.Connection) -> None:
        connection.execute(add("doubled"))
        connection.execute(add("doubled"))

    def fine(ref: str) -> asyncio.Task[object]:
        return asyncio.create_task(database.write(ANNA, lambda c: c.execute(add(ref)) and None))

    tasks = [
        fine("a"),
        asyncio.create_task(database.write(ANNA, broken)),
        asyncio.create_task(database.write(ANNA, doubled)),
        fine("b"),
    ]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), KeyError, sa.exc.IntegrityError, type(None)]
    assert await refs(database) == ["a", "b"]


async def test_an_open_transaction_commits_or_is_undone(database: Database) -> None:
    async with database.transaction(ANNA) as connection:
        await connection.execute(add("kept"))
    with pytest.raises(KeyError):
        async with database.transaction(ANNA) as connection:
            await connection.execute(add("undone"))
            raise KeyError
    async with database.service() as connection:
        assert (await connection.execute(sa.select(budgets.c.ref))).scalars().all() == ["kept"]


async def test_writes_and_open_transactions_wait_for_each_other(sqlite_url: str) -> None:
    async with Database(sqlite_url) as database:
        async with database.transaction(ANNA) as connection:
            write = asyncio.create_task(database.write(ANNA, lambda c: c.execute(add("second")) and None))
            await asyncio.sleep(0)
            await connection.execute(add("first"))
            assert await refs(database) == []
            assert not write.done()
        await write
        assert await refs(database) == ["first", "second"]


async def test_a_cancelled_caller_does_not_disturb_the_others(sqlite_url: str) -> None:
    go, begun = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        begun.set()
        assert go.wait(30)
        connection.execute(add("slow"))

    async with Database(sqlite_url) as database:
        first = asyncio.create_task(database.write(ANNA, slow))
        await asyncio.to_thread(begun.wait, 30)
        waiting = [
            asyncio.create_task(database.write(ANNA, lambda c, ref=ref: c.execute(add(ref)) and None))  # type: ignore[misc]
            for ref in ("dropped", "kept")
        ]
        await asyncio.sleep(0)
        first.cancel()
        waiting[0].cancel()
        go.set()
        await waiting[1]
        assert await refs(database) == ["kept", "slow"]


async def test_a_lost_conflict_is_tried_again(postgres_url: str) -> None:
    """Two transactions that lock two rows the other way round: one of them is undone and then made again."""
    async with Database(postgres_url) as database:
        for ref in ("a", "b"):
            await database.write(ANNA, lambda c, ref=ref: c.execute(add(ref)) and None)  # type: ignore[misc]

        runs = []
        meeting = asyncio.Barrier(2)

        async def cross(first: str, second: str) -> None:
            met = False

            def work(connection: sa.Connection) -> None:
                nonlocal met
                runs.append(first)
                for ref in (first, second):
                    statement = sa.update(budgets).where(budgets.c.ref == ref)
                    connection.execute(statement.values(committed_micros=budgets.c.committed_micros + 1))
                    if not met:
                        met = True
                        sa.util.await_only(meeting.wait())

            await database.write(ANNA, work)

        await asyncio.gather(cross("a", "b"), cross("b", "a"))
        assert len(runs) == 3
        total = sa.select(sa.func.sum(budgets.c.committed_micros))
        assert await database.read(ANNA, lambda c: c.execute(total).scalar()) == 4


async def test_a_restarted_server_is_found_again(tmp_path: Path) -> None:
    with postgres_server() as server:
        name = server.database()
        async with Database(server.url(name, "postgres")) as database:
            await _roles(server, database)
            server.kill()
            with pytest.raises(ServiceUnavailable):
                await database.check()
            server.start()
            await database.check()
            server.kill()
            server.start()
            await database.check()  # its pooled connection is broken, and is replaced


async def _roles(server: PostgresServer, database: Database) -> None:
    for role in ("bookwright_app", "bookwright_service"):
        server._administer(f"CREATE ROLE {role}")
    await database.check()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "book.db").write_text("this is a shopping list, and a rather long one at that" * 100)
    async with Database(f"sqlite:///{tmp_path / 'book.db'}") as database:
        with pytest.raises(ServiceUnavailable, match="not an SQLite database"):
            await database.check()


async def test_nothing_is_seen_before_it_is_committed(world: World) -> None:
    async with world.database.transaction(ANNA) as connection:
        await connection.execute(add("later"))
        assert await refs(world.database) == []
    assert await world.database.read(SERVICE, lambda c: c.execute(sa.select(budgets.c.ref)).scalar()) == "later"

"""The figures that operators watch."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from bookwright.contracts.calls import CallState, Holder
from bookwright.contracts.progress import JobState
from bookwright.store import SERVICE
from bookwright.store.jobs.figures import figures
from bookwright.store.ledger.months import MonthBudgets
from bookwright.store.ledger.statements import OVERDUE, UNANSWERED
from bookwright.store.ledger.tables import provider_attempts
from tests.store.conftest import ANNA, BELA, World, call_of, usage_of


async def test_they_count_the_jobs_calls_and_money_of_all_owners(world: World) -> None:
    running = await world.book(ANNA)
    await world.bought(running, call_of("one", cost=100), cost=70)
    holder = Holder(activity="run/1", attempt=1)
    await world.ledger.reserve(call_of("two", cost=50), usage_of(running), holder)
    await world.accepted(BELA)
    found = await figures(world.database)
    counted = {(one.kind, one.state): one.count for one in found.jobs}
    assert counted == {("audio", JobState.RUNNING): 1, ("audio", JobState.QUEUED): 1}
    assert found.queued_s["audio"] >= 0
    assert found.open_calls == {CallState.RESERVED: 1}
    assert (found.ambiguous_calls, found.dead_letters) == (0, 0)


async def test_what_nobody_knows_and_the_nearest_budget_are_told(world: World) -> None:
    book = await world.book(ANNA)
    lost = await world.reserved(book, call_of("one", cost=100))
    await world.ledger.sent(lost, 30)
    await world.ledger.lose(lost, "no answer")
    assert (await figures(world.database)).month_share == 0
    spent = await figures(world.database, 400)
    assert (spent.ambiguous_calls, spent.month_share) == (1, 0.25)
    month = f"{world.clock():%Y-%m}"
    await MonthBudgets(world.database).set(ANNA, month, 125, actor="test")
    assert (await figures(world.database, 400)).month_share == 0.8


async def test_open_attempts_are_found_by_their_index(world: World) -> None:
    """SQLite says how it would look; there, an index over a part of a table is not taken for parameters."""
    if world.database.dialect != "sqlite":
        return
    open_ones = sa.select(sa.func.count()).select_from(provider_attempts).where(UNANSWERED)
    for query in (OVERDUE.params(p_now=world.clock()), open_ones):

        def plan(connection: sa.Connection, query: Any = query) -> str:
            compiled = query.compile(connection, compile_kwargs={"render_postcompile": True})
            assert isinstance(compiled, SQLCompiler)
            values = ("2026",) * len(compiled.positiontup or ())
            return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all())

        assert "ix_provider_attempts_open" in await world.database.read(SERVICE, plan)

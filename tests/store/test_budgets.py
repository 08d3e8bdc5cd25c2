"""Budgets hold, whatever happens at once."""

import asyncio

import pytest

from bookwright.contracts.calls import Reservation
from bookwright.contracts.errors import BudgetReached
from bookwright.contracts.ids import JobId
from bookwright.store.ledger.months import MonthBudgets
from tests.store.conftest import ANNA, World, call_of
from tests.store.test_ledger import committed, states


async def test_fifty_at_once_stay_within_the_orders_budget(world: World) -> None:
    context = await world.book(budget="0.000100")
    got = await asyncio.gather(
        *(world.reserved(context, call_of(f"{n}", cost=7), f"page/{n}") for n in range(50)), return_exceptions=True
    )
    reserved = [one for one in got if isinstance(one, Reservation)]
    refused = [one for one in got if isinstance(one, BudgetReached)]
    assert (len(reserved), len(refused)) == (14, 36)
    assert {one.scope for one in refused} == {"job"}
    assert await committed(world) == await committed(world, scope="month") == 98
    assert len(await states(world)) == 14


async def test_fifty_at_once_of_several_jobs_stay_within_the_month(world: World) -> None:
    contexts = [await world.book(), await world.book(budget="1")]
    await MonthBudgets(world.database).set(ANNA, "2026-11", 100, actor="test")
    got = await asyncio.gather(
        *(world.reserved(contexts[n % 2], call_of(f"{n}", cost=7), f"page/{n}") for n in range(50)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Reservation) for one in got) == 14
    assert {one.scope for one in got if isinstance(one, BudgetReached)} == {"month"}
    assert await committed(world) == await committed(world, scope="month") == 98


async def test_raising_the_budget_lets_work_go_on(world: World) -> None:
    context = await world.book(budget="0.00001")
    await world.reserved(context, call_of("a", cost=10))
    with pytest.raises(BudgetReached):
        await world.reserved(context, call_of("b", cost=1))
    await world.books.set_budget(ANNA, JobId(context.job_id), 11)
    await world.reserved(context, call_of("b", cost=1))
    await world.reserved(context, call_of("free", cost=0))


async def test_what_a_call_cost_less_can_be_spent(world: World) -> None:
    context = await world.book(budget="0.00001")
    await world.bought(context, call_of("a", cost=10), cost=4)
    await world.reserved(context, call_of("b", cost=6))


async def test_a_takeover_that_the_budget_refuses_changes_nothing(world: World) -> None:
    context = await world.book(budget="0.00001")
    held = await world.reserved(context, call_of(cost=10), attempt=1)
    await world.ledger.sent(held, 30)
    with pytest.raises(BudgetReached):
        await world.reserved(context, call_of(cost=10), attempt=2)
    assert await states(world) == ["sent"]
    assert await committed(world) == 10


async def test_what_was_spent_before_a_month_got_its_limit_counts(world: World) -> None:
    context = await world.book()
    await world.bought(context, call_of("a", cost=10), cost=8)
    await MonthBudgets(world.database).set(ANNA, "2026-11", 10, actor="test")
    with pytest.raises(BudgetReached):
        await world.reserved(context, call_of("b", cost=3))
    world.clock.pass_by(30 * 86400)
    await world.reserved(context, call_of("b", cost=3))

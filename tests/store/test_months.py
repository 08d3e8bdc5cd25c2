"""Monthly budgets: everybody's, and a user's own."""

import pytest
import sqlalchemy as sa

from bookwright.contracts.errors import BadInput, BudgetReached, NotFound
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.store import LedgerStore
from bookwright.store.access.tables import audit
from bookwright.store.database.engine import SERVICE
from bookwright.store.ledger.months import MonthBudgets, check_month
from bookwright.store.tables import users
from tests.store.conftest import ANNA, BELA, World, call_of

NOVEMBER = "2026-11"


@pytest.fixture
def limited(world: World) -> World:
    """A world where everybody may spend 10 micros a month."""
    world.ledger = LedgerStore(world.database, world.assets, world.clock, month_budget=10)
    return world


async def test_everybodys_budget_holds_also_for_the_first_call_of_a_month(limited: World) -> None:
    context = await limited.book()
    with pytest.raises(BudgetReached) as reached:
        await limited.reserved(context, call_of("dear", cost=11))
    assert reached.value.scope == "month"
    assert "`bookwright users budget`" in str(reached.value), "what raises it, since the order's own budget does not"
    await limited.bought(context, call_of("a", cost=6), cost=6)
    with pytest.raises(BudgetReached):
        await limited.reserved(context, call_of("b", cost=5))
    await limited.reserved(context, call_of("c", cost=4))
    other = await limited.book(BELA)
    await limited.reserved(other, call_of("bela's", cost=10))


async def test_a_budget_of_ones_own_is_what_counts(limited: World) -> None:
    months = MonthBudgets(limited.database, 10, limited.clock)
    anna, bela = await limited.book(), await limited.book(BELA)
    await months.set(ANNA, NOVEMBER, 20, actor="test")
    await months.set(BELA, NOVEMBER, 3, actor="test")
    await limited.bought(anna, call_of("a", cost=20), cost=20)
    with pytest.raises(BudgetReached):
        await limited.reserved(bela, call_of("b", cost=4))
    back = await months.set(BELA, NOVEMBER, None, actor="test")
    assert (back.cap_micros, back.own) == (10, False)
    await limited.reserved(bela, call_of("b", cost=4))


async def test_a_users_own_limit_for_each_month_is_taken_in_place_of_everybodys(limited: World) -> None:
    months = MonthBudgets(limited.database, 10, limited.clock)
    context = await limited.book()
    own = sa.update(users).where(users.c.owner_id == ANNA).values(month_micros=4)
    await limited.database.write(ANNA, lambda c: c.execute(own))
    with pytest.raises(BudgetReached):
        await limited.reserved(context, call_of("first of the month", cost=5))
    await limited.bought(context, call_of("a", cost=3), cost=3)
    with pytest.raises(BudgetReached):
        await limited.reserved(context, call_of("b", cost=2))
    found = await months.of(ANNA, NOVEMBER)
    assert (found.cap_micros, found.own, found.left_micros) == (4, True, 1)
    await months.set(ANNA, NOVEMBER, 20, actor="test")
    await limited.bought(context, call_of("b", cost=17), cost=17)
    assert (await months.of(ANNA, "2026-12")).cap_micros == 4


async def test_a_new_month_begins_with_nothing_spent(limited: World) -> None:
    context = await limited.book()
    await limited.bought(context, call_of("a", cost=10), cost=10)
    limited.clock.pass_by(10 * 24 * 3600)
    await limited.bought(context, call_of("b", cost=10), cost=10)
    months = MonthBudgets(limited.database, 10)
    for month in (NOVEMBER, "2026-12"):
        found = await months.of(ANNA, month)
        assert (found.committed_micros, found.left_micros, found.own) == (10, 0, False)


async def test_what_is_left_and_who_changed_it(world: World) -> None:
    months = MonthBudgets(world.database)
    context = await world.book()
    await world.bought(context, call_of("a", cost=6), cost=4)
    before = await months.of(ANNA, NOVEMBER)
    assert (before.cap_micros, before.left_micros, before.committed_micros) == (None, None, 4)
    after = await months.set(ANNA, NOVEMBER, 3, actor="root")
    assert (after.cap_micros, after.left_micros, after.own) == (3, 0, True)
    noted = sa.select(audit.c.actor, audit.c.action, audit.c.facts).where(audit.c.action == "budget.set")
    rows = await world.database.read(SERVICE, lambda c: [tuple(row) for row in c.execute(noted)])
    assert rows == [("root", "budget.set", {"month": NOVEMBER, "cap_micros": 3})]


async def test_jobs_that_the_month_holds_up_are_known(world: World) -> None:
    held, paused = await world.book(), await world.book()
    months = MonthBudgets(world.database)
    await months.set(ANNA, NOVEMBER, 5, actor="test")
    with pytest.raises(BudgetReached) as reached:
        await world.reserved(held, call_of("a", cost=6))
    await world.books.hold(ANNA, JobId(held.job_id), str(reached.value), paused=True)
    await world.books.hold(ANNA, JobId(paused.job_id), "paused", paused=True)
    assert await months.held_up(ANNA, NOVEMBER) == [held.job_id]
    assert await months.held_up(ANNA, "2026-12") == []
    still_november = MonthBudgets(world.database, clock=world.clock)
    assert await still_november.held_up_before() == []
    world.clock.pass_by(10 * 24 * 3600)
    assert await still_november.held_up_before() == [(ANNA, held.job_id)], "December has begun"
    assert await months.held_up(BELA, NOVEMBER) == []


async def test_an_unknown_user_has_no_budget(world: World) -> None:
    months = MonthBudgets(world.database)
    with pytest.raises(NotFound):
        await months.of(OwnerId("nobody"), NOVEMBER)
    with pytest.raises(NotFound):
        await months.set(OwnerId("nobody"), NOVEMBER, 1, actor="test")


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-1", "26-11", "2026-11-01", "٢٠٢٦-11", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="2026-11"):
        check_month(text)

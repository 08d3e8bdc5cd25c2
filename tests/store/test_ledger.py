"""The ledger's states, and every way from one to another."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from bookwright.contracts.calls import Answer, CallState, Holder, Reservation
from bookwright.contracts.errors import AssetMissing, CallInFlight, Fenced, NotFound, TakeRejected
from bookwright.contracts.ids import JobId
from bookwright.store.database.engine import SERVICE
from bookwright.store.ledger.tables import provider_attempts, provider_calls, usages
from tests.store.conftest import ANNA, BELA, World, asset_of, call_of, usage_of


async def states(world: World) -> list[str]:
    """The states of the attempts, in the order of their fences."""
    query = sa.select(provider_attempts.c.state).order_by(provider_attempts.c.call_id, provider_attempts.c.fence)
    return list(await world.database.read(SERVICE, lambda c: c.execute(query).scalars().all()))


async def count(world: World, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return int(await world.database.read(SERVICE, lambda c: c.execute(query).scalar_one()))


async def committed(world: World, owner: str = ANNA, scope: str = "job") -> int:
    query = sa.text("SELECT coalesce(sum(committed_micros), 0) FROM budgets WHERE owner_id = :owner AND scope = :scope")
    return int(
        await world.database.read(SERVICE, lambda c: c.execute(query, {"owner": owner, "scope": scope}).scalar_one())
    )


async def test_a_settled_call_is_reused(world: World) -> None:
    context = await world.book()
    answer = await world.bought(context, call_of(cost=100), cost=70)
    again = await world.ledger.reserve(call_of(cost=100), usage_of(context, "page/2"), Holder(activity="x", attempt=1))
    assert isinstance(again, Answer)
    assert again.model_copy(update={"reused": False}) == answer
    assert again.reused
    counts = await world.ledger.counts(ANNA, JobId(context.job_id))
    assert (counts.calls, counts.reused, counts.ambiguous, counts.cost_micros) == (1, 1, 0, 70)
    assert await count(world, provider_calls) == 1
    assert await count(world, usages) == 2
    assert await committed(world) == await committed(world, scope="month") == 70


async def test_the_unit_that_bought_a_call_does_not_count_as_reusing_it(world: World) -> None:
    context = await world.book()
    await world.bought(context, call_of(), cost=0)
    await world.ledger.reserve(call_of(), usage_of(context), Holder(activity="run/1", attempt=2))
    assert (await world.ledger.counts(ANNA, JobId(context.job_id))).reused == 0
    assert await count(world, usages) == 1


async def test_another_job_and_book_of_the_owner_reuse_it_another_owner_does_not(world: World) -> None:
    first, second, foreign = await world.book(), await world.book(), await world.book(BELA)
    await world.bought(first, call_of(), cost=9)
    reused = await world.ledger.reserve(call_of(), usage_of(second), Holder(activity="x", attempt=1))
    assert isinstance(reused, Answer)
    assert (await world.ledger.counts(ANNA, JobId(second.job_id))).reused == 1
    bought = await world.ledger.reserve(call_of(), usage_of(foreign), Holder(activity="x", attempt=1))
    assert isinstance(bought, Reservation)


async def test_a_failed_call_is_not_charged_and_is_made_again(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of(cost=100))
    await world.ledger.sent(reservation, 30)
    assert await committed(world) == 100
    for _ in range(2):  # safe to repeat
        await world.ledger.fail(reservation, "refused")
        assert await committed(world) == await committed(world, scope="month") == 0
    again = await world.reserved(context, call_of(cost=100))
    assert (again.call_id, again.fence) == (reservation.call_id, 2)
    assert await states(world) == ["failed", "reserved"]


async def test_a_rejected_call_is_charged_at_what_it_cost(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of(cost=100))
    await world.ledger.sent(reservation, 30)
    for _ in range(2):
        await world.ledger.reject(reservation, "cut short", 60)
    retake = await world.reserved(context, call_of(cost=100, take=1))
    assert retake.call_id != reservation.call_id
    assert await states(world) == ["rejected", "reserved"]
    assert await committed(world) == 160
    counts = await world.ledger.counts(ANNA, JobId(context.job_id))
    assert (counts.calls, counts.cost_micros) == (1, 60)


async def test_a_lost_call_stays_charged_at_its_maximum(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of(cost=100))
    await world.ledger.sent(reservation, 30)
    await world.ledger.lose(reservation, "reset")
    counts = await world.ledger.counts(ANNA, JobId(context.job_id))
    assert (counts.calls, counts.ambiguous, counts.cost_micros) == (1, 1, 100)
    assert await committed(world) == 100
    again = await world.reserved(context, call_of(cost=100))
    assert again.fence == 2
    assert await committed(world) == 200


async def test_a_lost_call_that_nobody_took_over_can_still_be_settled(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of(cost=100))
    await world.ledger.sent(reservation, 30)
    await world.ledger.lose(reservation, "slow")
    answer = await world.answer(80)
    for _ in range(2):  # the commit's answer may have been lost
        await world.ledger.settle(reservation, answer)
    assert await states(world) == ["settled"]
    assert await committed(world) == 80


async def test_a_later_attempt_of_the_activity_takes_over_at_once(world: World) -> None:
    context = await world.book()
    old = await world.reserved(context, call_of(cost=100), attempt=1)
    new = await world.reserved(context, call_of(cost=100), attempt=2)
    assert await states(world) == ["failed", "reserved"]
    assert await committed(world) == 100
    with pytest.raises(Fenced):
        await world.ledger.sent(old, 30)
    await world.ledger.sent(new, 30)
    newest = await world.reserved(context, call_of(cost=100), attempt=3)
    assert newest.fence == 3
    assert await states(world) == ["failed", "ambiguous", "reserved"]
    assert await committed(world) == 200


async def test_a_zombie_takes_nothing_back(world: World) -> None:
    context = await world.book()
    await world.reserved(context, call_of(), attempt=2)
    world.clock.pass_by(10_000)
    with pytest.raises(CallInFlight):
        await world.reserved(context, call_of(), attempt=1)


async def test_a_zombies_late_answer_is_kept_charged_and_not_used(world: World) -> None:
    context = await world.book()
    old = await world.reserved(context, call_of(cost=100), attempt=1)
    await world.ledger.sent(old, 30)
    new = await world.reserved(context, call_of(cost=100), attempt=2)
    late = await world.answer(70, b"late")
    for _ in range(2):
        with pytest.raises(Fenced):
            await world.ledger.settle(old, late)
    assert await states(world) == ["fenced", "reserved"]
    assert await committed(world) == 170
    kept = sa.select(provider_attempts.c.asset).where(provider_attempts.c.fence == 1)
    assert await world.database.read(SERVICE, lambda c: c.execute(kept).scalar()) == late.asset
    await world.ledger.sent(new, 30)
    await world.ledger.settle(new, await world.answer(60, b"in time"))
    settled = await world.ledger.reserve(call_of(cost=100), usage_of(context), Holder(activity="x", attempt=1))
    assert isinstance(settled, Answer)
    assert settled.asset == asset_of(b"in time")
    counts = await world.ledger.counts(ANNA, JobId(context.job_id))
    assert (counts.calls, counts.cost_micros) == (2, 130)
    assert await committed(world) == 130


@pytest.mark.parametrize("ending", ["reject", "fail", "lose"])
async def test_a_zombie_ends_its_own_attempt_only(world: World, ending: str) -> None:
    context = await world.book()
    old = await world.reserved(context, call_of(cost=100), attempt=1)
    await world.ledger.sent(old, 30)
    new = await world.reserved(context, call_of(cost=100), attempt=2)
    ends: dict[str, Callable[[], Awaitable[None]]] = {
        "reject": lambda: world.ledger.reject(old, "bad", 90),
        "fail": lambda: world.ledger.fail(old, "refused"),
        "lose": lambda: world.ledger.lose(old, "reset"),
    }
    await ends[ending]()
    assert await states(world) == [{"reject": "rejected", "fail": "failed", "lose": "ambiguous"}[ending], "reserved"]
    assert await committed(world) == {"reject": 190, "fail": 100, "lose": 200}[ending]
    await world.ledger.sent(new, 30)


async def test_another_holder_waits_until_the_deadline(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of(), activity="one")
    with pytest.raises(CallInFlight):
        await world.reserved(context, call_of(), activity="two")
    world.clock.pass_by(59)
    await world.ledger.sent(reservation, 100)
    world.clock.pass_by(105)
    with pytest.raises(CallInFlight):
        await world.reserved(context, call_of(), activity="two")
    world.clock.pass_by(10)
    assert (await world.reserved(context, call_of(), activity="two")).fence == 2
    assert await states(world) == ["ambiguous", "reserved"]


async def test_a_reservation_that_was_never_sent_is_free_after_a_minute(world: World) -> None:
    context = await world.book()
    await world.reserved(context, call_of(cost=5), activity="one")
    world.clock.pass_by(61)
    await world.reserved(context, call_of(cost=5), activity="two")
    assert await states(world) == ["failed", "reserved"]
    assert await committed(world) == 5


async def test_the_same_unit_twice_in_one_batch_is_bought_once(world: World) -> None:
    context = await world.book()
    await world.reserved(context, call_of(), "page/1", activity="batch", attempt=1)
    with pytest.raises(CallInFlight):
        await world.reserved(context, call_of(), "page/2", activity="batch", attempt=1)


async def test_of_many_at_once_exactly_one_makes_the_call(world: World) -> None:
    context = await world.book()
    got = await asyncio.gather(
        *(world.reserved(context, call_of(), f"page/{n}", activity=f"run/{n}") for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Reservation) for one in got) == 1
    assert sum(isinstance(one, CallInFlight) for one in got) == 19
    assert await count(world, provider_calls) == await count(world, provider_attempts) == 1


async def test_of_many_that_take_over_at_once_exactly_one_does(world: World) -> None:
    context = await world.book()
    await world.reserved(context, call_of())
    world.clock.pass_by(100)
    got = await asyncio.gather(
        *(world.reserved(context, call_of(), activity=f"other/{n}") for n in range(20)), return_exceptions=True
    )
    assert [one.fence for one in got if isinstance(one, Reservation)] == [2]
    assert await states(world) == ["failed", "reserved"]


async def test_sweeping_gives_up_on_what_is_overdue(world: World) -> None:
    context = await world.book()
    sent = await world.reserved(context, call_of("a", cost=10))
    await world.ledger.sent(sent, 30)
    waiting = await world.reserved(context, call_of("b", cost=10))
    assert await world.ledger.reconcile() == 0
    world.clock.pass_by(120)
    assert await world.ledger.reconcile() == 1
    assert await states(world) == ["ambiguous", "reserved"]
    await world.ledger.sent(waiting, 30)  # it was waiting for its turn all the time
    await world.ledger.fail(waiting, "refused")
    await world.reserved(context, call_of("c", cost=10))
    world.clock.pass_by(4000)
    assert await world.ledger.reconcile() == 1
    assert await world.ledger.reconcile() == 0
    assert await world.ledger.attempt_totals() == {CallState.AMBIGUOUS: 1, CallState.FAILED: 2}
    assert await committed(world) == 10


async def test_an_answer_without_stored_bytes_is_not_settled(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of())
    await world.ledger.sent(reservation, 30)
    with pytest.raises(AssetMissing):
        await world.ledger.settle(reservation, Answer(asset=asset_of(b"nowhere"), facts={}, cost_micros=0))
    assert await states(world) == ["sent"]


async def test_a_reservation_of_another_owner_is_none(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of())
    stolen = reservation.model_copy(update={"owner_id": BELA})
    with pytest.raises(Fenced):
        await world.ledger.sent(stolen, 30)
    with pytest.raises(NotFound):
        await world.ledger.settle(stolen, await world.answer())
    await world.ledger.fail(stolen, "mine now")
    assert await states(world) == ["reserved"]


async def test_the_ledger_can_be_listed(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of("a", cost=100))
    await world.ledger.sent(reservation, 30)
    await world.ledger.lose(reservation, "reset")
    await world.bought(context, call_of("a", cost=100), cost=50)
    await world.reserved(context, call_of("b", cost=7))
    rows = await world.ledger.rows(ANNA)
    assert [(row.state, row.attempts, row.cost_micros) for row in rows] == [
        (CallState.SETTLED, 2, 150),
        (CallState.RESERVED, 1, 7),
    ]
    assert rows[0].key == call_of("a", cost=100).key
    assert await world.ledger.rows(BELA) == []


async def test_a_rejected_take_is_not_bought_again(world: World) -> None:
    context = await world.book()
    reservation = await world.reserved(context, call_of(cost=100))
    await world.ledger.sent(reservation, 30)
    await world.ledger.reject(reservation, "cut short", 60)
    with pytest.raises(TakeRejected):
        await world.reserved(context, call_of(cost=100), attempt=9)
    assert await committed(world) == 60

"""What the ledger knows of jobs that run at a provider: whose they are, what they cost, and who is woken."""

import pytest
import sqlalchemy as sa

from bookwright.contracts.calls import RemoteTrace, Reservation
from bookwright.contracts.errors import Fenced
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import BookContext
from bookwright.store import SERVICE
from bookwright.store.ledger.tables import provider_attempts
from tests.store.conftest import ANNA, World, call_of
from tests.store.test_ledger import committed, states

COST = 100


async def begun(world: World, context: BookContext, token: str = "t", *, attempt: int = 1) -> Reservation:
    """An attempt that was marked as sent under a token."""
    reservation = await world.reserved(context, call_of(cost=COST), attempt=attempt)
    await world.ledger.sent(reservation, 30, token)
    return reservation


async def traces(world: World) -> list[tuple[str | None, str | None]]:
    query = sa.select(provider_attempts.c.token, provider_attempts.c.external_id).order_by(provider_attempts.c.fence)
    return [tuple(row) for row in await world.database.read(SERVICE, lambda c: c.execute(query).all())]


async def test_a_later_attempt_goes_on_with_the_job_and_is_charged_for_it_alone(world: World) -> None:
    context = await world.book()
    first = await begun(world, context)
    await world.ledger.created(first, "p1", 600)
    assert first.trace is None
    second = await world.reserved(context, call_of(cost=COST), attempt=2)
    assert second.trace == RemoteTrace(token="t", external_id="p1")
    assert await states(world) == ["failed", "reserved"]
    assert await committed(world) == await committed(world, scope="month") == COST
    third = await world.reserved(context, call_of(cost=COST), attempt=3)
    assert third.trace == second.trace, "also one that was not sent itself leaves it to the next"
    await world.ledger.sent(third, 30)
    await world.ledger.settle(third, await world.answer(70))
    assert await states(world) == ["failed", "failed", "settled"]
    assert await committed(world) == 70
    counts = await world.ledger.counts(ANNA, JobId(context.job_id))
    assert (counts.calls, counts.ambiguous, counts.cost_micros) == (1, 0, 70)
    assert await traces(world) == [("t", "p1")] * 3


async def test_a_lost_job_is_gone_on_with_and_no_longer_charged_to_the_one_who_lost_it(world: World) -> None:
    context = await world.book()
    await world.ledger.lose(await begun(world, context), "the deadline")
    assert await committed(world) == COST
    second = await world.reserved(context, call_of(cost=COST), activity="another")
    assert second.trace == RemoteTrace(token="t")
    assert await committed(world) == COST
    assert (await world.ledger.counts(ANNA, JobId(context.job_id))).ambiguous == 0


@pytest.mark.parametrize("sent", [True, False])
async def test_an_overdue_attempt_at_a_job_keeps_it_findable(world: World, sent: bool) -> None:
    context = await world.book()
    await begun(world, context)
    if not sent:
        await world.reserved(context, call_of(cost=COST), attempt=2)
    world.clock.pass_by(2 * 3_600)
    assert await world.ledger.reconcile() == 1
    assert (await states(world))[-1] == "ambiguous"
    assert await committed(world) == COST
    assert (await world.reserved(context, call_of(cost=COST), attempt=3)).trace == RemoteTrace(token="t")


async def test_a_job_that_is_over_is_not_gone_on_with(world: World) -> None:
    context = await world.book()
    first = await begun(world, context)
    await world.ledger.created(first, "p1", 600)
    await world.ledger.fail(first, "it was cancelled before it began")
    assert (await world.reserved(context, call_of(cost=COST), attempt=2)).trace is None
    assert await committed(world) == COST


async def test_who_was_taken_over_records_no_job_and_sends_nothing(world: World) -> None:
    context = await world.book()
    old = await begun(world, context)
    new = await world.reserved(context, call_of(cost=COST), attempt=2)
    for late in (world.ledger.created(old, "late", 600), world.ledger.sent(old, 30, "another")):
        with pytest.raises(Fenced):
            await late
    with pytest.raises(Fenced):
        await world.ledger.settle(old, await world.answer(70))
    await world.ledger.sent(new, 30)
    await world.ledger.created(new, "p1", 600)
    assert await traces(world) == [("t", None), ("t", "p1")]
    assert await committed(world) == COST, "a late answer is of the same job and is not charged twice"


async def test_only_who_waits_for_a_job_is_woken_and_only_once(world: World) -> None:
    context = await world.book()
    assert await world.ledger.woken(["t", "u"]) == set()
    await world.ledger.wake("t")
    first = await begun(world, context)
    assert await world.ledger.woken(["t"]) == set(), "what nobody had asked for is forgotten"
    for _ in range(3):
        await world.ledger.wake("t")
    assert await world.ledger.woken(["t", "u"]) == {"t"}
    assert await world.ledger.woken([]) == set()
    await world.ledger.settle(first, await world.answer(70))
    before = await traces(world)
    await world.ledger.wake("t")
    assert await traces(world) == before and await states(world) == ["settled"] and await committed(world) == 70

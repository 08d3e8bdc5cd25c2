"""How a provider call is bought, and what stands in the ledger however it ends."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest
import sqlalchemy as sa

from activities import calling
from activities.buying import Buyer
from activities.slots import Slots
from bookwright.contracts.book import SpokenClip
from bookwright.contracts.calls import Answer, CallState, Holder, ProviderCall, Reservation
from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    Blocked,
    BookwrightError,
    BudgetReached,
    CredentialsRefused,
    Fenced,
    NotSent,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Refused,
    StorageFull,
    Unspeakable,
)
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.calls import Material, Turn
from bookwright.store import SERVICE
from bookwright.store.ledger.tables import budgets
from tests.store.conftest import ANNA, World, usage_of

COST, MOST = 700, 1_000


class Desk:
    """A buyer whose provider does what a test says."""

    def __init__(self, world: World, context: BookContext, size: int = 4) -> None:
        self.world = world
        self.context = context
        self.limit = Slots(size)
        self.steps: list[str] = []
        self.buyer = Buyer(world.ledger, world.assets, self.steps.append)
        self.calls: list[tuple[str, int]] = []
        self.outcomes: list[BookwrightError | None] = []
        """What becomes of the next calls; a good answer when none is left."""
        self.bad: set[int] = set()
        self.unwanted: Blocked | None = None
        """The takes whose answers are of no use."""
        self.gate: asyncio.Event | None = None
        self.arrived = asyncio.Event()
        self.taken_apart = asyncio.Event()
        """Until then answers are here, and nobody knows yet what is in them."""
        self.taken_apart.set()
        self.in_flight = self.most_in_flight = 0

    async def buy(self, text: str = "Hello", *, unit: str = "page/1", activity: str = "a", **more: object) -> Answer:
        deadline = more.get("deadline_s", 30.0)
        assert isinstance(deadline, float)
        return await self.buyer.buy(
            lambda take: ProviderCall(
                provider="voice", model="v1", operation="speak", input={"text": text}, max_cost_micros=MOST, take=take
            ),
            self._perform,
            self._examine,
            usage=usage_of(self.context, unit),
            holder=Holder(activity=activity, attempt=1),
            limit=self.limit,
            deadline_s=deadline,
        )

    async def _perform(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        async with turn:
            answer = await self._answer(call)
        await self.taken_apart.wait()
        return answer

    async def _answer(self, call: ProviderCall) -> SpokenClip:
        self.calls.append((call.input["text"], call.take))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.arrived.set()
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.outcomes and (error := self.outcomes.pop(0)) is not None:
                raise error
            if call.take in self.bad:
                return SpokenClip(audio=b"", media_type="audio/wav", cost_micros=COST)
            return SpokenClip(audio=call.key.encode(), media_type="audio/wav", cost_micros=COST)
        finally:
            self.in_flight -= 1

    async def _examine(self, clip: SpokenClip) -> Material:
        if not clip.audio:
            raise BadAnswer("The audio is silent.")
        if self.unwanted is not None:
            raise self.unwanted
        return Material(data=clip.audio, media_type=clip.media_type, facts={"ms": 1}, cost_micros=clip.cost_micros)

    async def states(self) -> dict[CallState, int]:
        return await self.world.ledger.attempt_totals()

    async def committed(self) -> int:
        """What the job's budget has given away."""

        def read(connection: sa.Connection) -> int:
            wanted = sa.select(budgets.c.committed_micros).where(budgets.c.scope == "job")
            return int(connection.execute(wanted).scalar_one())

        return await self.world.database.read(SERVICE, read)


@pytest.fixture
async def desk(world: World) -> Desk:
    return Desk(world, await world.book(ANNA, "one", budget="1.00"))


async def cancelled(task: asyncio.Task[Answer]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_call_is_bought_once_and_used_again(desk: Desk) -> None:
    first = await desk.buy()
    again = await desk.buy(unit="page/2", activity="b")
    assert len(desk.calls) == 1 and (first.reused, again.reused) == (False, True)
    assert again.asset == first.asset and await desk.world.assets.get(first.asset)
    assert await desk.states() == {CallState.SETTLED: 1} and await desk.committed() == COST
    assert desk.steps == ["reserved", "sent", "answered", "stored", "settled"]


async def test_a_bad_answer_is_paid_for_and_asked_for_anew(desk: Desk) -> None:
    desk.bad = {0, 1}
    await desk.buy()
    assert [take for _, take in desk.calls] == [0, 1, 2]
    assert await desk.states() == {CallState.REJECTED: 2, CallState.SETTLED: 1}
    assert await desk.committed() == 2 * MOST + COST
    await desk.buy(activity="b")
    assert len(desk.calls) == 3, "neither the bad takes nor the good one are bought again"


@pytest.mark.parametrize("raised_by_the_engine", [False, True])
async def test_three_bad_answers_are_enough_and_stay_bought(desk: Desk, raised_by_the_engine: bool) -> None:
    if raised_by_the_engine:
        desk.outcomes = [BadAnswer("no audio in it") for _ in range(3)]
    else:
        desk.bad = {0, 1, 2}
    with pytest.raises(Permanent, match="3 answers in a row"):
        await desk.buy()
    assert await desk.states() == {CallState.REJECTED: 3} and len(desk.calls) == 3
    desk.bad = set()
    await desk.buy(activity="b")
    assert [take for _, take in desk.calls] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "error",
    [
        Refused("503"),
        NotSent("connection refused"),
        Unspeakable("the provider can't speak this"),
        Blocked("the provider's safety rules hold it back"),
        QuotaExhausted("no credit is left"),
        CredentialsRefused("the key is refused"),
    ],
)
async def test_what_was_surely_not_paid_is_given_back_and_may_be_tried_again(
    desk: Desk, error: BookwrightError
) -> None:
    desk.outcomes = [error]
    with pytest.raises(type(error)):
        await desk.buy()
    assert await desk.states() == {CallState.FAILED: 1} and await desk.committed() == 0
    assert not (await desk.buy(activity="b")).reused
    assert [take for _, take in desk.calls] == [0, 0] and await desk.committed() == COST


@pytest.mark.parametrize("error", [BadAnswer("cut"), Blocked("held back")], ids=lambda error: type(error).__name__)
async def test_what_was_billed_in_vain_is_charged_and_no_more(desk: Desk, error: BadAnswer | Blocked) -> None:
    error.cost_micros = 12
    desk.outcomes = [error]
    with contextlib.suppress(Blocked):
        await desk.buy()
    settled = (await desk.states()).get(CallState.SETTLED, 0)
    assert (await desk.states())[CallState.REJECTED] == 1
    assert await desk.committed() == 12 + settled * COST


async def test_an_answer_that_may_not_be_used_is_charged(desk: Desk) -> None:
    desk.unwanted = Blocked("not for a children's book")
    with pytest.raises(Blocked):
        await desk.buy()
    assert await desk.states() == {CallState.REJECTED: 1} and await desk.committed() == MOST


async def test_after_a_rate_limit_nobody_calls_until_its_time(desk: Desk) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    desk.outcomes = [RateLimited("too many requests", until=until)]
    with pytest.raises(RateLimited):
        await desk.buy()
    with pytest.raises(RateLimited, match="too many requests") as refusal:
        await desk.buy("another")
    assert datetime.now(UTC) < refusal.value.until <= until and len(desk.calls) == 1
    assert await desk.states() == {CallState.FAILED: 2} and await desk.committed() == 0


async def test_a_rate_limit_whose_time_has_passed_holds_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    until = datetime.now(UTC) + timedelta(seconds=5)
    desk.limit.close_until(RateLimited("later", until=until))

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(until.timestamp() + 1, tz)

    monkeypatch.setattr("activities.slots.datetime", Later)
    await desk.buy()
    assert len(desk.calls) == 1


async def test_the_longest_rate_limit_counts() -> None:
    slots, now = Slots(1), datetime.now(UTC)
    for seconds in (4, 6, 5):
        slots.close_until(RateLimited(f"{seconds} s", until=now + timedelta(seconds=seconds)))
    with pytest.raises(RateLimited) as refusal:
        slots.check()
    assert refusal.value.until == now + timedelta(seconds=6)


async def test_calls_that_wait_for_a_slot_when_a_rate_limit_comes_are_not_made(desk: Desk) -> None:
    desk.limit, desk.gate = Slots(1), asyncio.Event()
    desk.outcomes = [RateLimited("too many", until=datetime.now(UTC) + timedelta(hours=1))]
    bought = [asyncio.create_task(desk.buy(text, activity=text)) for text in ("a", "b", "c")]
    await desk.arrived.wait()
    desk.gate.set()
    results = await asyncio.gather(*bought, return_exceptions=True)
    assert all(isinstance(result, RateLimited) for result in results) and len(desk.calls) == 1


async def test_a_lost_answer_stays_charged_at_its_maximum(desk: Desk) -> None:
    desk.outcomes = [AnswerLost("reset")]
    with pytest.raises(AnswerLost):
        await desk.buy()
    assert await desk.states() == {CallState.AMBIGUOUS: 1} and await desk.committed() == MOST
    await desk.buy(activity="b")
    assert await desk.states() == {CallState.AMBIGUOUS: 1, CallState.SETTLED: 1}
    assert await desk.committed() == MOST + COST


async def test_no_answer_within_the_deadline_is_a_lost_answer(desk: Desk) -> None:
    desk.gate = asyncio.Event()
    with pytest.raises(AnswerLost, match=r"within 0\.05 s"):
        await desk.buy(deadline_s=0.05)
    assert await desk.states() == {CallState.AMBIGUOUS: 1} and await desk.committed() == MOST


async def test_cancelled_while_it_waits_for_a_slot_nothing_was_sent(desk: Desk) -> None:
    desk.limit, desk.gate = Slots(1), asyncio.Event()
    first = asyncio.create_task(desk.buy("first"))
    await desk.arrived.wait()
    reserved = asyncio.Event()
    desk.buyer = Buyer(desk.world.ledger, desk.world.assets, lambda step: reserved.set())
    second = asyncio.create_task(desk.buy("second", activity="b"))
    await reserved.wait()
    assert await desk.committed() == 2 * MOST
    await cancelled(second)
    assert await desk.states() == {CallState.SENT: 1, CallState.FAILED: 1} and await desk.committed() == MOST
    desk.gate.set()
    await first
    assert [text for text, _ in desk.calls] == ["first"]


async def test_cancelled_with_the_call_in_flight_it_may_have_been_paid(desk: Desk) -> None:
    desk.gate = asyncio.Event()
    running = asyncio.create_task(desk.buy())
    await desk.arrived.wait()
    await cancelled(running)
    assert await desk.states() == {CallState.AMBIGUOUS: 1} and await desk.committed() == MOST
    desk.gate = None
    await asyncio.gather(*(desk.buy(str(number), activity=str(number)) for number in range(4)))
    assert desk.in_flight == 0, "the slot of the cancelled call is free again"


@pytest.mark.parametrize("step", ["answered", "stored"])
async def test_cancelled_after_the_answer_came_it_is_settled_all_the_same(desk: Desk, step: str) -> None:
    def cancel(reached: str) -> None:
        if reached == step:
            running.cancel()

    desk.buyer = Buyer(desk.world.ledger, desk.world.assets, cancel)
    running = asyncio.create_task(desk.buy())
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await desk.states() == {CallState.SETTLED: 1} and await desk.committed() == COST
    desk.buyer = Buyer(desk.world.ledger, desk.world.assets)
    assert (await desk.buy(activity="b")).asset and len(desk.calls) == 1


async def test_no_more_calls_are_made_at_once_than_the_limit_says(desk: Desk) -> None:
    desk.limit, desk.gate = Slots(3), asyncio.Event()
    bought = [asyncio.create_task(desk.buy(str(number), activity=str(number))) for number in range(10)]
    while desk.in_flight < 3:
        desk.arrived.clear()
        await desk.arrived.wait()
    desk.gate.set()
    await asyncio.gather(*bought)
    assert (desk.most_in_flight, len(desk.calls)) == (3, 10)


async def test_two_who_want_the_same_call_at_once_make_it_once(desk: Desk) -> None:
    desk.gate = asyncio.Event()
    first = asyncio.create_task(desk.buy(activity="a"))
    await desk.arrived.wait()
    second = asyncio.create_task(desk.buy(activity="b", unit="page/2"))
    await asyncio.sleep(0)
    desk.gate.set()
    answers = await asyncio.gather(first, second)
    assert len(desk.calls) == 1 and answers[0].asset == answers[1].asset
    assert sorted(answer.reused for answer in answers) == [False, True]


async def test_the_second_makes_the_call_when_the_first_could_not(desk: Desk) -> None:
    desk.gate, desk.outcomes = asyncio.Event(), [Refused("503")]
    first = asyncio.create_task(desk.buy(activity="a"))
    await desk.arrived.wait()
    second = asyncio.create_task(desk.buy(activity="b"))
    desk.gate.set()
    with pytest.raises(Refused):
        await first
    assert not (await second).reused and len(desk.calls) == 2


async def test_a_call_that_the_budget_does_not_allow_is_not_made(world: World) -> None:
    desk = Desk(world, await world.book(ANNA, "one", budget="0.0015"))
    await desk.buy("first")
    with pytest.raises(BudgetReached):
        await desk.buy("second")
    assert [text for text, _ in desk.calls] == ["first"] and await desk.committed() == COST


async def test_without_room_nothing_is_bought(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full() -> None:
        raise StorageFull("no room")

    monkeypatch.setattr(desk.world.assets, "check_room", full)
    with pytest.raises(StorageFull):
        await desk.buy()
    assert desk.calls == [] and await desk.states() == {}


async def test_an_answer_that_finds_no_room_is_kept_trying_to_store_and_then_charged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.buying.asyncio.sleep", _no_wait(asyncio.sleep))
    put, tries = desk.world.assets.put, 0

    async def full(data: bytes, media_type: str) -> str:
        nonlocal tries
        tries += 1
        if tries < 3 or text == "never":
            raise StorageFull("no room")
        return await put(data, media_type)

    monkeypatch.setattr(desk.world.assets, "put", full)
    text = "at last"
    assert await desk.world.assets.exists((await desk.buy(text)).asset)
    text = "never"
    with pytest.raises(StorageFull):
        await desk.buy(text)
    assert await desk.states() == {CallState.SETTLED: 1, CallState.AMBIGUOUS: 1}
    assert await desk.committed() == COST + MOST


def _no_wait(sleep: Callable[[float], Awaitable[None]]) -> Callable[[float], Awaitable[None]]:
    async def shortly(_seconds: float) -> None:
        await sleep(0)

    return shortly


async def test_answers_that_are_taken_apart_keep_no_call_from_being_made(desk: Desk) -> None:
    desk.taken_apart.clear()
    buying = [asyncio.create_task(desk.buy(f"text {number}", unit=f"page/{number}")) for number in range(8)]
    async with asyncio.timeout(30):
        while len(desk.calls) < 8:  # noqa: ASYNC110 - as many as are reserved ahead of a provider that takes four
            await asyncio.sleep(0)
    desk.taken_apart.set()
    await asyncio.gather(*buying)
    assert desk.most_in_flight <= 4


async def test_a_call_on_deck_that_another_worker_took_over_is_not_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after SIGSTOP: the mark in the ledger is old, and meanwhile the batch was given to another worker."""
    monkeypatch.setattr(calling, "FRESH_S", -1.0)
    desk = Desk(world, await world.book(ANNA, "one"), size=1)
    desk.gate = asyncio.Event()
    first = asyncio.create_task(desk.buy("first"))
    await desk.arrived.wait()
    second = asyncio.create_task(desk.buy("second"))
    while not (await desk.states()).get(CallState.SENT) == 2:  # noqa: ASYNC110 - the ledger tells nobody
        await asyncio.sleep(0)
    call = ProviderCall(
        provider="voice", model="v1", operation="speak", input={"text": "second"}, max_cost_micros=MOST, take=0
    )
    newer = await world.ledger.reserve(call, usage_of(desk.context, "page/1"), Holder(activity="a", attempt=2))
    assert isinstance(newer, Reservation)
    desk.gate.set()
    await first
    with pytest.raises(Fenced):
        await second
    assert [text for text, _ in desk.calls] == ["first"]

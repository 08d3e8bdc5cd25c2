"""What one process does with what it leases of a provider, by a clock that is moved."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from activities.rooms import Room
from activities.sharing import IDLE_S, SharedSlots, Sharing
from bookwright.contracts.errors import RateLimited, ServiceUnavailable
from bookwright.contracts.ports.limits import Ask, Grant
from bookwright.store import LimitStore
from tests.store.conftest import World


class Limits:
    """Grants what a test says, and remembers what was asked for."""

    lease_s = 5.0

    def __init__(self) -> None:
        self.size = 4
        self.limit = 8
        self.asked: list[Ask] = []
        self.left: list[str] = []
        self.closed_until: datetime | None = None

    async def renew(self, holder: str, asks: Sequence[Ask]) -> list[Grant]:
        self.asked.extend(asks)
        return [
            Grant(
                provider=ask.provider,
                size=self.size,
                target=self.size,
                limit=self.limit,
                closed_until=self.closed_until,
            )
            for ask in asks
        ]

    async def leave(self, holder: str, providers: Sequence[str]) -> None:
        self.left.extend(providers)


class Process:
    """One process and its calls, all of which are held until they are let go."""

    def __init__(self, limits: Limits, rate: int | None = None) -> None:
        self.time = 1_000.0
        self.limits = limits
        self.sharing = Sharing(limits, "me", lambda: self.time)
        self.slots = self.sharing.slots("sarvam", 8, rate)
        self.under_way = 0
        self.end = asyncio.Event()
        self.calls: list[asyncio.Task[None]] = []

    async def begin(self, calls: int) -> int:
        """Begin some calls; how many are under way then."""
        self.calls += [asyncio.create_task(self._call()) for _ in range(calls)]
        return await self.settled()

    async def settled(self) -> int:
        for _ in range(20):
            await asyncio.sleep(0)
        return self.under_way

    async def finish(self) -> None:
        self.end.set()
        await asyncio.gather(*self.calls)
        self.calls.clear()
        self.end.clear()

    async def _call(self) -> None:
        async with self.slots.ahead(), self.slots.deck(), self.slots:
            self.under_way += 1
            await self.end.wait()
            self.under_way -= 1


@pytest.fixture
def process() -> Process:
    return Process(Limits())


async def test_no_call_begins_without_a_lease_and_no_more_than_are_leased(process: Process) -> None:
    assert await process.begin(6) == 0
    await process.sharing.renew()
    assert await process.settled() == 4
    assert [ask.wanted for ask in process.limits.asked] == [6]
    process.limits.size = 5
    await process.sharing.renew()
    assert await process.settled() == 5
    assert process.limits.asked[-1].held == 4
    await process.finish()


async def test_a_smaller_lease_lets_calls_end_and_begins_none_until_there_is_room(process: Process) -> None:
    await process.begin(4)
    await process.sharing.renew()
    assert await process.settled() == 4
    process.limits.size = 1
    await process.sharing.renew()
    assert await process.begin(1) == 4, "what is under way goes on"
    assert process.slots.hurried
    process.end.set()
    await process.settled()
    process.end.clear()
    assert process.under_way == 0 and await process.begin(2) == 1
    await process.finish()


async def test_a_process_that_was_frozen_beyond_its_lease_asks_first(process: Process) -> None:
    await process.begin(1)
    await process.sharing.renew()
    await process.finish()
    process.time += 4.6
    assert await process.begin(1) == 0
    await process.sharing.renew()
    assert await process.settled() == 1
    await process.finish()


async def test_a_call_that_was_let_in_while_the_process_was_frozen_is_turned_back(process: Process) -> None:
    process.limits.size = 1
    await process.begin(2)
    await process.sharing.renew()
    assert await process.settled() == 1
    process.time += 4.6
    process.end.set()
    await process.settled()
    process.end.clear()
    assert process.under_way == 0 and process.slots.wanted == 1
    await process.sharing.renew()
    assert await process.settled() == 1
    await process.finish()


async def test_a_refusal_is_told_once_and_that_of_others_closes_here_too(process: Process) -> None:
    await process.begin(1)
    await process.sharing.renew()
    until = datetime.now(UTC) + timedelta(seconds=5)
    process.slots.close_until(RateLimited("too many", until=until))
    await process.sharing.renew()
    await process.sharing.renew()
    assert [(ask.refused, ask.closed_until) for ask in process.limits.asked[1:]] == [(True, until), (False, None)]
    other = Process(Limits())
    other.limits.closed_until = until
    await other.begin(1)
    other.slots.check()
    await other.sharing.renew()
    with pytest.raises(RateLimited) as refusal:
        other.slots.check()
    assert refusal.value.until == until
    await process.finish()
    await other.settled()
    await other.finish()


async def test_what_a_provider_bears_is_logged_when_it_changes(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "activities.sharing")
    await process.begin(1)
    for limit in (8, 4, 4, 5):
        process.limits.limit = limit
        await process.sharing.renew()
    assert caplog.messages == [f"sarvam takes {limit} of 8 calls at once now" for limit in (4, 5)]
    await process.settled()
    await process.finish()


async def test_a_refusal_that_could_not_be_told_is_told_next_time(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    await process.begin(1)
    await process.sharing.renew()
    process.slots.close_until(RateLimited("too many", until=datetime.now(UTC) + timedelta(seconds=5)))
    with monkeypatch.context() as patched:

        async def away(holder: str, asks: Sequence[Ask]) -> list[Grant]:
            raise ServiceUnavailable("no store")

        patched.setattr(process.limits, "renew", away)
        with pytest.raises(ServiceUnavailable):
            await process.sharing.renew()
    await process.sharing.renew()
    assert process.limits.asked[-1].refused
    await process.finish()


async def test_an_idle_process_gives_everything_back_and_writes_nothing(process: Process) -> None:
    await process.begin(1)
    await process.sharing.renew()
    await process.finish()
    await process.sharing.renew()
    assert process.limits.left == [], "it may be wanted again in a moment"
    process.time += IDLE_S + 0.1
    for _ in range(3):
        await process.sharing.renew()
    assert process.limits.left == ["sarvam"] and len(process.limits.asked) == 2
    assert await process.begin(1) == 0
    await process.sharing.renew()
    assert await process.settled() == 1
    await process.finish()


async def test_calls_keep_the_rate_that_is_this_process_s_part(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(Limits(), rate=120)
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def slept(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", lambda seconds: slept(seconds) if seconds else sleep(0))
    await process.begin(3)
    await process.sharing.renew()
    assert await process.settled() == 3
    assert pauses == [1.0, 2.0], "half of 120 a minute is one a second"
    process.limits.limit = 4
    process.limits.size = 2
    await process.sharing.renew()
    await process.finish()
    process.time += 100
    pauses.clear()
    await process.sharing.renew()
    await process.begin(2)
    await process.sharing.renew()
    assert await process.settled() == 2
    assert pauses == [2.0], "the provider bears half as many, and half of those are ours"
    await process.finish()


async def test_the_first_call_waits_for_one_lease_and_the_last_gives_it_back(world: World) -> None:
    one = Sharing(LimitStore(world.database), "one")
    slots = one.slots("sarvam", 2)
    running = asyncio.create_task(one.run())
    async with asyncio.timeout(30), slots.ahead(), slots.deck(), slots:
        assert slots.wanted == 1
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    other = SharedSlots("sarvam", 2, None, lambda: None)
    [grant] = await LimitStore(world.database).renew("other", [other.ask()])
    assert grant.size == 2


async def test_a_party_gives_its_turns_to_its_lowest_place_and_no_other_party_waits_longer() -> None:
    room, entered = Room(1), list[str]()

    async def enter(whose: str, place: int) -> None:
        async with room.at("", whose, place):
            entered.append(f"{whose}{place}")

    async with room:
        waiting = [asyncio.create_task(enter(*who)) for who in (("a", 9), ("b", 7), ("a", 3), ("b", 8), ("a", 1))]
        await asyncio.sleep(0)
        waiting.pop(2).cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert entered == ["a1", "b7", "b8", "a9"]


async def test_a_single_book_beside_a_flood_has_most_of_the_turns_and_the_flood_goes_on() -> None:
    room, entered = Room(1), list[str]()

    async def enter(owner: str, number: int) -> None:
        async with room.at(owner, owner, number):
            entered.append(owner)

    async with room:
        flood = [asyncio.create_task(enter("flood", number)) for number in range(100)]
        await asyncio.sleep(0)
        single = [asyncio.create_task(enter("single", number)) for number in range(30)]
        await asyncio.sleep(0)
    await asyncio.gather(*flood, *single)
    begun = entered[:34]
    assert begun.count("single") == 30 and begun.count("flood") == 4
    assert len(entered) == 130


async def test_owners_who_want_as_much_get_as_much() -> None:
    room, entered = Room(1), list[str]()

    async def enter(owner: str, number: int) -> None:
        async with room.at(owner, owner, number):
            entered.append(owner)

    async with room:
        waiting = [asyncio.create_task(enter(owner, number)) for owner in ("a", "b") for number in range(40)]
        await asyncio.sleep(0)
        for cancelled in waiting[60:]:
            cancelled.cancel()
        await asyncio.sleep(0)
        waiting = waiting[:60] + [asyncio.create_task(enter("b", number)) for number in range(20)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert entered.count("a") == entered.count("b") == 40


async def test_who_is_to_stop_stops_also_when_there_is_news_at_that_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.sharing.BURST_S", 0)
    sharing = Sharing(Limits(), "one")
    slots = sharing.slots("sarvam", 2)
    running = asyncio.create_task(sharing.run())
    async with asyncio.timeout(30), slots.ahead(), slots.deck(), slots:
        for _ in range(9):
            await asyncio.sleep(0)  # until it has leased, and waits for news
        slots.close_until(RateLimited("later", until=datetime.now(UTC) + timedelta(seconds=60)))
        running.cancel()
        await asyncio.wait([running], timeout=20)
        assert running.cancelled()

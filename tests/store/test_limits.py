"""How all workers share what a provider takes, on both databases. The clock is moved, nobody sleeps."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwright.contracts.ports.limits import Ask, Grant
from bookwright.settings.capabilities import OFFERS
from bookwright.store import Database, LimitStore
from bookwright.store.limits.sharing import RECOVERY, divided
from tests.store.conftest import Clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Workers:
    """Some processes that ask for the calls of one provider."""

    def __init__(self, database: Database, clock: Clock, ceiling: int = 8) -> None:
        self.store = LimitStore(database, clock)
        self.clock = clock
        self.ceiling = ceiling

    async def grant(self, holder: str, wanted: int = 100, *, held: int = 0, refused: bool = False) -> Grant:
        until = self.clock.now + timedelta(seconds=3) if refused else None
        ask = Ask(
            provider="sarvam",
            ceiling=self.ceiling,
            wanted=min(wanted, self.ceiling),
            held=held,
            refused=refused,
            closed_until=until,
        )
        [grant] = await self.store.renew(holder, [ask])
        return grant

    async def size(self, holder: str, wanted: int = 100, *, held: int = 0) -> int:
        return (await self.grant(holder, wanted, held=held)).size


@pytest.fixture
def workers(database: Database, clock: Clock) -> Workers:
    return Workers(database, clock)


async def test_one_process_has_all_also_when_it_wants_little(workers: Workers) -> None:
    assert await workers.size("a", 1) == 8


async def test_a_process_that_comes_later_gets_its_part_when_the_other_has_given_it_back(workers: Workers) -> None:
    assert await workers.size("a") == 8
    came = await workers.grant("b")
    assert (came.size, came.target) == (0, 4)
    assert await workers.size("a", held=7) == 4, "it begins nothing new before three calls have ended"
    assert await workers.size("b") == 1
    assert await workers.size("a", held=4) == 4
    assert await workers.size("b") == 4


async def test_what_one_does_not_want_is_the_others(workers: Workers) -> None:
    await workers.size("a", 2)
    await workers.size("b", 100)
    assert [await workers.size("a", 2), await workers.size("b", 100)] == [2, 6]


async def test_the_share_of_a_process_that_died_is_taken_over_after_its_lease(workers: Workers) -> None:
    await workers.size("dead")
    assert await workers.size("a") == 0
    workers.clock.pass_by(workers.store.lease_s - 0.1)
    assert await workers.size("a") == 0
    workers.clock.pass_by(0.1)
    assert await workers.size("a") == 8


async def test_one_that_leaves_gives_its_share_back_at_once(workers: Workers) -> None:
    await workers.size("a")
    await workers.store.leave("a", ["sarvam"])
    assert await workers.size("b") == 8


async def test_a_refusal_halves_the_limit_for_all_once_a_burst_and_it_recovers(workers: Workers) -> None:
    assert await workers.size("a") == 8
    refused = await workers.grant("a", held=8, refused=True)
    assert (refused.limit, refused.size) == (4, 4)
    assert refused.closed_until == workers.clock.now + timedelta(seconds=3)
    again = await workers.grant("a", held=6, refused=True)
    assert again.limit == 4, "a second refusal of the same burst"
    other = await workers.grant("b")
    assert other.limit == 4 and other.closed_until == refused.closed_until, "the other worker knows"
    workers.clock.pass_by(3)
    assert (await workers.grant("b")).closed_until is None
    assert (await workers.grant("a", refused=True)).limit == 2
    limits = []
    for _ in range(8):
        workers.clock.pass_by(RECOVERY.total_seconds())
        limits.append((await workers.grant("a")).limit)
    assert limits == [3, 4, 5, 6, 7, 8, 8, 8]


async def test_a_limit_never_falls_below_one_call(workers: Workers) -> None:
    limits = []
    for _ in range(5):
        limits.append((await workers.grant("a", refused=True)).limit)
        workers.clock.pass_by(1)
    assert limits == [4, 2, 1, 1, 1]


async def test_more_processes_than_calls_take_turns(database: Database, clock: Clock) -> None:
    workers = Workers(database, clock, ceiling=1)
    served = set()
    for _ in range(20):
        sizes = {name: await workers.size(name) for name in ("a", "b", "c")}
        assert sum(sizes.values()) <= 1
        served |= {name for name, size in sizes.items() if size}
        clock.pass_by(2)
    assert served == {"a", "b", "c"}


async def test_several_that_ask_at_the_same_time_never_get_more_than_there_is(workers: Workers) -> None:
    names = [f"worker-{number}" for number in range(6)]
    held = dict.fromkeys(names, 0)
    for _ in range(4):
        sizes = await asyncio.gather(*(workers.size(name, held=held[name]) for name in names))
        held = dict(zip(names, sizes, strict=True))
        assert sum(held.values()) <= 8
    assert sum(held.values()) == 8 and set(held.values()) == {1, 2}


async def test_each_provider_has_a_limit_of_its_own(database: Database, clock: Clock) -> None:
    store = LimitStore(database, clock)
    asks = [Ask(provider=name, ceiling=ceiling, wanted=1, held=0) for name, ceiling in (("b", 3), ("a", 5))]
    assert {grant.provider: grant.size for grant in await store.renew("me", asks)} == {"a": 5, "b": 3}


@given(
    limit=st.integers(1, 64),
    wanted=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 80), min_size=1, max_size=6),
)
def test_a_limit_is_divided_whole_and_fairly(limit: int, wanted: Mapping[str, int]) -> None:
    parts = divided(limit, wanted, NOON)
    assert sum(parts.values()) == limit and min(parts.values()) >= 0
    for short in (name for name in wanted if parts[name] < wanted[name]):
        assert all(parts[short] >= min(parts[name], wanted[name]) - 1 for name in wanted), "nobody has more than it"
        assert all(parts[name] <= max(wanted[name], parts[short] + 1) for name in wanted)


async def test_every_provider_can_be_limited_for_whatever_it_does(database: Database, clock: Clock) -> None:
    names = [f"{provider} {capability}" for capability, offered in OFFERS.items() for provider in offered]
    asks = [Ask(provider=name, ceiling=1, wanted=1, held=0) for name in names]
    grants = await LimitStore(database, clock).renew("worker", asks)
    assert {grant.provider: grant.size for grant in grants} == dict.fromkeys(names, 1)

"""Fault 31: workers, Temporal and the database are killed and frozen at random while books are made; then it is quiet,
every book is finished, and the invariants hold. The schedule follows from a seed, which is printed: the same seed picks
the same faults at the same numbers of calls (`BOOKWRIGHT_CHAOS_SEED=7 make chaos`)."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bookwright.contracts.progress import JobState
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.stack import Stack, WorkerProcess, short_texts

BOOKS = 5
WORKERS = 2
CALLS_PER_FAULT = 40
LATENCY_MS = 50
BOOK_NAMES = ("first", "second", "third", "fourth", "fifth")
LONG_RUN = int(os.environ.get("BOOKWRIGHT_CHAOS_UNITS", "5000"))
STALLED_S, QUIET_S = 90.0, 900.0


class Storm:
    """Picks what goes wrong next; what was killed is started again, as a supervisor does."""

    def __init__(self, stack: Stack, postgres: PostgresServer | None, seed: int) -> None:
        self.struck: Counter[str] = Counter()
        self._stack = stack
        self._postgres = postgres
        self._random = random.Random(seed)
        self._frozen: list[asyncio.Task[None]] = []
        self._faults = {
            "worker killed": (8, self._kill_worker),
            "worker frozen": (4, self._freeze_worker),
            "worker drained": (2, self._drain_worker),
            "Temporal killed": (2, self._kill_temporal),
            **({"PostgreSQL killed": (4, self._kill_postgres)} if postgres else {}),
        }

    async def rage(self, calls: int) -> None:
        """One fault after about every CALLS_PER_FAULT calls that arrive at the provider, until `calls` have."""
        mark = 0
        while (mark := mark + self._random.randint(1, 2 * CALLS_PER_FAULT - 1)) < calls:
            await self._stack.emulator.wait_calls(mark, timeout_s=STALLED_S)
            weights = [weight for weight, _ in self._faults.values()]
            name = self._random.choices(list(self._faults), weights)[0]
            self.struck[name] += 1
            await self._faults[name][1]()

    async def calm(self) -> None:
        """Nothing goes wrong any more, and everybody goes on."""
        await asyncio.gather(*self._frozen)

    @asynccontextmanager
    async def supervised(self) -> AsyncIterator[None]:
        """WORKERS workers run. One that ends is replaced at once: killed, drained, or because it found no database."""

        starts: list[asyncio.Task[WorkerProcess]] = []

        async def replace() -> None:
            while True:
                while len(self._running()) < WORKERS:
                    starts.append(asyncio.create_task(self._stack.worker(wait=False)))
                    await asyncio.shield(starts[-1])
                ends = [asyncio.create_task(worker.process.wait()) for worker in self._running()]
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                for end in ends:
                    end.cancel()

        replacing = asyncio.create_task(replace())
        try:
            yield
        finally:
            replacing.cancel()
            await asyncio.gather(replacing, *starts, return_exceptions=True)

    def _running(self) -> list[WorkerProcess]:
        return [worker for worker in self._stack.workers if worker.running]

    def _victim(self) -> WorkerProcess:
        return self._random.choice(self._running() or self._stack.workers)

    async def _kill_worker(self) -> None:
        await self._victim().kill()

    async def _drain_worker(self) -> None:
        self._victim().terminate()

    async def _freeze_worker(self) -> None:
        victim, seconds = self._victim(), self._random.uniform(0.5, 5)

        async def thaw() -> None:
            await asyncio.sleep(seconds)  # the freeze itself
            victim.go_on()

        victim.freeze()
        self._frozen.append(asyncio.create_task(thaw()))

    async def _kill_temporal(self) -> None:
        await self._stack.kill_temporal()
        await asyncio.sleep(self._random.uniform(0, 3))  # the outage itself
        await self._stack.restart_temporal()

    async def _kill_postgres(self) -> None:
        assert self._postgres is not None
        await asyncio.to_thread(self._postgres.kill)
        await asyncio.sleep(self._random.uniform(0, 3))  # the outage itself
        await asyncio.to_thread(self._postgres.start)


async def survive(
    home: Path, emulator: EmulatorProcess, units: int, seed: int, postgres: PostgresServer | None = None
) -> None:
    """Make BOOKS books of `units` pages in all through a storm, and check everything."""
    url = postgres.url(postgres.database()) if postgres else ""
    print(f"\nfault 31: {units} units on {'PostgreSQL' if postgres else 'SQLite'}, seed {seed}")  # noqa: T201
    began = time.perf_counter()
    async with Stack(home, emulator, database_url=url) as stack:
        await emulator.knobs(latency_ms=LATENCY_MS)
        await asyncio.gather(*(stack.worker() for _ in range(WORKERS)))
        for name in BOOK_NAMES[:BOOKS]:
            await stack.order(short_texts(units // BOOKS, name), title=f"The {name} book")
        storm = Storm(stack, postgres, seed)
        async with storm.supervised():
            await storm.rage(units)
            await storm.calm()
            quiet = time.perf_counter()
            rows = await stack.closed(timeout_s=QUIET_S)
        ended = time.perf_counter()
        tally = await check_invariants(stack)
        assert tally.units == units
        for row in rows:
            assert (row.state, row.error, row.warning) == (JobState.DONE, None, None)
        struck = ", ".join(f"{name} {count}×" for name, count in storm.struck.most_common())
        print(f"fault 31: {struck}; storm {quiet - began:.1f} s, then quiet {ended - quiet:.1f} s; {tally}")  # noqa: T201


@pytest.mark.timeout(900)
async def test_two_hundred_units(tmp_path: Path, emulator: EmulatorProcess) -> None:
    await survive(tmp_path / "home", emulator, 200, int(os.environ.get("BOOKWRIGHT_CHAOS_SEED", "31")))


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server that nobody else uses, since it is killed."""
    with postgres_server() as server:
        yield server


@pytest.mark.chaos
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_long_storm(
    tmp_path: Path, emulator: EmulatorProcess, database: str, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("own_postgres") if database == "postgresql" else None
    seed = int(os.environ.get("BOOKWRIGHT_CHAOS_SEED") or random.SystemRandom().randrange(10_000))
    await survive(tmp_path / "home", emulator, LONG_RUN, seed, server)

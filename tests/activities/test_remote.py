"""Jobs that run at a provider: bought once, whatever happens. The real SDK, the real ledger, Replicate's emulator."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities import remote, waking
from activities.buying import Buyer
from activities.slots import Slots
from api.deps import Webhooks
from api.routes import webhooks
from bookwright.contracts.calls import Answer, CallState, Holder, Reservation
from bookwright.contracts.errors import (
    AnswerLost,
    Blocked,
    BudgetReached,
    Fenced,
    Permanent,
    RateLimited,
    Refused,
    WorkerLeaving,
)
from bookwright.contracts.media import RemoteState
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.calls import Failpoint, WebhookUrl
from bookwright.providers.replicate import ReplicateSounds
from bookwright.store import SERVICE, Database, LocalAssets
from bookwright.store.ledger.tables import budgets, provider_attempts
from emulators.replicate.webhooks import KEY as WEBHOOK_KEY
from tests.store.conftest import (
    ANNA,
    Clock,
    World,
    postgres,
    postgres_template,
    postgres_url,
    sqlite_template,
    sqlite_url,
    url,
    usage_of,
)
from tests.support.buying_child import TASK, buy, engine_at
from tests.support.emulator import ROOT, EmulatorProcess
from tests.support.providers import emulator_of
from tests.support.serving import served

__all__ = ["postgres", "postgres_template", "postgres_url", "sqlite_template", "sqlite_url", "url"]
COST = 50_000


class Now(Clock):
    """The time that other processes have, too."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Shop:
    """One sound that is wanted, and what came of it."""

    world: World
    context: BookContext
    engine: ReplicateSounds
    emulator: EmulatorProcess
    url: str
    """Of the database."""
    steps: list[str] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    limit: Slots = field(default_factory=lambda: Slots(4))

    def buyer(self, webhook: WebhookUrl = lambda call, token: None, failpoint: Failpoint | None = None) -> Buyer:
        def step(name: str) -> None:
            self.steps.append(name)
            if name == "recorded":
                self.reached.set()

        return Buyer(self.world.ledger, self.world.assets, failpoint or step, webhook=webhook)

    async def buy(self, attempt: int = 1, *, buyer: Buyer | None = None, **more: Any) -> Answer:
        usage = usage_of(self.context, "page/1/soundscape")
        return await buy(buyer or self.buyer(), self.engine, usage, attempt, limit=self.limit, **more)

    async def under_way(self, attempt: int = 1, **more: Any) -> asyncio.Task[Answer]:
        """A purchase whose job runs at the provider."""
        running = asyncio.create_task(self.buy(attempt, **more))
        reached = asyncio.create_task(self.reached.wait())
        await asyncio.wait([running, reached], return_when=asyncio.FIRST_COMPLETED)
        if not self.reached.is_set():
            reached.cancel()
            running.result()
        return running

    async def attempts(self) -> list[dict[str, Any]]:
        query = sa.select(provider_attempts).order_by(provider_attempts.c.call_id, provider_attempts.c.fence)
        rows = await self.world.database.read(SERVICE, lambda c: c.execute(query).mappings().all())
        return [dict(row) for row in rows]

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.attempts()]

    async def committed(self) -> int:
        query = sa.select(sa.func.sum(budgets.c.committed_micros)).where(budgets.c.scope == "job")
        return int(await self.world.database.read(SERVICE, lambda c: c.execute(query).scalar_one()))

    async def created(self) -> int:
        """Predictions that the provider has been asked for."""
        return int((await self.emulator.calls())["received"])

    async def job(self) -> str | None:
        """How the only prediction ended, in one word; None while it goes on or when it has an answer."""
        [*_, last] = await self.attempts()
        return (await self.engine.look(last["external_id"])).error

    async def bought_once(self, answer: Answer) -> None:
        """One prediction, one settled attempt, one charge; its bytes are there (I1, I2, I4, I5)."""
        assert await self.created() == 1
        paid = [state for state in await self.states() if state != CallState.FAILED]
        assert paid == [CallState.SETTLED]
        assert await self.committed() == COST
        assert (await self.world.assets.get(answer.asset))[:4] == b"RIFF"


emulator = emulator_of("replicate")


@asynccontextmanager
async def open_shop(
    world: World, emulator: EmulatorProcess, url: str = "", budget: str = "1.00"
) -> AsyncIterator[Shop]:
    world = World(world.database, world.assets, Now())
    async with engine_at(emulator.url) as engine:
        yield Shop(world, await world.book(ANNA, "one", budget=budget), engine, emulator, url)


@pytest.fixture
async def shop(world: World, emulator: EmulatorProcess, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(world, emulator, f"sqlite:///{tmp_path / 'book.db'}") as opened:
        yield opened


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks and wakes that come soon."""
    monkeypatch.setattr(remote, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(remote, "LONGEST_PAUSE_S", 0.02)
    monkeypatch.setattr(waking, "EVERY_S", 0.02)


async def cancelled(task: asyncio.Task[Answer]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_job_is_created_once_and_its_answer_used_again(shop: Shop) -> None:
    answer = await shop.buy()
    assert shop.steps == ["reserved", "sent", "created", "recorded", "answered", "stored", "settled"]
    await shop.bought_once(answer)
    [attempt] = await shop.attempts()
    assert attempt["external_id"].startswith("emulated") and len(attempt["token"]) == 43
    assert (await shop.buy(2)).reused
    await shop.bought_once(answer)


# -- killed at every step ---------------------------------------------------------------------------------------------


class Child:
    """Processes that buy, and are killed."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.support.buying_child"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._number()

    def begin(self, shop: Shop, failpoints: str = "") -> int:
        """Let a process buy; its id."""
        order = {
            "database": shop.url,
            "assets": str(shop.world.assets.scratch().parent),
            "emulator": shop.emulator.url,
            "failpoints": failpoints,
            "usage": usage_of(shop.context, "page/1/soundscape").model_dump(mode="json"),
            "attempt": 1,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self._number()

    def ended_by(self) -> int:
        """The signal that has ended it."""
        return self._number()

    def _number(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    started = Child()
    yield started
    started.close()


@pytest.fixture
async def either_shop(url: str, emulator: EmulatorProcess, tmp_path: Path) -> AsyncIterator[Shop]:
    """On SQLite or PostgreSQL."""
    async with Database(url) as database:
        world = World(database, LocalAssets(tmp_path / "assets", min_room=0), Now())
        async with open_shop(world, emulator, url) as opened:
            yield opened


STEPS = ["reserved", "sent", "created", "recorded", "answered", "stored", "settled"]


@pytest.mark.parametrize("step", STEPS)
async def test_killed_after_any_step_it_is_bought_once(either_shop: Shop, child: Child, step: str) -> None:
    shop = either_shop
    child.begin(shop, f"{step}=kill")
    assert await asyncio.to_thread(child.ended_by) == signal.SIGKILL
    before = 0 if step in ("reserved", "sent") else 1
    assert await shop.created() == before
    await shop.bought_once(await shop.buy(2))
    assert len({row["token"] for row in await shop.attempts() if row["token"]}) == 1


async def test_killed_before_the_creation_was_answered_the_job_is_found(shop: Shop, child: Child) -> None:
    await shop.emulator.knobs(faults=[{"kind": "drip", "delay_ms": 60_000, "times": 1}])
    victim = child.begin(shop)
    await shop.emulator.wait_calls(1, of="charged")
    os.kill(victim, signal.SIGKILL)
    assert await asyncio.to_thread(child.ended_by) == signal.SIGKILL
    [attempt] = await shop.attempts()
    assert (attempt["state"], attempt["external_id"]) == ("sent", None)
    await shop.bought_once(await shop.buy(2))


async def test_killed_while_the_job_goes_on_it_is_gone_on_with(shop: Shop, child: Child, at_once: None) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    victim = child.begin(shop)
    while not any(row["external_id"] for row in await shop.attempts()):  # noqa: ASYNC110 - the ledger tells nobody
        await asyncio.sleep(0.01)
    os.kill(victim, signal.SIGKILL)
    await asyncio.to_thread(child.ended_by)
    running = asyncio.create_task(shop.buy(2))
    await shop.emulator.knobs(job_ms=0)
    await shop.bought_once(await running)


# -- lost, late and fenced --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["reset_body", "truncated"])
async def test_a_creation_whose_answer_was_lost_is_found_by_its_token(shop: Shop, kind: str) -> None:
    await shop.emulator.knobs(faults=[{"kind": kind, "times": 1}])
    with pytest.raises(AnswerLost):
        await shop.buy()
    assert await shop.states() == ["ambiguous"] and await shop.committed() == COST
    await shop.bought_once(await shop.buy(2))


async def test_a_creation_that_never_arrived_is_made_anew_under_the_same_token(shop: Shop) -> None:
    await shop.emulator.knobs(faults=[{"kind": "reset", "times": 1}])
    with pytest.raises(AnswerLost):
        await shop.buy()
    assert (await shop.buy(2)).asset
    assert await shop.states() == ["failed", "settled"] and await shop.committed() == COST
    assert len({row["token"] for row in await shop.attempts()}) == 1


@pytest.mark.parametrize("match", ["list", "look", "file"])
async def test_a_provider_that_is_down_after_the_creation_loses_nothing(shop: Shop, at_once: None, match: str) -> None:
    faults = [{"kind": "status", "match": match, "status": 500, "times": remote.MISSED_LOOKS}]
    if match == "list":
        faults.append({"kind": "reset_body", "times": 1})
    await shop.emulator.knobs(faults=faults)
    with pytest.raises((AnswerLost, Refused)):
        await shop.buy()
    assert await shop.states() == ["ambiguous"] and await shop.committed() == COST
    if match == "list":
        with pytest.raises(Refused):
            await shop.buy(2)
        assert await shop.committed() == COST
    await shop.emulator.knobs(faults=[])
    await shop.bought_once(await shop.buy(3))


async def test_a_few_looks_that_fail_cost_no_attempt(shop: Shop, at_once: None) -> None:
    await shop.emulator.knobs(
        faults=[
            {"kind": "status", "match": "look", "status": 500, "times": 2},
            {"kind": "html", "match": "look", "times": 1},
        ]
    )
    await shop.bought_once(await shop.buy())


@pytest.mark.parametrize("refused", ["creation", "look"])
async def test_a_rate_limit_is_passed_on_and_a_job_that_is_there_gone_on_with(shop: Shop, refused: str) -> None:
    rule = {"kind": "status", "status": 429, "retry_after": 60, "times": 1}
    await shop.emulator.knobs(faults=[rule | ({"match": "look"} if refused == "look" else {})])
    with pytest.raises(RateLimited):
        await shop.buy()
    created = refused == "look"
    assert await shop.states() == ["ambiguous" if created else "failed"]
    assert await shop.committed() == (COST if created else 0)
    shop.limit = Slots(4)
    assert (await shop.buy(2)).asset
    assert (await shop.emulator.calls())["answered"] == 1 and await shop.committed() == COST


async def test_who_was_taken_over_gives_its_job_up_and_pays_nothing(shop: Shop, at_once: None) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    zombie = await shop.under_way(1)
    newer = asyncio.create_task(shop.buy(2))
    while len(await shop.attempts()) < 2:  # noqa: ASYNC110 - the ledger tells nobody
        await asyncio.sleep(0.01)
    await shop.emulator.knobs(job_ms=0)
    answer = await newer
    with pytest.raises(Fenced):
        await zombie
    await shop.bought_once(answer)


async def test_who_awakes_before_the_creation_creates_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after SIGSTOP between the mark and the request."""
    monkeypatch.setattr("activities.calling.FRESH_S", -1.0)
    shop.limit = Slots(1)
    async with shop.limit:  # no room at the provider
        frozen = asyncio.create_task(shop.buy(1))
        while await shop.states() != ["sent"]:  # noqa: ASYNC110 - the ledger tells nobody
            await asyncio.sleep(0.01)
        taken = await shop.world.ledger.reserve(
            shop.engine.call(TASK), usage_of(shop.context), Holder(activity=f"score {TASK.prompt}", attempt=2)
        )
        assert isinstance(taken, Reservation) and taken.trace
    with pytest.raises(Fenced):
        await frozen
    assert await shop.created() == 0


# -- fault 20: it ends without an answer ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["aborted"])
async def test_a_job_that_cost_nothing_is_no_success_and_may_be_made_again(shop: Shop, code: str) -> None:
    await shop.emulator.knobs(faults=[{"kind": "job_failed", "code": code, "times": 1}])
    with pytest.raises(Refused, match=code):
        await shop.buy()
    assert await shop.states() == ["failed"] and await shop.committed() == 0
    assert (await shop.buy(2)).asset
    assert await shop.created() == 2 and await shop.committed() == COST


@pytest.mark.parametrize("code", ["failed", "canceled"])
async def test_a_job_that_was_paid_and_has_no_answer_is_the_next_take(shop: Shop, code: str) -> None:
    await shop.emulator.knobs(faults=[{"kind": "job_failed", "code": code, "times": 1}])
    assert (await shop.buy()).asset
    assert await shop.states() == ["rejected", "settled"]
    assert await shop.created() == 2 and await shop.committed() == 2 * COST


async def test_what_the_safety_rules_hold_back_is_not_asked_for_again(shop: Shop) -> None:
    await shop.emulator.knobs(faults=[{"kind": "job_failed", "code": "nsfw"}])
    with pytest.raises(Blocked):
        await shop.buy()
    assert await shop.states() == ["rejected"] and await shop.created() == 1


async def test_an_output_that_is_gone_is_no_success(shop: Shop) -> None:
    await shop.emulator.knobs(outputs_gone=True)
    with pytest.raises(Permanent, match="3 answers"):
        await shop.buy()
    assert await shop.states() == ["rejected"] * 3 and await shop.created() == 3
    await shop.emulator.knobs(outputs_gone=False)
    assert (await shop.world.assets.get((await shop.buy(2)).asset))[:4] == b"RIFF"
    assert await shop.committed() == 4 * COST


async def test_nothing_is_created_beyond_the_budget(world: World, emulator: EmulatorProcess) -> None:
    async with open_shop(world, emulator, budget="0.04") as shop:
        with pytest.raises(BudgetReached):
            await shop.buy()
        assert await shop.created() == 0 and await shop.states() == []


# -- fault 21: webhooks -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def listening(shop: Shop) -> AsyncIterator[Buyer]:
    """A buyer whose jobs' reports reach the web service's own routes."""
    app = FastAPI()
    app.include_router(webhooks.router)
    app.state.backend = SimpleNamespace(webhooks=Webhooks(shop.world.ledger, WEBHOOK_KEY))
    async with served(app) as address:
        yield shop.buyer(lambda call, token: f"{address}/api/webhooks/{call.provider}/{token}")


async def test_a_report_wakes_who_waits(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FIRST_PAUSE_S", 3_600.0)  # nobody looks by himself
    monkeypatch.setattr(waking, "EVERY_S", 0.02)
    looks: asyncio.Queue[RemoteState] = asyncio.Queue()
    look = shop.engine.look

    async def looked(external_id: str) -> RemoteState:
        state = await look(external_id)
        looks.put_nowait(state)
        return state

    monkeypatch.setattr(shop.engine, "look", looked)
    await shop.emulator.knobs(job_ms=3_600_000, webhook_copies=10)
    async with listening(shop) as buyer:
        running = asyncio.create_task(shop.buy(buyer=buyer))
        assert not (await looks.get()).ended
        await shop.emulator.knobs(job_ms=0)
        await shop.bought_once(await running)
    [attempt] = await shop.attempts()
    assert attempt["woken_at"] is not None and (await looks.get()).ended and looks.empty()


@pytest.mark.parametrize(
    "knobs",
    [{"webhook_copies": 0}, {"webhook_order": "early", "webhook_copies": 10}, {"webhook_order": "reversed"}],
    ids=["lost", "before the answer to the creation", "reordered"],
)
async def test_however_reports_come_there_is_one_effect(shop: Shop, at_once: None, knobs: dict[str, Any]) -> None:
    await shop.emulator.knobs(**knobs)
    async with listening(shop) as buyer:
        answer = await shop.buy(buyer=buyer)
        await shop.bought_once(answer)
    [attempt] = await shop.attempts()
    assert (attempt["woken_at"] is not None) or knobs.get("webhook_order") != "early"


# -- cancelled --------------------------------------------------------------------------------------------------------


async def test_cancelled_while_it_waits_its_job_is_cancelled_too(shop: Shop) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    await cancelled(await shop.under_way())
    assert await shop.job() == "aborted"
    assert await shop.states() == ["failed"] and await shop.committed() == 0
    await shop.emulator.knobs(job_ms=0)
    assert (await shop.buy(2)).asset and await shop.created() == 2


async def test_cancelled_when_it_had_cost_something_that_is_what_it_costs(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    running, look = await shop.under_way(), shop.engine.look

    async def begun(external_id: str) -> RemoteState:
        state = await look(external_id)
        return state.model_copy(update={"error": "canceled", "cost_micros": 5}) if state.ended else state

    monkeypatch.setattr(shop.engine, "look", begun)
    await cancelled(running)
    assert await shop.states() == ["rejected"] and await shop.committed() == 5


async def test_cancelled_too_late_the_answer_is_there_for_a_later_attempt(shop: Shop) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    running = await shop.under_way()
    await shop.emulator.knobs(job_ms=0)
    await cancelled(running)
    assert await shop.states() == ["ambiguous"] and await shop.committed() == COST
    await shop.bought_once(await shop.buy(2))


async def test_cancelled_while_the_creation_is_under_way_its_job_is_found_and_cancelled(shop: Shop) -> None:
    await shop.emulator.knobs(job_ms=3_600_000, faults=[{"kind": "drip", "delay_ms": 60_000, "times": 1}])
    running = asyncio.create_task(shop.buy())
    await shop.emulator.wait_calls(1, of="charged")
    await cancelled(running)
    [attempt] = await shop.attempts()
    external_id = await shop.engine.find(attempt["token"])
    assert external_id and (await shop.engine.look(external_id)).error == "aborted"
    assert attempt["state"] == "ambiguous"
    with pytest.raises(Refused, match="aborted"):
        await shop.buy(2)
    assert await shop.committed() == 0 and await shop.created() == 1


@pytest.mark.parametrize("reason", ["worker_shutdown", "timed_out"])
async def test_when_only_the_attempt_is_ended_its_job_goes_on(shop: Shop, at_once: None, reason: str) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    environment = ActivityEnvironment()
    running = asyncio.create_task(environment.run(shop.buy))
    await shop.reached.wait()
    environment.cancel(ActivityCancellationDetails(**{reason: True}))
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await shop.states() == ["ambiguous"] and await shop.job() is None
    await shop.emulator.knobs(job_ms=0)
    await shop.bought_once(await shop.buy(2))


async def test_a_worker_that_drains_leaves_its_job_to_another_one(shop: Shop, at_once: None) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    environment = ActivityEnvironment()
    running = asyncio.create_task(environment.run(shop.buy))
    await shop.reached.wait()
    environment.worker_shutdown()
    with pytest.raises(WorkerLeaving):
        await running
    assert await shop.states() == ["ambiguous"] and await shop.job() is None
    await shop.emulator.knobs(job_ms=0)
    await shop.bought_once(await shop.buy(2))


async def test_a_job_that_takes_too_long_is_cancelled(shop: Shop, at_once: None) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    with pytest.raises(AnswerLost, match=r"within 0\.3 s"):
        await shop.buy(wait_s=0.3)
    assert await shop.job() == "aborted" and await shop.committed() == 0


async def test_no_slot_is_held_while_a_job_goes_on(shop: Shop, at_once: None) -> None:
    await shop.emulator.knobs(job_ms=3_600_000)
    shop.limit = Slots(1)
    tasks = [TASK.model_copy(update={"seed": seed, "prompt": f"wind {seed}"}) for seed in range(5)]
    running = [asyncio.create_task(shop.buy(task=task)) for task in tasks]
    await shop.emulator.wait_calls(5)
    await shop.emulator.knobs(job_ms=0)
    assert len({answer.asset for answer in await asyncio.gather(*running)}) == 5
    assert (await shop.emulator.calls())["max_in_flight"] == 1

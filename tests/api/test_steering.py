"""Steering over HTTP, with a real Temporal behind it: once, in every order of things being away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio import activity
from temporalio.client import Client

from bookwright.contracts.book import PageBatch
from bookwright.contracts.ids import LOCAL_OWNER, new_book_id
from bookwright.contracts.orders import BookOrder, ExistingBook, InlineText, JobKind, Track
from bookwright.contracts.progress import (
    BatchOutcome,
    BudgetRaise,
    Deferred,
    Hold,
    HoldKind,
    JobEnd,
    JobEnded,
    JobHold,
    JobState,
)
from bookwright.dispatch import Dispatcher
from bookwright.store import JobRow
from tests.support.library import Home, home_at
from tests.support.stories import KITE
from tests.workflows.conftest import client as temporal
from tests.workflows.conftest import working
from tests.workflows.fakes import FakeActivities, Speak

__all__ = ["temporal"]
PATIENCE_S = 60


class Recorded(FakeActivities):
    """Fakes that write to a home's store what the real ones would."""

    def __init__(self, home: Home, speak: Speak | None = None) -> None:
        super().__init__(chapters=1, pages=3, speak=speak)
        self._home = home

    @activity.defn(name="Record hold")
    async def hold(self, change: JobHold) -> None:
        await self._home.books.hold(change.owner_id, change.job_id, change.reason, paused=change.paused)

    @activity.defn(name="Raise budget")
    async def raise_budget(self, change: BudgetRaise) -> None:
        await super().raise_budget(change)
        await self._home.books.set_budget(change.owner_id, change.job_id, change.cap_micros)

    @activity.defn(name="Close job")
    async def close(self, end: JobEnd) -> JobEnded:
        await self._home.books.close_job(end.model_copy(update={"stages": None}))
        return await super().close(end)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


@pytest.fixture
async def asking(home: Home, temporal: Client) -> AsyncIterator[httpx.AsyncClient]:
    async def connect() -> Client:
        return temporal

    async with home.client(app=home.app(connect=connect)) as client:
        yield client


@pytest.fixture
def dispatcher(home: Home, temporal: Client) -> Dispatcher:
    async def nothing() -> None:
        return None

    return Dispatcher(temporal, home.jobs, {JobKind.AUDIO: 8}, None, nothing)


async def ordered(home: Home, **wishes: Any) -> JobRow:
    order = BookOrder(book_id=new_book_id(), source=InlineText(text="Once."), title="Luna", **wishes)
    return await home.jobs.accept(order, fingerprint=order.book_id)


async def until(asking: httpx.AsyncClient, job: JobRow, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The job's status once it is like this."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds(status := (await asking.get(f"/api/jobs/{job.job_id}/status")).json()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    found: dict[str, Any] = status
    return found


async def endless(batch: PageBatch) -> BatchOutcome:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def thrifty(fakes: FakeActivities, batch: PageBatch) -> BatchOutcome:
    """Nothing is made before the budget was raised."""
    if not fakes.budgets:
        return BatchOutcome(deferred=Deferred(hold=Hold(kind=HoldKind.BUDGET, reason="the budget is used up")))
    return BatchOutcome(done=batch.pages)


async def test_a_job_is_paused_resumed_and_cancelled(
    home: Home, asking: httpx.AsyncClient, dispatcher: Dispatcher, temporal: Client
) -> None:
    job = await ordered(home)
    path = f"/api/jobs/{job.job_id}"
    assert (await asking.post(f"{path}/pause")).status_code == 409, "it has not begun"
    async with working(temporal, Recorded(home, endless)):
        await dispatcher.dispatch()
        await until(asking, job, lambda status: status["status"] == "processing")
        answer = await asking.post(f"{path}/pause")
        assert (answer.status_code, answer.json()) == (
            200,
            {"success": True, "jobId": job.job_id, "status": "processing"},
        )
        await until(asking, job, lambda status: status["paused_reason"] == "paused")
        assert (await asking.post(f"{path}/resume")).status_code == 200
        await until(asking, job, lambda status: status["paused_reason"] is None)
        assert (await asking.post(f"{path}/retry")).status_code == 409
        stale = await asking.post(f"{path}/cancel", headers={"If-Match": '"queued.00000000"'})
        assert stale.status_code == 412
        async with asyncio.timeout(PATIENCE_S):
            while stale.status_code == 412:  # the resumption may be written down only now
                seen = (await asking.get(f"{path}/status")).headers["etag"]
                stale = await asking.post(f"{path}/cancel", headers={"If-Match": seen})
        assert stale.status_code == 200
        status = await until(asking, job, lambda status: status["status"] == "cancelled")
        assert status["finishedAt"] and status["result"] is None
    for action in ("cancel", "pause", "resume", "approve"):
        answer = await asking.post(f"{path}/{action}")
        assert answer.status_code == 409 and "has ended" in answer.json()["detail"]
    again = await asking.post(f"{path}/retry")
    assert (again.status_code, again.json()["status"]) == (202, "pending") and again.json()["jobId"] != job.job_id


async def test_after_a_job_for_soundscapes_a_retry_makes_what_the_narration_lacks(home: Home) -> None:
    context = await home.made(KITE, spoken=[1], failed={2: "too long a word"})
    narrated = await home.jobs.newest_of(LOCAL_OWNER, context.book_id)
    alone = {"source": ExistingBook(), "tracks": (Track.SOUNDSCAPE,), "editions": (), "generation": 2}
    sounds = await home.jobs.accept(narrated.order.model_copy(update=alone), fingerprint="")
    await home.jobs.started(LOCAL_OWNER, sounds.job_id)
    await home.books.close_job(JobEnd(owner_id=LOCAL_OWNER, job_id=sounds.job_id, state=JobState.DONE))
    async with home.client() as asking:
        again = await asking.post(f"/api/jobs/{sounds.job_id}/retry")
    assert again.status_code == 202
    rest = await home.jobs.job(LOCAL_OWNER, again.json()["jobId"])
    assert rest.order.tracks == (Track.NARRATION, Track.SOUNDSCAPE)
    assert set(rest.order.editions) == set(narrated.order.editions)


async def test_a_queued_job_is_cancelled_in_the_store(home: Home, dispatcher: Dispatcher) -> None:
    """Without Temporal, and without its ever being started."""
    job = await ordered(home)
    async with home.client() as asking:
        answer = await asking.post(f"/api/jobs/{job.job_id}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        assert (await asking.get(f"/api/jobs/{job.job_id}/status")).json()["status"] == "cancelled"
    assert await dispatcher.dispatch() == 0


async def test_the_workflow_is_asked_once_a_second_for_everybody(
    home: Home, asking: httpx.AsyncClient, dispatcher: Dispatcher, temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await ordered(home)
    looks: list[int] = []
    progress = home.jobs.progress

    async def counting(*args: Any) -> Any:
        looks.append(1)
        return await progress(*args)

    monkeypatch.setattr(home.jobs, "progress", counting)
    async with working(temporal, Recorded(home, endless)):
        await dispatcher.dispatch()
        answers = await asyncio.gather(*(asking.get(f"/api/jobs/{job.job_id}/status") for _ in range(40)))
        assert len(looks) <= 3 < len(answers), "a second may end in the middle"
        assert {answer.json()["status"] for answer in answers} == {"processing"}
        await asking.post(f"/api/jobs/{job.job_id}/cancel")
        await until(asking, job, lambda status: status["status"] == "cancelled")


async def test_approve_applies_the_edits_first(
    home: Home, asking: httpx.AsyncClient, dispatcher: Dispatcher, temporal: Client
) -> None:
    job = await ordered(home, review=True)
    path = f"/api/jobs/{job.job_id}"
    context = (await home.order(KITE)).model_copy(update={"book_id": job.book_id, "job_id": job.job_id})
    assert (await asking.post(f"{path}/approve")).status_code == 409
    fakes = Recorded(home)
    async with working(temporal, fakes):
        await dispatcher.dispatch()
        await home.read(context, KITE)
        await until(asking, job, lambda status: status["paused_reason"] == "waiting for approval")
        async with asyncio.timeout(PATIENCE_S):
            while (await home.jobs.job(LOCAL_OWNER, job.job_id)).state is not JobState.PAUSED:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        missing = {"edits": [{"page": 1, "text": "Twice."}, {"page": 99, "text": "Never."}]}
        assert (await asking.post(f"{path}/approve", json=missing)).status_code == 404
        assert not fakes.batches
        edits = {"edits": [{"page": 1, "text": "Twice."}]}
        answer = await asking.post(f"{path}/approve", json=edits, headers={"Idempotency-Key": "a"})
        assert answer.status_code == 200, answer.text
        assert (await asking.post(f"{path}/approve", json=edits, headers={"Idempotency-Key": "a"})).status_code == 200
        await until(asking, job, lambda status: status["status"] == "completed")
    [page] = await home.books.pages(LOCAL_OWNER, job.book_id, 1, 1)
    assert page.text == "Twice."


async def test_a_budget_is_raised_at_once_when_a_worker_is_there(
    home: Home, asking: httpx.AsyncClient, dispatcher: Dispatcher, temporal: Client
) -> None:
    job = await ordered(home)
    path = f"/api/jobs/{job.job_id}/budget"
    assert (await asking.post(path, json={"cap": "0.5"})).status_code == 200, "a queued job's is set in the store"
    fakes = Recorded(home, lambda batch: thrifty(fakes, batch))
    async with working(temporal, fakes):
        await dispatcher.dispatch()
        await until(asking, job, lambda status: status["paused_reason"] == "the budget is used up")
        for wrong in ({"cap": "0"}, {"cap": "NaN"}, {"cap": "-1"}, {"cap": "1e9"}, {}, {"cap": "1", "user_id": "x"}):
            assert (await asking.post(path, json=wrong)).status_code == 422
        assert (await asking.post(path, json={"cap": "2.50"})).status_code == 200
        await until(asking, job, lambda status: status["status"] == "completed")
    assert fakes.budgets == [2_500_000]


async def test_without_a_worker_a_budget_is_kept_and_applied_once_when_one_is_there(
    home: Home, asking: httpx.AsyncClient, dispatcher: Dispatcher, temporal: Client
) -> None:
    job = await ordered(home)
    path = f"/api/jobs/{job.job_id}"
    await dispatcher.dispatch()
    for cap in ("1.25", "2.50", "2.50"):
        answer = await asking.post(f"{path}/budget", json={"cap": cap})
        assert answer.status_code == 202 and answer.headers["location"] and answer.headers["retry-after"]
    status = (await asking.get(f"{path}/status")).json()
    assert (status["status"], status["paused_reason"]) == ("processing", None), "from the store"
    fakes = Recorded(home, lambda batch: thrifty(fakes, batch))
    async with working(temporal, fakes):
        await asyncio.gather(*(dispatcher.deliver() for _ in range(3)))
        await until(asking, job, lambda status: status["status"] == "completed")
        await dispatcher.deliver()
    assert fakes.budgets[-1] == 2_500_000 and fakes.budgets.count(2_500_000) == 1


async def test_an_order_whose_api_died_is_started_once(home: Home, dispatcher: Dispatcher, temporal: Client) -> None:
    """Faults 9 and 30: the order is committed while Temporal is away, and its process is gone before anybody could
    have started it; two dispatchers find it when Temporal is back."""
    kite = await home.made(KITE, spoken=[])
    async with home.client() as asking:
        answer = await asking.post("/api/jobs/create", json={"type": "audio_generation", "storyId": kite.book_id})
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        job = await home.jobs.job(LOCAL_OWNER, answer.json()["jobId"])
        assert (await asking.get(f"/api/jobs/{job.job_id}/status")).json()["status"] == "pending"
    fakes = Recorded(home)
    async with working(temporal, fakes):
        started = await asyncio.gather(*(dispatcher.dispatch() for _ in range(2)))
        await temporal.get_workflow_handle(job.workflow_id).result()
        assert await dispatcher.dispatch() == 0
    assert sum(started) == 1 and len(fakes.ends) == 1
    assert (await home.jobs.job(LOCAL_OWNER, job.job_id)).state is JobState.DONE

"""`python -m tests.replay.record`: save the histories that later code must still be able to replay.

Each is recorded against a real server with the fake activities of the workflow tests. Record anew only what a change
is meant to break, and say in docs/adr what happens to the books that were running.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowHistory
from temporalio.exceptions import ApplicationError

from bookwright.contracts.book import PageBatch
from bookwright.contracts.errors import Refused
from bookwright.contracts.ids import BookId, book_workflow_id, chapter_workflow_id, scoring_workflow_id
from bookwright.contracts.ingestion import StepOutcome
from bookwright.contracts.orders import TRACKS, InlineText, Track
from bookwright.contracts.progress import BatchOutcome, BookResult, BookRun, Deferred, Hold, HoldKind, JobState
from bookwright.contracts.queues import Queue
from bookwright.contracts.scenes import Scored
from bookwright.contracts.stories import BriefKind
from bookwright.contracts.writing import Written
from bookwright.settings import Settings
from bookwright.temporal import DevServer, connect
from tests.support.emulator import ROOT
from tests.workflows.conftest import working
from tests.workflows.fakes import FakeActivities
from tests.workflows.test_book import until_signalled, until_state
from tests.workflows.test_delivery import NOT_TAKEN, TAKEN, FakeDelivering, begun
from tests.workflows.test_ingestion import FakeIngestion, started
from tests.workflows.test_reading import Scans
from tests.workflows.test_writing import FakeWriters, brief
from workflows.book import BookGeneration

HISTORIES = Path(__file__).parent / "histories"
Handle = WorkflowHandle[BookGeneration, BookResult]


async def record(
    client: Client,
    name: str,
    fakes: FakeActivities,
    act: Callable[[Handle], Awaitable[None]],
    *,
    tracks: tuple[Track, ...] = (Track.NARRATION,),
    **wishes: Any,
) -> None:
    """Run one book, let `act` steer it, and save the histories of its workflow and of its first chapter."""
    book = BookId(f"sample-{name}")
    async with working(client, fakes):
        handle = await client.start_workflow(
            BookGeneration.run,
            BookRun.model_validate(
                {"book_id": book, "source": InlineText(text="Once."), "title": "Luna", "tracks": tracks} | wishes
            ),
            id=book_workflow_id(book, 1),
            task_queue=Queue.BOOKS,
            task_timeout=timedelta(seconds=2),
        )
        await act(handle)
        try:
            await handle.result()
        except WorkflowFailureError:
            pass
        for workflow_id, part in ((handle.id, "book"), (f"{handle.id}/chapter/1", "chapter")):
            history = await client.get_workflow_handle(workflow_id).fetch_history()
            _save(f"{name}.{part}", history)
        if fakes.scans:
            scoring = client.get_workflow_handle(scoring_workflow_id(handle.id))
            _save(f"{name}.scoring", await scoring.fetch_history())


def _save(name: str, history: WorkflowHistory) -> None:
    # Failures carry stack traces, and those the paths of this machine.
    (HISTORIES / f"{name}.json").write_text(history.to_json().replace(f"{ROOT}/", ""))


async def main() -> None:
    """Record every scenario."""
    HISTORIES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = DevServer(Path(folder), in_memory=True)
        await server.start()
        try:
            client = await connect(Settings(), server.address)
            await record(client, "plain", FakeActivities(chapters=3, pages=20), _nothing)
            await record(client, "failing", FakeActivities(chapters=2, pages=3, speak=_refuse), _nothing)
            await _held(client)
            await _paused(client)
            await _cancelled(client)
            await _reviewed(client)
            await record(client, "continued", FakeActivities(chapters=1, pages=1700), _nothing)
            await record(client, "tracks", _all_tracks(), _nothing, tracks=TRACKS)
            await record(client, "scenes", FakeActivities(chapters=2, pages=20, by_scene=True), _nothing, tracks=TRACKS)
            await _scored(client)
            await record(client, "long-tracks", FakeActivities(chapters=1, pages=410), _nothing, tracks=TRACKS)
            await record(client, "scanned", scanned(), _nothing)
            await record(client, "head-start", FakeActivities(chapters=2, pages=20), _nothing)
            await record(client, "sixteen-together", FakeActivities(chapters=2, pages=70), _nothing)
            await _told(client)
            await _ingested(client)
            await _delivered(client)
        finally:
            await server.stop()


async def _nothing(handle: Handle) -> None:
    return None


async def _cancelled(client: Client) -> None:
    async def act(handle: Handle) -> None:
        await fakes.spoken.wait()
        await handle.cancel()

    fakes = FakeActivities(chapters=1, pages=24, speak=_never())
    await record(client, "cancelled", fakes, act)


def _all_tracks() -> FakeActivities:
    """Pictures are held up once, and some fail."""

    async def draw(batch: PageBatch) -> BatchOutcome:
        if len([made for made in fakes.made if made[0] is Track.ILLUSTRATIONS]) == 1:
            until = datetime.now(UTC) + timedelta(seconds=1)
            return BatchOutcome(deferred=Deferred(hold=Hold(kind=HoldKind.RATE_LIMIT, reason="wait", until=until)))
        if batch.first_page == 1:
            raise ApplicationError("the provider holds it back", type="Blocked", non_retryable=True)
        return BatchOutcome(done=batch.pages)

    fakes = FakeActivities(chapters=2, pages=20)
    fakes.making[Track.ILLUSTRATIONS] = draw
    return fakes


def scanned() -> Scans:
    """Pages read off their pictures: one run is held up once, one is given up, of one a page fails."""
    until = datetime.now(UTC) + timedelta(seconds=1)
    fakes = Scans()
    fakes.outcomes = {
        1: [BatchOutcome(deferred=Deferred(hold=Hold(kind=HoldKind.RATE_LIMIT, reason="wait", until=until)))],
        9: [ApplicationError("the provider is down", type=Refused.__name__) for _ in range(3)],
        17: [BatchOutcome(done=1, failed=1)],
    }
    return fakes


async def _scored(client: Client) -> None:
    """Pages that only scenes need to have analysed, and soundscapes that are made together: some are held up once, one
    can't be made."""
    until = datetime.now(UTC) + timedelta(seconds=1)
    fakes = FakeActivities(chapters=2, pages=30, by_scene=True)
    fakes.facts["analysed_for_scenes"] = True
    fakes.scoring = {
        2: [Scored(deferred=Deferred(hold=Hold(kind=HoldKind.RATE_LIMIT, reason="wait", until=until)))],
        5: [ApplicationError("the provider holds it back", type="Blocked", non_retryable=True)],
    }
    tracks = (Track.NARRATION, Track.SOUNDSCAPE)
    await record(client, "soundscapes", fakes, _nothing, tracks=tracks)


async def _refuse(batch: PageBatch) -> BatchOutcome:
    raise Refused("the provider is down")


def _never() -> Callable[[PageBatch], Awaitable[BatchOutcome]]:
    async def speak(batch: PageBatch) -> BatchOutcome:
        from temporalio import activity

        while True:
            activity.heartbeat()
            await asyncio.sleep(0.05)

    return speak


async def _held(client: Client) -> None:
    """A rate limit of a second, then a budget that is raised."""
    seen: list[int] = []

    async def speak(batch: PageBatch) -> BatchOutcome:
        seen.append(1)
        if len(seen) == 1:
            until = datetime.now(UTC) + timedelta(seconds=1)
            return BatchOutcome(deferred=Deferred(hold=Hold(kind=HoldKind.RATE_LIMIT, reason="wait", until=until)))
        if not fakes.budgets:
            return BatchOutcome(deferred=Deferred(hold=Hold(kind=HoldKind.BUDGET, reason="budget reached")))
        return BatchOutcome(done=batch.pages)

    async def act(handle: Handle) -> None:
        await until_state(handle, JobState.PAUSED)
        await handle.execute_update(BookGeneration.raise_budget, Decimal("2.50"), id="raise-1")

    fakes = FakeActivities(chapters=1, pages=3, speak=speak)
    await record(client, "held", fakes, act)


async def _reviewed(client: Client) -> None:
    """A text that is approved after a pause, which does not approve it."""

    async def act(handle: Handle) -> None:
        await until_state(handle, JobState.PAUSED)
        await handle.signal(BookGeneration.resume)
        await until_signalled(handle, "resume")
        await until_state(handle, JobState.PAUSED)
        await handle.execute_update(BookGeneration.approve, id="approve-1")

    await record(client, "reviewed", FakeActivities(chapters=2, pages=3), act, review=True)


async def _told(client: Client) -> None:
    """Scenes from a brief; and a story that is held up once while it is written, whose character sheet and text are
    approved."""

    async def act(handle: Handle) -> None:
        for approval in ("approve-sheet", "approve-text"):
            await until_state(handle, JobState.PAUSED)
            await handle.execute_update(BookGeneration.approve, id=approval)

    until = datetime.now(UTC) + timedelta(seconds=1)
    fakes = FakeWriters()
    await record(client, "story", fakes, _nothing, source=brief(BriefKind.INTERACTIVE_SEARCH))
    fakes.next = [Written(deferred=Deferred(hold=Hold(kind=HoldKind.RATE_LIMIT, reason="wait", until=until)))]
    await record(client, "reviewed-story", fakes, act, source=brief(), review=True, review_sheet=True)


async def _ingested(client: Client) -> None:
    """Three chapters, of which the second can't be had; tags that have to wait once."""
    until = datetime.now(UTC) + timedelta(seconds=1)
    fakes = FakeIngestion(3)
    fakes.failing[2] = Refused.__name__
    fakes.answers["tag"] = [
        StepOutcome(deferred=Deferred(hold=Hold(kind=HoldKind.RATE_LIMIT, reason="w", until=until)))
    ]
    async with working(client, fakes):
        handle = await started(client, "sample-ingestion")
        await handle.result()
        _save("ingestion.audiobook", await handle.fetch_history())
        for chapter, name in ((1, "ingestion"), (2, "ingestion-failing")):
            child = client.get_workflow_handle(chapter_workflow_id(handle.id, chapter))
            _save(f"{name}.transcription", await child.fetch_history())


async def _delivered(client: Client) -> None:
    """A message that is taken at the second attempt."""
    async with working(client, FakeDelivering(NOT_TAKEN, TAKEN)):
        handle = await begun(client, "sample-delivery")
        await handle.result()
        _save("delivered.delivery", await handle.fetch_history())


async def _paused(client: Client) -> None:
    release = asyncio.Event()

    async def speak(batch: PageBatch) -> BatchOutcome:
        await release.wait()
        return BatchOutcome(done=batch.pages)

    async def act(handle: Handle) -> None:
        await fakes.spoken.wait()
        await handle.signal(BookGeneration.pause, "lunch")
        await until_state(handle, JobState.PAUSED)
        release.set()
        await handle.signal(BookGeneration.resume)
        await handle.signal(BookGeneration.cancel_after_page)

    fakes = FakeActivities(chapters=1, pages=100, speak=speak)
    await record(client, "steered", fakes, act)


if __name__ == "__main__":
    asyncio.run(main())

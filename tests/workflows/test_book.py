"""What a book's workflow makes of its chapters, of failures and of what people say to it."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment

from bookwright.contracts.book import PageBatch
from bookwright.contracts.errors import Refused
from bookwright.contracts.ids import BookId, book_workflow_id, new_book_id
from bookwright.contracts.orders import InlineText
from bookwright.contracts.progress import (
    BatchOutcome,
    BookResult,
    BookRun,
    BookStatus,
    Bound,
    Deferred,
    Hold,
    HoldKind,
    JobState,
    StageName,
)
from bookwright.contracts.queues import Queue
from tests.workflows.conftest import working
from tests.workflows.fakes import FakeActivities
from workflows.book import BookGeneration

Handle = WorkflowHandle[BookGeneration, BookResult]
PATIENCE_S = 60


async def start(client: Client, **wishes: object) -> Handle:
    order = BookRun.model_validate(
        {"book_id": new_book_id(), "source": InlineText(text="Once."), "title": "Luna"} | wishes
    )
    return await client.start_workflow(
        BookGeneration.run,
        order,
        id=book_workflow_id(order.book_id, 1),
        task_queue=Queue.BOOKS,
        task_timeout=timedelta(seconds=2),
    )


def whole(batch: PageBatch) -> BatchOutcome:
    return BatchOutcome(done=batch.pages)


async def test_every_page_of_every_chapter_is_made_once_and_bound(client: Client) -> None:
    fakes = FakeActivities(chapters=3, pages=20)
    async with working(client, fakes):
        handle = await start(client)
        result = await handle.result()
        status = await handle.query(BookGeneration.status)
    pages = [page for batch in fakes.batches for page in range(batch.first_page, batch.last_page + 1)]
    assert sorted(pages) == list(range(1, 61))
    assert (result.state, result.pages, result.failed_pages, result.files) == (JobState.DONE, 60, 0, 6)
    assert fakes.bound == {"mp3": 3, "m4b": 1, "epub": 1, "pdf": 1}
    assert [(stage.name, stage.done, stage.total) for stage in status.stages] == [
        (StageName.TEXT, 1, 1),
        (StageName.NARRATION, 60, 60),
        (StageName.BINDING, 3, 3),
    ]
    assert [chapter.done for chapter in status.chapters] == [20, 20, 20]


async def test_pages_that_fail_for_good_leave_a_book_with_a_warning(client: Client) -> None:
    async def speak(batch: PageBatch) -> BatchOutcome:
        return BatchOutcome(done=2, failed=1)

    fakes = FakeActivities(chapters=2, pages=3, speak=speak)
    async with working(client, fakes):
        result = await (await start(client)).result()
    assert (result.state, result.failed_pages) == (JobState.DONE, 2)
    assert result.warning == "2 pages could not be narrated"
    assert fakes.ends[-1].warning == result.warning


@pytest.mark.parametrize("edition", ["mp3", "epub"])
async def test_a_full_disk_holds_binding_up_until_somebody_resumes(client: Client, edition: str) -> None:
    fakes = FakeActivities(chapters=2, pages=1)
    fakes.binding[edition] = [Bound(deferred=Deferred(hold=Hold(kind=HoldKind.STORAGE, reason="the disk is full")))]
    async with working(client, fakes):
        handle = await start(client)
        status = await until_state(handle, JobState.PAUSED)
        assert status.paused_reason == "the disk is full"
        await handle.signal(BookGeneration.resume)
        result = await handle.result()
    assert (result.state, result.warning, result.files) == (JobState.DONE, None, 5)
    assert fakes.bound == {"mp3": 2, "m4b": 1, "epub": 1, "pdf": 1} | {edition: fakes.bound[edition]}
    assert fakes.bound[edition] == (3 if edition == "mp3" else 2), "bound again, and nothing else is"


async def test_a_held_binding_can_be_cancelled(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=1)
    fakes.binding["epub"] = [Bound(deferred=Deferred(hold=Hold(kind=HoldKind.STORAGE, reason="the disk is full")))]
    async with working(client, fakes):
        handle = await start(client)
        await until_state(handle, JobState.PAUSED)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert fakes.ends[-1].state is JobState.CANCELLED and fakes.bound["epub"] == 1


async def test_files_that_can_not_be_bound_are_told(client: Client) -> None:
    fakes = FakeActivities(chapters=2, pages=1)
    broken = ApplicationError("an encoder's own bug", non_retryable=True)
    fakes.binding = {"mp3": [broken], "pdf": [broken]}
    async with working(client, fakes):
        result = await (await start(client)).result()
    assert (result.state, result.files) == (JobState.DONE, 3)
    assert result.warning == "1 chapter could not be bound and 1 edition could not be bound"


async def test_a_transient_error_is_tried_three_times_and_then_given_up(skipping: WorkflowEnvironment) -> None:
    async def speak(batch: PageBatch) -> BatchOutcome:
        raise Refused("the provider is down")

    fakes = FakeActivities(chapters=1, pages=3, speak=speak)
    async with working(skipping.client, fakes):
        with pytest.raises(WorkflowFailureError) as failure:
            await (await start(skipping.client)).result()
    assert isinstance(failure.value.cause, ApplicationError) and failure.value.cause.type == "NothingMade"
    assert len(fakes.batches) == 3
    assert fakes.gave_up == [(1, 3, "Refused")]
    assert fakes.ends[-1].state is JobState.FAILED


async def test_a_rate_limit_of_a_day_is_waited_out_without_using_up_attempts(skipping: WorkflowEnvironment) -> None:
    async def speak(batch: PageBatch) -> BatchOutcome:
        if len(fakes.batches) > 5:
            return whole(batch)
        until = activity.info().current_attempt_scheduled_time + timedelta(days=1)
        return BatchOutcome(deferred=Deferred(hold=Hold(kind=HoldKind.RATE_LIMIT, reason="come back", until=until)))

    fakes = FakeActivities(chapters=1, pages=3, speak=speak)
    async with working(skipping.client, fakes):
        handle = await start(skipping.client)
        result = await handle.result()
        chapter = await skipping.client.get_workflow_handle(f"{handle.id}/chapter/1").fetch_history()
    waits = [
        event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        for event in chapter.events
        if event.HasField("timer_started_event_attributes")
    ]
    assert len(waits) == 5 and all(timedelta(hours=23) < wait <= timedelta(days=1) for wait in waits)
    assert (result.state, result.failed_pages, len(fakes.batches)) == (JobState.DONE, 0, 6)
    assert not fakes.gave_up
    assert any(hold.reason == "come back" and not hold.paused for hold in fakes.holds)


async def test_a_reached_budget_pauses_the_book_until_it_is_raised(client: Client) -> None:
    async def speak(batch: PageBatch) -> BatchOutcome:
        if not fakes.budgets:
            held = Hold(kind=HoldKind.BUDGET, reason="the order's budget of 1 USD is reached")
            return BatchOutcome(deferred=Deferred(hold=held))
        return whole(batch)

    fakes = FakeActivities(chapters=3, pages=2, speak=speak)
    async with working(client, fakes):
        handle = await start(client)
        status = await until_state(handle, JobState.PAUSED)
        assert status.paused_reason == "the order's budget of 1 USD is reached"
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update(BookGeneration.raise_budget, Decimal("0"), id="bad")
        await handle.execute_update(BookGeneration.raise_budget, Decimal("2.50"), id="raise-1")
        result = await handle.result()
    assert fakes.budgets == [2_500_000]
    assert (result.state, result.failed_pages) == (JobState.DONE, 0)
    assert fakes.holds[0].paused


async def test_pause_begins_nothing_new_until_resume(client: Client) -> None:
    release = asyncio.Event()

    async def speak(batch: PageBatch) -> BatchOutcome:
        await release.wait()
        return whole(batch)

    fakes = FakeActivities(chapters=1, pages=200, speak=speak)
    async with working(client, fakes):
        handle = await start(client)
        await fakes.spoken.wait()
        await handle.signal(BookGeneration.pause, "lunch")
        status = await until_state(handle, JobState.PAUSED)
        child = client.get_workflow_handle(f"{handle.id}/chapter/1")
        await until_signalled(child, "pause")
        under_way = len(fakes.batches)
        release.set()
        assert status.paused_reason == "lunch"
        await handle.signal(BookGeneration.resume)
        result = await handle.result()
    assert under_way < 13
    assert result.failed_pages == 0 and len(fakes.batches) == 13


async def test_cancelling_stops_the_work_and_says_so(client: Client) -> None:
    async def speak(batch: PageBatch) -> BatchOutcome:
        return await _hang(batch) if batch.first_page > 8 else whole(batch)

    fakes = FakeActivities(chapters=1, pages=24, speak=speak)
    async with working(client, fakes):
        handle = await start(client)
        await fakes.spoken.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert [end.state for end in fakes.ends] == [JobState.CANCELLED]
    assert not fakes.bound


async def test_a_cancellation_during_any_step_is_not_lost(client: Client) -> None:
    """The step under way may succeed in spite of it; the next one must not begin."""
    fakes = FakeActivities(chapters=1, pages=8, speak=_hang)
    async with working(client, fakes):
        handle = await start(client)
        await until_state(handle, JobState.RUNNING)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert [end.state for end in fakes.ends] == [JobState.CANCELLED]


async def test_pages_that_finish_while_cancelled_end_the_chapter_too(client: Client) -> None:
    async def speak(batch: PageBatch) -> BatchOutcome:
        try:
            return await _hang(batch)
        except asyncio.CancelledError:
            return whole(batch)  # what was paid for is settled in spite of the cancellation

    fakes = FakeActivities(chapters=1, pages=80, speak=speak)
    async with working(client, fakes):
        handle = await start(client)
        await fakes.spoken.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert not fakes.bound and len(fakes.batches) <= 4


async def _hang(batch: PageBatch) -> BatchOutcome:
    await asyncio.Event().wait()
    return whole(batch)


async def test_cancel_after_page_binds_what_there_is(client: Client) -> None:
    release = asyncio.Event()

    async def speak(batch: PageBatch) -> BatchOutcome:
        await release.wait()
        return whole(batch)

    fakes = FakeActivities(chapters=1, pages=400, speak=speak)
    async with working(client, fakes):
        handle = await start(client)
        await fakes.spoken.wait()
        await handle.signal(BookGeneration.cancel_after_page)
        await until_signalled(client.get_workflow_handle(f"{handle.id}/chapter/1"), "cancel_after_page")
        release.set()
        result = await handle.result()
    assert result.state is JobState.CANCELLED
    assert result.warning == f"stopped with {16 * len(fakes.batches)} of 400 pages made"
    assert fakes.bound == {"mp3": 1, "m4b": 1, "epub": 1, "pdf": 1}


async def test_an_unreadable_order_fails_the_job_with_its_reason(client: Client) -> None:
    fakes = FakeActivities()
    async with working(client, fakes):
        with pytest.raises(WorkflowFailureError):
            handle = await client.start_workflow(
                "BookGeneration", {"book_id": "x"}, id=f"book/{uuid4()}/1", task_queue=Queue.BOOKS
            )
            await asyncio.wait_for(handle.result(), PATIENCE_S)
    assert not fakes.batches


async def test_a_thousand_pages_stay_within_the_history_limits(client: Client) -> None:
    fakes = FakeActivities(chapters=2, pages=500)
    async with working(client, fakes):
        handle = await start(client)
        result = await handle.result()
    assert result.pages == 1000 and result.failed_pages == 0
    book = await handle.fetch_history()
    chapters = [await client.get_workflow_handle(f"{handle.id}/chapter/{n}").fetch_history() for n in (1, 2)]
    assert len(book.events) < 10_000 and all(len(chapter.events) < 2_000 for chapter in chapters)
    assert sum(len(chapter.events) for chapter in chapters) <= 6 * 500  # 6 events a spread of two pages
    largest = max(event.ByteSize() for history in (book, *chapters) for event in history.events)
    assert largest < 64 * 1024


async def test_a_chapter_of_five_thousand_pages_continues_as_new(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=5000)
    async with working(client, fakes):
        handle = await start(client)
        result = await handle.result()
        child = client.get_workflow_handle(f"{handle.id}/chapter/1")
        last = await child.describe()
        history = await child.fetch_history()
    assert (result.pages, result.failed_pages) == (5000, 0)
    pages = sorted(page for batch in fakes.batches for page in range(batch.first_page, batch.last_page + 1))
    assert pages == list(range(1, 5001))
    assert last.run_id != history.events[0].workflow_execution_started_event_attributes.first_execution_run_id
    assert len(history.events) < 2_000


async def test_the_temporal_ui_tells_the_story(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=3)
    async with working(client, fakes):
        handle = await start(client)
        await handle.result()
        history = await handle.fetch_history()
        description = await handle.describe()
    found = description.typed_search_attributes
    from bookwright.contracts import attributes

    assert found.get(attributes.BOOK_STAGE) == StageName.BINDING
    assert found.get(attributes.BOOK_ID) == BookId(handle.id.split("/")[1])
    summaries = [
        event.user_metadata.summary.data.decode() for event in history.events if event.user_metadata.summary.data
    ]
    assert '"Read the text"' in summaries and '"Bind as M4B"' in summaries


async def until_state(handle: Handle, state: JobState) -> BookStatus:
    """The status once the book is in `state`; the query is answered as soon as the workflow has moved."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            status = await handle.query(BookGeneration.status)
            if status.state is state:
                return status
            await asyncio.sleep(0.02)


async def until_signalled(handle: WorkflowHandle[Any, Any], name: str) -> None:
    """Return once the workflow's history holds the signal."""
    async with asyncio.timeout(PATIENCE_S):
        async for event in handle.fetch_history_events(wait_new_event=True):
            if event.workflow_execution_signaled_event_attributes.signal_name == name:
                return

"""A text that is reviewed: nothing is made from it before somebody approves."""

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError

from bookwright.contracts.orders import InlineText
from bookwright.contracts.progress import AWAITING_APPROVAL, JobState
from tests.workflows.conftest import working
from tests.workflows.fakes import FakeActivities
from tests.workflows.test_book import start, until_signalled, until_state
from workflows.book import BookGeneration


async def test_nothing_is_made_before_the_text_is_approved(client: Client) -> None:
    fakes = FakeActivities(chapters=2, pages=3)
    async with working(client, fakes):
        handle = await start(client, review=True)
        status = await until_state(handle, JobState.PAUSED)
        assert status.paused_reason == AWAITING_APPROVAL
        await handle.signal(BookGeneration.resume)
        await until_signalled(handle, "resume")
        status = await until_state(handle, JobState.PAUSED)
        assert status.paused_reason == AWAITING_APPROVAL and not fakes.batches, "resuming is not approving"
        for _ in range(2):
            assert await handle.execute_update(BookGeneration.approve, id="approve-1")
        result = await handle.result()
    assert (result.state, result.pages) == (JobState.DONE, 6)
    assert fakes.holds[0].reason == AWAITING_APPROVAL and fakes.holds[0].paused
    assert fakes.holds[-1].reason is None


async def test_a_book_that_was_paused_stays_so_when_its_text_is_approved(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=3)
    async with working(client, fakes):
        handle = await start(client, review=True)
        await until_state(handle, JobState.PAUSED)
        await handle.signal(BookGeneration.pause, "lunch")
        await handle.execute_update(BookGeneration.approve, id="approve-1")
        assert (await handle.query(BookGeneration.status)).paused_reason == "lunch"
        assert not fakes.batches
        await handle.signal(BookGeneration.resume)
        assert (await handle.result()).state is JobState.DONE


async def test_a_text_that_waits_for_approval_can_be_cancelled(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=3)
    async with working(client, fakes):
        handle = await start(client, review=True)
        await until_state(handle, JobState.PAUSED)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert fakes.ends[-1].state is JobState.CANCELLED and not fakes.batches


async def test_what_nobody_reviews_can_not_be_approved(client: Client) -> None:
    fakes = FakeActivities(chapters=1, pages=1)
    async with working(client, fakes):
        handle = await start(client, source=InlineText(text="Once."))
        with pytest.raises(WorkflowUpdateFailedError, match="update failed"):
            await handle.execute_update(BookGeneration.approve, id="approve-1")
        assert (await handle.result()).state is JobState.DONE

"""A worker that only reads: enough of one for whoever waits for a text."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio.testing import ActivityEnvironment

from activities.reading import Reading
from bookwright.contracts.errors import BadInput
from bookwright.contracts.orders import JobKind
from bookwright.contracts.progress import JobState
from bookwright.press.reading.documents import Documents
from bookwright.store.stories.store import WritingStore
from tests.support.library import Home


async def read_all(home: Home) -> None:
    """Read the text of every job that waits."""
    reading = Reading(home.books, home.assets, home.engine, Documents(), WritingStore(home.database, home.assets))
    for job in await home.jobs.claim({JobKind.AUDIO: 100}, None, 100):
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, workflow_id=job.workflow_id)
        try:
            await environment.run(reading.read, job.order)
        except BadInput as error:
            await home.jobs.close(job.owner_id, job.job_id, JobState.FAILED, str(error))


@asynccontextmanager
async def reading_worker(home: Home) -> AsyncIterator[None]:
    """Reads what comes in for as long as the block runs. What goes wrong with that is raised at its end."""

    async def work() -> None:
        while True:
            await read_all(home)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

"""A worker that only reads, also off pictures: enough of one for whoever waits for a text."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.reading import Reading
from activities.slots import Slots
from activities.vision import Vision
from bookwright.contracts.book import ReadingBatch
from bookwright.contracts.errors import BadInput
from bookwright.contracts.orders import JobKind
from bookwright.contracts.ports.engines import LanguageModel
from bookwright.contracts.progress import JobState
from bookwright.press.reading.documents import Documents
from bookwright.store import LedgerStore
from bookwright.store.stories.store import WritingStore
from tests.support.library import Home


async def read_all(home: Home, looker: LanguageModel | None = None) -> None:
    """Read the text of every job that waits; pages without good text are read off their pictures by `looker`."""
    documents = Documents()
    writings = WritingStore(home.database, home.assets)
    reading = Reading(home.books, home.assets, home.engine, documents, writings, sees=looker is not None)
    for job in await home.jobs.claim({JobKind.AUDIO: 100}, None, 100):

        async def run(activity: Any, argument: Any, workflow: str = job.workflow_id) -> Any:
            environment = ActivityEnvironment()
            now = datetime.now(UTC)
            environment.info = dataclasses.replace(
                environment.info, workflow_id=workflow, current_attempt_scheduled_time=now
            )
            return await environment.run(activity, argument)

        try:
            plan = await run(reading.read, job.order)
            if plan.unread and looker:
                chain: Chain[LanguageModel] = Chain([Link[LanguageModel](looker, Slots(8), 30)])
                buyer = Buyer(LedgerStore(home.database, home.assets), home.assets)
                vision = Vision(chain, buyer, home.books, home.assets, documents)
                for pages in plan.unread:
                    about = pages.model_dump() | {"context": plan.context, "chapter": 1, "document": plan.document}
                    await run(vision.read_pages, ReadingBatch.model_validate(about))
                if not plan.whole:
                    await run(reading.plan, job.order)
        except BadInput as error:
            await home.jobs.close(job.owner_id, job.job_id, JobState.FAILED, str(error))


@asynccontextmanager
async def reading_worker(home: Home, looker: LanguageModel | None = None) -> AsyncIterator[None]:
    """Reads what comes in for as long as the block runs. What goes wrong with that is raised at its end."""

    async def work() -> None:
        while True:
            await read_all(home, looker)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

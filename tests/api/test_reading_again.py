"""A page of a PDF that is to be read off its picture, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.contracts.orders import ExistingBook, Track
from bookwright.contracts.progress import JobState
from bookwright.estimating import Makers
from bookwright.money.prices import default_prices
from bookwright.providers.gemini import GeminiModel
from bookwright.steering import Steering
from bookwright.store.books.redos import Redos
from bookwright.store.books.versions import PageVersions
from tests.api.reading_worker import read_all, reading_worker
from tests.support.documents import pdf
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.library import Home, home_at
from tests.support.providers import emulator_of
from tests.support.scans import page, printed_over

FERRY = "The ferry crosses the wide brown river every morning, and every evening it comes back with news. " * 2
SEEN = FERRY.replace("brown", "green")
PRINTED = printed_over(pdf("The Ferry", "A. Writer", (("The Ferry", FERRY),)), page(("paragraph", SEEN)))
REDO = {"track": "text"}
emulator = emulator_of("gemini")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as opened:
        yield opened


@pytest.fixture
async def looker(emulator: EmulatorProcess) -> AsyncIterator[GeminiModel]:
    model = GeminiModel(KEY, base_url=emulator.url)
    yield model
    await model.close()


@pytest.fixture
async def client(home: Home, looker: GeminiModel) -> AsyncIterator[httpx.AsyncClient]:
    """Of an application that has somebody who sees."""
    makers = Makers(home.engine, default_prices(), vision=looker)
    async with home.client(app=home.app(makers=makers)) as asking:
        yield asking


async def test_a_page_is_read_off_its_picture_and_spoken_anew(
    home: Home, client: httpx.AsyncClient, looker: GeminiModel
) -> None:
    book = await uploaded(home, client, looker)
    redone = f"/api/books/{book}/pages/1/redo"
    async with home.client() as blind:
        refused = await blind.post(redone, json=REDO)
    assert refused.status_code == 422 and "BOOKWRIGHT_VISION" in refused.json()["detail"]
    first, second = await client.post(redone, json=REDO), await client.post(redone, json=REDO)
    assert (first.status_code, first.json()["jobId"]) == (202, second.json()["jobId"]), "one job does both"
    estimate = second.json()["estimate"]
    assert (estimate["pages"], estimate["calls"]) == (1, 2), "one look, one clip"
    assert float(estimate["cost_high_usd"]) > 0
    job = await home.jobs.job(LOCAL_OWNER, first.json()["jobId"])
    assert (type(job.order.source), job.order.tracks) == (ExistingBook, (Track.NARRATION,))
    await read_all(home, looker)
    read = (await client.get(f"/api/books/{book}/pages/1")).json()
    assert (read["text"], read["state"]) == (SEEN.strip(), "pending")
    versions = (await client.get(f"/api/books/{book}/pages/1/versions")).json()["versions"]
    assert [(version["version"], version["source"]) for version in versions] == [(2, "vision:gemini"), (1, "text")]


async def test_a_redo_while_the_book_is_made_is_done_by_a_job_that_follows(
    home: Home, client: httpx.AsyncClient, looker: GeminiModel
) -> None:
    book = await uploaded(home, client, looker, closed=False)
    running = (await client.get(f"/api/books/{book}")).json()["job_id"]
    answer = await client.post(f"/api/books/{book}/pages/1/redo", json=REDO)
    assert (answer.status_code, answer.json()["jobId"]) == (202, running)
    await home.jobs.close(LOCAL_OWNER, running, JobState.DONE, None)
    await Steering(home.jobs, nobody).redo_waiting(Redos(home.database), PageVersions(home.database))
    await read_all(home, looker)
    assert (await client.get(f"/api/books/{book}/pages/1")).json()["text"] == SEEN.strip()


async def uploaded(home: Home, client: httpx.AsyncClient, looker: GeminiModel, *, closed: bool = True) -> int:
    """The number of a book of which the text was read and nothing is spoken."""
    async with reading_worker(home, looker):
        answer = await client.post("/api/books/upload/", files={"file": ("ferry.pdf", PRINTED)})
    book = int(answer.json()["book_id"])
    assert (await client.get(f"/api/books/{book}/pages/1")).json()["text"] == FERRY.strip()
    if closed:
        job = (await client.get(f"/api/books/{book}")).json()["job_id"]
        await home.jobs.close(LOCAL_OWNER, job, JobState.DONE, None)
    return book


async def nobody() -> Client:
    raise AssertionError("Temporal is not asked")

"""Editing pages, having them narrated anew, and going back."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from bookwright.contracts.ids import LOCAL_OWNER, JobId, new_book_id
from bookwright.contracts.orders import BookContext, BookOrder, Edition, InlineText, Track
from bookwright.contracts.ports.writings import Part, Writing
from bookwright.contracts.progress import AWAITING_APPROVAL, JobState
from bookwright.steering import Steering
from bookwright.store.books.redos import Redos
from bookwright.store.books.versions import PageVersions
from bookwright.store.stories.store import WritingStore
from tests.support.library import Home, home_at
from tests.support.stories import KITE

NEW = "The kite had other plans, and it did not say which."


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


@pytest.fixture
async def kite(home: Home) -> BookContext:
    """A finished book of which page 2 is spoken."""
    return await home.made(KITE, spoken=[2])


async def test_an_edit_makes_a_version_and_the_old_one_can_be_had_back(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    page = f"/api/books/{kite.book_id}/pages/2"
    before = await client.get(page)
    edited = await client.patch(page, json={"text": NEW})
    assert (edited.status_code, edited.json()["text"], edited.json()["state"]) == (200, NEW, "pending")
    assert edited.headers["etag"] != before.headers["etag"]
    versions = (await client.get(f"{page}/versions")).json()["versions"]
    assert [(v["version"], v["current"], v["spoken"]) for v in versions] == [(2, True, False), (1, False, True)]
    assert versions[1]["text"] == before.json()["text"] and versions[1]["replaced_at"]

    chosen = await client.put(f"{page}/versions/1")
    assert [(v["version"], v["current"]) for v in chosen.json()["versions"]] == [(2, False), (1, True)]
    back = (await client.get(page)).json()
    assert (back["text"], back["state"]) == (before.json()["text"], "completed"), "with its sound"
    assert (await client.put(f"{page}/versions/7")).status_code == 404
    assert (await client.patch(page, json={"text": "A third text."})).status_code == 200
    numbers = [v["version"] for v in (await client.get(f"{page}/versions")).json()["versions"]]
    assert numbers == [3, 2, 1], "a number is given once"


async def test_an_edit_goes_by_what_was_seen(client: httpx.AsyncClient, kite: BookContext) -> None:
    page = f"/api/books/{kite.book_id}/pages/2"
    seen = (await client.get(page)).headers["etag"]
    fresh = await client.patch(page, json={"text": NEW}, headers={"If-Match": seen})
    assert fresh.status_code == 200
    stale = await client.patch(page, json={"text": "Something else."}, headers={"If-Match": seen})
    assert (stale.status_code, stale.headers["content-type"]) == (412, "application/problem+json")
    assert (await client.get(page)).json()["text"] == NEW
    assert (await client.put(f"{page}/versions/1", headers={"If-Match": seen})).status_code == 412
    wanted = fresh.headers["etag"]
    assert (await client.put(f"{page}/versions/1", headers={"If-Match": f'"x", {wanted}'})).status_code == 200


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "\x1b[31m", "x" * 200_001, None, 7])
async def test_what_can_not_be_a_page_is_refused(client: httpx.AsyncClient, kite: BookContext, text: object) -> None:
    answer = await client.patch(f"/api/books/{kite.book_id}/pages/2", json={"text": text})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "text")
    assert "\x1b" not in answer.text


async def test_a_book_that_is_being_made_is_not_edited_unless_it_waits_for_approval(
    home: Home, client: httpx.AsyncClient
) -> None:
    made = await home.made(KITE, spoken=[], closed=False)
    page = f"/api/books/{made.book_id}/pages/1"
    answer = await client.patch(page, json={"text": NEW})
    assert answer.status_code == 409 and "is making the book" in answer.json()["detail"]
    await home.books.hold(LOCAL_OWNER, JobId(made.job_id), AWAITING_APPROVAL, paused=True)
    assert (await client.patch(page, json={"text": NEW})).status_code == 200


async def test_a_redo_is_another_take_in_the_books_next_job(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    pages = f"/api/books/{kite.book_id}/pages"
    answer = await client.post(f"{pages}/2/redo", json={"track": "narration"})
    assert answer.status_code == 202 and answer.headers["location"]
    job = await home.jobs.job(LOCAL_OWNER, answer.json()["jobId"])
    assert (job.generation, job.state) == (2, JobState.QUEUED)
    another = await client.post(f"{pages}/1/redo", json={"track": "narration"})
    assert another.json()["jobId"] == answer.json()["jobId"], "one that has not begun makes both"
    versions = (await client.get(f"{pages}/2/versions")).json()["versions"]
    assert [(v["version"], v["spoken"]) for v in versions] == [(2, False), (1, True)]
    [work] = [
        work for work in await home.books.begin_pages(kite, kite.tracks[0], 1, kite.pages) if work.page.number == 2
    ]
    assert work.take > 0, "what was bought for take 0 is not taken again"
    assert (await client.post(f"{pages}/2/redo", json={"track": "dance"})).status_code == 422
    assert (await client.post(f"{pages}/99/redo", json={"track": "narration"})).status_code == 404


async def test_a_page_of_a_story_that_was_written_here_can_be_told_in_another_way(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    page = f"/api/books/{kite.book_id}/pages/2"
    refused = await client.post(f"{page}/redo", json={"track": "text"})
    assert refused.status_code == 409 and refused.json()["errors"][0]["field"] == "track"
    assert "PATCH" in refused.json()["detail"], "it says what to do instead"

    asset = await home.assets.put(b"{}", "application/json")
    for part in (Part.CONFIG, Part.OUTLINE):
        await WritingStore(home.database, home.assets).keep(LOCAL_OWNER, kite.book_id, Writing(part=part, asset=asset))
    answer = await client.post(f"{page}/redo", json={"track": "text"})
    assert answer.status_code == 202, answer.text
    assert answer.json()["estimate"]["pages"] == kite.pages, "the six that are not spoken yet, and this one anew"
    job = await home.jobs.job(LOCAL_OWNER, answer.json()["jobId"])
    assert [(wanted.page, wanted.version) for wanted in job.order.rewrites] == [(2, 1)]
    assert (await client.post(f"{page}/redo", json={"track": "text"})).status_code == 409, "that one has not begun"


async def test_a_retry_goes_by_the_edited_text(home: Home, client: httpx.AsyncClient, kite: BookContext) -> None:
    await client.patch(f"/api/books/{kite.book_id}/pages/2", json={"text": NEW})
    answer = await client.post(f"/api/jobs/{kite.job_id}/retry")
    assert answer.status_code == 202
    job = await home.jobs.job(LOCAL_OWNER, answer.json()["jobId"])
    assert job.order.source.kind == "existing"
    plan = await home.books.load_plan(job.order, job.job_id)
    [page] = await home.books.pages(LOCAL_OWNER, kite.book_id, 2, 2)
    assert (page.text, plan.context.voice) == (NEW, kite.voice)


async def test_a_redo_of_a_book_that_is_being_made_is_done_by_a_job_that_follows(
    home: Home, client: httpx.AsyncClient
) -> None:
    made = await home.made(KITE, spoken=[1, 2], closed=False)
    job = (await home.jobs.newest_of(LOCAL_OWNER, made.book_id)).job_id
    steering = Steering(home.jobs, nobody)
    waiting, versions = Redos(home.database), PageVersions(home.database)
    for page in (1, 2, 2):
        answer = await client.post(f"/api/books/{made.book_id}/pages/{page}/redo", json={"track": "narration"})
        assert (answer.status_code, answer.json()["jobId"]) == (202, job)
    without = await client.post(f"/api/books/{made.book_id}/pages/1/redo", json={"track": "soundscape"})
    assert without.status_code == 409 and without.json()["errors"][0]["field"] == "track"
    await steering.redo_waiting(waiting, versions)
    assert (await home.jobs.newest_of(LOCAL_OWNER, made.book_id)).job_id == job, "it is still at it"
    await home.close(made)
    for _ in range(2):
        await steering.redo_waiting(waiting, versions)
        newest = await home.jobs.newest_of(LOCAL_OWNER, made.book_id)
        assert (newest.generation, newest.state, newest.order.tracks) == (2, JobState.QUEUED, (Track.NARRATION,))
    assert await home.books.made(LOCAL_OWNER, made.book_id, Track.NARRATION, 1, 2) == {}
    await home.jobs.close(LOCAL_OWNER, newest.job_id, JobState.DONE, None)
    await steering.redo_waiting(waiting, versions)
    assert (await home.jobs.newest_of(LOCAL_OWNER, made.book_id)).generation == 2, "each is ordered once"


async def test_a_new_soundscape_goes_into_the_file_with_ambience_and_begins_no_other(home: Home) -> None:
    steering = Steering(home.jobs, nobody)
    tracks, editions = (Track.ILLUSTRATIONS, Track.SOUNDSCAPE), (Edition.M4B_AMBIENCE, Edition.EPUB)
    order = BookOrder(book_id=new_book_id(), source=InlineText(text="."), tracks=tracks, editions=editions)
    job = await home.jobs.accept(order, fingerprint="first")
    await home.jobs.close(LOCAL_OWNER, job.job_id, JobState.DONE, None)
    job = await steering.order_next(job, tracks=(Track.ILLUSTRATIONS,), editions=(Edition.EPUB,))
    await home.jobs.close(LOCAL_OWNER, job.job_id, JobState.DONE, None)

    async def dropped() -> None:
        return None

    newest = await home.jobs.newest_of(LOCAL_OWNER, job.book_id)
    redone = await steering.redo(newest, Track.SOUNDSCAPE, dropped)
    assert (redone.order.tracks, redone.order.editions) == ((Track.SOUNDSCAPE,), editions)


async def test_a_redo_that_a_crash_has_left_without_a_job_gets_one(home: Home, client: httpx.AsyncClient) -> None:
    made = await home.made(KITE, spoken=[1], closed=False)
    await client.post(f"/api/books/{made.book_id}/pages/1/redo", json={"track": "narration"})
    await home.close(made)
    waiting, versions = Redos(home.database), PageVersions(home.database)
    await versions.redo(LOCAL_OWNER, made.book_id, 1)  # and then it died
    (redo,) = await waiting.due()
    assert redo.begun
    await Steering(home.jobs, nobody).redo_waiting(waiting, versions)
    assert (await home.jobs.newest_of(LOCAL_OWNER, made.book_id)).state is JobState.QUEUED
    assert len(await versions.versions(LOCAL_OWNER, made.book_id, 1)) == 2, "it is made anew once"


async def test_who_cancels_a_job_wants_no_redo_after_it(home: Home, client: httpx.AsyncClient) -> None:
    made = await home.made(KITE, spoken=[1], closed=False)
    await client.post(f"/api/books/{made.book_id}/pages/1/redo", json={"track": "narration"})
    newest = await home.jobs.newest_of(LOCAL_OWNER, made.book_id)
    await home.jobs.close(LOCAL_OWNER, newest.job_id, JobState.CANCELLED, None)
    assert await Redos(home.database).due() == []
    assert list(await home.books.made(LOCAL_OWNER, made.book_id, Track.NARRATION, 1, 1)) == [1]


async def nobody() -> Client:
    raise AssertionError("Temporal is not asked")

"""An audiobook whose steps are done by outside workers, over HTTP, with real processes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.store.access.keys import KeyStore
from bookwright.temporal import free_port
from tests.e2e.test_ingestion import ADMIN, Library, recording
from tests.support.emulator import EmulatorProcess
from tests.support.stack import CLOSE_S, Stack

CLAIM = f"{ADMIN}/jobs/claim"
WORDS = [
    {"text": word, "start_ms": 400 * place, "end_ms": 400 * place + 300, "confidence": 0.9}
    for place, word in enumerate("Mira climbs the stair and lights the lamp.".split())
]


@pytest.fixture(scope="module")
async def library(tmp_path_factory: pytest.TempPathFactory, emulator: EmulatorProcess) -> AsyncIterator[Library]:
    home = tmp_path_factory.mktemp("outside") / "home"
    async with Stack(home, emulator, environment={"BOOKWRIGHT_OUTSIDE": "transcribe,summarize,tag"}) as stack:
        key = (await KeyStore(stack.database).create(LOCAL_OWNER, "outside", actor="test", role=Role.ADMIN)).key
        port = free_port()
        worker, _ = await asyncio.gather(stack.worker(), stack.api(port))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", headers=headers, timeout=CLOSE_S) as client:
            yield Library(stack, client, worker)


async def claimed(library: Library, kind: str) -> dict[str, Any]:
    """A step, as soon as there is one."""
    async with asyncio.timeout(CLOSE_S):
        while True:
            answer = await library.client.post(CLAIM, json={"job_type": kind})
            if answer.status_code != 204:
                break
            await asyncio.sleep(0.1)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def report(library: Library, job: dict[str, Any], status: str, **more: Any) -> httpx.Response:
    body = {"status": status, "task_token": job["task_token"]} | more
    return await library.client.post(f"{ADMIN}/jobs/{job['job_id']}/status", json=body)


@pytest.mark.timeout(300)
async def test_outside_workers_make_an_audiobook(library: Library) -> None:
    sound = recording(8)
    book = (await library.made(await library.handed_in(("1.wav", sound)))).json()["audiobook_id"]
    job = await claimed(library, "transcribe")
    assert (job["audiobook_id"], job["job_type"], job["chapter"], job["attempt"]) == (book, "transcribe", 1, 1)
    assert (await library.client.post(CLAIM, json={"job_type": "transcribe"})).status_code == 204, "it is taken"
    (given,) = job["inputs"]
    assert (given["kind"], given["begin_seconds"], given["duration_seconds"]) == ("recording", 0.0, 8.0)
    async with httpx.AsyncClient() as stranger:
        fetched = await stranger.get(given["url"])
    assert fetched.content == sound, "the address opens without a key"
    assert (await report(library, job, "processing", progress=0.5)).status_code == 200

    for wrong in ({}, {"language": "en"}, {"language": "en", "words": [*reversed(WORDS)]}, {"summary": "A lamp."}):
        refused = await report(library, job, "completed", result=wrong)
        assert refused.status_code == 422, wrong
        assert all(error["field"].startswith("result") for error in refused.json()["errors"]), refused.text
    assert (await report(library, job | {"task_token": "x" * 43}, "completed", result={})).status_code == 409
    assert (await report(library, job | {"job_id": book}, "processing")).status_code == 404

    failed = await report(library, job, "failed", error_message="out of memory")
    assert "failure 1 of 3" in failed.json()["message"]
    transcript = {"language": "en", "words": WORDS}
    assert (await report(library, job, "completed", result=transcript)).status_code == 409, "its token is used up"
    again = await claimed(library, "transcribe")
    assert again["attempt"] == 2 and again["task_token"] != job["task_token"]
    assert (await report(library, again, "completed", result=transcript)).status_code == 200
    assert (await report(library, again, "completed", result=transcript)).status_code == 409

    summary, tags = await asyncio.gather(claimed(library, "summarize"), claimed(library, "tag"))
    async with httpx.AsyncClient() as stranger:
        told = (await stranger.get(summary["inputs"][0]["url"])).json()
    assert [chapter["text"] for chapter in told["chapters"]] == ["Mira climbs the stair and lights the lamp."]
    assert (await report(library, tags, "completed", result={"tags": ["unheard of"]})).status_code == 422
    assert (
        await report(library, tags, "completed", result={"tags": ["sea"], "free_tags": ["Mira"]})
    ).status_code == 200
    written = {"summary": "Mira lights the lamp.", "chapters": [{"number": 1, "summary": "She climbs."}]}
    assert (await report(library, summary, "completed", result=written)).status_code == 200

    steps = await library.ended(book)
    assert (steps["overall_status"], steps["completed_jobs"]) == ("completed", 4), steps
    found = await library.audiobook(book)
    assert (found["status"], found["warning"], found["summary"]) == ("ready", None, "Mira lights the lamp.")
    assert (found["tags"], found["free_tags"]) == (["sea"], ["Mira"])
    assert [(chapter["words"], chapter["summary"]) for chapter in found["chapters"]] == [(len(WORDS), "She climbs.")]
    assert (await report(library, summary, "processing")).status_code == 409
    assert (await library.audiobook(book))["summary"] == "Mira lights the lamp."


@pytest.mark.timeout(300)
async def test_a_step_that_outside_workers_can_not_do_is_a_dead_letter(library: Library) -> None:
    book = (await library.made(await library.handed_in(("2.wav", recording(4, 300))))).json()["audiobook_id"]
    for attempt in (1, 2, 3):
        job = await claimed(library, "transcribe")
        assert (job["audiobook_id"], job["attempt"]) == (book, attempt)
        assert (await report(library, job, "failed", error_message="no such model")).status_code == 200
    steps = await library.ended(book)
    assert steps["overall_status"] == "failed"
    assert (await library.audiobook(book))["chapters"][0]["error_message"] == "no such model"


@pytest.mark.timeout(300)
async def test_cancelling_the_audiobook_ends_what_was_claimed(library: Library) -> None:
    book = (await library.made(await library.handed_in(("3.wav", recording(4, 400))))).json()["audiobook_id"]
    job = await claimed(library, "transcribe")
    number = (await library.client.get(f"/api/books/{book}")).json()["job_id"]
    assert (await library.client.post(f"/api/jobs/{number}/cancel")).status_code in (200, 202)
    await library.ended(book)
    assert (await library.audiobook(book))["status"] == "cancelled"
    late = await report(library, job, "completed", result={"language": "en", "words": WORDS})
    assert late.status_code == 409
    assert (await library.client.post(CLAIM, json={"job_type": "transcribe"})).status_code == 204

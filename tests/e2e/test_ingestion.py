"""Recordings in, a readable book out: over HTTP, through an emulated Rev.ai, with real processes."""

import asyncio
import hashlib
import io
import wave
import zipfile
from collections.abc import AsyncIterator, Iterator
from typing import Any

import av
import httpx
import numpy as np
import pytest

from bookwright.contracts.access import Role
from bookwright.contracts.book import Segment
from bookwright.contracts.ids import LOCAL_OWNER, AssetId, BookId
from bookwright.contracts.orders import Track
from bookwright.store.access.keys import KeyStore
from bookwright.store.ingestion.store import IngestionStore
from bookwright.temporal import free_port
from tests.support.emulator import EmulatorProcess
from tests.support.stack import CLOSE_S, Stack, WorkerProcess

ADMIN = "/api/v1/admin"
RATE = 16_000


def recording(seconds: float, pitch: float = 200.0) -> bytes:
    """A tone as a WAV."""
    time = np.arange(round(RATE * seconds)) / RATE
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.sin(2 * np.pi * pitch * time) * 9_000).astype("<i2").tobytes())
    return out.getvalue()


@pytest.fixture(scope="module")
def revai() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("rev_ai") as running:
        yield running


class Library:
    """An admin who asks a stack's API."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient, worker: WorkerProcess) -> None:
        self.stack = stack
        self.client = client
        self.worker = worker

    async def handed_in(self, *files: tuple[str, bytes]) -> str:
        """A completed upload session."""
        wanted = {
            "upload_type": "multiple",
            "total_files": len(files),
            "total_size_bytes": sum(len(data) for _, data in files),
        }
        upload = (await self.client.post(f"{ADMIN}/uploads", json=wanted)).json()["upload_id"]
        for name, data in files:
            part = {"file": (name, data, "audio/wav")}
            answer = await self.client.post(f"{ADMIN}/uploads/{upload}/files", files=part)
            assert answer.status_code == 201, answer.text
        return str(upload)

    async def made(self, upload: str, **more: Any) -> httpx.Response:
        wanted = {"upload_id": upload, "title": "The Lamp", "author": "A. Writer", "language": "en", "is_public": False}
        return await self.client.post(f"{ADMIN}/audiobooks", json=wanted | more)

    async def ended(self, book: str) -> dict[str, Any]:
        """The steps once the job has ended."""
        async with asyncio.timeout(CLOSE_S):
            while True:
                if (await self.audiobook(book))["status"] != "processing":
                    break
                await asyncio.sleep(0.1)
        steps: dict[str, Any] = (await self.client.get(f"{ADMIN}/audiobooks/{book}/jobs")).json()
        return steps

    async def done(self, job: str) -> None:
        """Wait until a job is done, without a warning."""
        [row] = await self.stack.closed(await self.stack.jobs.job(LOCAL_OWNER, job))
        assert (row.state, row.warning, row.error) == ("done", None, None)

    async def audiobook(self, book: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"{ADMIN}/audiobooks/{book}")).json()
        return found


@pytest.fixture(scope="module")
async def library(
    tmp_path_factory: pytest.TempPathFactory, emulator: EmulatorProcess, revai: EmulatorProcess
) -> AsyncIterator[Library]:
    home = tmp_path_factory.mktemp("ingestion") / "home"
    choice = {"BOOKWRIGHT_TRANSCRIPTION": "revai", "REVAI_ACCESS_TOKEN": revai.key, "REVAI_BASE_URL": revai.url}
    async with Stack(home, emulator, others={"revai": revai}, environment=choice) as stack:
        key = (await KeyStore(stack.database).create(LOCAL_OWNER, "library", actor="test", role=Role.ADMIN)).key
        port = free_port()
        worker, _ = await asyncio.gather(stack.worker(), stack.api(port))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", headers=headers, timeout=CLOSE_S) as client:
            yield Library(stack, client, worker)


@pytest.mark.timeout(300)
async def test_two_recordings_become_a_book(library: Library, revai: EmulatorProcess) -> None:
    first, second = recording(30), recording(20, 300)
    upload = await library.handed_in(("10 The Stair.wav", second), ("2 The Lamp.wav", first))
    answer = await library.made(upload)
    body = answer.json()
    assert answer.status_code == 201, answer.text
    assert (body["status"], body["jobs_created"], body["total_jobs"]) == ("processing", 4, 4)
    assert body["message"] == "Audio book created successfully"
    book = BookId(body["audiobook_id"])
    again = await library.made(upload)
    assert again.status_code == 409 and book in again.json()["detail"]
    assert (await library.client.delete(f"{ADMIN}/uploads/{upload}")).status_code == 409

    steps = await library.ended(book)
    assert steps["overall_status"] == "completed", steps
    assert [step["job_type"] for step in steps["jobs"]] == ["transcribe", "summarize", "tag", "embed"]
    assert (steps["progress"], steps["completed_jobs"], steps["failed_jobs"]) == (1.0, 4, 0)

    found = await library.audiobook(book)
    assert found["status"] == "ready" and found["warning"] is None
    assert [chapter["title"] for chapter in found["chapters"]] == ["2 The Lamp", "10 The Stair"]
    assert [chapter["duration_seconds"] for chapter in found["chapters"]] == [30, 20]
    assert all(chapter["words"] and chapter["summary"] for chapter in found["chapters"])
    assert "lamp" in found["summary"].lower() and (found["tags"] or found["free_tags"])

    stack = library.stack
    pages = await stack.books.pages(LOCAL_OWNER, book, 1, 99)
    assert [page.chapter for page in pages] == [1, 2] and all("lamp" in page.text for page in pages)
    made = await stack.books.made(LOCAL_OWNER, book, Track.NARRATION, 1, 2)
    segments = [Segment.model_validate_json(await stack.assets.get(made[page])) for page in (1, 2)]
    recordings = await IngestionStore(stack.database, stack.assets).recordings(LOCAL_OWNER, book)
    assert [segment.clips[0].asset for segment in segments] == [AssetId(each.asset) for each in recordings]
    assert [segment.duration_ms for segment in segments] == [30_000, 20_000], "the whole recording is in its pages"
    assert abs(segments[0].loudness_lufs + 18) < 0.01
    words = segments[0].clips[0].words
    assert len(words) == found["chapters"][0]["words"]
    assert [pages[0].text[word.start : word.start + word.length] for word in words] == pages[0].text.split()
    sound = await library.client.get(f"/api/books/{book}/pages/1/audio")
    assert sound.status_code == 200 and len(sound.content) > 30 * RATE
    assert (await revai.calls())["received"] == 2

    asked = {"Prefer": "respond-async"}
    scored = await library.client.post("/api/generate-soundscapes", json={"bookId": book}, headers=asked)
    assert scored.status_code == 202, scored.text
    await library.done(scored.json()["jobId"])
    order = {"type": "audio_generation", "storyId": book, "config": {}}
    await library.done((await library.client.post("/api/jobs/create", json=order)).json()["jobId"])
    page = (await library.client.get(f"/api/books/{book}/pages/1")).json()
    assert page["ambience_url"] and page["paragraphs"][0]["sentences"][0]["words"]
    m4b = await library.client.get(f"/api/books/{book}/editions/m4b")
    with av.open(io.BytesIO(m4b.content), "r") as bound:
        assert [chapter["metadata"]["title"] for chapter in bound.chapters()] == ["2 The Lamp", "10 The Stair"]
        assert bound.duration is not None and abs(bound.duration / 1_000_000 - 50) < 5, "pauses between chapters"
    epub = await library.client.get(f"/api/books/{book}/editions/epub")
    assert epub.status_code == 200 and b"media-overlay" in zipfile.ZipFile(io.BytesIO(epub.content)).read(
        "EPUB/package.opf"
    )
    assert (await revai.calls())["received"] == 2, "nothing is written down again for them"

    changed = await library.client.put(f"{ADMIN}/audiobooks/{book}", json={"title": "The Lamp Anew", "is_public": True})
    assert (changed.json()["title"], changed.json()["is_public"]) == ("The Lamp Anew", True)
    gone = await library.client.delete(f"{ADMIN}/audiobooks/{book}")
    assert gone.status_code == 204
    assert (await library.client.get(f"{ADMIN}/audiobooks/{book}")).status_code == 404
    assert (await library.client.get(f"{ADMIN}/uploads/{upload}")).status_code == 404, "it went with its audiobook"


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_what_can_not_be_transcribed_is_restarted_and_what_was_bought_is_kept(
    library: Library, revai: EmulatorProcess
) -> None:
    before = (await revai.calls())["received"]
    files = [(f"{number}.wav", recording(20, 100.0 * number)) for number in (3, 4)]
    await revai.knobs(faults=[{"kind": "status", "match": hashlib.sha256(files[1][1]).hexdigest()}])
    book = (await library.made(await library.handed_in(*files))).json()["audiobook_id"]
    steps = await library.ended(book)
    transcribing = steps["jobs"][0]
    assert (transcribing["status"], steps["failed_jobs"]) == ("failed", 1)
    assert "1 of 2 chapters" in transcribing["error_message"]
    found = await library.audiobook(book)
    assert found["status"] == "ready" and "1 of 2 chapters" in found["warning"]
    assert [chapter["status"] for chapter in found["chapters"]] == ["completed", "failed"]
    assert (await revai.calls())["received"] == before + 4, "one answer, and three attempts without"

    await revai.knobs(faults=[])
    assert (await library.client.post(f"{ADMIN}/jobs/{transcribing['id']}/restart")).status_code == 202
    assert (await library.ended(book))["overall_status"] == "completed"
    whole = await library.audiobook(book)
    assert whole["warning"] is None and [chapter["status"] for chapter in whole["chapters"]] == ["completed"] * 2
    assert (await revai.calls())["received"] == before + 5, "what was there is not bought again"


@pytest.mark.timeout(300)
async def test_a_recording_that_is_silent_fails_with_its_name(library: Library) -> None:
    silent = recording(2, 0.0)
    book = (await library.made(await library.handed_in(("quiet.wav", silent)))).json()["audiobook_id"]
    steps = await library.ended(book)
    assert steps["overall_status"] == "failed" and steps["failed_jobs"] == 4
    found = await library.audiobook(book)
    assert found["status"] == "failed" and "quiet.wav" in found["error_message"] and "silent" in found["error_message"]


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_a_worker_that_is_killed_submits_no_transcription_twice(library: Library, revai: EmulatorProcess) -> None:
    calls = await revai.calls()
    files = [(f"{number}.wav", recording(25, 90.0 * number)) for number in (5, 6)]
    await revai.knobs(job_ms=3_000)
    book = (await library.made(await library.handed_in(*files))).json()["audiobook_id"]
    await revai.wait_calls(calls["answered"] + 2, of="answered")
    await library.worker.kill()
    library.worker = await library.stack.worker()
    assert (await library.ended(book))["overall_status"] == "completed"
    assert (await revai.calls())["received"] == calls["received"] + 2, "both jobs were gone on with"
    await revai.knobs(job_ms=0)

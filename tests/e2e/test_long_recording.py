"""A recording of eight hours: from the upload to its pages, by an emulated OpenAI-compatible server."""

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import numpy as np
import pytest

from benchmarks.measure import peak_mb
from bookwright.contracts.access import Role
from bookwright.contracts.book import Segment
from bookwright.contracts.ids import LOCAL_OWNER, BookId, chapter_workflow_id
from bookwright.contracts.orders import Track
from bookwright.store.access.keys import KeyStore
from bookwright.temporal import free_port
from tests.support.emulator import EmulatorProcess
from tests.support.stack import Stack

ADMIN = "/api/v1/admin"
HOURS, PART_MINUTES = 8, 30
RATE = 16_000
MOST_EVENTS, MOST_CHAPTER_EVENTS, MOST_PAYLOAD = 10_000, 2_000, 64 * 1024
MOST_MB = 600
"""Of the worker: eight hours of sound are 900 MB of samples."""
CLOSE_S = 3_000


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("openai") as running:
        yield running


def long_recording(hours: float, part_minutes: int) -> bytes:
    """An MP3 of a tone with a short pause in each minute, and a long one in the middle of every so many minutes. Its
    frames stand for themselves, so that a minute is encoded once."""
    minute = _minute(0.6)
    parted = _minute(3.0)
    minutes = [parted if number % part_minutes == part_minutes - 1 else minute for number in range(round(hours * 60))]
    return b"".join([*minutes[:-1], minute])


def _minute(pause_s: float) -> bytes:
    """A minute of whole frames: 36 ms each, 144 bytes."""
    time = np.arange(RATE * 61) / RATE
    tone = np.sin(2 * np.pi * 200 * time) * 9_000 * (time % 60 > pause_s)
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as out:
        stream = out.add_stream("libmp3lame", rate=RATE, options={"reservoir": "0"})
        stream.bit_rate = 32_000
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(tone.astype(np.int16)[None], format="s16p", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    data = file.getvalue()
    return data[: round(60_000 / 36) * 144]


@pytest.mark.chaos
@pytest.mark.timeout(3_600)
async def test_eight_hours_become_a_book(tmp_path: Path, emulator: EmulatorProcess, server: EmulatorProcess) -> None:
    choice = {
        "BOOKWRIGHT_TRANSCRIPTION": "openai",
        "OPENAI_BASE_URL": f"{server.url}/v1",
        "OPENAI_TRANSCRIPTION_MODEL": "emulated-transcription",
    }
    data = await asyncio.to_thread(long_recording, HOURS, PART_MINUTES)
    async with Stack(tmp_path / "home", emulator, others={"openai": server}, environment=choice) as stack:
        key = (await KeyStore(stack.database).create(LOCAL_OWNER, "library", actor="test", role=Role.ADMIN)).key
        port = free_port()
        worker, _ = await asyncio.gather(stack.worker(), stack.api(port))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", headers=headers, timeout=600) as client:
            session = {"upload_type": "single", "total_files": 1, "total_size_bytes": len(data)}
            upload = (await client.post(f"{ADMIN}/uploads", json=session)).json()["upload_id"]
            part = {"file": ("long.mp3", data, "audio/mpeg")}
            sent = await client.post(f"{ADMIN}/uploads/{upload}/files", files=part)
            assert sent.status_code == 201, sent.text
            order = {"upload_id": upload, "title": "Long", "author": "A. Writer", "language": "en", "is_public": False}
            book = BookId((await client.post(f"{ADMIN}/audiobooks", json=order)).json()["audiobook_id"])
            [row] = await stack.closed(await stack.jobs.newest_of(LOCAL_OWNER, book), timeout_s=CLOSE_S)
            assert (row.state, row.error, row.warning) == ("done", None, None)
            found = (await client.get(f"{ADMIN}/audiobooks/{book}")).json()
            chapters = HOURS * 60 // PART_MINUTES
            assert [chapter["status"] for chapter in found["chapters"]] == ["completed"] * chapters
            assert all(chapter["words"] > 3_000 for chapter in found["chapters"])
            pages = await stack.books.pages(LOCAL_OWNER, book, 1, 100_000)
            made = await stack.books.made(LOCAL_OWNER, book, Track.NARRATION, 1, len(pages))
            segments = [Segment.model_validate_json(await stack.assets.get(made[page.number])) for page in pages]
            total_ms = sum(segment.duration_ms for segment in segments)
            assert abs(total_ms - HOURS * 3_600_000) < 5_000, "the whole recording is in its pages"
            late = len(pages) - 10
            sound = await client.get(f"/api/books/{book}/pages/{late}/audio")
            assert sound.status_code == 200
            assert abs(len(sound.content) / 2 / RATE * 1_000 - segments[late - 1].duration_ms) < 100
            said = await client.get("/api/search", params={"q": pages[-1].text[:100]})
            assert said.status_code == 200 and said.json()["results"]
        events, largest = await _history(stack, row.workflow_id)
        assert events < MOST_EVENTS and largest < MOST_PAYLOAD
        for chapter in (1, chapters):
            events, largest = await _history(stack, chapter_workflow_id(row.workflow_id, chapter))
            assert events < MOST_CHAPTER_EVENTS and largest < MOST_PAYLOAD
        assert peak_mb(worker.pid) < MOST_MB
        assert (await server.calls())["received"] == chapters, "each part is bought once"


async def _history(stack: Stack, workflow: str) -> tuple[int, int]:
    """How many events a workflow has, and the bytes of the largest."""
    history = await stack.client.get_workflow_handle(workflow).fetch_history()
    return len(history.events), max(event.ByteSize() for event in history.events)

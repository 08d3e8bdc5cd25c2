"""Recordings on their way in: the API's memory while ten hours of sound are uploaded, and how close the transcription
of a book of many chapters comes to what its provider allows."""

import asyncio
import base64
import io
import time
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np

from benchmarks.measure import Figure, fresh_peak, peak_mb, rss_mb
from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.store.access.keys import KeyStore
from bookwright.temporal import free_port
from tests.support.emulator import EmulatorProcess
from tests.support.stack import Stack

ADMIN = "/api/v1/admin"
RATE = 16_000
HOURS = 10
FRAME = bytes.fromhex("fffb94c0") + bytes(380)
"""A silent frame of an MP3: 48 kHz, mono, 128 kbit/s."""
FRAME_MS = 24
CHUNK = 1 << 20
TUS_CHUNK = 64 << 20
"""Of one PATCH request."""
MOST_GROWTH_MB = 32.0
CHAPTERS, SECONDS = 64, 4
CALL_S, AT_ONCE = 3.0, 8
"""An emulated call of an OpenAI-compatible server, and how many it takes at once."""
JOB_S, CHAPTERS_AT_ONCE = 6.0, 16
"""An emulated job of Rev.ai, which sets no limit: `workflows.ingestion` has so many chapters under way."""
RATIO = 1.15


@dataclass(frozen=True)
class _Service:
    client: httpx.AsyncClient
    api: int
    """The API's process."""


async def run() -> list[Figure]:
    """Uploads first, on an API that has done nothing else; then a book by each kind of transcriber."""
    with TemporaryDirectory() as folder, EmulatorProcess() as speech:
        with EmulatorProcess("openai", latency_ms=round(CALL_S * 1_000)) as server:
            choice = {
                "BOOKWRIGHT_TRANSCRIPTION": "openai",
                "OPENAI_BASE_URL": f"{server.url}/v1",
                "OPENAI_TRANSCRIPTION_MODEL": "emulated-transcription",
                "OPENAI_CONCURRENCY": str(AT_ONCE),
            }
            async with _service(Path(folder) / "openai", speech, choice, openai=server) as service:
                figures = await _uploads(service)
                figures += await _transcribed(service, "an answer each", CALL_S * CHAPTERS / AT_ONCE)
        with EmulatorProcess("rev_ai") as revai:
            choice = {
                "BOOKWRIGHT_TRANSCRIPTION": "revai",
                "REVAI_ACCESS_TOKEN": revai.key,
                "REVAI_BASE_URL": revai.url,
            }
            async with _service(Path(folder) / "revai", speech, choice, revai=revai) as service:
                await revai.knobs(job_ms=JOB_S * 1_000)
                ideal = JOB_S * CHAPTERS / CHAPTERS_AT_ONCE
                figures += await _transcribed(service, "jobs that are looked at", ideal)
    return figures


@asynccontextmanager
async def _service(
    home: Path, speech: EmulatorProcess, choice: Mapping[str, str], **others: EmulatorProcess
) -> AsyncIterator[_Service]:
    """A worker and the API, and a client with an admin's key."""
    async with Stack(home, speech, others=others, environment=choice) as stack:
        key = (await KeyStore(stack.database).create(LOCAL_OWNER, "bench", actor="bench", role=Role.ADMIN)).key
        port = free_port()
        _, api = await asyncio.gather(stack.worker(), stack.api(port))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", headers=headers, timeout=600) as client:
            yield _Service(client, api.pid)


# -- uploads -----------------------------------------------------------------------------------------------------------


async def _uploads(service: _Service) -> list[Figure]:
    """Each way with a file of one second first, so that whatever is loaded with the first file is there."""
    figures = []
    for name, send in (("a form", _by_form), ("tus", _by_tus)):
        await send(service.client, 1)
        before = rss_mb(service.api)
        fresh_peak(service.api)
        began = time.perf_counter()
        size = await send(service.client, HOURS * 3_600)
        took = time.perf_counter() - began
        peak, after = peak_mb(service.api), rss_mb(service.api)
        figures += [
            Figure(f"by {name}, {HOURS} hours, {size / 1e6:.0f} MB: API before", [before], unit="MB"),
            Figure(f"by {name}: peak beyond that", [peak - before], gate=MOST_GROWTH_MB, unit="MB"),
            Figure(f"by {name}: after it beyond that", [after - before], unit="MB"),
            Figure(f"by {name}: speed", [size / 1e6 / took], unit="MB/s"),
        ]
    return figures


async def _by_form(client: httpx.AsyncClient, seconds: int) -> int:
    size = _size(seconds)
    upload = await _session(client, 1, size)
    edge = "bookwright-benchmark"
    opening = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="long.mp3"\r\n'
        "Content-Type: audio/mpeg\r\n\r\n"
    ).encode()
    closing = f"\r\n--{edge}--\r\n".encode()

    async def body() -> AsyncIterator[bytes]:
        yield opening
        async for chunk in _silence(0, size):
            yield chunk
        yield closing

    headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    answer = await client.post(f"{ADMIN}/uploads/{upload}/files", content=body(), headers=headers)
    assert answer.status_code == 201, answer.text
    await client.delete(f"{ADMIN}/uploads/{upload}")
    return size


async def _by_tus(client: httpx.AsyncClient, seconds: int) -> int:
    size = _size(seconds)
    upload = await _session(client, 1, size)
    about = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(size),
        "Upload-Metadata": f"filename {base64.b64encode(b'long.mp3').decode()}",
    }
    place = (await client.post(f"{ADMIN}/uploads/{upload}/resumable", headers=about)).headers["location"]
    for at in range(0, size, TUS_CHUNK):
        upto = min(at + TUS_CHUNK, size)
        sent = {
            "Tus-Resumable": "1.0.0",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(at),
            "Content-Length": str(upto - at),
        }
        answer = await client.patch(place, content=_silence(at, upto), headers=sent)
        assert answer.status_code == 204, answer.text
    await client.delete(f"{ADMIN}/uploads/{upload}")
    return size


def _size(seconds: int) -> int:
    return seconds * 1_000 // FRAME_MS * len(FRAME)


async def _silence(first: int, last: int) -> AsyncIterator[bytes]:
    """These bytes of an MP3 without an end."""
    frames = FRAME * (CHUNK // len(FRAME))
    while first < last:
        place = first % len(FRAME)
        yield frames[place : place + last - first]
        first += len(frames) - place


# -- transcription -----------------------------------------------------------------------------------------------------


async def _transcribed(service: _Service, name: str, ideal: float) -> list[Figure]:
    """A book of CHAPTERS recordings, each with a pitch of its own."""
    files = [_tone(200 + 10 * number) for number in range(CHAPTERS)]
    upload = await _session(service.client, CHAPTERS, sum(map(len, files)))
    for number, data in enumerate(files):
        part = {"file": (f"{number}.wav", data, "audio/wav")}
        answer = await service.client.post(f"{ADMIN}/uploads/{upload}/files", files=part)
        assert answer.status_code == 201, answer.text
    order = {"upload_id": upload, "title": "Bench", "author": "Nobody", "language": "en", "is_public": False}
    began = time.perf_counter()
    book = (await service.client.post(f"{ADMIN}/audiobooks", json=order)).json()["audiobook_id"]
    while True:
        steps = (await service.client.get(f"{ADMIN}/audiobooks/{book}/jobs")).json()
        if steps["overall_status"] in ("completed", "failed"):
            break
        await asyncio.sleep(0.1)
    whole = time.perf_counter() - began
    assert steps["overall_status"] == "completed", steps
    step = steps["jobs"][0]
    begin, end = (datetime.fromisoformat(step[at]) for at in ("started_at", "completed_at"))
    took = (end - begin).total_seconds()
    return [
        Figure(f"{CHAPTERS} chapters, {name}: transcription / ideal", [took / ideal], gate=RATIO),
        Figure(f"{CHAPTERS} chapters, {name}: order to the whole book", [whole], unit="s"),
    ]


def _tone(pitch: float) -> bytes:
    """A recording as a WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        samples = np.sin(np.arange(SECONDS * RATE) * 2 * np.pi * pitch / RATE)
        sound.writeframes((samples * 9_000).astype("<i2").tobytes())
    return file.getvalue()


async def _session(client: httpx.AsyncClient, files: int, size: int) -> str:
    kind = "single" if files == 1 else "multiple"
    wanted = {"upload_type": kind, "total_files": files, "total_size_bytes": size}
    return str((await client.post(f"{ADMIN}/uploads", json=wanted)).json()["upload_id"])

"""A book from a brief: 24 pages written, illustrated, looked at and narrated, against its critical path."""

import asyncio
import math
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Figure
from bookwright.contracts.ids import new_book_id
from bookwright.contracts.orders import BookOrder, Edition, Track
from bookwright.contracts.stories import Brief, BriefKind
from bookwright.store import JobRow
from bookwright.text.stories.parts import parts_of
from tests.support.emulator import EmulatorProcess
from tests.support.stack import Stack

PAGES = 24
TEXT_S, PICTURE_S, SPEECH_S = 1.5, 6.0, 2.0
AT_ONCE = 5
"""Pictures and clips; what the brief's kind allows a job."""
GATE = 1.15
POLL_S = 0.2
CHOICE = {
    "BOOKWRIGHT_TEXT": "openai",
    "BOOKWRIGHT_VISION": "openai",
    "BOOKWRIGHT_IMAGES": "gemini",
    "OPENAI_TEXT_MODEL": "writer",
    "OPENAI_VISION_MODEL": "looker",
    "GEMINI_CONCURRENCY": str(AT_ONCE),
}
BRIEF = Brief(
    job_type=BriefKind.STORY_ADVENTURE,
    character_name="Luna",
    character_type="brave dragon",
    special_ability="breathes warm light",
    age_group="7-10",
    story_world="Crystal Caves",
    adventure_type="treasure hunt",
    pages=PAGES,
)


def critical_path_s() -> float:
    """What can't be done at the same time: characters, sheet, outline and chapters one after the other; the pictures in
    rounds of AT_ONCE; the look at the last of them. Narration goes on beside the pictures and is done before."""
    writing = (3 + len(parts_of(BRIEF))) * TEXT_S
    pictures = math.ceil(PAGES / AT_ONCE) * PICTURE_S + TEXT_S
    narration = math.ceil(PAGES / AT_ONCE) * SPEECH_S
    return writing + max(pictures, narration)


async def made(stack: Stack, job: JobRow) -> tuple[float, float, float]:
    """Seconds until the first page could be read, until the last picture was there, and until the end."""
    began = time.perf_counter()
    first = last = 0.0
    ending = asyncio.create_task(stack.closed(job, timeout_s=300))
    while not ending.done():
        pictures = await stack.books.made(job.owner_id, job.book_id, Track.ILLUSTRATIONS, 1, PAGES)
        sounds = await stack.books.made(job.owner_id, job.book_id, Track.NARRATION, 1, 1)
        now = time.perf_counter() - began
        first = first or (now if 1 in pictures and sounds else 0.0)
        last = last or (now if len(pictures) == PAGES else 0.0)
        await asyncio.wait([ending], timeout=POLL_S)
    (row,) = await ending
    if row.error or row.warning:
        raise RuntimeError(f"the book is not whole: {row.error or row.warning}")
    return first, last, time.perf_counter() - began


async def run() -> list[Figure]:
    """Once: most of it is waiting for the emulated providers."""
    with (
        EmulatorProcess("sarvam") as sarvam,
        EmulatorProcess("gemini") as gemini,
        EmulatorProcess("openai") as openai,
        tempfile.TemporaryDirectory() as folder,
    ):
        others = {"gemini": gemini, "openai": openai}
        async with Stack(Path(folder), sarvam, others=others, environment=CHOICE) as stack:
            await openai.knobs(latency_ms=int(TEXT_S * 1000))
            await gemini.knobs(latency_ms=int(PICTURE_S * 1000))
            await sarvam.knobs(latency_ms=int(SPEECH_S * 1000))
            await stack.worker(concurrency=AT_ONCE)
            tracks = (Track.NARRATION, Track.ILLUSTRATIONS)
            order = BookOrder(
                book_id=new_book_id(), source=BRIEF, language="en", tracks=tracks, editions=(Edition.EPUB, Edition.PDF)
            )
            first, last, end = await made(stack, await stack.accept(order))
    path = critical_path_s()
    return [
        Figure("24 pages from a brief: critical path", [path], unit="s"),
        Figure("until the first page could be read and heard", [first], gate=last, unit="s"),
        Figure("until the last picture was there", [last], unit="s"),
        Figure("until the book was bound", [end], unit="s"),
        Figure("of the critical path", [end / path], gate=GATE),
    ]

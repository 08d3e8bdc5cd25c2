"""Fault 27: what a flood of one user's books does to the single book of another, with the provider at its limit."""

import tempfile
import time
from pathlib import Path

from benchmarks.books import order
from benchmarks.measure import Figure
from bookwright.contracts.ids import OwnerId
from tests.support.emulator import EmulatorProcess
from tests.support.stack import Stack, page_texts

BOOKS, PAGES, PER_CHAPTER = 100, 96, 24
AT_ONCE, LATENCY_MS, AUDIO_JOBS = 8, 400, 2
UNDER_WAY = 64
"""Calls of the flood after which the other user comes."""
ROUNDS = 3
READER = OwnerId("reader")


async def run(rounds: int = ROUNDS) -> list[Figure]:
    """Alone and in the flood, in turns."""
    alone, beside = [], []
    with EmulatorProcess("sarvam", latency_ms=LATENCY_MS) as emulator:
        for number in range(rounds):
            alone.append(await _single(emulator, number, flood=0))
            beside.append(await _single(emulator, number, flood=BOOKS))
    return [
        Figure("a single book alone", alone, unit="s"),
        Figure("beside another user's hundred", beside, unit="s"),
        Figure("ratio", [with_flood / without for with_flood, without in zip(beside, alone, strict=True)], gate=1.5),
    ]


async def _single(emulator: EmulatorProcess, number: int, flood: int) -> float:
    """Seconds from the order of a book to its end, after so many of somebody else's were ordered."""
    with tempfile.TemporaryDirectory() as folder:
        async with Stack(Path(folder), emulator, audio_jobs=AUDIO_JOBS) as stack:
            await stack.worker(concurrency=AT_ONCE)
            await stack.closed(await order(stack, page_texts(AT_ONCE, book="warm"), PER_CHAPTER))
            await emulator.reset()
            for book in range(flood):
                await order(stack, page_texts(PAGES, book=f"flood{book}"), PER_CHAPTER)
            if flood:
                await emulator.wait_calls(UNDER_WAY)
            began = time.perf_counter()
            job = await order(stack, page_texts(PAGES, book=f"single{number}"), PER_CHAPTER, owner=READER)
            await stack.job_where(job, lambda row: row.state.closed)
            return time.perf_counter() - began

"""Local narration of 100,000 words against the bare engine on the same cores, and its memory by the book's length."""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.books import order
from benchmarks.measure import Figure, peak_mb
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.text.chunks import chunks
from tests.support.emulator import ROOT, EmulatorProcess
from tests.support.stack import Stack

WORDS_A_PAGE = 250
PAGES_A_CHAPTER = 25
_SUBJECTS = "the ferryman,a tired cat,her grandfather,the brass lantern,an old letter,the night train,my sister".split(
    ","
)
_VERBS = "waited for,remembered,carried home,could not find,laughed at,wrote about,listened to".split(",")
_OBJECTS = "the quiet river,a hundred small boats,the last verse of the song,two cups of milk,the dark road".split(",")


def pages(words: int) -> list[str]:
    """Pages of varied sentences, `words` in all, no two sentences alike."""
    made, count = [], 0
    while count < words:
        sentences, here = [], 0
        while here < WORDS_A_PAGE:
            n = count + here
            subject, verb = _SUBJECTS[n % len(_SUBJECTS)], _VERBS[n // 3 % len(_VERBS)]
            sentence = f"On day {n}, {subject} {verb} {_OBJECTS[n // 7 % len(_OBJECTS)]}, and said so twice."
            sentences.append(sentence)
            here += len(sentence.split())
        made.append(" ".join(sentences))
        count += here
    return made


async def narrate(texts: list[str]) -> tuple[float, float]:
    """Wall seconds from the order to the closed job, without editions, and the worker's peak in MB."""
    with EmulatorProcess("sarvam") as unused, tempfile.TemporaryDirectory() as folder:
        async with Stack(Path(folder), unused, environment={"BOOKWRIGHT_SPEECH": "local"}) as stack:
            worker = await stack.worker()
            await _make(stack, pages(500))
            began = time.perf_counter()
            await _make(stack, texts)
            return time.perf_counter() - began, peak_mb(worker.pid)


async def _make(stack: Stack, texts: list[str]) -> None:
    job = await order(stack, texts, PAGES_A_CHAPTER)
    [row] = await stack.closed(job, timeout_s=1200)
    assert row.state == "done" and not row.warning, row.error or row.warning


async def bare(texts: list[str]) -> float:
    """Wall seconds of the bare engine for the same clips, one process a core."""
    engine = EspeakEngine()
    voice = engine.voice("en", None)
    parts = [part.text for text in texts for part in chunks(text, "en", engine.max_chars)]
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        shares = []
        for core in range(cores):
            share = Path(folder) / f"{core}.jsonl"
            share.write_text("\n".join(json.dumps(part) for part in parts[core::cores]))
            shares.append(share)
        began = time.perf_counter()
        running = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.bare_espeak", str(share), voice.id),
                cwd=ROOT,
                stdout=asyncio.subprocess.DEVNULL,
            )
            for share in shares
        ]
        await asyncio.gather(*(process.wait() for process in running))
        return time.perf_counter() - began


async def run() -> list[Figure]:
    """Three rounds in turn of the bare engine and of a whole book."""
    texts = pages(100_000)
    ratios, rates, large, small = [], [], [], []
    for _ in range(3):
        alone = await bare(texts)
        wall, peak = await narrate(texts)
        ratios.append(alone / wall)
        rates.append(100_000 / wall)
        large.append(peak)
        small.append((await narrate(pages(10_000)))[1])
    return [
        Figure("bare engine's time / ours, 100,000 words", ratios, 0.6, most=False),
        Figure("words a second", rates),
        Figure("worker, peak memory, 10,000 words", small, unit="MB"),
        Figure("worker, peak memory, 100,000 words", large, unit="MB"),
        Figure("memory, 100,000 words / 10,000 words", [a / b for a, b in zip(large, small, strict=True)], 1.25),
    ]

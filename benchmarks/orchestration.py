"""What durability costs: 210 emulated paid calls, 8 at once, through workflow, ledger and store, on disk."""

import asyncio
import math
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

from benchmarks.books import order
from benchmarks.celery_reference import run_celery
from benchmarks.measure import Figure, cpu_seconds, peak_mb
from bookwright.providers.sarvam import SarvamEngine
from tests.support.emulator import EmulatorProcess
from tests.support.stack import Stack, page_texts

CALLS = 210
AT_ONCE = 8
PER_CHAPTER = 30
KILL_AT = 80


@asynccontextmanager
async def fresh(emulator: EmulatorProcess) -> AsyncIterator[Stack]:
    """A new home with a new Temporal server: the development server slows as it fills."""
    with tempfile.TemporaryDirectory() as folder:
        async with Stack(Path(folder), emulator) as stack:
            yield stack


async def bookwright(emulator: EmulatorProcess) -> tuple[float, float, float, float]:
    """Wall and CPU seconds (worker and Temporal), the worker's peak in MB, history events per two pages."""
    async with fresh(emulator) as stack:
        worker = await stack.worker(concurrency=AT_ONCE)
        await stack.closed(await order(stack, page_texts(8, book="warm"), PER_CHAPTER))
        pids = (worker.pid, stack.temporal.pid)
        before, began = cpu_seconds(*pids), time.perf_counter()
        job = await order(stack, page_texts(CALLS), PER_CHAPTER)
        await stack.closed(job)
        wall = time.perf_counter() - began
        cpu = cpu_seconds(*pids) - before
        events = len((await stack.handle(job).fetch_history()).events)
        for chapter in range(1, CALLS // PER_CHAPTER + 1):
            child = stack.client.get_workflow_handle(f"{job.workflow_id}/chapter/{chapter}")
            events += len((await child.fetch_history()).events)
        return wall, cpu, peak_mb(worker.pid), events / (CALLS / 2)


async def after_kill(emulator: EmulatorProcess, latency_ms: int) -> tuple[float, float]:
    """After kill -9 at call 80: seconds from the new worker's start to the end, beyond the ideal rest and beyond the
    process's own start; and that start."""
    async with fresh(emulator) as stack:
        worker = await stack.worker(concurrency=AT_ONCE)
        await stack.closed(await order(stack, page_texts(8, book="warm"), PER_CHAPTER))
        await emulator.reset()
        job = await order(stack, page_texts(CALLS), PER_CHAPTER)
        await emulator.wait_calls(KILL_AT)
        await worker.kill()
        began = time.perf_counter()
        left = CALLS - len(await stack.segments(job))
        again = await stack.worker(concurrency=AT_ONCE)
        await stack.closed(job)
        start = again.ready_at - began
        rest = math.ceil(left / AT_ONCE) * latency_ms / 1000
        return time.perf_counter() - began - start - rest, start


async def bare(emulator: EmulatorProcess) -> float:
    """The same calls by the same adapter in plain asyncio: nothing durable."""
    engine = SarvamEngine(emulator.key, base_url=emulator.url)
    voice = engine.voice("en", None)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(text: str) -> None:
        async with room:
            await engine.speak(engine.call(text, voice), nullcontext())

    await asyncio.gather(*(one(text) for text in page_texts(8, book="warm")))
    began = time.perf_counter()
    await asyncio.gather(*(one(text) for text in page_texts(CALLS)))
    wall = time.perf_counter() - began
    await engine.close()
    return wall


async def run(rounds: int = int(os.environ.get("BENCH_ROUNDS", "3")), latency_ms: int = 200) -> list[Figure]:
    """All of it, interleaved, with `latency_ms` a call."""
    ideal = math.ceil(CALLS / AT_ONCE) * latency_ms / 1000
    walls: list[float] = []
    cpus: list[float] = []
    peaks: list[float] = []
    events: list[float] = []
    bares: list[float] = []
    celeries: list[float] = []
    celery_cpus: list[float] = []
    kills: list[float] = []
    starts: list[float] = []
    for _ in range(rounds):
        with EmulatorProcess("sarvam", latency_ms=latency_ms) as emulator:
            bares.append(await bare(emulator))
            wall, cpu, peak, per_spread = await bookwright(emulator)
            walls.append(wall)
            cpus.append(cpu)
            peaks.append(peak)
            events.append(per_spread)
            wall, cpu, _ = await run_celery(emulator, page_texts(CALLS, book="celery"), AT_ONCE)
            celeries.append(wall)
            celery_cpus.append(cpu)
            if latency_ms < 1000:
                extra, start = await after_kill(emulator, latency_ms)
                kills.append(extra)
                starts.append(start)
    short = latency_ms < 1000
    figures = [
        Figure(f"bare asyncio / ideal, {latency_ms} ms", [wall / ideal for wall in bares]),
        Figure(f"Celery / ideal, {latency_ms} ms", [wall / ideal for wall in celeries]),
        Figure(f"Bookwright / ideal, {latency_ms} ms", [wall / ideal for wall in walls], 1.05 if short else 1.02),
        Figure("Bookwright / Celery, wall", [a / b for a, b in zip(walls, celeries, strict=True)], 1.0),
        Figure("Bookwright / Celery, CPU", [a / b for a, b in zip(cpus, celery_cpus, strict=True)], 2.0),
        Figure("worker and Temporal, CPU", cpus, unit="s"),
        Figure("worker, peak memory", peaks, 150, unit="MB"),
        Figure("history events per spread of two pages", events, 6),
    ]
    if kills:
        figures += [
            Figure(
                "after kill -9: rest beyond the ideal / process start",
                [a / b for a, b in zip(kills, starts, strict=True)],
                2.5,
            ),
            Figure("after kill -9: rest beyond the ideal", kills, unit="s"),
            Figure("worker process start to polling", starts, unit="s"),
        ]
    return figures

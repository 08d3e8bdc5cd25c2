"""Processes that share a provider's limit through the store, and a provider that refuses whatever is beyond it."""

import asyncio
import sys

from tests.support.emulator import ROOT, EmulatorProcess

CAP, CALLS = 4, 60


async def started(url: str, provider: str, name: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.sharer", url, provider, name, str(CALLS), str(CAP)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout and await process.stdout.readline() == b"ready\n"
    return process


async def test_two_processes_together_never_exceed_what_the_provider_takes(sqlite_url: str) -> None:
    with EmulatorProcess(latency_ms=20, concurrency_cap=CAP) as emulator:
        processes = await asyncio.gather(*(started(sqlite_url, emulator.url, name) for name in ("one", "two")))
        answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
        counts = await emulator.calls()
    assert [process.returncode for process in processes] == [0, 0]
    assert [int(out) for out, _ in answers] == [CALLS, CALLS]
    assert counts["statuses"] == {"200": 2 * CALLS}, "not one call was refused"
    assert counts["max_in_flight"] == CAP, "and nothing was left unused"

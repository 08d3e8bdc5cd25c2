"""The processes beside a worker: what they may use, and what happens when they die, hang or are given up."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from bookwright.contracts.errors import BookwrightError, Refused
from bookwright.providers.local.child import Child

SERVER = """
import os, sys, time
from bookwright.providers.local.answering import answer_requests

def load():
    print("this must not get into an answer")
    held = []
    def answer(request):
        if "allocate" in request:
            held.append(bytearray(request["allocate"]))
        if request.get("die"):
            os.kill(os.getpid(), 9)
        if request.get("hang"):
            open(request["hang"], "w").close()
            time.sleep(600)
        return {"pid": os.getpid(), **request}, b"\\x00" * request.get("bytes", 0)
    return answer

answer_requests(load, 300 << 20)
"""
COMMAND = (sys.executable, "-c", SERVER)


@pytest.fixture
async def child() -> AsyncIterator[Child]:
    child = Child("the test", COMMAND, 60)
    yield child
    await child.close()


async def test_requests_are_answered_one_after_the_other_by_one_process(child: Child) -> None:
    answers = await asyncio.gather(*(child.ask({"n": n, "bytes": n * 100_000}, nullcontext()) for n in range(4)))
    assert [(said["n"], len(data)) for said, data in answers] == [(n, n * 100_000) for n in range(4)]
    assert len({said["pid"] for said, _ in answers}) == 1


async def test_its_memory_is_bounded(child: Child) -> None:
    before, _ = await child.ask({}, nullcontext())
    assert (await child.ask({"allocate": 1 << 30}, nullcontext()))[0] == {"error": "memory"}
    assert (await child.ask({"allocate": 1 << 20}, nullcontext()))[0]["pid"] == before["pid"], "it goes on"


async def test_one_that_died_is_replaced(child: Child) -> None:
    await child.ask({}, nullcontext())
    assert child.process is not None
    child.process.kill()
    await child.process.wait()
    before, _ = await child.ask({}, nullcontext())
    assert before, "nothing was lost: it had nothing to do"
    with pytest.raises(Refused, match="ended"):
        await child.ask({"die": True}, nullcontext())
    assert (await child.ask({}, nullcontext()))[0]["pid"] != before["pid"]


async def test_a_call_that_is_cancelled_or_takes_too_long_stops_the_process(child: Child, tmp_path: Path) -> None:
    said, _ = await child.ask({}, nullcontext())
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    asking = asyncio.ensure_future(child.ask({"hang": pipe}, nullcontext()))
    await asyncio.to_thread(Path(pipe).read_bytes)  # there is something to read once it hangs
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ProcessLookupError):
        os.kill(said["pid"], 0)
    hasty = Child("the test", COMMAND, 0.5)
    with pytest.raises(Refused, match=r"0\.5 s"):
        await hasty.ask({"hang": pipe}, nullcontext())
    assert (await child.ask({}, nullcontext()))[0]["pid"] != said["pid"]


async def test_what_hinders_its_turn_is_raised_and_nothing_is_asked(child: Child) -> None:
    class Refusing(nullcontext[None]):
        async def __aenter__(self) -> None:
            raise Refused("not now")

    with pytest.raises(BookwrightError, match="not now"):
        await child.ask({"die": True}, Refusing())
    assert (await child.ask({}, nullcontext()))[0]["pid"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when its input does")
def test_it_dies_with_a_parent_that_is_killed() -> None:
    script = """
import asyncio, sys
from contextlib import nullcontext
from bookwright.providers.local.child import Child
async def main():
    child = Child("the test", (sys.executable, "-c", sys.argv[1]), 60)
    said, _ = await child.ask({}, nullcontext())
    print(said["pid"], flush=True)
    await child.ask({"hang": sys.argv[2]}, nullcontext())
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", script, SERVER, os.devnull], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        watched = os.pidfd_open(pid)
        try:
            parent.send_signal(signal.SIGKILL)
            assert _ended(watched)
        finally:
            os.close(watched)


def _ended(pidfd: int) -> bool:
    return bool(select.select([pidfd], [], [], 30)[0])

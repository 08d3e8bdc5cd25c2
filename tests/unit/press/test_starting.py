"""Processes for documents that are kept ready: the next document gets one, and none is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.odd_pdfs.broken import whole

READING = """
import sys
from pathlib import Path
from bookwright.contracts.documents import ReadingLimits
from bookwright.press.bounded.starting import Starter
from bookwright.press.reading.process import CHILD, ReaderProcess
starter = Starter(CHILD, spare=1)
for line in sys.stdin:
    path = Path(line.strip())
    with ReaderProcess(path, path.name, ReadingLimits(), starter=starter) as process:
        print(process.pid, len(list(process.records())), flush=True)
"""
"""Reads the documents that it is told, each by a process; says which one, and how many records there were."""
RECORDS = 6
PATIENCE_S = 30


def test_next_document_gets_the_process_that_waits(tmp_path: Path) -> None:
    book = tmp_path / "book.pdf"
    book.write_bytes(whole())
    with subprocess.Popen([sys.executable, "-c", READING], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reading:

        def read() -> int:
            assert reading.stdin and reading.stdout
            reading.stdin.write(f"{book}\n".encode())
            reading.stdin.flush()
            by, records = map(int, reading.stdout.readline().split())
            assert records == RECORDS
            assert not _runs(by)
            return by

        try:
            first = read()
            spare = _spare(reading.pid)
            assert spare != first
            assert read() == spare

            spare = _spare(reading.pid)
            os.kill(spare, signal.SIGKILL)  # as a system short of memory does
            _until(lambda: not _runs(spare))
            assert read() != spare

            spare = _spare(reading.pid)
        finally:
            reading.kill()
    _until(lambda: not _runs(spare))


def _spare(parent: int) -> int:
    """The one child that waits; the first one takes a moment to come."""

    def children() -> list[int]:
        lists = [path.read_text() for path in Path(f"/proc/{parent}/task").glob("*/children")]
        return [int(pid) for some in lists for pid in some.split() if _runs(int(pid))]

    _until(lambda: bool(children()))
    (only,) = children()
    return only


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)

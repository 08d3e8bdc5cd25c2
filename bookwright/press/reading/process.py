"""Running the reader's process: its deadline, its memory, its answer line by line, and what its end means."""

import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from bookwright.contracts.documents import DocumentKind, ReadingLimits, ReadingUsage
from bookwright.contracts.errors import BadInput
from bookwright.press.reading.records import End, Record, Refusal, decoded
from bookwright.press.reading.starting import Starter

_CHUNK = 1 << 16
_LOOK_S = 0.2
_LONGEST_RECORD = 32 << 20
"""Bytes. A page has at most a few thousand characters; the longest text on one page that was heard of has two
million."""


def refused(message: str) -> BadInput:
    """The error of a document that can't be read."""
    return BadInput(message, field="file")


class ReaderProcess:
    """One run of the reader. A context manager: whatever happens, the process has ended and was waited for after it."""

    def __init__(
        self,
        path: Path,
        name: str,
        limits: ReadingLimits,
        *,
        kind: DocumentKind | None = None,
        probe: bool = False,
        on_wait: Callable[[], None] = lambda: None,
        starter: Starter | None = None,
    ) -> None:
        """`on_wait` is called several times a second while the process has nothing to say, and may raise to stop."""
        self.usage: ReadingUsage | None = None
        """Known once the process has ended."""
        self._limits = limits
        self._on_wait = on_wait
        self._starter = starter or Starter()
        wanted = {"path": str(path.resolve()), "name": name, "kind": kind, "limits": limits._asdict()}
        self._request = json.dumps({"task": "probe" if probe else "read", **wanted}).encode() + b"\n"
        self._started = 0.0
        self._peak: int | None = None

    def __enter__(self) -> "ReaderProcess":
        self._started = time.monotonic()
        self._process = self._starter.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def records(self) -> Iterator[Record]:
        """The records of the answer, End left out. Raises BadInput when it refuses, crashes or takes too long."""
        complete = False
        for line in self._lines():
            record = decoded(line)
            if isinstance(record, End | Refusal):
                self._peak = record.peak_bytes
            if isinstance(record, Refusal):
                raise refused(record.message)
            if complete := isinstance(record, End):
                break
            yield record
        code = self.end(kill=False)
        if not complete:
            raise refused(_meaning(code, self._limits))

    def _lines(self) -> Iterator[bytes]:
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(self._request)
            self._process.stdin.close()
        except BrokenPipeError:
            return
        source = self._process.stdout.fileno()
        buffer = bytearray()
        total = 0
        while chunk := self._chunk(source):
            total += len(chunk)
            searched = len(buffer)
            buffer += chunk
            if len(buffer) > _LONGEST_RECORD or total > self._limits.text_bytes:
                raise refused("The document holds more text than a book can have: split it.")
            begin = 0
            while (end := buffer.find(b"\n", max(begin, searched))) >= 0:
                yield bytes(buffer[begin:end])
                begin = end + 1
            del buffer[:begin]

    def _chunk(self, source: int) -> bytes:
        while (left := self._limits.wall_seconds - (time.monotonic() - self._started)) > 0:
            if select.select([source], [], [], min(left, _LOOK_S))[0]:
                return os.read(source, _CHUNK)
            self._on_wait()
        raise refused(_too_long(f"{self._limits.wall_seconds:g} seconds"))

    def end(self, *, kill: bool = True) -> int:
        """Wait for the process, after ending it by force, and say how it ended: a code, or minus a signal's number."""
        process = self._process
        if process.returncode is None:
            if kill:
                # Not process.kill(): that polls, and whoever polls takes away what wait4 is to tell.
                os.kill(process.pid, signal.SIGKILL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.usage = ReadingUsage(
                peak_bytes=self._peak,
                cpu_seconds=used.ru_utime + used.ru_stime,
                wall_seconds=time.monotonic() - self._started,
            )
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        return process.returncode


def _too_long(what: str) -> str:
    return f"Reading the document takes more than {what}: split it, or save it anew."


def _meaning(code: int, limits: ReadingLimits) -> str:
    if -code == signal.SIGXCPU:
        return _too_long(f"{limits.cpu_seconds} seconds of processor time")
    megabytes = limits.memory_bytes >> 20
    return (
        f"The document can't be read: it is damaged, or needs more than the {megabytes} MB that reading may use. "
        "Save or print it anew, or split it."
    )

"""Running a bounded process: one request, its answer line by line, its deadline, and how it ended."""

import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

from bookwright.press.bounded.starting import Starter

_CHUNK = 1 << 16
_LOOK_S = 0.2
_LONGEST_LINE = 32 << 20
"""Bytes. The longest text on one page of a document that was heard of has two million characters."""


class TookTooLong(Exception):
    """The answer was not whole in time."""


class SaidTooMuch(Exception):
    """The answer is longer than any can be."""


class Used(NamedTuple):
    """What a process has used, however it ended."""

    cpu_seconds: float
    wall_seconds: float


class BoundedProcess:
    """One run. A context manager: whatever happens, the process has ended and was waited for after it."""

    def __init__(
        self,
        starter: Starter,
        request: Mapping[str, Any],
        *,
        wall_seconds: float,
        most_bytes: int,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_wait` is called several times a second while the process has nothing to say, and may raise to stop.
        `most_bytes` is what its answer may come to."""
        self.used: Used | None = None
        """Known once the process has ended."""
        self._starter = starter
        self._request = json.dumps(request).encode() + b"\n"
        self._wall_seconds = wall_seconds
        self._most_bytes = most_bytes
        self._on_wait = on_wait
        self._started = 0.0

    def __enter__(self) -> Self:
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

    def lines(self) -> Iterator[bytes]:
        """The answer, as far as it comes. Raises TookTooLong or SaidTooMuch."""
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
            if len(buffer) > _LONGEST_LINE or total > self._most_bytes:
                raise SaidTooMuch
            begin = 0
            while (end := buffer.find(b"\n", max(begin, searched))) >= 0:
                yield bytes(buffer[begin:end])
                begin = end + 1
            del buffer[:begin]

    def _chunk(self, source: int) -> bytes:
        while (left := self._wall_seconds - (time.monotonic() - self._started)) > 0:
            if select.select([source], [], [], min(left, _LOOK_S))[0]:
                return os.read(source, _CHUNK)
            self._on_wait()
        raise TookTooLong

    def end(self, *, kill: bool = True) -> int:
        """Wait for the process, after ending it by force, and say how it ended: a code, or minus a signal's number."""
        process = self._process
        if process.returncode is None:
            if kill:
                # Not process.kill(): that polls, and whoever polls takes away what wait4 is to tell.
                os.kill(process.pid, signal.SIGKILL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.used = Used(used.ru_utime + used.ru_stime, time.monotonic() - self._started)
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        return process.returncode

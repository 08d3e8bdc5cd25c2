"""Running the reader's process, and what its end means."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from bookwright.contracts.documents import DocumentKind, ReadingLimits, ReadingUsage
from bookwright.contracts.errors import BadInput
from bookwright.press.bounded.process import BoundedProcess, SaidTooMuch, TookTooLong
from bookwright.press.bounded.starting import Starter
from bookwright.press.reading.records import End, Record, Refusal, decoded

CHILD = "bookwright.press.reading.child"
"""The module that opens documents."""


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
        self._limits = limits
        wanted = {"path": str(path.resolve()), "name": name, "kind": kind, "limits": limits._asdict()}
        self._process = BoundedProcess(
            starter or Starter(CHILD),
            {"task": "probe" if probe else "read", **wanted},
            wall_seconds=limits.wall_seconds,
            most_bytes=limits.text_bytes,
            on_wait=on_wait,
        )
        self._peak: int | None = None

    def __enter__(self) -> "ReaderProcess":
        self._process.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def usage(self) -> ReadingUsage | None:
        """Known once the process has ended."""
        used = self._process.used
        return used and ReadingUsage(
            peak_bytes=self._peak, cpu_seconds=used.cpu_seconds, wall_seconds=used.wall_seconds
        )

    def records(self) -> Iterator[Record]:
        """The records of the answer, End left out. Raises BadInput when it refuses, crashes or takes too long."""
        complete = False
        try:
            for line in self._process.lines():
                record = decoded(line)
                if isinstance(record, End | Refusal):
                    self._peak = record.peak_bytes
                if isinstance(record, Refusal):
                    raise refused(record.message)
                if complete := isinstance(record, End):
                    break
                yield record
        except TookTooLong:
            raise refused(_too_long(f"{self._limits.wall_seconds:g} seconds")) from None
        except SaidTooMuch:
            raise refused("The document holds more text than a book can have: split it.") from None
        code = self._process.end(kill=False)
        if not complete:
            raise refused(_meaning(code, self._limits))

    def end(self) -> None:
        """End the process by force, if it has not ended, and wait for it."""
        self._process.end()


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

"""The reader's own process: `python -m bookwright.press.reading.child`.

It takes one request as JSON on standard input, answers records as JSON lines on standard output, and ends. Whatever a
document does to it (crash, endless loop, all memory) ends this process only. It opens no other file than the document
and writes none.
"""

import ctypes
import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from bookwright.contracts.documents import DocumentFacts, DocumentKind, ReadingLimits
from bookwright.press.reading.records import End, Facts, ReadingRefused, Record, Refusal, encoded
from bookwright.press.reading.sniff import kind_of

TOO_MUCH_MEMORY = "The document needs more memory than reading may use: split it, or save it anew."
PR_SET_PDEATHSIG = 1
_OPEN_FILES = 64


class DocumentReader(Protocol):
    """What the readers of all kinds have."""

    def facts(self) -> DocumentFacts: ...

    def records(self) -> Iterator[Record]: ...


def main() -> None:
    """Answer the one request."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    request = json.loads(sys.stdin.buffer.read())
    if os.getppid() != parent:
        return
    limits = ReadingLimits.model_validate(request["limits"])
    gc.disable()  # pages come and go without cycles; looking for some costs a tenth of the time
    answer = answer_only()
    limit(limits)
    try:
        for record in _records(request, limits):
            answer.write(encoded(record))
        answer.write(encoded(End(_peak_bytes())))
    except ReadingRefused as refused:
        answer.write(encoded(Refusal(str(refused), _peak_bytes())))
    except (MemoryError, RecursionError):
        answer.write(encoded(Refusal(TOO_MUCH_MEMORY, _peak_bytes())))
    answer.flush()
    # No destructors: they can only crash on what the document broke.
    os._exit(0)


def _records(request: dict[str, Any], limits: ReadingLimits) -> Iterator[Record]:
    path = Path(request["path"])
    kind = kind_of(path, request["name"], DocumentKind(request["kind"]) if request["kind"] else None)
    reader: DocumentReader
    # Each kind loads its own libraries only.
    if kind is DocumentKind.PDF:
        from bookwright.press.reading.pdf import PdfReader

        reader = PdfReader(path, limits)
    else:
        from bookwright.press.reading.flowing import FlowingReader

        reader = FlowingReader(path, kind, limits)
    if request["probe"]:
        yield Facts(reader.facts().model_dump_json())
    else:
        yield from reader.records()


def answer_only() -> BinaryIO:
    """The way to the parent; what libraries print goes nowhere."""
    answer = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return answer


def _peak_bytes() -> int:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")), 0)


def limit(limits: ReadingLimits) -> None:
    """Let this process use no more than that, and write nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


if __name__ == "__main__":
    main()

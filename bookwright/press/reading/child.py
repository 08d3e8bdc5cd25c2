"""The reader's own process: `python -m bookwright.press.reading.child`.

It takes one request as JSON on standard input, answers records as JSON lines on standard output, and ends. Whatever a
document does to it (crash, endless loop, all memory) ends this process only. It opens no other file than the document
and writes none.
"""

import gc
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from bookwright.contracts.documents import DocumentFacts, DocumentKind, ReadingLimits
from bookwright.press.reading.bounds import answer_only, end_with_parent, limit
from bookwright.press.reading.records import End, Facts, ReadingRefused, Record, Refusal, encoded
from bookwright.press.reading.sniff import kind_of

TOO_MUCH_MEMORY = "The document needs more memory than reading may use: split it, or save it anew."


class DocumentReader(Protocol):
    """What the readers of all kinds have."""

    def facts(self) -> DocumentFacts: ...

    def records(self) -> Iterator[Record]: ...


def main() -> None:
    """Answer the one request."""
    together = end_with_parent()
    request = json.loads(sys.stdin.buffer.read())
    if not together:
        return
    limits = ReadingLimits.model_validate(request["limits"])
    gc.disable()  # pages come and go without cycles; looking for some costs a tenth of the time
    answer = answer_only()
    limit(limits.memory_bytes, limits.cpu_seconds)
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


def _peak_bytes() -> int:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    main()

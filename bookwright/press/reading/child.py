"""The process that opens a document: `python -m bookwright.press.reading.child`.

It takes one request as a JSON line on standard input, answers with JSON lines on standard output, and ends. It has a
quick look at the document, reads it, or draws its pages (`picturing`). Whatever a document does to it (crash, endless
loop, all memory) ends this process only. It opens no other file than the document and writes none.
"""

import gc
import json
import os
import select
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from bookwright.contracts.documents import DocumentKind, ReadingLimits
from bookwright.press.bounded.bounds import answer_only, end_with_parent, limit
from bookwright.press.reading.records import End, Facts, ReadingRefused, Record, Refusal, encoded
from bookwright.press.reading.sniff import kind_of

TOO_MUCH_MEMORY = "The document needs more memory than reading may use: split it, or save it anew."


class DocumentReader(Protocol):
    """What the readers of all kinds have."""

    def facts(self) -> Facts: ...

    def records(self) -> Iterator[Record]: ...


def main() -> None:
    """Answer the one request."""
    if not end_with_parent():
        return
    requests = os.fdopen(os.dup(0), "rb")
    if not select.select([requests], [], [], 0)[0]:  # a spare process: what most documents need is loaded beforehand
        from bookwright.press.reading import pdf, picturing  # noqa: F401
    line = requests.readline()
    if not line:
        return
    request = json.loads(line)
    gc.disable()  # pages come and go without cycles; looking for some costs a tenth of the time
    answer = answer_only()
    if request["task"] == "draw":
        from bookwright.press.reading.picturing import draw

        limit(request["memory_bytes"], request["cpu_seconds"])
        draw(request, requests, answer)
    else:
        _answer(request, answer)
    # No destructors: they can only crash on what the document broke.
    os._exit(0)


def _answer(request: dict[str, Any], answer: BinaryIO) -> None:
    limits = ReadingLimits(**request["limits"])
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
    if request["task"] == "probe":
        yield reader.facts()
    else:
        yield from reader.records()


def _peak_bytes() -> int:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    main()

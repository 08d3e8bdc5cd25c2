"""What the reader's process answers, as JSON lines: a head, pages, the chapters, an end or a refusal."""

import json
from typing import Any, NamedTuple


class ReadingRefused(Exception):
    """The document can't be read; the message says why and what to do. Raised inside the reader's process only."""


class Head(NamedTuple):
    """The document's own word on itself."""

    title: str | None
    author: str | None
    language: str | None
    pages: int


class PageRecord(NamedTuple):
    """One page, numbered from 1."""

    number: int
    text: str
    label: str | None
    trouble: str | None


class Chapters(NamedTuple):
    """(title or None, number of the first page) of each chapter, in order; the first begins on page 1."""

    starts: tuple[tuple[str | None, int], ...]


class Layout(NamedTuple):
    """What chapters were found by, of a document with pages of its own: `(level, title, page)` of its outline,
    `(page, text, size)` of what may be headings, pages counted from 1; and the size of most of its text."""

    outline: tuple[tuple[int, str, int], ...]
    headings: tuple[tuple[int, str, float], ...]
    body: float


class Facts(NamedTuple):
    """The fields of DocumentFacts."""

    kind: str
    pages: int
    title: str | None
    author: str | None
    language: str | None
    sample: str
    has_text: bool


class Refusal(NamedTuple):
    """Why the document is not read."""

    message: str
    peak_bytes: int


class End(NamedTuple):
    """The answer is complete."""

    peak_bytes: int
    """Resident memory at its highest, as only the process itself knows it: what the kernel tells its parent counts the
    parent's own memory at the fork."""


Record = Head | PageRecord | Chapters | Layout | Facts | Refusal | End
_KINDS: dict[str, type[Record]] = {
    kind.__name__: kind for kind in (Head, PageRecord, Chapters, Layout, Facts, Refusal, End)
}


def encoded(record: Record) -> bytes:
    """A record as one line."""
    return json.dumps([type(record).__name__, *record], ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def decoded(line: bytes) -> Record:
    """The record in a line. Raises ValueError for anything else."""
    found: Any = json.loads(line)
    if not isinstance(found, list) or not found or found[0] not in _KINDS:
        raise ValueError("not a record")
    try:
        return _KINDS[found[0]](*found[1:])
    except TypeError as error:
        raise ValueError("not a record") from error

"""A written story as one text that `text.source` reads back: Markdown with a heading for the book and each chapter, and
a form feed before every page, so that pages stay as they were written. Pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence

from bookwright.contracts.base import Payload
from bookwright.contracts.book import SourceText
from bookwright.contracts.orders import TextFormat
from bookwright.text.source import read_source

_MARKS = re.compile(r"([\\`*_\[\]<>&~])")
_LINE_MARKS = re.compile(r"^([#>|=+-])", re.MULTILINE)
_BLANK = re.compile(r"\s*\n\s*\n\s*")


class FinishedChapter(Payload):
    """A chapter as it goes into the book."""

    title: str
    pages: tuple[str, ...]


def put_together(title: str, chapters: Sequence[FinishedChapter]) -> str:
    """The whole story as Markdown. Raises ValueError when it would not be read back as these pages."""
    parts = [f"# {_inline(title)}"]
    for chapter in chapters:
        for number, page in enumerate(chapter.pages):
            heading = [f"## {_inline(chapter.title)}"] if number == 0 else []
            parts.append("\f\n" + "\n\n".join([*heading, *_paragraphs(page)]))
    text = "\n\n".join(parts) + "\n"
    wanted = sum(len(chapter.pages) for chapter in chapters)
    if (found := read_back(text).page_count) != wanted:
        raise ValueError(f"a story of {wanted} pages would be read as {found}")
    return text


def read_back(manuscript: str) -> SourceText:
    """The chapters and pages of a manuscript."""
    return read_source(manuscript, TextFormat.MARKDOWN)


def fingerprint(text: str) -> str:
    """By which a page's idea knows whether the page has still the text that it was written with."""
    return hashlib.sha256(text.encode()).hexdigest()


def _paragraphs(page: str) -> Iterable[str]:
    for paragraph in _BLANK.split(page.strip()):
        yield _LINE_MARKS.sub(r"\\\1", _inline(paragraph))


def _inline(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))

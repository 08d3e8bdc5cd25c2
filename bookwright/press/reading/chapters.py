"""Where the chapters of a paged document begin."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from bookwright.text.headings import is_chapter_heading

_LEAST = 2
_MOST_SHARE = 0.6
"""Of the pages; headings on more of them than this are no chapters'."""
_LARGE = 1.15
_TITLE_DEPTH_CHAPTERS = 2


class Entry(NamedTuple):
    """An entry of an outline or a table of contents; `page` is 0-based."""

    level: int
    title: str
    page: int


class Heading(NamedTuple):
    """A paragraph that may be a heading; `page` is 0-based."""

    page: int
    text: str
    size: float


def chapters_of(
    outline: list[Entry], headings: list[Heading], body: float, pages: int
) -> Iterator[tuple[str | None, int]]:
    """(title or None, 1-based first page) of each chapter: by the outline's highest useful level, else by headings that
    are clearly larger than the text (`body` points), else by what reads as a chapter's heading, else a single chapter.
    A chapter owns the whole page that it begins on; those that begin on the same page share it and their titles."""
    found = top_entries(outline) or _from_sizes(headings, body, pages) or _from_words(headings)
    if not found or found[0][1] > 0:
        yield None, 1
    for page, group in groupby(found, key=lambda item: item[1]):
        yield " · ".join(dict.fromkeys(title for title, _ in group)), page + 1


def top_entries(outline: list[Entry]) -> list[tuple[str, int]]:
    """(title, place) of the entries that begin chapters: the top level; where that is the book's title or its
    parts, the level below with it."""
    if not outline:
        return []
    levels = Counter(entry.level for entry in outline)
    top = min(levels)
    wanted = {top}
    parts = [entry for entry in outline if entry.level == top]
    if len(parts) == 1 and levels[top + 1] >= _TITLE_DEPTH_CHAPTERS:
        wanted = {top + 1}
    elif levels[top + 1] and any(is_chapter_heading(e.title) for e in outline if e.level == top + 1):
        # Parts with chapters in them: both begin a chapter.
        wanted = {top, top + 1}
    entries = [entry for entry in outline if entry.level in wanted]
    return sorted(((entry.title, entry.page) for entry in entries), key=lambda item: item[1])


def _from_sizes(headings: list[Heading], body: float, pages: int) -> list[tuple[str, int]]:
    """The largest size that more than one page has headings in, but not most pages."""
    large = [heading for heading in headings if heading.size >= _LARGE * body > 0]
    for size in sorted({heading.size for heading in large}, reverse=True):
        same = [heading for heading in large if heading.size == size]
        on = {heading.page for heading in same}
        if len(on) >= _LEAST and len(on) <= max(_MOST_SHARE * pages, _LEAST):
            return _merged(same)
    return []


def _merged(headings: list[Heading]) -> list[tuple[str, int]]:
    """Headings of one page as one title: `CHAPTER I` and `Down the Rabbit-Hole`."""
    result = []
    for page, group in groupby(headings, key=lambda heading: heading.page):
        texts = [heading.text for heading in group]
        result.append((": ".join(texts) if len(texts) == 2 else texts[0], page))
    return result


def _from_words(headings: list[Heading]) -> list[tuple[str, int]]:
    found = [(heading.text, heading.page) for heading in headings if is_chapter_heading(heading.text)]
    # A list of chapters has many on one page.
    crowded = {page for page, count in Counter(page for _, page in found).items() if count > _LEAST}
    return [(title, page) for title, page in found if page not in crowded]

"""Documents without pages of their own (EPUB, DOCX, HTML) as chapters, paged as plain text is."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bookwright.contracts.documents import SAMPLE_LIMIT, DocumentKind, ReadingLimits
from bookwright.press.reading.archive import Archive
from bookwright.press.reading.chapters import Entry, top_entries
from bookwright.press.reading.docx import docx_flow
from bookwright.press.reading.epub import Epub
from bookwright.press.reading.markup import Form, flow, parse
from bookwright.press.reading.records import Chapters, Facts, Head, PageRecord, ReadingRefused, Record
from bookwright.text.blocks import Block, Kind
from bookwright.text.characters import speakable
from bookwright.text.headings import is_chapter_heading
from bookwright.text.paging import paginated

Start = tuple[str | None, int]
"""A chapter's title, and the block it begins with."""


class FlowingReader:
    """A document, read as a whole. Raises ReadingRefused for one that can't be read, or has no text at all."""

    def __init__(self, path: Path, kind: DocumentKind, limits: ReadingLimits) -> None:
        self._kind = kind
        if kind is DocumentKind.EPUB:
            epub = Epub(Archive(path, limits.text_bytes))
            self._title, self._author, self._language = epub.title, epub.author, epub.language
            blocks, starts = epub.blocks, _epub_starts(epub)
        else:
            if kind is DocumentKind.DOCX:
                found = docx_flow(path, Archive(path, limits.text_bytes))
            else:
                if path.stat().st_size > limits.text_bytes:
                    raise ReadingRefused("The file is larger than a book can be: split it.")
                found = flow(parse(path.read_bytes(), Form.HTML))
            blocks = found.blocks
            heading, starts = _heading_starts(blocks)
            self._title, self._author, self._language = heading or found.title, found.author, found.language
        if not any(speakable(block.text) for block in blocks):
            raise ReadingRefused("There is no text in the document.")
        self._chapters = list(_paged(blocks, starts))
        self._pages = sum(len(pages) for _, pages in self._chapters)
        if self._pages > limits.pages:
            raise ReadingRefused(f"The document has {self._pages} pages; {limits.pages} are the most: split it.")

    def facts(self) -> Facts:
        """What a quick look says; the sample is from the middle, where there is no small print."""
        pages = [page for _, texts in self._chapters for page in texts]
        middle = pages[len(pages) // 3 :]
        return Facts(
            kind=self._kind,
            pages=self._pages,
            title=self._title,
            author=self._author,
            language=self._language,
            sample="\n".join(middle[:20])[:SAMPLE_LIMIT],
            has_text=True,
        )

    def records(self) -> Iterator[Record]:
        """The head, the pages and the chapters."""
        yield Head(self._title, self._author, self._language, self._pages)
        number = 0
        starts: list[Start] = []
        for title, pages in self._chapters:
            starts.append((title, number + 1))
            for text in pages:
                number += 1
                yield PageRecord(number, text, None, None)
        yield Chapters(tuple(starts))


def _paged(blocks: list[Block], starts: list[Start]) -> Iterator[tuple[str | None, list[str]]]:
    """Each chapter's title and pages. A heading that says the title is no part of the text."""
    if not starts or starts[0][1] > 0:
        starts = [(None, 0), *starts]
    ends = [place for _, place in starts[1:]] + [len(blocks)]
    for (title, first), end in zip(starts, ends, strict=True):
        own = blocks[first:end]
        if own and title and own[0].kind is Kind.HEADING and _same(own[0].text, title) and len(own) > 1:
            own = own[1:]
        if pages := paginated([block.text for block in own]):
            yield title, pages


def _same(heading: str, title: str) -> bool:
    return "".join(filter(str.isalnum, heading.casefold())) == "".join(filter(str.isalnum, title.casefold()))


def _heading_starts(blocks: list[Block]) -> tuple[str | None, list[Start]]:
    """(the document's title or None, its chapters): the highest level of which there are several; one heading above
    them at the very beginning is the title. Without headings, lines that read as a chapter's."""
    levels = Counter(block.level for block in blocks if block.kind is Kind.HEADING)
    title = None
    wanted = min(levels, default=None)
    if wanted is not None and levels[wanted] == 1 and len(levels) > 1 and blocks[0].level == wanted:
        if blocks[0].kind is Kind.HEADING:
            title = blocks.pop(0).text
            wanted = min(level for level in levels if level > wanted)
    starts: list[Start] = [
        (block.text, place)
        for place, block in enumerate(blocks)
        if (block.kind is Kind.HEADING and block.level == wanted)
        or (wanted is None and "\n" not in block.text and is_chapter_heading(block.text))
    ]
    return title, starts


def _epub_starts(epub: Epub) -> list[Start]:
    """By the table of contents; else by the headings; else one chapter for each document."""
    entries = [Entry(entry.level, entry.title, entry.page) for entry in epub.entries]
    if len({entry.page for entry in entries}) > 1 or (entries and len(epub.documents) == 1):
        starts: dict[int, str] = {}
        for title, place in top_entries(entries):
            starts[place] = f"{starts[place]} · {title}" if place in starts else title
        return [(title, place) for place, title in sorted(starts.items())]
    _, found = _heading_starts(list(epub.blocks)) if len(epub.documents) < 2 else (None, [])
    return found or [(_document_title(epub, start, title), start) for start, title in epub.documents]


def _document_title(epub: Epub, start: int, title: str | None) -> str | None:
    if start < len(epub.blocks) and epub.blocks[start].kind is Kind.HEADING:
        return epub.blocks[start].text
    return title if title != epub.title else None

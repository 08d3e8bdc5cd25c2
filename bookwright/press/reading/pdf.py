"""PDF files through PDFium: every page in order, and the document's outline, labels and metadata."""

import ctypes
import re
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from bookwright.contracts.documents import SAMPLE_LIMIT, DocumentKind, PageTrouble, ReadingLimits
from bookwright.press.reading.chapters import Entry, Heading, chapters_of
from bookwright.press.reading.characters import clean, is_garbled
from bookwright.press.reading.hyphens import Hyphens
from bookwright.press.reading.layout import in_order
from bookwright.press.reading.line import main_angle
from bookwright.press.reading.paragraphs import Paragraph, mend, paragraphs
from bookwright.press.reading.rawpage import PageLoader, RawPage
from bookwright.press.reading.records import Chapters, Facts, Head, Layout, PageRecord, ReadingRefused, Record
from bookwright.press.reading.running import WINDOW, Edges, running_lines
from bookwright.press.reading.scripts import is_rtl
from bookwright.text.characters import speakable
from bookwright.text.headings import is_chapter_heading

_OUTLINE_DEPTH, _OUTLINE_ENTRIES = 8, 20_000
_TAIL = 1 << 20
_OBJECT = re.compile(rb"\b\d+ +\d+ +obj\b")
_SAMPLED_PAGES = 200
_HEADING_RATIO = 1.12
_HEADINGS_PER_PAGE = 10
_LONGEST_HEADING = 120
_LONGEST_LABEL, _TERMINATOR = 240, 2
"""Bytes of UTF-16."""


class PdfReader:
    """An open PDF. Raises ReadingRefused for one that can't be read or is over the limits."""

    def __init__(self, path: Path, limits: ReadingLimits) -> None:
        refuse_truncated(path)
        try:
            self._document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            code = getattr(error, "err_code", None)
            if code == pdfium.FPDF_ERR_PASSWORD:
                raise ReadingRefused("The PDF is encrypted: save it without a password.") from None
            if code == pdfium.FPDF_ERR_SECURITY:
                raise ReadingRefused("The PDF is protected in a way that can't be read: save it without.") from None
            raise ReadingRefused("The PDF is damaged and can't be opened: save or print it anew as PDF.") from None
        self.pages = len(self._document)
        if self.pages < 1:
            raise ReadingRefused("The PDF has no pages.")
        if self.pages > limits.pages:
            raise ReadingRefused(f"The PDF has {self.pages} pages; {limits.pages} are the most: split it.")
        self._loader = PageLoader(self._document)
        self._text = ctypes.create_string_buffer(_LONGEST_LABEL)
        # A document that labels its pages labels the first.
        self._labelled = pdfium.FPDF_GetPageLabel(self._document, 0, None, 0) > 0

    def facts(self) -> Facts:
        """What a quick look says: the pages are taken from all over the document until there is enough text."""
        sample: list[str] = []
        length = visited = 0
        for index in _spread(self.pages):
            if length >= SAMPLE_LIMIT or (visited >= _SAMPLED_PAGES and length):
                break
            visited += 1
            raw = self._loader.load(index)
            text = clean(raw.raw)
            if speakable(text) and not is_garbled(raw.raw, raw.legacy):
                sample.append(text)
                length += len(text) + 1
        return Facts(
            kind=DocumentKind.PDF,
            pages=self.pages,
            title=self._metadata("Title"),
            author=self._metadata("Author"),
            language=self._language(),
            sample="\n".join(sample)[:SAMPLE_LIMIT],
            has_text=bool(sample),
        )

    def records(self) -> Iterator[Record]:
        """The head, every page in order, and the chapters. Only a window of pages is held at a time."""
        yield Head(self._metadata("Title"), self._metadata("Author"), self._language(), self.pages)
        hyphens = Hyphens()
        sizes: Counter[float] = Counter()
        headings: list[Heading] = []
        window: deque[RawPage] = deque()
        following = 0
        held: tuple[RawPage, list[Paragraph]] | None = None
        for index in range(self.pages):
            while following < self.pages and following <= index + WINDOW:
                window.append(self._loader.load(following))
                hyphens.see(window[-1].lines)
                following += 1
            while window[0].index < index - WINDOW:
                window.popleft()
            page = next(page for page in window if page.index == index)
            found = _page_paragraphs(page, [other.edges for other in window], hyphens)
            page.lines = []
            for paragraph in found:
                sizes[round(paragraph.size, 1)] += len(paragraph.text)
            headings.extend(_headings(index, found, sizes))
            if held:
                mend(held[1], found, hyphens)
                yield self._record(*held)
            held = page, found
        if held:
            yield self._record(*held)
        body = max(sizes, key=lambda size: sizes[size], default=0.0)
        outline = self._outline()
        yield Chapters(tuple(chapters_of(outline, headings, body, self.pages)))
        yield Layout(
            tuple((entry.level, entry.title, entry.page + 1) for entry in outline),
            tuple((heading.page + 1, heading.text, heading.size) for heading in headings),
            body,
        )

    def _record(self, page: RawPage, found: list[Paragraph]) -> PageRecord:
        text = "\n\n".join(paragraph.text for paragraph in found)
        trouble = None
        if is_garbled(page.raw, page.legacy):
            trouble = PageTrouble.GARBLED
        elif not speakable(page.raw) and not page.bare:
            trouble = PageTrouble.NO_TEXT
        page.raw = ""
        return PageRecord(page.index + 1, text, self._label(page.index), trouble)

    def _label(self, index: int) -> str | None:
        if not self._labelled:
            return None
        length = min(pdfium.FPDF_GetPageLabel(self._document, index, self._text, _LONGEST_LABEL), _LONGEST_LABEL)
        if length <= _TERMINATOR:
            return None
        label = " ".join(self._text.raw[: length - _TERMINATOR].decode("utf-16-le", "ignore").split())
        return label if label and label != str(index + 1) else None

    def _metadata(self, key: str) -> str | None:
        return clean(self._document.get_metadata_value(key) or "")[:300] or None

    def _language(self) -> str | None:
        length = pdfium.FPDFCatalog_GetLanguage(self._document, None, 0)
        if not 2 < length < 200:
            return None
        buffer = (pdfium.FPDF_WCHAR * (length // 2))()
        pdfium.FPDFCatalog_GetLanguage(self._document, buffer, length)
        return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0") or None

    def _outline(self) -> list[Entry]:
        """The outline's entries; a loop in it ends the walk."""
        entries = []
        try:
            for item in self._document.get_toc(max_depth=_OUTLINE_DEPTH):
                target = item.get_dest()
                page = target.get_index() if target else None
                title = clean(item.get_title() or "").replace("\n", " ")
                if page is not None and 0 <= page < self.pages and title:
                    entries.append(Entry(item.level, title, page))
                if len(entries) >= _OUTLINE_ENTRIES:
                    break
        except pypdfium2.PdfiumError:
            return entries
        return entries


def refuse_truncated(path: Path) -> None:
    """Raise ReadingRefused for a PDF whose end is missing: PDFium would mend it, and leave pages out silently."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            raise ReadingRefused("The file is not a PDF: it doesn't begin like one.")
        file.seek(max(size - _TAIL, 0))
        tail = file.read()
    marks = [tail.rfind(mark) for mark in (b"%%EOF", b"startxref")]
    if max(marks) < 0 or _OBJECT.search(tail, max(marks)):
        raise ReadingRefused("The PDF is cut off: its end is missing. Hand in the whole file.")


def _page_paragraphs(page: RawPage, around: list[Edges], hyphens: Hyphens) -> list[Paragraph]:
    running = {id(line) for line in running_lines(page.edges, around)}
    lines = [line for line in page.lines if id(line) not in running]
    angle = main_angle(lines)
    rtl = is_rtl(page.raw)
    found = []
    for turn in sorted({line.angle for line in lines}, key=lambda turn: (turn != angle, turn)):
        ordered = in_order([line for line in lines if line.angle == turn], rtl=rtl)
        found.extend(paragraphs(ordered, rtl=rtl, hyphens=hyphens))
    return found


def _headings(index: int, found: list[Paragraph], sizes: Counter[float]) -> Iterator[Heading]:
    """Short paragraphs of a page that are set larger than the text so far, or read as a chapter's heading."""
    body = max(sizes, key=lambda size: sizes[size], default=0.0)
    count = 0
    for paragraph in found:
        text = paragraph.text
        if len(text) > _LONGEST_HEADING or not speakable(text):
            continue
        large = paragraph.size > _HEADING_RATIO * body
        if (large or is_chapter_heading(text)) and count < _HEADINGS_PER_PAGE:
            count += 1
            yield Heading(index, text.replace("\n", " "), round(paragraph.size, 1))


def _spread(count: int) -> Iterator[int]:
    """All of `count` places: the first few in order, then from all over."""
    first = min(count, 3)
    yield from range(first)
    stride = 1
    while stride * 16 < count:
        stride *= 2
    seen = set(range(first))
    while stride:
        for place in range(stride - 1, count, stride):
            if place not in seen:
                seen.add(place)
                yield place
        stride //= 2

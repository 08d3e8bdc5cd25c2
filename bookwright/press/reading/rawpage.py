"""Single pages of a PDF as PDFium gives them."""

import ctypes
import re

import pypdfium2
import pypdfium2.raw as pdfium

from bookwright.press.reading.characters import is_legacy_font, reads_like_english
from bookwright.press.reading.line import Line
from bookwright.press.reading.lines import LineReader
from bookwright.press.reading.running import edges_of

_WORD = re.compile(r"\S+")
_ASKED_WORDS = 50
_FONT_NAME = 128
_MANY_OBJECTS = 12
"""Drawn shapes of a page without text from which on it is taken to show something."""


class RawPage:
    """One page before it is known what runs through the pages around it."""

    __slots__ = ("bare", "edges", "index", "legacy", "lines", "raw")

    def __init__(self, index: int, raw: str, lines: list[Line], *, bare: bool, legacy: float = 0.0) -> None:
        self.index = index
        self.raw = raw
        self.lines = lines
        self.bare = bare
        """Whether there is nothing on the page at all."""
        self.legacy = legacy
        self.edges = edges_of(index, lines)


class PageLoader:
    """Loads the pages of a document."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self._lines = LineReader(document)
        self._name = ctypes.create_string_buffer(_FONT_NAME)
        self._flags = ctypes.c_int()

    def load(self, index: int) -> RawPage:
        """The page with this 0-based index; one that PDFium can't load has no text."""
        page = pdfium.FPDF_LoadPage(self._document, index)
        if not page:
            return RawPage(index, "", [], bare=False)
        try:
            text_page = pdfium.FPDFText_LoadPage(page)
            if not text_page:
                return RawPage(index, "", [], bare=False)
            try:
                text = whole_text(text_page)
                lines = self._lines.lines(page, text_page, text) if text.strip() else []
                legacy = 0.0 if reads_like_english(text) else self._legacy_share(text_page, text)
            finally:
                pdfium.FPDFText_ClosePage(text_page)
            return RawPage(index, text, lines, bare=not lines and _is_bare(page), legacy=legacy)
        finally:
            pdfium.FPDF_ClosePage(page)

    def _legacy_share(self, text_page: pdfium.FPDF_TEXTPAGE, text: str) -> float:
        """The share of some words of a page that are set in a font with an encoding of its own."""
        places = [match.start() for match in _WORD.finditer(text)]
        places = places[:: max(len(places) // _ASKED_WORDS, 1)]
        fonts = [self._font(text_page, place) for place in places]
        return sum(map(is_legacy_font, fonts)) / max(len(fonts), 1)

    def _font(self, page: ctypes.c_void_p, char: int) -> str:
        """The name of a character's font."""
        length = pdfium.FPDFText_GetFontInfo(page, char, self._name, _FONT_NAME, self._flags)
        return self._name.value.decode("utf-8", "replace") if 0 < length <= _FONT_NAME else ""


def whole_text(text_page: pdfium.FPDF_TEXTPAGE) -> str:
    """A page's text as PDFium gives it."""
    count = pdfium.FPDFText_CountChars(text_page)
    if count <= 0:
        return ""
    buffer = (pdfium.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(text_page, 0, count, buffer)
    return bytes(memoryview(buffer)[: max(written - 1, 0)]).decode("utf-16-le", "ignore")


def _is_bare(page: pdfium.FPDF_PAGE) -> bool:
    """Whether nothing is to be seen on a page without text: no picture, and too few shapes to mean something."""
    count = pdfium.FPDFPage_CountObjects(page)
    if count > _MANY_OBJECTS:
        return False
    telling = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM, pdfium.FPDF_PAGEOBJ_SHADING)
    kinds = [pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, number)) for number in range(max(count, 0))]
    return not any(kind in telling for kind in kinds)

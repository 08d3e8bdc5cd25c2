"""Pages where the source marks none."""

from collections.abc import Iterator

from bookwright.text.chunks import pieces
from bookwright.text.measure import page_weight
from bookwright.text.sentences import Span, sentences

PAGE_WORDS = 250
_MOST = 300
_LEAST = 125
_PIECE = 1_500
"""Code points of the pieces that an endless sentence is cut into."""


def paginated(paragraphs: list[str]) -> list[str]:
    """Paragraphs as pages of about 250 words (1,500 code points in scripts without spaces), paragraphs parted by blank
    lines. A page ends with a paragraph if it can, else with a sentence. No page is empty."""
    pages: list[str] = []
    page: list[str] = []
    weight = 0.0
    for paragraph in paragraphs:
        paragraph_weight = page_weight(paragraph)
        if page and weight >= _LEAST and weight + paragraph_weight > _MOST:
            pages.append("\n\n".join(page))
            page, weight = [], 0.0
        if weight + paragraph_weight <= _MOST:
            page.append(paragraph)
            weight += paragraph_weight
            continue
        for part in _parts(paragraph, PAGE_WORDS - weight):
            if page and weight + page_weight(part) > _MOST:
                pages.append("\n\n".join(page))
                page, weight = [], 0.0
            page.append(part)
            weight += page_weight(part)
    if page:
        pages.append("\n\n".join(page))
    return pages


def _parts(paragraph: str, first: float) -> Iterator[str]:
    """A long paragraph as runs of sentences: the first weighs about `first`, the others a page."""
    spans = [piece for span in sentences(paragraph, "und") for piece in _bounded(paragraph, span)]
    room = max(first, 0.0)
    begin, weight = spans[0].start, 0.0
    end = begin
    for span in spans:
        more = page_weight(paragraph[span.start : span.end])
        if end > begin and weight + more > room:
            yield paragraph[begin:end]
            begin, weight, room = span.start, 0.0, float(PAGE_WORDS)
        weight += more
        end = span.end
    yield paragraph[begin:end]


def _bounded(paragraph: str, span: Span) -> Iterator[Span]:
    if page_weight(paragraph[span.start : span.end]) <= PAGE_WORDS:
        yield span
    else:
        yield from pieces(paragraph, span, _PIECE)

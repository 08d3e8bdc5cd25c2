"""Text of a page becomes XHTML that is well-formed whatever the text holds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from bookwright.press.epub.timeline import Sentence, Word
from bookwright.text.sentences import paragraphs

_SPACING_CONTROLS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1f\x85]")
_NOT_XML = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_END = re.compile("[\n\u2028\u2029]")
_LINE_BREAK = "<br/>"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; `verse` says that its line breaks are the author's."""

    html: Markup
    verse: bool


def clean(text: str) -> str:
    """`text` without the characters that XML forbids or discourages: controls, lone surrogates, non-characters."""
    return _NOT_XML.sub("", _SPACING_CONTROLS.sub("\n", text))


def one_line(text: str) -> str:
    """A title or a name in one clean line. Bidi embeddings, overrides and isolates go: one left open would turn
    around what a reading system prints after it."""
    return " ".join(_BIDI_CONTROLS.sub("", clean(text)).split())


def page_paragraphs(text: str, sentences: Sequence[Sentence]) -> list[Paragraph]:
    """The paragraphs of a page, its sentences and words as spans that carry the ids their overlay refers to."""
    return [
        Paragraph(Markup(html), verse=_LINE_BREAK in html)  # noqa: S704 - escaped by `_paragraph`
        for span in paragraphs(text)
        if clean(text[span.start : span.end]).strip()
        and (html := "".join(_paragraph(text, span.start, span.end, sentences)))
    ]


def _paragraph(text: str, start: int, end: int, sentences: Sequence[Sentence]) -> Iterator[str]:
    at = start
    for sentence in sentences:
        first, last = max(sentence.start, start), min(sentence.end, end)
        if first >= last:
            continue
        yield _plain(text[at:first])
        # What spills over into a further paragraph can't have the id a second time.
        identity = f' id="{sentence.id}"' if first == sentence.start else ""
        yield f'<span{identity} class="sentence">'
        yield from _words(text, first, last, sentence.words)
        yield "</span>"
        at = last
    yield _plain(text[at:end])


def _words(text: str, start: int, end: int, words: Sequence[Word]) -> Iterator[str]:
    at = start
    for word in words:
        if word.start < at or word.end > end:
            continue
        yield _plain(text[at : word.start])
        yield f'<span id="{word.id}">{_plain(text[word.start : word.end])}</span>'
        at = word.end
    yield _plain(text[at:end])


def _plain(text: str) -> str:
    if text.isalnum() or text == " ":  # most of them, as every word comes alone
        return text
    return _LINE_END.sub(_LINE_BREAK, escape(clean(text), quote=False))

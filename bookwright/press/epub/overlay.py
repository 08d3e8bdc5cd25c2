"""The media overlay of a page, as SMIL."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from bookwright.press.epub.timeline import Sentence


def page_clips(document: str, audio: str, sentences: Sequence[Sentence]) -> Markup:
    """A `seq` of its words for every sentence whose words are timed, a `par` for every other one. `document` and
    `audio` are paths of ours, relative to the overlay. Built by hand: a book has a hundred thousand of these lines, and
    there is nothing in them to escape."""
    return Markup("".join(_sentences(document, audio, sentences)))  # noqa: S704 - ids and numbers of ours


def whole_clip(document: str, audio: str, element: str, begin_ms: int, end_ms: int) -> Markup:
    """A single `par`: the element with this id while this stretch of the audio is heard."""
    return Markup(_par(document, audio, element, begin_ms, end_ms))  # noqa: S704 - ids and numbers of ours


def seconds(milliseconds: int) -> str:
    """A SMIL clock value."""
    return f"{milliseconds / 1000:.3f}s"


def _sentences(document: str, audio: str, sentences: Sequence[Sentence]) -> Iterator[str]:
    for sentence in sentences:
        if not sentence.words:
            yield _par(document, audio, sentence.id, sentence.begin_ms, sentence.end_ms)
            continue
        yield f'<seq epub:textref="{document}#{sentence.id}">\n'
        for word in sentence.words:
            yield _par(document, audio, word.id, word.begin_ms, word.end_ms)
        yield "</seq>\n"


def _par(document: str, audio: str, element: str, begin_ms: int, end_ms: int) -> str:
    return (
        f'<par><text src="{document}#{element}"/>'
        f'<audio src="{audio}" clipBegin="{seconds(begin_ms)}" clipEnd="{seconds(end_ms)}"/></par>\n'
    )

"""The list of things to find on a page of a search-and-find book: each a paragraph of its own, after the story."""

from collections.abc import Iterable

from bookwright.text.sentences import paragraphs

_MARKS = " \t\n-–—•*·.,;:!।"


def without(text: str, dropped: Iterable[str]) -> str:
    """A page's text without the paragraphs that list these things and nothing else."""
    gone = {_plain(shown) for shown in dropped}
    kept = [text[span.start : span.end] for span in paragraphs(text)]
    left = [paragraph for paragraph in kept if _plain(paragraph) not in gone]
    return text if len(left) == len(kept) else "\n\n".join(left)


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(_MARKS).casefold()

"""What the readers of plain text and Markdown agree on: a source as a row of blocks."""

import re
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest

from bookwright.contracts.orders import NAME_LIMIT
from bookwright.text.characters import UNSPACED

_WRAPPED_AT = 50
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")


class Kind(Enum):
    """What a block is."""

    PAGE = "page"
    """A mark: a page begins here."""
    HEADING = "heading"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Block:
    """A page mark, a heading (`level` 1 is the highest) or a paragraph, which may have several lines."""

    kind: Kind
    text: str = ""
    level: int = 1


PAGE = Block(Kind.PAGE)


def page_lines(text: str) -> list[str]:
    """The lines of `text`, a form feed being a line of its own that begins a page.

    A form feed at the very end shows that each one *ends* a page (as `pdftotext` writes them): the first page then
    begins with the text. A single one at the end only says that the text is over."""
    if text.endswith("\f"):
        text = text[:-1]
        if "\f" in text:
            text = "\f" + text
    return text.replace("\f", "\n\f\n").split("\n")


def joined(lines: list[str]) -> str:
    """A paragraph's lines as one text: lines as long as a column were wrapped by a program and run on; short ones are
    somebody's (verse, an address) and stay."""
    lines = [" ".join(line.split()) for line in lines]
    parts: list[str] = []
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if not line:
            continue
        parts.append(line)
        if len(line) < _WRAPPED_AT:
            parts.append("\n")
        elif not (_UNSPACED_CHARACTER.match(line[-1]) and following and _UNSPACED_CHARACTER.match(following)):
            parts.append(" ")
    return "".join(parts).strip()


def shortened(title: str, limit: int = NAME_LIMIT) -> str:
    """`title` in one line of at most `limit` characters, cut between words with an ellipsis."""
    title = " ".join(title.split())
    if len(title) <= limit:
        return title
    head = title[:limit]
    at = head.rfind(" ")
    return (head[:at] if at > limit // 2 else head[: limit - 1]).rstrip(" ,;:—–-") + "…"

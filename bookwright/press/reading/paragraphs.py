"""Lines in reading order as paragraphs."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bookwright.press.reading.characters import breaks_word, clean
from bookwright.press.reading.hyphens import Hyphens
from bookwright.press.reading.line import Line

_LOOSE = 1.35
"""A gap of this many usual ones ends a paragraph."""
_INDENT = 0.7
"""Ems."""
_OTHER_SIZE = 1.12
_NOTE_SIZE = 0.95
_ENDS = re.compile(r"[.!?…:।۔؟。！？][\"'”’»)\]]*\Z")
_QUOTES = " \"'“‘«"
_ITEM = re.compile(r"(?:[•‣◦*]|[–—-] |\(?\d{1,3}[.)] |\(?[a-z][.)] )")
_MOSTLY = 0.6
_SURELY = 1.3
"""A word's width is known from the average letter's only."""


@dataclass(slots=True)
class Paragraph:
    """Text (verse keeps its line breaks) and how it is set."""

    text: str
    size: float
    hyphen: str = ""
    """What it ended with, where it ends inside a word; the text is without it."""


def paragraphs(lines: Sequence[Line], *, rtl: bool, hyphens: Hyphens) -> list[Paragraph]:
    """The paragraphs of one page. A line that had room for the next one's first word was ended by somebody; a block
    with many of these is verse or a list and keeps its lines."""
    result = []
    for block in _blocks(lines):
        result.extend(_of_block(block, rtl, hyphens))
    return result


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Runs of lines at the usual distance, of one size."""
    if not lines:
        return []
    leading = _usual_leading(lines)
    blocks = [[lines[0]]]
    for above, line in itertools.pairwise(lines):
        if _sets_apart(above, line, leading.get(round(line.size), 1.25 * line.size)):
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


def _sets_apart(above: Line, line: Line, usual: float) -> bool:
    """Whether something else begins with `line`, by its size, its distance (`usual` is the usual one) or its kind."""
    gap = above.base - line.base
    ratio = max(above.size, line.size) / min(above.size, line.size)
    if line.apart or above.row != line.row:
        return True
    if gap < -0.5 * line.size:
        # The top of the next column: a paragraph goes on there, if it is set like it and not at its end.
        return ratio > _OTHER_SIZE or (_ends(above.text) and not breaks_word(above.text))
    if gap > _LOOSE * max(usual, 1.1 * line.size):
        return True
    return ratio > _OTHER_SIZE and gap > 0.5 * line.size and min(len(above.text), len(line.text)) > 1


def _ends(line: str) -> bool:
    return _ENDS.search(line.rstrip()[-4:]) is not None


def _usual_leading(lines: Sequence[Line]) -> dict[int, float]:
    """The usual distance of lines of each size (rounded)."""
    gaps: dict[int, list[float]] = {}
    for above, line in itertools.pairwise(lines):
        gap = above.base - line.base
        if 0.8 * line.size < gap < 3 * line.size and round(above.size) == round(line.size):
            gaps.setdefault(round(line.size), []).append(gap)
    # The lower third: between short paragraphs set apart, most gaps are wide.
    return {size: sorted(found)[len(found) // 3] for size, found in gaps.items()}


def _of_block(block: list[Line], rtl: bool, hyphens: Hyphens) -> list[Paragraph]:
    if block[0].row:
        return [_made("\n".join(clean(line.text) for line in block), block)]
    margins = _margins(block)
    ended = [
        _has_room(line, after, margins[index], rtl) for index, (line, after) in enumerate(itertools.pairwise(block))
    ]
    indented = [_is_indented(line, margins[index], rtl) for index, line in enumerate(block)]
    if _is_verse(block, ended):
        return [_made("\n".join(filter(None, (clean(line.text) for line in block))), block)]
    result: list[Paragraph] = []
    run = [block[0]]
    text = block[0].text
    for index, line in enumerate(block[1:], start=1):
        starts = indented[index] and not indented[index - 1]
        starts = starts or (indented[index] and index > 1 and ended[index - 1])
        done = ended[index - 1] and _ends(block[index - 1].text)
        if starts or done or _ITEM.match(line.text):
            result.append(_made(clean(text), run))
            run, text = [line], line.text
        else:
            run.append(line)
            broken = ended[index - 1] and line.text.lstrip(_QUOTES)[:1].isupper()
            text = f"{text}\n{line.text}" if broken else hyphens.rejoined(text, line.text)
    result.append(_made(clean(text), run))
    return [paragraph for paragraph in result if paragraph.text]


def _made(text: str, lines: list[Line]) -> Paragraph:
    longest = max(lines, key=lambda line: len(line.text))
    end = lines[-1].text.rstrip(" ")
    hyphen = end[-1] if breaks_word(end) else ""
    return Paragraph(text.removesuffix(hyphen), longest.size, hyphen)


def _margins(block: list[Line]) -> list[tuple[float, float]]:
    """(left, right) of the column each line stands in: lines of one block may go on in the next column."""
    margins: list[tuple[float, float]] = []
    start = 0
    for index in range(1, len(block) + 1):
        if index == len(block) or block[index].base > block[index - 1].base + block[index].size:
            column = block[start:index]
            edges = (min(line.left for line in column), max(line.right for line in column))
            margins.extend([edges] * len(column))
            start = index
    return margins


def _has_room(line: Line, after: Line, margin: tuple[float, float], rtl: bool) -> bool:
    """Whether the next line's first word would have fitted behind this line."""
    room = line.left - margin[0] if rtl else margin[1] - line.right
    if room < after.size or breaks_word(line.text):
        return False
    text = after.text.strip()
    each = (after.right - after.left) / max(len(text), 1)
    return room > _SURELY * (len(text.partition(" ")[0]) + 1) * each


def _is_indented(line: Line, margin: tuple[float, float], rtl: bool) -> bool:
    inset = margin[1] - line.right if rtl else line.left - margin[0]
    return _INDENT * line.size < inset < 6 * line.size


def _is_verse(block: list[Line], ended: list[bool]) -> bool:
    """Whether most lines of three or more were ended early, and not because each is a paragraph of its own."""
    if len(block) < 3 or sum(ended) < _MOSTLY * len(ended):
        return False
    return sum(1 for line in block if _ends(line.text)) < _MOSTLY * len(block)


def mend(above: list[Paragraph], below: list[Paragraph], hyphens: Hyphens) -> None:
    """Take the rest of the word that breaks off at the end of a page, or before its notes, over from the page below."""
    if not below:
        return
    last = next((one for one in reversed(above) if one.hyphen or one.size > _NOTE_SIZE * below[0].size), None)
    if last is None or not last.hyphen:
        return
    rest, _, below[0].text = below[0].text.partition(" ")
    last.text, last.hyphen = hyphens.rejoined(last.text + last.hyphen, rest), ""
    if not below[0].text:
        del below[0]

"""Running heads, running feet and page numbers: what stands at the same place on the pages around."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bookwright.press.reading.line import Line

WINDOW = 6
"""Pages before and after a page that are looked at."""
_EDGE_ROWS = 3
_SAME_PLACE = 4.0
"""Points."""
_LEAST_REPEATS = 2
_MOST_OF_PAGE = 0.25
_LONGEST = 120
_LARGE, _SET_OFF = 1.15, 1.2
_ALONE = 1e9
_NUMBER = re.compile(r"(?<!\w)(?:\d{1,5}|[०-९]{1,4}|[٠-٩۰-۹]{1,4}|[ivxlcdm]{1,8}|[IVXLCDM]{1,8})(?!\w)")
_BARE = re.compile(
    r"[\s\-–—|·•.\[\]()/]*(?:(?:page|p\.|seite|página|पृष्ठ|صفحة|صفحہ)\s*)?[#\s\-–—|·•.\[\]()/]*(?:(?:of|/)\s*#)?\W*\Z",
    re.IGNORECASE,
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


@dataclass(slots=True)
class Edge:
    """A row at the top or foot of a page."""

    top: bool
    base: float
    key: str
    """Its text without numbers."""
    numbers: tuple[int, ...]
    bare: bool
    """Whether it is nothing but a number."""
    set_off: bool
    """Whether more than the usual distance parts it from the text."""
    lines: list[Line]


@dataclass(slots=True)
class Edges:
    """What may be a running head or foot on a page."""

    index: int
    rows: list[Edge] = field(default_factory=list)
    length: int = 0
    """Characters on the page."""


def edges_of(index: int, lines: Sequence[Line]) -> Edges:
    """The rows at the top and the foot of the page with this 0-based index. On a page with a turned table, the
    upright rows."""
    upright = [line for line in lines if not line.angle] or lines
    rows: list[list[Line]] = []
    for line in sorted(upright, key=lambda line: (-line.base, line.left)):
        if rows and rows[-1][0].base - line.base < 0.4 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    found = Edges(index, length=sum(len(line.text) for line in lines))
    gaps = [above[0].base - below[0].base for above, below in pairwise(rows)]
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 0.0
    sizes = sorted(row[0].size for row in rows)
    for top, order in ((True, range(len(rows))), (False, range(len(rows) - 1, -1, -1))):
        for place in order[:_EDGE_ROWS]:
            row = rows[place]
            large = max(line.size for line in row) > _LARGE * sizes[len(sizes) // 2]
            if large or sum(len(line.text) for line in row) > _LONGEST:
                break
            inward = gaps[place] if top and place < len(gaps) else gaps[place - 1] if not top and place else _ALONE
            found.rows.append(_edge(row, top=top, set_off=inward > _SET_OFF * usual))
    return found


def _edge(row: list[Line], *, top: bool, set_off: bool) -> Edge:
    text = " ".join(" ".join(line.text for line in row).split())
    key = _NUMBER.sub("#", text)
    numbers = tuple(_value(match) for match in _NUMBER.findall(text)) if "#" in key else ()
    bare = "#" in key and _BARE.match(key) is not None
    return Edge(top, row[0].base, key.casefold(), numbers, bare, set_off, row)


def running_lines(page: Edges, around: Sequence[Edges]) -> list[Line]:
    """The lines of `page` that run through the pages `around` it, from its edges inward. They are set off from the
    text on this page or on others like it (a bare number need not be); a line that is a good part of every page it
    stands on is no running head: a picture book may say the same on each."""
    found: list[Line] = []
    for top in (True, False):
        run: list[Edge] = []
        for edge in page.rows:
            if edge.top != top:
                continue
            if not _runs(edge, page, around):
                break
            run.append(edge)
        while run and not (run[-1].bare or _is_set_off(run[-1], around)):
            run.pop()
        found.extend(line for edge in run for line in edge.lines)
    return found


def _runs(edge: Edge, page: Edges, around: Sequence[Edges]) -> bool:
    same = counting = 0
    share = len(edge.key) / max(page.length, 1)
    for other in around:
        row = _at_same_place(edge, other)
        if other.index == page.index or row is None:
            continue
        distance = other.index - page.index
        counting += any(theirs - ours == distance for ours in edge.numbers for theirs in row.numbers)
        same += row.key == edge.key
        share = min(share, len(row.key) / max(other.length, 1))
    if edge.bare:
        return counting >= min(_LEAST_REPEATS, max(len(around) - 1, 1))
    return (same >= _LEAST_REPEATS or counting > _LEAST_REPEATS) and share < _MOST_OF_PAGE


def _is_set_off(edge: Edge, around: Sequence[Edges]) -> bool:
    """Whether a row is, here or on several of the pages around: on a short page, or one that is set loosely, it may not
    seem so."""
    rows = [_at_same_place(edge, other) for other in around]
    return edge.set_off or sum(row.set_off and row.key == edge.key for row in rows if row) >= _LEAST_REPEATS


def _at_same_place(edge: Edge, page: Edges) -> Edge | None:
    for row in page.rows:
        if row.top == edge.top and abs(row.base - edge.base) <= _SAME_PLACE:
            return row
    return None


def _value(text: str) -> int:
    if text[0].isdigit():
        return int(text)
    total = 0
    values = [_ROMAN[char] for char in text.lower()]
    for value, after in zip(values, [*values[1:], 0], strict=True):
        total += -value if value < after else value
    return total

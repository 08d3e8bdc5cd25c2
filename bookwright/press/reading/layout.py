"""The reading order of a page: columns one after the other, sidebars last, rows of tables whole."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bookwright.press.reading.line import Line
from bookwright.press.reading.rows import by_row, joined_row, rows, without_drop_caps

_GUTTER = 0.7
"""The narrowest gutter, in ems of the smaller text beside it."""
_NEAR = 1.6
"""Lines whose baselines are at most this many ems apart stand beside each other."""
_SURELY = 0.3
"""Of the lines of a region; with as many at either side of a gutter no other one is looked for."""
_LEAST_LINES, _LEAST_SMALLER = 3, 2
"""Lines that make a column; fewer are enough where they are set in another size."""
_CANDIDATES = 6
_BUCKET = 6.0
_SIDEBAR = 0.6
_CELL = 22
"""Characters; cells of a table are mostly shorter, lines of a column longer."""
_ALIGNED = 0.8
_SET_OFF = 1.5
"""Of the usual distance of lines."""
_LARGER = 1.12
_SAME_GAP, _LEAST_GAP = 0.7, 3.0
"""Of the other gap; ems of the text."""


def in_order(lines: list[Line], *, rtl: bool) -> list[Line]:
    """The lines of a page (all of one turn) as they are read: parts of a line that belong together in one, rows of
    tables in one with commas between the cells."""
    lines = without_drop_caps(sorted(lines, key=lambda line: (-line.base, line.left)))
    ordered, aside = _ordered(lines, rtl, depth=0)
    if ordered and aside:
        aside[0].apart = True
    return [*ordered, *aside]


def _ordered(lines: list[Line], rtl: bool, depth: int) -> tuple[list[Line], list[Line]]:
    """(lines in order, lines of sidebars) of a region whose lines come from the top."""
    if not lines or depth > 6 or max(line.left for line in lines) < min(line.right for line in lines):
        return rows(lines, rtl), []
    best: tuple[int, int, int, float] | None = None
    for x in _gutters(lines):
        if best and best[0] > _SURELY * len(lines):
            break
        for first, last in _uncrossed(lines, x):
            if last - first < max(2 * _LEAST_LINES, 2 * best[0] if best else 0):
                continue
            score = min(_lines_beside(lines[first:last], x))
            least = _LEAST_SMALLER if _sizes_differ(lines[first:last], x) else _LEAST_LINES
            if score >= least and (best is None or score > best[0]):
                best = (score, first, last, x)
    if best is None:
        return rows(lines, rtl), []
    _, first, last, x = best
    first += _leading(lines[first:last], x, rtl)
    above, above_aside = _ordered(lines[:first], rtl, depth + 1)
    below, below_aside = _ordered(lines[last:], rtl, depth + 1)
    middle, aside = _beside(lines[first:last], x, rtl, depth)
    return [*above, *middle, *below], [*above_aside, *aside, *below_aside]


def _beside(lines: list[Line], x: float, rtl: bool, depth: int) -> tuple[list[Line], list[Line]]:
    """A region parted at `x`: a table, two columns, or text and sidebar."""
    left = [line for line in lines if line.right <= x]
    right = [line for line in lines if line.right > x]
    if _is_table(left, right):
        return [joined_row(row, rtl, ", ") for row in by_row(lines)], []
    sides = [right, left] if rtl else [left, right]
    widths = [_median([round(line.right - line.left) for line in side]) for side in sides]
    parts = [_ordered(side, rtl, depth + 1) for side in sides]
    for narrow in (0, 1):
        if widths[narrow] < _SIDEBAR * widths[1 - narrow]:
            main, sidebar = parts[1 - narrow], parts[narrow]
            return main[0], [*main[1], *sidebar[0], *sidebar[1]]
    return [*parts[0][0], *parts[1][0]], [*parts[0][1], *parts[1][1]]


def _leading(lines: list[Line], x: float, rtl: bool) -> int:
    """How many lines at the top stand over both columns though they don't cross the gutter: a short title, a date."""
    over = 0
    while over < len(lines) and (lines[over].right <= x) == rtl:
        over += 1
    if not 0 < over <= _LEAST_LINES:
        return 0
    column = [line for line in lines if (line.right <= x) == rtl]
    if len(column) == over:
        return 0
    gaps = [above.base - line.base for above, line in pairwise(column)]
    last, below, beside = column[over - 1], column[over], lines[over]
    usual = _median(gaps)
    if last.base - beside.base < usual:
        return 0
    return over if gaps[over - 1] > _SET_OFF * usual or last.size > _LARGER * below.size else 0


def _gutters(lines: list[Line]) -> list[float]:
    """Places where lines that stand beside each other leave a gap, the most frequent first."""
    seen: Counter[int] = Counter()
    for index, line in enumerate(lines):
        for other in lines[index + 1 : index + 8]:
            if line.base - other.base > _NEAR * line.size:
                break
            a, b = (line, other) if line.left < other.left else (other, line)
            if b.left - a.right > _GUTTER * min(a.size, b.size):
                seen[round((a.right + b.left) / 2 / _BUCKET)] += 1
                seen[round((b.left - 1) / _BUCKET)] += 1
    return [bucket * _BUCKET for bucket, _ in seen.most_common(_CANDIDATES)]


def _uncrossed(lines: list[Line], x: float) -> Iterator[tuple[int, int]]:
    """Runs (first, end) of lines of which none crosses `x` or is a heading over both sides of it."""
    usual = _median([line.size for line in lines])
    first = 0
    for index, line in enumerate(lines):
        if line.left < x < line.right or (line.size > _LARGER * usual and _parts_both(lines, index, x, usual)):
            if index > first:
                yield first, index
            first = index + 1
    if first < len(lines):
        yield first, len(lines)


def _parts_both(lines: list[Line], index: int, x: float, usual: float) -> bool:
    """Whether a heading that stands at one side of `x` only has its gap in the column at the other side too. `usual`
    is the size of the text."""
    side = lines[index].right <= x
    gaps = []
    for one in (side, not side):
        above = next((line for line in reversed(lines[:index]) if (line.right <= x) == one), None)
        below = next((line for line in lines[index + 1 :] if (line.right <= x) == one), None)
        if above is None or below is None:
            return False
        gaps.append(above.base - below.base)
    own, other = gaps
    return max(_SAME_GAP * own, _LEAST_GAP * usual) < other < own / _SAME_GAP


def _sizes_differ(lines: list[Line], x: float) -> bool:
    sizes = [[line.size for line in lines if (line.right <= x) == side] for side in (True, False)]
    if not all(sizes):
        return False
    low, high = sorted(_median(of_side) for of_side in sizes)
    return high > _LARGER * low


def _lines_beside(lines: list[Line], x: float) -> tuple[int, int]:
    """How many lines at either side of `x` have a line of the other side next to them."""
    counts = [0, 0]
    for index, line in enumerate(lines):
        side = line.right <= x
        for near in (index + 1, index - 1, index + 2, index - 2, index + 3, index - 3):
            other = lines[near] if 0 <= near < len(lines) else line
            if (other.right <= x) != side and abs(other.base - line.base) <= _NEAR * line.size:
                counts[side] += 1
                break
    return counts[0], counts[1]


def _is_table(left: list[Line], right: list[Line]) -> bool:
    """Whether the two sides are rows: short cells, on the same baselines."""
    bases = {round(line.base) + shift for line in left for shift in (-1, 0, 1)}
    aligned = sum(round(line.base) in bases for line in right)
    lengths = sorted(len(line.text.strip()) for line in (*left, *right))
    short = lengths[len(lengths) // 2] < _CELL or _median([len(line.text) for line in right]) < _CELL / 2
    return short and aligned >= _ALIGNED * len(right)


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]

"""A line of a page and its place."""

import math
from collections import Counter
from dataclasses import dataclass

HYPHEN_MARK = "\ufffe"
"""What PDFium puts in place of a hyphen at a line's end, without a line break."""
WIDE_GAP = 0.9
"""In ems. White space inside a line that may part two columns; word spaces of justified text stay below it mostly."""
Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f as PDF has them."""


@dataclass(slots=True)
class Line:
    """A line, or the part of one up to a wide gap. Points, y upwards, turned so that the text stands upright."""

    text: str
    left: float
    right: float
    base: float
    """The baseline's height."""
    size: float
    """The font's size as it is drawn."""
    angle: int = 0
    """The quarter turns (counter-clockwise) by which the text was turned on the page."""
    row: bool = False
    """Whether it is a row of a table."""
    apart: bool = False
    """Whether it begins something else than the lines before it: a sidebar."""


def styled(font_size: float, matrix: Matrix) -> Line:
    """An empty line with the baseline, size and turn of a text object."""
    a, b, c, d, e, f = matrix
    size = font_size * (math.hypot(c, d) or 1.0)
    angle = 0
    if b or a < 0:
        angle = round(math.atan2(b, a) / (math.pi / 2)) % 4
        # Mirrored across, not turned: the letters stand upright.
        angle = 0 if angle == 2 and d > 0 else angle
    base = turned(e, f, angle)[1] if angle else f
    return Line("", 0.0, 0.0, base, min(max(abs(size), 1.0), 1_000.0), angle)


def turned(x: float, y: float, angle: int) -> tuple[float, float]:
    """A point, turned back by `angle` quarter turns."""
    if angle == 0:
        return x, y
    if angle == 1:
        return y, -x
    return (-x, -y) if angle == 2 else (-y, x)


def main_angle(lines: list[Line]) -> int:
    """The turn of most of the text."""
    if not any(line.angle for line in lines):
        return 0
    weights: Counter[int] = Counter()
    for line in lines:
        weights[line.angle] += len(line.text)
    return max(weights, key=lambda angle: (weights[angle], -angle), default=0)

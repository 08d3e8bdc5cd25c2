"""A line of a page and its place."""

from collections import Counter
from dataclasses import dataclass

HYPHEN_MARK = "\ufffe"
"""What PDFium puts in place of a hyphen at a line's end, without a line break."""
WIDE_GAP = 0.9
"""In ems. White space inside a line that may part two columns; word spaces of justified text stay below it mostly."""


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


def main_angle(lines: list[Line]) -> int:
    """The turn of most of the text."""
    if not any(line.angle for line in lines):
        return 0
    weights: Counter[int] = Counter()
    for line in lines:
        weights[line.angle] += len(line.text)
    return max(weights, key=lambda angle: (weights[angle], -angle), default=0)

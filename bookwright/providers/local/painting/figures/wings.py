"""Wings, behind a body whose shoulders are at a height of `y`."""

from bookwright.providers.local.painting.colour import darker, lighter
from bookwright.providers.local.painting.figures.puppet import EDGE
from bookwright.providers.local.painting.pen import Pen


def fairy_wings(pen: Pen, y: float, colour: str) -> None:
    """Four wings that light shines through."""
    tint = lighter(colour, 0.55)
    for side in (-1, 1):
        for dx, up, reach in ((34, 40, 0.0), (28, -14, 16.0)):
            d = (
                f"M{side * 3} {y:.1f}C{side * dx * 0.5:.1f} {y - up * 1.1:.1f} {side * dx * 1.5:.1f} "
                f"{y - up:.1f} {side * dx * 1.15:.1f} {y - up * 0.3 + reach:.1f}C{side * dx:.1f} "
                f"{y + 6 + reach * 0.4:.1f} {side * 14} {y + 8:.1f} {side * 3} {y:.1f}Z"
            )
            pen.shape(d, tint, edge=EDGE, opacity=0.8)
            pen.line(
                f"M{side * 4} {y:.1f}Q{side * dx * 0.7:.1f} {y - up * 0.6:.1f} {side * dx:.1f} "
                f"{y - up * 0.5 + reach * 0.6:.1f}",
                "#ffffff",
                1,
                0.7,
            )


def bat_wings(pen: Pen, y: float, colour: str, spread: float = 1.0) -> None:
    """Skin between fingers: of dragons and bats."""
    for side in (-1, 1):
        k = side * spread
        d = (
            f"M{k * 8:.1f} {y:.1f}C{k * 16:.1f} {y - 26:.1f} {k * 34:.1f} {y - 36:.1f} {k * 50:.1f} "
            f"{y - 34:.1f}C{k * 54:.1f} {y - 22:.1f} {k * 54:.1f} {y - 12:.1f} {k * 51:.1f} "
            f"{y - 1:.1f}Q{k * 44:.1f} {y - 8:.1f} {k * 37:.1f} {y + 5:.1f}Q{k * 30:.1f} {y - 3:.1f} "
            f"{k * 23:.1f} {y + 11:.1f}Q{k * 16:.1f} {y + 4:.1f} {k * 8:.1f} {y + 13:.1f}Z"
        )
        pen.shape(d, colour, edge=EDGE)
        pen.line(
            f"M{k * 9:.1f} {y + 1:.1f}Q{k * 26:.1f} {y - 24:.1f} {k * 49:.1f} {y - 33:.1f}"
            f"M{k * 22:.1f} {y - 13:.1f}L{k * 37:.1f} {y + 3:.1f}M{k * 15:.1f} {y - 5:.1f}"
            f"L{k * 23:.1f} {y + 9:.1f}",
            darker(colour, 0.3),
            1.2,
            0.8,
        )


def feather_wing(pen: Pen, x: float, y: float, colour: str, size: float, up: bool) -> None:
    """One feathered wing that begins at (x, y) and reaches back."""
    lift = -1 if up else 0.35
    for n in range(4):
        k = 1 - 0.17 * n
        pen.shape(
            f"M{x:.1f} {y:.1f}C{x - size * 0.3 * k:.1f} {y + lift * size * 0.9 * k:.1f} "
            f"{x - size * k:.1f} {y + lift * size * 0.9 * k:.1f} {x - size * 1.15 * k:.1f} "
            f"{y + lift * size * 0.55 * k + n * 3:.1f}Q{x - size * 0.6 * k:.1f} "
            f"{y + size * 0.1 + n * 2:.1f} {x:.1f} {y + size * 0.16:.1f}Z",
            lighter(colour, 0.12 * n),
            edge=EDGE,
        )

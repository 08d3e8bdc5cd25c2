"""The pen: shapes become SVG in the manner of the book's style.

Realistic shapes are modelled by gradients, artistic ones have a pencilled edge and pooled pigment, minimalist ones are
flat. `finish` adds what is done to the whole picture.
"""

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bookwright.contracts.depicting import PictureStyle
from bookwright.providers.local.painting.colour import darker, lighter, mix, rgb

Point = tuple[float, float]


def number(value: float) -> str:
    """As short as it can be said to a tenth of a unit."""
    return f"{value:.1f}".removesuffix(".0")


def smooth(points: Sequence[Point], closed: bool = True) -> str:
    """A curve through points (Catmull-Rom as Bézier curves)."""
    count = len(points)

    def at(n: int) -> Point:
        return points[n % count] if closed else points[min(max(n, 0), count - 1)]

    parts = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for n in range(count if closed else count - 1):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = at(n - 1), at(n), at(n + 1), at(n + 2)
        curve = (x1 + (x2 - x0) / 6, y1 + (y2 - y0) / 6, x2 - (x3 - x1) / 6, y2 - (y3 - y1) / 6, x2, y2)
        parts.append("C" + " ".join(map(number, curve)))
    return "".join(parts) + ("Z" if closed else "")


def lines(points: Sequence[Point], closed: bool = True) -> str:
    """Straight lines through points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + ("Z" if closed else "")


def oval(x: float, y: float, rx: float, ry: float | None = None) -> str:
    """An ellipse as a path."""
    ry = rx if ry is None else ry
    arc = f"a{number(rx)} {number(ry)} 0 1 0 "
    return f"M{number(x - rx)} {number(y)}{arc}{number(2 * rx)} 0{arc}{number(-2 * rx)} 0Z"


def box(x: float, y: float, width: float, height: float, r: float = 0) -> str:
    """A rectangle as a path, with round corners of radius `r`."""
    r = min(r, width / 2, height / 2)
    if not r:
        return f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}Z"
    n = number
    return (
        f"M{n(x + r)} {n(y)}h{n(width - 2 * r)}q{n(r)} 0 {n(r)} {n(r)}v{n(height - 2 * r)}q0 {n(r)} {n(-r)} {n(r)}"
        f"h{n(2 * r - width)}q{n(-r)} 0 {n(-r)} {n(-r)}v{n(2 * r - height)}q0 {n(-r)} {n(r)} {n(-r)}Z"
    )


class Pen:
    """Draws into a picture. Later shapes cover earlier ones."""

    def __init__(self, style: PictureStyle, rng: random.Random) -> None:
        self.style = style
        self.rng = rng
        self.realistic = style is PictureStyle.REALISTIC
        self.artistic = style is PictureStyle.ARTISTIC
        self.flat = style is PictureStyle.MINIMALIST
        self._parts: list[str] = []
        self._defs: dict[str, str] = {}

    def shape(self, d: str, colour: str, *, volume: float = 1.0, edge: float = 1.0, opacity: float = 1.0) -> None:
        """A closed shape with body: `volume` is how far it is modelled, `edge` the width of its pencilled line."""
        faint = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        if self.flat or (not volume and not edge):
            self._parts.append(f'<path d="{d}" fill="{colour}"{faint}/>')
        elif self.realistic:
            self._parts.append(f'<path d="{d}" fill="{self._modelled(colour, 0.2 * volume, 0.24 * volume)}"{faint}/>')
        else:
            line = f' stroke="{darker(colour, 0.42)}" stroke-width="{number(edge)}" stroke-linejoin="round"'
            fill = self._modelled(colour, 0.1 * volume, 0.1 * volume) if volume else colour
            self._parts.append(f'<path d="{d}" fill="{fill}"{line if edge else ""}{faint}/>')

    def plain(self, d: str, colour: str, opacity: float = 1.0) -> None:
        """A shape without body: a patch of colour, light or shadow."""
        faint = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
        self._parts.append(f'<path d="{d}" fill="{colour}"{faint}/>')

    def line(self, d: str, colour: str, width: float, opacity: float = 1.0) -> None:
        """A line with round ends."""
        faint = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        self._parts.append(
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{number(width)}" stroke-linecap="round"'
            f' stroke-linejoin="round"{faint}/>'
        )

    def limb(self, d: str, colour: str, width: float, edge: float = 1.0) -> None:
        """A thick rounded line with body: an arm, a branch, a rope."""
        if self.artistic and edge:
            self.line(d, darker(colour, 0.42), width + 2 * edge)
        self.line(d, darker(colour, 0.14) if self.realistic else colour, width)
        if self.realistic and width > 3:
            self.line(d, lighter(colour, 0.1), width * 0.5, 0.75)

    def fall(self, d: str, top: str, bottom: str, opacity: float = 1.0) -> None:
        """A shape whose colour changes from its top to its bottom, in every style."""
        faint = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        self._parts.append(f'<path d="{d}" fill="{self._gradient(((0, top, 1), (1, bottom, 1)), 0)}"{faint}/>')

    def wash(self, x: float, y: float, width: float, height: float, top: str, bottom: str) -> None:
        """A rectangle whose colour changes from its top to its bottom. In bands that are a level apart, which nobody
        sees: that takes a fifth of a gradient's time."""
        steps = round(255 * max(abs(a - b) for a, b in zip(rgb(top), rgb(bottom), strict=True)))
        steps = min(max(steps, 1), 140)
        band = height / steps
        for n in range(steps):
            more = 2 if n < steps - 1 else 0
            self.plain(box(x, y + n * band, width, band + more), mix(top, bottom, (n + 0.5) / steps))

    def fade(self, d: str, colour: str, top: float, bottom: float) -> None:
        """A shape of one colour whose opacity changes from its top to its bottom."""
        self._parts.append(f'<path d="{d}" fill="{self._gradient(((0, colour, top), (1, colour, bottom)), 0)}"/>')

    def glow(self, x: float, y: float, rx: float, colour: str, opacity: float, ry: float | None = None) -> None:
        """Light, or a soft shadow, around a point."""
        ry = rx if ry is None else ry
        key = f"g{colour}{opacity:.2f}"
        if key not in self._defs:
            self._defs[key] = (
                f'<radialGradient id="{self._name(key)}"><stop stop-color="{colour}" stop-opacity="{opacity:.2f}"/>'
                f'<stop offset="0.45" stop-color="{colour}" stop-opacity="{opacity * 0.5:.3f}"/>'
                f'<stop offset="1" stop-color="{colour}" stop-opacity="0"/></radialGradient>'
            )
        self._parts.append(f'<path d="{oval(x, y, rx, ry)}" fill="url(#{self._name(key)})"/>')

    @contextmanager
    def moved(
        self, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0, flip: bool = False, opacity: float = 1
    ) -> Iterator[None]:
        """What is drawn meanwhile, in units of its own: (0, 0) is at (x, y), `turn` in degrees clockwise."""
        faint = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        rotate = f" rotate({number(turn)})" if turn else ""
        self._parts.append(
            f'<g transform="translate({number(x)} {number(y)}){rotate} '
            f'scale({-scale if flip else scale:.4f} {scale:.4f})"{faint}>'
        )
        yield
        self._parts.append("</g>")

    @contextmanager
    def within(self, d: str) -> Iterator[None]:
        """What is drawn meanwhile is seen inside a shape only."""
        key = f"c{len(self._defs)}"
        self._defs[key] = f'<clipPath id="{self._name(key)}"><path d="{d}"/></clipPath>'
        self._parts.append(f'<g clip-path="url(#{self._name(key)})">')
        yield
        self._parts.append("</g>")

    def svg(self, width: int, height: int, across: int) -> str:
        """The picture, `across` pixels wide."""
        down = round(across * height / width)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {width} {height}">'
            f"<defs>{''.join(self._defs.values())}</defs>{''.join(self._parts)}</svg>"
        )

    def _modelled(self, colour: str, light: float, dark: float) -> str:
        return self._gradient(((0, lighter(colour, light), 1), (0.45, colour, 1), (1, darker(colour, dark), 1)))

    def _gradient(self, stops: Sequence[tuple[float, str, float]], across: float = 0.25) -> str:
        key = f"l{across:.2f}" + "".join(f"{at:.2f}{colour}{opacity:.2f}" for at, colour, opacity in stops)
        if key not in self._defs:
            made = "".join(
                f'<stop offset="{at:.2f}" stop-color="{colour}"'
                + (f' stop-opacity="{opacity:.2f}"/>' if opacity < 1 else "/>")
                for at, colour, opacity in stops
            )
            self._defs[key] = f'<linearGradient id="{self._name(key)}" x2="{across:.2f}" y2="1">{made}</linearGradient>'
        return f"url(#{self._name(key)})"

    def _name(self, key: str) -> str:
        return key.replace("#", "").replace(".", "")


def wobble(rng: random.Random, x: float, y: float, rx: float, ry: float, share: float = 0.12, count: int = 10) -> str:
    """A round shape drawn by hand: a stone, a bush, a puddle."""
    start = rng.uniform(0, math.tau)
    return smooth(
        [
            (
                x + rx * rng.uniform(1 - share, 1 + share) * math.cos(start + math.tau * n / count),
                y + ry * rng.uniform(1 - share, 1 + share) * math.sin(start + math.tau * n / count),
            )
            for n in range(count)
        ]
    )


def blend(colours: Sequence[str], at: float) -> str:
    """A colour along a row of them, `at` from 0 to 1."""
    place = min(max(at, 0.0), 1.0) * (len(colours) - 1)
    first = min(int(place), len(colours) - 2) if len(colours) > 1 else 0
    return mix(colours[first], colours[min(first + 1, len(colours) - 1)], place - first)

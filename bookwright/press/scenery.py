"""The picture on a drawn cover: hills, a river, a sun or moon with birds before it."""

import math
import random
from typing import NamedTuple

SIZE = 1_400
"""Pixels on each side."""


class Palette(NamedTuple):
    """The colours of one cover, as SVG wants them; `sky` from top to bottom, `hills` from back to front."""

    sky: tuple[str, str]
    disc: str
    hills: tuple[str, str, str, str]
    water: str
    ink: str


PALETTES = (
    Palette(("#fbe3c4", "#f4a988"), "#fff4dc", ("#d9826b", "#b45960", "#7d3f55", "#472a43"), "#fbd9bd", "#3b2038"),
    Palette(("#dff1ee", "#8cc9c4"), "#fffbe9", ("#6fb0a6", "#46897f", "#2b6563", "#17424a"), "#d6efe9", "#12363d"),
    Palette(("#1b2450", "#5a5f9c"), "#f7efd2", ("#4b548f", "#363f75", "#262d5a", "#161b3c"), "#8f96cb", "#fdf6e3"),
    Palette(("#fdf1cf", "#f3cf7a"), "#fffdf3", ("#d9a94f", "#9aa04f", "#5f7d48", "#33543a"), "#fbeabc", "#2f4630"),
    Palette(("#f3e3f0", "#c99ac6"), "#fff6ea", ("#a87bb0", "#7f5b96", "#573f74", "#33274e"), "#efdcec", "#33204a"),
    Palette(("#0f3b46", "#3c8085"), "#fbe9b7", ("#2f7077", "#235a63", "#17434d", "#0b2a33"), "#86bdb9", "#fdf4dc"),
)


def _ridge(rng: random.Random, base: float, height: float) -> list[tuple[float, float]]:
    """A hill's outline from left to right: a few slow waves."""
    waves = [(rng.uniform(0.5, 1.0) / n, n * rng.uniform(0.6, 1.1), rng.uniform(0, 2 * math.pi)) for n in (1, 2, 3)]
    points = []
    for step in range(41):
        x = step / 40
        y = sum(size * math.sin(2 * math.pi * speed * x + phase) for size, speed, phase in waves)
        points.append((x * SIZE, base - height * y / 2))
    return points


def _path(points: list[tuple[float, float]]) -> str:
    head, *rest = points
    parts = [f"M{head[0]:.0f} {head[1]:.1f}"]
    for (x0, y0), (x1, y1) in zip(points, rest, strict=False):
        middle = (x0 + x1) / 2
        parts.append(f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.0f} {y1:.1f}")
    return "".join(parts)


def _river(rng: random.Random) -> str:
    """A winding band that widens towards the reader."""
    start, swing, side = rng.uniform(500, 900), rng.uniform(90, 170), rng.choice((-1, 1))
    left, right = [], []
    for step in range(25):
        t = step / 24
        y = 1_030 + t * 390
        middle = start + side * swing * math.sin(t * 5.0) * (0.5 + t)
        half = 5 + 150 * t**1.8
        left.append(f"{middle - half:.0f},{y:.0f}")
        right.append(f"{middle + half:.0f},{y:.0f}")
    return " ".join(left + right[::-1])


def scene(rng: random.Random, palette: Palette) -> str:
    """The picture as SVG elements, SIZE on each side."""
    night = palette.ink.lower() > "#f"
    disc_x, disc_y = rng.uniform(300, 1_100), rng.uniform(800, 870)
    parts = [
        f'<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="{palette.sky[0]}"/>'
        f'<stop offset="0.7" stop-color="{palette.sky[1]}"/></linearGradient></defs>'
        f'<rect width="{SIZE}" height="{SIZE}" fill="url(#s)"/>'
    ]
    if night:
        for _ in range(70):
            x, y, size = rng.uniform(0, SIZE), rng.uniform(0, 800), rng.uniform(1, 3.2)
            parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{size:.1f}" fill="#fff" opacity="0.55"/>')
    for grow, opacity in ((2.1, 0.12), (1.55, 0.18), (1.0, 1.0)):
        parts.append(
            f'<circle cx="{disc_x:.0f}" cy="{disc_y:.0f}" r="{92 * grow:.0f}" fill="{palette.disc}"'
            f' opacity="{opacity}"/>'
        )
    levels = ((905, 120), (985, 105), (1_085, 95), (1_235, 80))
    for index, ((base, height), colour) in enumerate(zip(levels, palette.hills, strict=True)):
        outline = _path(_ridge(rng, base, height))
        parts.append(f'<path d="{outline}V{SIZE}H0Z" fill="{colour}"/>')
        if index == 2:
            parts.append(f'<polygon points="{_river(rng)}" fill="{palette.water}" opacity="0.9"/>')
    for _ in range(rng.randint(3, 5)):
        parts.append(_bird(rng, palette.ink))
    return "".join(parts)


def _bird(rng: random.Random, colour: str) -> str:
    x, y, size = rng.uniform(180, 1_220), rng.uniform(830, 905), rng.uniform(12, 22)
    return (
        f'<path d="M{x - size:.0f} {y - size / 3:.0f}Q{x - size / 2:.0f} {y - size:.0f} {x:.0f} {y:.0f}'
        f'Q{x + size / 2:.0f} {y - size:.0f} {x + size:.0f} {y - size / 3:.0f}" fill="none" stroke="{colour}"'
        ' stroke-width="4" stroke-linecap="round" opacity="0.7"/>'
    )

"""A drawn cover for a book that brings none: hills, a river and a sun or moon in a palette that the title picks."""

import functools
import hashlib
import importlib.util
import io
import itertools
import math
import random
import re
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import resvg_py
from PIL import Image, ImageFont, features

from bookwright.contracts.errors import Misconfigured

SIZE = 1_400
"""Pixels on each side."""

_QUALITY = 85
_MARGIN = 120
_TITLE_SIZES = range(150, 36, -6)
_WHOLE_WORDS_DOWN_TO = 60
"""Down to this size the title rather shrinks than cutting a word."""
_TITLE_HEIGHT = 560
_TITLE_TOP = 150
_LINE = 1.22
_TALL_LINE = 1.45
_BOLD, _MEDIUM = 700, 500
"""For scripts with marks above and below the letters."""


class _Palette(NamedTuple):
    sky: tuple[str, str]
    disc: str
    hills: tuple[str, str, str, str]
    water: str
    ink: str


_PALETTES = (
    _Palette(("#fbe3c4", "#f4a988"), "#fff4dc", ("#d9826b", "#b45960", "#7d3f55", "#472a43"), "#fbd9bd", "#3b2038"),
    _Palette(("#dff1ee", "#8cc9c4"), "#fffbe9", ("#6fb0a6", "#46897f", "#2b6563", "#17424a"), "#d6efe9", "#12363d"),
    _Palette(("#1b2450", "#5a5f9c"), "#f7efd2", ("#4b548f", "#363f75", "#262d5a", "#161b3c"), "#8f96cb", "#fdf6e3"),
    _Palette(("#fdf1cf", "#f3cf7a"), "#fffdf3", ("#d9a94f", "#9aa04f", "#5f7d48", "#33543a"), "#fbeabc", "#2f4630"),
    _Palette(("#f3e3f0", "#c99ac6"), "#fff6ea", ("#a87bb0", "#7f5b96", "#573f74", "#33274e"), "#efdcec", "#33204a"),
    _Palette(("#0f3b46", "#3c8085"), "#fbe9b7", ("#2f7077", "#235a63", "#17434d", "#0b2a33"), "#86bdb9", "#fdf4dc"),
)

_SCRIPTS = (
    ("NotoSansArabic", "Noto Sans Arabic", "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff"),
    ("NotoSansHebrew", "Noto Sans Hebrew", "\u0590-\u05ff"),
    ("NotoSansDevanagari", "Noto Sans Devanagari", "\u0900-\u097f\ua8e0-\ua8ff"),
    ("NotoSansBengali", "Noto Sans Bengali", "\u0980-\u09ff"),
    ("NotoSansGurmukhi", "Noto Sans Gurmukhi", "\u0a00-\u0a7f"),
    ("NotoSansGujarati", "Noto Sans Gujarati", "\u0a80-\u0aff"),
    ("NotoSansOriya", "Noto Sans Oriya", "\u0b00-\u0b7f"),
    ("NotoSansTamil", "Noto Sans Tamil", "\u0b80-\u0bff"),
    ("NotoSansTelugu", "Noto Sans Telugu", "\u0c00-\u0c7f"),
    ("NotoSansKannada", "Noto Sans Kannada", "\u0c80-\u0cff"),
    ("NotoSansMalayalam", "Noto Sans Malayalam", "\u0d00-\u0d7f"),
    ("NotoSansSinhala", "Noto Sans Sinhala", "\u0d80-\u0dff"),
    ("NotoSansThai", "Noto Sans Thai", "\u0e00-\u0e7f"),
    ("NotoSansLao", "Noto Sans Lao", "\u0e80-\u0eff"),
    ("NotoSansMyanmar", "Noto Sans Myanmar", "\u1000-\u109f"),
    ("NotoSansGeorgian", "Noto Sans Georgian", "\u10a0-\u10ff"),
    ("NotoSansEthiopic", "Noto Sans Ethiopic", "\u1200-\u139f"),
    ("NotoSansKhmer", "Noto Sans Khmer", "\u1780-\u17ff"),
    ("NotoSansArmenian", "Noto Sans Armenian", "\u0530-\u058f"),
)
_FINDERS = tuple((file, family, re.compile(f"[{span}]")) for file, family, span in _SCRIPTS)
_TALL = re.compile("[\u0590-\u08ff\u0900-\u109f\u1780-\u17ff\ufb50-\ufdff\ufe70-\ufeff]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_NO_FONT = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U0001f000-\U0003ffff]"
)
_XML_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_JOINING = re.compile("[\u0300-\u036f\u200c-\u200f\u25cc]")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_CLUSTER = re.compile("(?:\\S[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u200c\u200d]*)")


class Cover:
    """Draws covers. Pure: title and author decide every pixel. Half a second of CPU each."""

    def cover(self, title: str, author: str | None, language: str) -> bytes:
        """A square JPEG of SIZE pixels. Titles of any length are wrapped and shrunk to fit. What the Noto fonts at hand
        lack (Chinese, Japanese, Korean, emoji) is left out of the drawing. `language` helps to shape the text.
        Raises Misconfigured without the fonts."""
        seed = f"{title}\n{author}".encode("utf-8", "replace")
        title, author = _clean(title), _clean(author or "")
        svg = _draw(title, author, language, seed)
        png = resvg_py.svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=_fonts(title + author),
            font_family="Noto Sans",
            sans_serif_family="Noto Sans",
            text_rendering="optimize_speed",
        )
        jpeg = io.BytesIO()
        with Image.open(io.BytesIO(bytes(png))) as image:
            image.convert("RGB").save(jpeg, "JPEG", quality=_QUALITY, optimize=True)
        return jpeg.getvalue()


def _clean(text: str) -> str:
    return " ".join(_NO_FONT.sub("", _XML_UNFIT.sub(" ", text)).split())


@functools.cache
def _folder() -> Path:
    spec = importlib.util.find_spec("manimgx_fonts")
    if spec is None or spec.origin is None:
        raise Misconfigured("The fonts are not installed: pip install manimgx-fonts")
    return Path(spec.origin).parent


def _fonts(text: str) -> list[str]:
    """The font files that the text needs; Noto Sans is always among them."""
    return [str(_folder() / f"{file}[wght].ttf") for file, _, finder in _FINDERS if finder.search(text)] + [
        str(_file("Noto Sans"))
    ]


def _runs(line: str) -> list[tuple[str, str]]:
    """The line as (family, text) in the order in which it is seen: each run has one font and one direction.

    resvg takes every line as one from left to right, and where fonts meet inside one text it breaks letters apart, so
    runs are drawn one by one. A line that begins from right to left has its runs, and brackets between them, turned
    round.
    """
    families: list[str] = []
    for char in line:
        joins = bool(families) and _JOINING.match(char)
        found = next((family for _, family, finder in _FINDERS if finder.match(char)), "Noto Sans")
        families.append(families[-1] if joins else " " if char == " " else found)
    for place, char in enumerate(line):
        if char == " " and 0 < place < len(line) - 1 and families[place - 1] == families[place + 1]:
            families[place] = families[place - 1]
    grouped = itertools.groupby(zip(families, line, strict=True), lambda pair: pair[0])
    runs = [(family, "".join(char for _, char in pairs)) for family, pairs in grouped]
    if not _RTL.search(line.split(" ")[0]):
        return runs
    return [
        (family, text if any(char.isalnum() for char in text) else text.translate(_MIRRORED))
        for family, text in reversed(runs)
    ]


def _file(family: str) -> Path:
    name = next((file for file, known, _ in _FINDERS if known == family), "NotoSans")
    return _folder() / f"{name}[wght].ttf"


@functools.cache
def _font(family: str, weight: int) -> ImageFont.FreeTypeFont:
    # Raqm shapes as resvg does; every wheel of Pillow has it, and without it Arabic is only spaced less well.
    layout = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    font = ImageFont.truetype(str(_file(family)), 100, layout_engine=layout)
    font.set_variation_by_axes([weight, 100])
    return font


@functools.lru_cache(maxsize=4096)
def _run_width(family: str, text: str, weight: int) -> float:
    return _font(family, weight).getlength(text) / 100


def _width(text: str, size: int, weight: int = _BOLD) -> float:
    return sum(_run_width(family, run, weight) for family, run in _runs(text)) * size


def _wrap(title: str, size: int, width: float) -> list[str]:
    """Lines no wider than `width`, about equally long; a word wider than a line is cut between letters."""
    words: list[str] = []
    for word in title.split():
        part = ""
        for cluster in _CLUSTER.findall(word) if _width(word, size) > width else [word]:
            if part and _width(part + cluster, size) > width:
                words.append(part)
                part = ""
            part += cluster
        words.append(part)
    lines = _greedy(words, size, width)
    narrow = width
    while len(lines) > 1 and narrow > 0.4 * width:
        narrow -= 0.06 * width
        closer = _greedy(words, size, narrow)
        if len(closer) > len(lines) or any(_width(line, size) > narrow for line in closer):
            break
        lines = closer
    return lines


def _greedy(words: list[str], size: int, width: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and _width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _set(title: str) -> tuple[list[str], int, float]:
    """The title's lines, their size and the distance between them: as large as fits."""
    spacing = _TALL_LINE if _TALL.search(title) else _LINE
    lines, size = [title], _TITLE_SIZES[0]
    for size in _TITLE_SIZES:
        width = SIZE - 2 * _MARGIN
        if size > _WHOLE_WORDS_DOWN_TO and any(_width(word, size) > width for word in title.split()):
            continue
        lines = _wrap(title, size, width)
        few = len(lines) <= 4 or size <= 84
        if len(lines) * size * spacing <= _TITLE_HEIGHT and few:
            break
    room = int(_TITLE_HEIGHT / (size * spacing))
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1] + "…"]
    return lines, size, size * spacing


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


def _scene(rng: random.Random, palette: _Palette) -> str:
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


def _line(line: str, baseline: float, size: int, weight: int, colour: str) -> str:
    """One centred line as SVG."""
    left = (SIZE - _width(line, size, weight)) / 2
    parts = []
    for family, text in _runs(line):
        parts.append(
            f'<text x="{left:.1f}" y="{baseline:.0f}" font-family="{family}" font-size="{size}"'
            f' font-weight="{weight}" fill="{colour}">{escape(text)}</text>'
        )
        left += _run_width(family, text, weight) * size
    return "".join(parts)


def _draw(title: str, author: str, language: str, seed: bytes) -> str:
    rng = random.Random(hashlib.sha256(seed).digest())
    palette = rng.choice(_PALETTES)
    lines, size, step = _set(title)
    text = [
        _line(line, _TITLE_TOP + 0.9 * size + index * step, size, _BOLD, palette.ink)
        for index, line in enumerate(lines)
    ]
    if author:
        small = next((size for size in range(58, 24, -2) if _width(author, size, _MEDIUM) <= SIZE - _MARGIN), 24)
        text.append(_line(author, 1_330, small, _MEDIUM, "#fffaf0"))
    quoted = escape(language, {chr(34): ""})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        f'{_scene(rng, palette)}<g xml:lang="{quoted}">{"".join(text)}</g></svg>'
    )

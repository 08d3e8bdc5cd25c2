"""A drawn cover for a book that brings none: hills, a river and a sun or moon in a palette that the title picks."""

import base64
import hashlib
import io
import random
from xml.sax.saxutils import escape

import resvg_py
from PIL import Image, ImageOps

from bookwright.press.lettering import (
    BOLD,
    EAST_ASIAN,
    MEDIUM,
    TITLE_TOP,
    clean,
    east_asian,
    font_files,
    is_rtl,
    run_width,
    runs_of,
    set_author,
    set_title,
    width_of,
)
from bookwright.press.scenery import PALETTES, SIZE, scene

_QUALITY = 85
_PAPER, _INK = "#fffaf0", "#2f2a25"
_FADE = 120
"""Pixels in which the paper that a title stands on fades into the picture."""
_HIGH = 60
"""Where the title begins above a picture."""


class Cover:
    """Draws covers. Pure: title and author decide every pixel. Half a second of CPU each."""

    def cover(self, title: str, author: str | None, language: str, banner: bytes | None = None) -> bytes:
        """A square JPEG of SIZE pixels: title and author on the middle of `banner`, if it is whole. Titles of any
        length are wrapped and shrunk to fit. Emoji, for which there is no font, are left out. `language` picks the
        shapes of letters. Raises Misconfigured without the fonts."""
        seed = f"{title}\n{author}".encode("utf-8", "replace")
        title, author = clean(title), clean(author or "")
        try:
            svg = _draw(title, author, language, seed, banner)
        except (OSError, SyntaxError):  # a damaged picture: Pillow raises either
            svg = _draw(title, author, language, seed, None)
        png = resvg_py.svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=font_files(title + author),
            font_family="Noto Sans",
            sans_serif_family="Noto Sans",
            text_rendering="optimize_speed",
        )
        jpeg = io.BytesIO()
        with Image.open(io.BytesIO(bytes(png))) as image:
            image.convert("RGB").save(jpeg, "JPEG", quality=_QUALITY, optimize=True)
        return jpeg.getvalue()


def _background(banner: bytes, title_end: float) -> str:
    """The banner below the title, which fades into it, and dark behind the author, so that both can be read on any
    picture."""
    top = max(title_end - _FADE / 2, 0)
    with Image.open(io.BytesIO(banner)) as image:
        fitted = ImageOps.fit(image.convert("RGB"), (SIZE, round(SIZE - top)), Image.Resampling.LANCZOS)
    jpeg = io.BytesIO()
    fitted.save(jpeg, "JPEG", quality=_QUALITY + 5)
    data = base64.b64encode(jpeg.getvalue()).decode()
    stops = f'<stop stop-color="{_PAPER}"/><stop offset="1" stop-color="{_PAPER}" stop-opacity="0"/>'
    return (
        f'<defs><linearGradient id="t" x2="0" y2="1">{stops}</linearGradient><linearGradient id="a" x2="0" y2="1">'
        '<stop stop-opacity="0"/><stop offset="1" stop-opacity="0.75"/></linearGradient></defs>'
        f'<rect width="{SIZE}" height="{SIZE}" fill="{_PAPER}"/>'
        f'<image y="{SIZE - fitted.height}" width="{SIZE}" height="{fitted.height}"'
        f' href="data:image/jpeg;base64,{data}"/>'
        f'<rect y="{top:.0f}" width="{SIZE}" height="{_FADE if top else 0}" fill="url(#t)"/>'
        f'<rect y="{SIZE - 260}" width="{SIZE}" height="260" fill="url(#a)"/>'
    )


def _line(line: str, baseline: float, size: int, weight: int, colour: str, rtl: bool, language: str) -> str:
    """One centred line as SVG."""
    left = (SIZE - width_of(line, size, weight)) / 2
    parts = []
    for family, text in runs_of(line, rtl):
        drawn = east_asian(language) if family == EAST_ASIAN else family
        parts.append(
            f'<text x="{left:.1f}" y="{baseline:.0f}" font-family="{drawn}" font-size="{size}"'
            f' font-weight="{weight}" fill="{colour}">{escape(text)}</text>'
        )
        left += run_width(family, text, weight) * size
    return "".join(parts)


def _draw(title: str, author: str, language: str, seed: bytes, banner: bytes | None) -> str:
    rng = random.Random(hashlib.sha256(seed).digest())
    palette = rng.choice(PALETTES)
    lines, size, step = set_title(title)
    ink, top = (palette.ink, TITLE_TOP) if banner is None else (_INK, _HIGH)
    text = [
        _line(line, top + 0.9 * size + index * step, size, BOLD, ink, is_rtl(title), language)
        for index, line in enumerate(lines)
    ]
    if author:
        names, small = set_author(author)
        text += [
            _line(name, 1_330 - 1.3 * small * above, small, MEDIUM, "#fffaf0", is_rtl(author), language)
            for above, name in enumerate(reversed(names))
        ]
    picture = scene(rng, palette) if banner is None else _background(banner, top + len(lines) * step if title else 0)
    quoted = escape(language, {chr(34): ""})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        f"{picture}"
        f'<g xml:lang="{quoted}">{"".join(text)}</g></svg>'
    )

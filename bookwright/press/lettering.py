"""Text on a drawn cover: which fonts it needs, how wide it is, how it is wrapped, and in which order it is seen."""

import functools
import importlib.util
import itertools
import re
from pathlib import Path

from PIL import ImageFont, features

from bookwright.contracts.errors import Misconfigured
from bookwright.press.scenery import SIZE

MARGIN = 120
_TITLE_SIZES = range(150, 36, -6)
_WHOLE_WORDS_DOWN_TO = 60
"""Down to this size the title rather shrinks than cutting a word."""
_TITLE_HEIGHT = 560
TITLE_TOP = 150
_AUTHOR_SIZES = range(58, 28, -2)
_AUTHOR_IN_TWO_LINES = 48
"""From this size on a name is rather broken than made smaller."""
_LINE = 1.22
_TALL_LINE = 1.45
BOLD, MEDIUM = 700, 500
"""For scripts with marks above and below the letters."""

EAST_ASIAN = "Noto Sans CJK SC"
"""The family measured for Chinese, Japanese and Korean. Its sisters draw some characters otherwise, as wide as here."""

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
    (
        "NotoSansCJK",
        EAST_ASIAN,
        "\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0002ffff",
    ),
)
_FINDERS = tuple((file, family, re.compile(f"[{span}]")) for file, family, span in _SCRIPTS)
_TALL = re.compile("[\u0590-\u08ff\u0900-\u109f\u1780-\u17ff\ufb50-\ufdff\ufe70-\ufeff]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_NO_FONT = re.compile("[\ua000-\ua4cf\U0001f000-\U0001ffff\U00030000-\U0003ffff]")
_XML_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_JOINING = re.compile("[\u0300-\u036f\u200c-\u200f\u25cc]")
_PUNCTUATION_FIRST = re.compile(r"^([^\w\s]+)(\s+)(?=\w)")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_CLUSTER = re.compile("(?:\\S[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u200c\u200d]*)")


def clean(text: str) -> str:
    """The text without what the fonts lack and what XML does not take."""
    return " ".join(_NO_FONT.sub("", _XML_UNFIT.sub(" ", text)).split())


@functools.cache
def font_folder(package: str) -> Path:
    """The folder of a package that brings fonts. Raises Misconfigured when it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Misconfigured("Fonts are missing: pip install manimgx-fonts manimgx-fonts-cjk fontpkg-amiri")
    return Path(spec.origin).parent


def font_files(text: str) -> list[str]:
    """The font files that the text needs; Noto Sans is always among them."""
    families = [family for _, family, finder in _FINDERS if finder.search(text)]
    return [str(_file(family)) for family in [*families, "Noto Sans"]]


def east_asian(language: str) -> str:
    """The family whose characters are drawn as readers of a language are used to."""
    primary, *rest = language.lower().split("-")
    traditional = {"hant", "tw", "hk", "mo"} & set(rest)
    return f"Noto Sans CJK { ({'ja': 'JP', 'ko': 'KR'}.get(primary) or ('TC' if traditional else 'SC')) }"


@functools.lru_cache(maxsize=1024)
def runs_of(line: str, rtl: bool) -> list[tuple[str, str]]:
    """The line as (family, text) in the order in which it is seen: each run has one font and one direction.

    resvg takes every line as one from left to right, and where fonts meet inside one text it breaks letters apart, so
    runs are drawn one by one. With `rtl` the line is seen from right to left: its runs, and brackets between them, are
    turned round.
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
    if not rtl:
        return runs
    apart = [(family, text) for family, run in runs for text in _PUNCTUATION_FIRST.split(run) if text]
    return [
        (family, text if any(char.isalnum() for char in text) else text.translate(_MIRRORED))
        for family, text in reversed(apart)
    ]


def _file(family: str) -> Path:
    if family == EAST_ASIAN:
        return font_folder("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc"
    name = next((file for file, known, _ in _FINDERS if known == family), "NotoSans")
    return font_folder("manimgx_fonts") / f"{name}[wght].ttf"


@functools.cache
def _font(family: str, weight: int) -> ImageFont.FreeTypeFont:
    # Raqm shapes as resvg does; every wheel of Pillow has it, and without it Arabic is only spaced less well.
    layout = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    font = ImageFont.truetype(str(_file(family)), 100, layout_engine=layout)
    axes: list[float] = [weight, 100]  # the second one is width, which not every font has
    font.set_variation_by_axes(axes[: len(font.get_variation_axes())])
    return font


@functools.lru_cache(maxsize=4096)
def run_width(family: str, text: str, weight: int) -> float:
    """The width of a run at size 1."""
    return _font(family, weight).getlength(text) / 100


def width_of(text: str, size: int, weight: int = BOLD) -> float:
    """The width of a line in pixels."""
    return sum(run_width(family, run, weight) for family, run in runs_of(text, rtl=False)) * size


def is_rtl(text: str) -> bool:
    """Whether a text runs from right to left: its first letter says so."""
    first = next((char for char in text if char.isalpha()), "")
    return _RTL.match(first) is not None


def _wrap(title: str, size: int, width: float) -> list[str]:
    """Lines no wider than `width`, about equally long; a word wider than a line is cut between letters."""
    words: list[str] = []
    for word in title.split():
        part = ""
        for cluster in _CLUSTER.findall(word) if width_of(word, size) > width else [word]:
            if part and width_of(part + cluster, size) > width:
                words.append(part)
                part = ""
            part += cluster
        words.append(part)
    lines = _greedy(words, size, width)
    narrow = width
    while len(lines) > 1 and narrow > 0.4 * width:
        narrow -= 0.02 * width
        closer = _greedy(words, size, narrow)
        if len(closer) > len(lines) or any(width_of(line, size) > narrow for line in closer):
            break
        lines = closer
    return lines


def _greedy(words: list[str], size: int, width: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def set_title(title: str) -> tuple[list[str], int, float]:
    """The title's lines, their size and the distance between them: as large as fits."""
    spacing = _TALL_LINE if _TALL.search(title) else _LINE
    lines, size = [title], _TITLE_SIZES[0]
    for size in _TITLE_SIZES:
        width = SIZE - 2 * MARGIN
        if size > _WHOLE_WORDS_DOWN_TO and any(width_of(word, size) > width for word in title.split()):
            continue
        lines = _wrap(title, size, width)
        few = len(lines) <= 4 or size <= 84
        if len(lines) * size * spacing <= _TITLE_HEIGHT and few:
            break
    room = int(_TITLE_HEIGHT / (size * spacing))
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1] + "…"]
    return lines, size, size * spacing


def set_author(author: str) -> tuple[list[str], int]:
    """The author's lines, two at most, and their size."""
    lines, size = [author], _AUTHOR_SIZES[0]
    for size in _AUTHOR_SIZES:
        lines = _wrap(author, size, SIZE - 2 * MARGIN)
        if len(lines) == 1 or (len(lines) == 2 and size <= _AUTHOR_IN_TWO_LINES):
            return lines, size
    return [lines[0], lines[1] + "…"], size

"""Covers are drawn for any title."""

import io

import numpy as np
import pytest
from PIL import Image

from bookwright.press.cover import Cover
from bookwright.press.lettering import MARGIN, clean, font_files, runs_of, set_author, set_title, width_of
from bookwright.press.scenery import SIZE

LONG = ("The Long Walk Home Across the Frozen Sea, as Told by Those Who Were There " * 5)[:300]
TITLES = [
    ("The River", "en"),
    ("मागोज़वे और शहर की लंबी सड़क", "hi"),
    ("ماگوزوے (Luna) اور شہر!", "ur"),
    ("মাগোজওয়ে", "bn"),
    ("ஆற்றங்கரையின் கதை", "ta"),
    ("ਨਦੀ ਦੀ ਕਹਾਣੀ", "pa"),
    (LONG, "en"),
    ("x" * 300, "en"),
]


@pytest.mark.parametrize(("title", "language"), TITLES, ids=lambda value: value[:12])
def test_lines_fit(title: str, language: str) -> None:
    lines, size, step = set_title(clean(title))
    assert all(width_of(line, size) <= SIZE - 2 * MARGIN + 1 for line in lines)
    assert len(lines) * step <= 600
    assert "".join("".join(lines).split()).rstrip("…") in "".join(title.split())


@pytest.mark.parametrize("author", ["Asha Rao", "Ana María Fernández-Villaverde y Sánchez de Movellán", "x" * 300])
def test_the_author_fits_on_two_lines(author: str) -> None:
    lines, size = set_author(author)
    assert len(lines) <= 2 and size >= 30
    assert all(width_of(line, size) <= SIZE - MARGIN for line in lines)
    assert "".join(lines).replace(" ", "").rstrip("…") in author.replace(" ", "")


def test_cover_is_a_square_jpeg_and_always_the_same() -> None:
    first, again = (Cover().cover("ماگوزوے & <Luna>", "लेसले", "ur") for _ in range(2))
    assert first == again
    assert len(first) < 300_000
    with Image.open(io.BytesIO(first)) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (1_400, 1_400), "RGB")


def test_long_title_stays_small_and_shows_ink() -> None:
    data = Cover().cover(LONG, "A. B.", "en")
    assert len(data) < 300_000
    with Image.open(io.BytesIO(data)) as image, Image.open(io.BytesIO(Cover().cover("", None, "en"))) as bare:
        title_area = np.asarray(image.convert("L"), float)[150:700]
        bare_area = np.asarray(bare.convert("L"), float)[150:700]
    assert title_area.std(axis=1).mean() > 3 * bare_area.std(axis=1).mean()


@pytest.mark.parametrize(("title", "language"), [("河边的灯", "zh"), ("川のランプ", "ja"), ("강가의 등불", "ko")])
def test_east_asian_titles_are_drawn(title: str, language: str) -> None:
    with Image.open(io.BytesIO(Cover().cover(title, None, language))) as image:
        titled = np.asarray(image.convert("L"), float)[150:400]
    assert titled.std(axis=1).max() > 30, "a line of dark letters on a light sky"


def test_ideographs_are_drawn_as_the_language_does() -> None:
    drawn = {language: Cover().cover("直骨", None, language) for language in ("zh", "ja", "zh-Hant")}
    assert len(set(drawn.values())) == 3


def test_titles_that_nothing_can_be_drawn_of_are_let_pass() -> None:
    for title in ("", "🌊", "\x00\ud800\u202e", "   "):
        assert Cover().cover(title, None, 'x"<')[:2] == b"\xff\xd8"


def test_only_the_fonts_that_are_needed_are_loaded() -> None:
    assert [name.rsplit("/", 1)[-1] for name in font_files("The River")] == ["NotoSans[wght].ttf"]
    assert len(font_files("नदी River")) == 2


def test_right_to_left_lines_are_put_in_the_order_they_are_seen() -> None:
    seen = "".join(text for _, text in runs_of("שלום (Luna) עולם!", rtl=True))
    assert seen.replace(" ", "") == "!עולם(Luna)שלום"
    assert runs_of("नदी, River", rtl=False)[0] == ("Noto Sans Devanagari", "नदी")


def test_a_books_own_picture_is_on_its_cover_below_the_title() -> None:
    banner = Image.new("RGB", (800, 600), "#8020c0")
    data = io.BytesIO()
    banner.save(data, "PNG")
    cover = Cover().cover("The River", "Asha Rao", "en", data.getvalue())
    assert cover == Cover().cover("The River", "Asha Rao", "en", data.getvalue())
    with Image.open(io.BytesIO(cover)) as image:
        assert image.size == (SIZE, SIZE)
        pixels = np.asarray(image.convert("RGB"), float)
    assert np.abs(pixels[700, :] - (0x80, 0x20, 0xC0)).max() < 12, "the picture fills the width"
    assert np.abs(pixels[20, :] - (0xFF, 0xFA, 0xF0)).max() < 12, "paper behind the title"
    assert pixels[60:240].mean(axis=2).min() < 90, "on which the title is seen"
    assert np.abs(pixels[1_390, :] - (0x80, 0x20, 0xC0)).min(axis=0).max() > 20, "it is darker behind the author"


def test_a_damaged_picture_leaves_the_cover_that_is_drawn() -> None:
    drawn = Cover().cover("The Lamp", "Asha", "en")
    assert Cover().cover("The Lamp", "Asha", "en", b"\x89PNG\r\n\x1a\n a picture") == drawn

"""Books of our own writing, bound once for several tests."""

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bookwright.contracts.editions import BookMatter, ChapterMatter, PageMatter, Picture
from bookwright.contracts.ids import AssetId, BookId
from bookwright.press.pdf.press import PdfPress
from bookwright.press.pdf.staging import Layout

SENTENCES = {
    "en": ("The girl saw a small boat by the river.", "Whose boat was it? She waited until evening."),
    "hi": ("लड़की ने नदी के किनारे एक छोटी नाव देखी।", "वह किसकी नाव थी? वह शाम तक रुकी रही।"),
    "ta": ("ஆற்றங்கரையில் சிறுமி ஒரு சிறிய படகைக் கண்டாள்.", "அது யாருடைய படகு? அவள் மாலை வரை காத்திருந்தாள்."),
    "zh": ("女孩在河边看见一只小船。", "那是谁的船？她一直等到傍晚。"),
    "ja": ("少女は川のほとりで小さな舟を見つけた。", "だれの舟だろう。彼女は夕方まで待った。"),
    "ko": ("소녀는 강가에서 작은 배를 보았다.", "누구의 배일까? 소녀는 저녁까지 기다렸다."),
    "ur": ("لڑکی نے دریا کے کنارے ایک چھوٹی کشتی دیکھی۔", "وہ کس کی کشتی تھی؟ وہ شام تک رکی رہی۔"),
}
TITLES = {
    "en": "The Boat",
    "hi": "नाव की कहानी",
    "ta": "படகின் கதை",
    "zh": "小船",
    "ja": "小さな舟",
    "ko": "작은 배",
    "ur": "کشتی کی کہانی",
}

Bind = Callable[..., Path]


def drawing(kind: str = "JPEG", size: tuple[int, int] = (640, 480), colour: str = "teal") -> bytes:
    """A drawing of a sun over water."""
    image = Image.new("RGB", size, "khaki")
    draw = ImageDraw.Draw(image)
    draw.ellipse((size[0] // 2 - 60, 40, size[0] // 2 + 60, 160), fill="tomato")
    draw.rectangle((0, size[1] * 2 // 3, *size), fill=colour)
    data = io.BytesIO()
    image.save(data, kind)
    return data.getvalue()


def picture(data: bytes, folder: Path, alt: str = "A sun over water") -> Picture:
    """The picture's matter; its bytes are written to `folder` under their hash."""
    asset = AssetId(hashlib.sha256(data).hexdigest())
    (folder / asset).write_bytes(data)
    return Picture(asset=asset, media_type="image/jpeg", alt=alt, width=640, height=480)


def matter(pages: int, chapters: int = 1, language: str = "en", **changes: object) -> BookMatter:
    """What stands on the title page."""
    fields: dict[str, object] = {
        "book_id": BookId("3d8b6f0e-9f5d-4a37-a1d1-6a54e2f4f1a0"),
        "title": TITLES[language],
        "author": "Asha Menon",
        "language": language,
        "narrator": "Local voice",
        "pages": pages,
        "chapters": chapters,
        "modified": datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        "cover": drawing(size=(700, 700), colour="navy"),
        "credit": "Made for a test.",
    }
    return BookMatter.model_validate(fields | changes)


def chapter(texts: Sequence[str], number: int = 1, title: str = "One", first: int = 1) -> ChapterMatter:
    """A chapter of pages with nothing but text."""
    pages = tuple(PageMatter(number=first + place, text=text) for place, text in enumerate(texts))
    return ChapterMatter(number=number, title=title, pages=pages)


@pytest.fixture
def bind(tmp_path: Path) -> Bind:
    """Bind chapters into a file and answer its path."""

    def run(
        book: BookMatter, chapters: Iterable[ChapterMatter], layout: Layout = "auto", name: str = "book.pdf"
    ) -> Path:
        target = tmp_path / name
        PdfPress(layout).bind(book, chapters, lambda asset: tmp_path / asset, target, lambda _: None)
        return target

    return run

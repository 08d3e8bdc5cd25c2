"""Books that are really spoken, so that their overlays have real times to be in step with."""

import hashlib
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bookwright.contracts.book import Segment
from bookwright.contracts.editions import BookMatter, ChapterMatter, PageAudio, PageMatter, Picture
from bookwright.contracts.ids import AssetId, BookId
from bookwright.contracts.orders import Edition
from bookwright.contracts.ports.audio import AudioTags, ChapterAudio
from bookwright.press.audio import Press
from bookwright.press.epub import EpubPress
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.text.chunks import chunks
from bookwright.text.timing import spoken_sentences
from tests.support.browser import browser, tab
from tests.support.editions import encode
from tests.unit.press.conftest import Library

__all__ = ["browser", "tab"]

MODIFIED = datetime(2026, 3, 5, 7, 8, 9, tzinfo=UTC)
TEXTS = {
    "en": (
        (
            "The kite “Marigold” flew over the harbour. Nobody held its string!",
            "“Come down,” said the gull; “it rains.”",
        ),
        ("Up went the kite,\nup went the gull,\nand under them both\nthe harbour lay still.\n\nThen it rained.",),
    ),
    "hi": (("पतंग नदी के ऊपर उड़ रही थी। किसी ने उसकी डोर नहीं पकड़ी!", "मछुआरे ने पूछा, “तुम कहाँ जा रही हो?” पतंग हँस पड़ी।"),),
    "ta": (("பட்டம் ஆற்றின் மேலே பறந்தது. யாரும் அதன் நூலைப் பிடிக்கவில்லை!", "மழை வருமா என்று சிறுமி கேட்டாள். பட்டம் சிரித்தது."),),
    "ur": (
        ("پتنگ دریا کے اوپر اڑ رہی تھی۔ کسی نے اس کی ڈور نہیں تھامی!", "بچی نے پوچھا، کیا بارش ہوگی؟ پتنگ ہنس پڑی۔"),
    ),
}
TITLES = {"en": "The Kite & the Gull", "hi": "पतंग और नदी", "ta": "பட்டமும் ஆறும்", "ur": "پتنگ اور دریا"}


def picture_bytes(kind: str, colour: str) -> bytes:
    """A small picture of a kite."""
    image = Image.new("RGB", (240, 160), colour)
    ImageDraw.Draw(image).polygon([(120, 10), (170, 70), (120, 150), (70, 70)], fill="#f2b134", outline="black")
    data = io.BytesIO()
    image.save(data, kind)
    return data.getvalue()


@dataclass(frozen=True)
class Draft:
    """What is given to the press."""

    book: BookMatter
    chapters: tuple[ChapterMatter, ...]

    @property
    def pages(self) -> list[PageMatter]:
        return [page for chapter in self.chapters for page in chapter.pages]


class Bindery:
    """Speaks, draws and binds books in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder)
        self.engine = EspeakEngine()
        self.folder = folder

    def path(self, asset: AssetId) -> Path:
        return self.library.path(asset)

    def bind(self, draft: Draft, name: str, press: EpubPress | None = None) -> Path:
        target = self.folder / f"{name}.epub"
        (press or EpubPress()).bind(draft.book, iter(draft.chapters), self.path, target, lambda pages: None)
        return target

    def picture(self, kind: str, alt: str) -> Picture:
        asset = self.library.add(picture_bytes(kind, "#7fb7d6"))
        return Picture(asset=asset, media_type=f"image/{kind.lower()}", alt=alt, width=240, height=160)

    async def segment(self, number: int, text: str, language: str, *, timed: bool = True) -> Segment:
        clips = []
        for chunk in chunks(text, language, 60):
            clip = await self.engine.speak(
                self.engine.call(chunk.text, self.engine.voice(language, None)), nullcontext()
            )
            if not timed:
                clip = clip.model_copy(update={"words": ()})
            clips.append(self.library.placed(chunk.text, clip, start=chunk.start, ends_paragraph=chunk.ends_paragraph))
        return self.library.press.compose(number, clips)

    async def chapter(
        self, number: int, first: int, texts: Iterable[str], language: str, *, timed: bool = True
    ) -> ChapterMatter:
        """A spoken chapter: each page's audio is a stretch of one MP3."""
        texts = tuple(texts)
        segments = [
            await self.segment(page, text, language, timed=timed) for page, text in enumerate(texts, start=first)
        ]
        audio = ChapterAudio(number=number, title=f"{number}", segments=tuple(segments))
        target = self.folder / "chapter.mp3"
        tags = AudioTags(title="A", language=language, album="B")
        encode(Press(len), Edition.MP3, [audio], tags, self.path, target, lambda ms: None)
        asset = self.library.add(target.read_bytes())
        pages, at = [], 0
        for text, segment in zip(texts, segments, strict=True):
            pages.append(
                PageMatter(
                    number=segment.page,
                    text=text,
                    sentences=spoken_sentences(segment, text, language),
                    audio=PageAudio(asset=asset, begin_ms=at, end_ms=at + segment.duration_ms),
                )
            )
            at += segment.duration_ms
        return ChapterMatter(number=number, title=f"{TITLES[language]} {number}", pages=tuple(pages))

    async def spoken(self, language: str, *, timed: bool = True) -> Draft:
        """A whole spoken book."""
        chapters, first = [], 1
        for number, texts in enumerate(TEXTS[language], 1):
            chapters.append(await self.chapter(number, first, texts, language, timed=timed))
            first += len(texts)
        return Draft(about(TITLES[language], language, pages=first - 1, chapters=len(chapters)), tuple(chapters))


def about(title: str, language: str, *, pages: int, chapters: int) -> BookMatter:
    """What stands on a title page."""
    return BookMatter(
        book_id=BookId("7d0ef7a2-5f0b-4c0e-9a43-2f6f8f0c3f11"),
        title=title,
        author="Meera Joshi",
        language=language,
        narrator="eSpeak NG",
        pages=pages,
        chapters=chapters,
        modified=MODIFIED,
        cover=picture_bytes("JPEG", "#24405c"),
        credit="Bound by Bookwright.",
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def changed(draft: Draft, number: int, **update: object) -> Draft:
    """The draft with one page changed."""
    return Draft(
        draft.book,
        tuple(
            chapter.model_copy(
                update={
                    "pages": tuple(
                        page.model_copy(update=update) if page.number == number else page for page in chapter.pages
                    )
                }
            )
            for chapter in draft.chapters
        ),
    )


@pytest.fixture(scope="session")
async def bindery(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bindery]:
    bindery = Bindery(tmp_path_factory.mktemp("bindery"))
    yield bindery
    await bindery.engine.close()


@pytest.fixture(scope="session")
async def drafts(bindery: Bindery) -> dict[str, Draft]:
    """A book of every kind, by name."""
    spoken = {language: await bindery.spoken(language) for language in TEXTS}
    english = spoken["en"]
    pictured = english
    for number, kind in enumerate(("JPEG", "PNG", "WEBP"), 1):
        alt = "A yellow kite over the sea" if number < 3 else ""
        pictured = changed(pictured, number, picture=bindery.picture(kind, alt), label=("iv", "v", None)[number - 1])
    untimed = await bindery.spoken("en", timed=False)
    partial = changed(untimed, 2, audio=None, sentences=(), missing="The narration\nof this page failed: “<no voice>”.")
    partial = Draft(partial.book.model_copy(update={"pages": 6}), partial.chapters)
    silent = english
    for page in english.pages:
        silent = changed(silent, page.number, audio=None, sentences=())
    silent = Draft(silent.book.model_copy(update={"narrator": None, "author": None, "credit": None}), silent.chapters)
    return spoken | {
        "pictured": pictured,
        "partial": partial,
        "silent": silent,
        "untimed": untimed,
        "divided": english,
        "hostile": _hostile(english),
    }


@pytest.fixture(scope="session")
def books(bindery: Bindery, drafts: dict[str, Draft]) -> dict[str, Path]:
    """All of them, bound."""
    bound = {name: bindery.bind(draft, name) for name, draft in drafts.items() if name != "divided"}
    return bound | {"divided": bindery.bind(drafts["divided"], "divided", EpubPress(part_marks=10))}


HOSTILE = (
    "Zero\x00 bell\x07 esc\x1b <script>alert(1)</script> ]]> & \ud800\udc00 \ufffe "
    "\u202eright\u2066 &amp;lt; {{ 7 * 7 }} {% raw %}"
)
HOSTILE_TITLE = HOSTILE + "\n\x0b " + "long " * 980


def _hostile(draft: Draft) -> Draft:
    book = draft.book.model_copy(
        update={"title": HOSTILE_TITLE, "author": HOSTILE, "narrator": HOSTILE, "credit": HOSTILE, "book_id": "<kite>"}
    )
    first, *others = draft.chapters
    page = first.pages[0].model_copy(
        update={"text": f"{HOSTILE}\r\n\r\n{HOSTILE}\nmore", "missing": HOSTILE, "label": HOSTILE}
    )
    untitled = first.model_copy(update={"title": "\x00 \u202e", "pages": (page, *first.pages[1:])})
    return Draft(book, (untitled, *(chapter.model_copy(update={"title": HOSTILE_TITLE}) for chapter in others)))

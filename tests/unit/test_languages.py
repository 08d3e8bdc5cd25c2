"""The languages that Bookwright is held to: each is cut, recognised, spoken, timed, set and bound as it should be.

The stories are in `tests/data/languages/stories.toml`.
"""

import io
import re
import tomllib
import unicodedata
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pypdfium2
import pytest
from PIL import Image

from bookwright.contracts.book import PlacedClip, Segment
from bookwright.contracts.documents import ReadingLimits
from bookwright.contracts.editions import BookMatter, ChapterMatter, PageMatter, SpokenSentence
from bookwright.contracts.ids import AssetId, BookId
from bookwright.press.audio import Press
from bookwright.press.epub import EpubPress
from bookwright.press.pdf.press import PdfPress
from bookwright.press.reading.pdf import PdfReader
from bookwright.press.reading.records import PageRecord
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.text.chunks import chunks
from bookwright.text.direction import direction
from bookwright.text.language import detect_language
from bookwright.text.measure import expected_speech_ms
from bookwright.text.sentences import sentences_by_paragraph
from bookwright.text.timing import spoken_sentences
from bookwright.text.wording import digits, worded, wording

DATA = Path(__file__).parents[1] / "data" / "languages" / "stories.toml"
LANGUAGES = "en hi bn ta te mr gu kn ml pa or ur es fr de pt ar sw".split()
RIGHT_TO_LEFT = {"ur", "ar"}
FRONT = 3
"""A PDF's cover, title page and colophon."""
LEADING = 14
"""Points; lines are further apart, and what is in one line is not."""
READ_BY_PDFIUM = {"ur"}
"""Our own reader takes `ے` for the letter before the one that it reaches under; PDFium's bare text has it right. In
Bengali, Marathi, Punjabi and Arabic it is the other way round."""
LIMITS = (40, 90, 400)
"""Characters that a call of a voice takes: few, so that much is cut."""
_WORD = re.compile(r"\S*[^\W_]\S*")


@dataclass(frozen=True)
class Story:
    """A story of the data file."""

    title: str
    pages: tuple[tuple[tuple[str, ...], ...], ...]
    """The paragraphs of each page, and their sentences."""
    numerals: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple("\n\n".join(" ".join(paragraph) for paragraph in page) for page in self.pages)


def _paragraphs(page: list[str]) -> tuple[tuple[str, ...], ...]:
    cut = page.index("") if "" in page else len(page)
    return tuple(part for part in (tuple(page[:cut]), tuple(page[cut + 1 :])) if part)


def cover() -> bytes:
    """A plain one; drawing covers is tested elsewhere."""
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(data, "JPEG")
    return data.getvalue()


STORIES = {
    language: Story(story["title"], tuple(map(_paragraphs, story["pages"])), tuple(story["numerals"]))
    for language, story in tomllib.loads(DATA.read_text("utf-8")).items()
}
COVER = cover()
every = pytest.mark.parametrize("language", LANGUAGES)


@dataclass(frozen=True)
class Spoken:
    """A page as it was spoken."""

    text: str
    segment: Segment
    sentences: tuple[SpokenSentence, ...]


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    await engine.close()


@pytest.fixture(scope="module")
async def spoken(engine: EspeakEngine) -> dict[str, list[Spoken]]:
    """Every page of every story, spoken."""
    return {
        language: [await _speak(engine, text, language) for text in STORIES[language].texts] for language in LANGUAGES
    }


async def _speak(engine: EspeakEngine, text: str, language: str) -> Spoken:
    press = Press(expected_speech_ms)
    placed = []
    for chunk in chunks(text, language, engine.max_chars):
        clip = await engine.speak(engine.call(chunk.text, engine.voice(language, None)), nullcontext())
        facts = press.examine(chunk.text, clip)  # refuses a clip whose words do not cover its text
        about = {"asset": "0" * 64, "text_start": chunk.start, "text": chunk.text}
        placed.append(PlacedClip.model_validate({**about, "ends_paragraph": chunk.ends_paragraph, "facts": facts}))
    segment = press.compose(1, placed)
    return Spoken(text, segment, spoken_sentences(segment, text, language))


def matter(language: str) -> tuple[BookMatter, ChapterMatter]:
    """The story as presses take it, without sound."""
    story, words = STORIES[language], wording(language)
    book = BookMatter(
        book_id=BookId("0e3f0d5c-6d0b-4f0e-8f39-5a0c1f2b7d11"),
        title=story.title,
        author=None,
        language=language,
        pages=len(story.texts),
        chapters=1,
        modified=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        cover=COVER,
        credit=words.credit,
    )
    pages = tuple(PageMatter(number=number, text=text) for number, text in enumerate(story.texts, 1))
    return book, ChapterMatter(number=1, title="", pages=pages)


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every story as PDF."""
    folder = tmp_path_factory.mktemp("pdfs")

    def bind(language: str) -> Path:
        book, chapter = matter(language)
        target = folder / f"{language}.pdf"
        PdfPress().bind(book, [chapter], lambda asset: folder / asset, target, lambda pages: None)
        return target

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(LANGUAGES, pool.map(bind, LANGUAGES), strict=True))


def test_all_of_them_have_a_story_and_words_of_their_own() -> None:
    assert set(STORIES) == set(LANGUAGES) == set(worded())
    english = wording("en").model_dump()
    for language in set(LANGUAGES) - {"en"}:
        own = wording(f"{language}-XX").model_dump()
        alike = {name for name, word in own.items() if word == english[name]}
        assert alike <= {"text", "page", "pages", "narration"}, language


@every
def test_sentences_are_counted_right(language: str) -> None:
    for text, page in zip(STORIES[language].texts, STORIES[language].pages, strict=True):
        found = [[text[span.start : span.end] for span in part] for part in sentences_by_paragraph(text, language)]
        assert found == [list(paragraph) for paragraph in page]


@every
def test_chunks_keep_to_the_limit_and_numerals_whole(language: str) -> None:
    story = STORIES[language]
    for text in story.texts:
        for limit in LIMITS:
            cut = chunks(text, language, limit)
            assert all(len(chunk.text) <= limit for chunk in cut)
            assert "".join("".join(chunk.text.split()) for chunk in cut) == "".join(text.split())
            for numeral in story.numerals:
                assert sum(chunk.text.count(numeral) for chunk in cut) == text.count(numeral), (numeral, limit)


@every
def test_the_language_is_recognised(language: str) -> None:
    assert detect_language(" ".join(STORIES[language].texts)) == language


@every
def test_a_local_voice_speaks_all_of_its_words(
    language: str, engine: EspeakEngine, spoken: dict[str, list[Spoken]]
) -> None:
    assert engine.voices(language)[0].language.partition("-")[0] == language
    for page in spoken[language]:
        touched = {
            place for sentence in page.sentences for word in sentence.words for place in range(word.start, word.end)
        }
        silent = [found.group() for found in _WORD.finditer(page.text) if not touched & set(range(*found.span()))]
        assert silent == []


@every
def test_overlays_are_in_order_and_within_the_sound(language: str, spoken: dict[str, list[Spoken]]) -> None:
    for page, text in zip(spoken[language], STORIES[language].pages, strict=True):
        assert [page.text[one.start : one.end] for one in page.sentences] == [one for part in text for one in part]
        begins = [sentence.begin_ms for sentence in page.sentences]
        for sentence, following in zip(page.sentences, [*begins[1:], page.segment.duration_ms], strict=True):
            assert sentence.begin_ms < sentence.end_ms <= following
            assert sentence.words
            times = [word.begin_ms for word in sentence.words]
            assert times == sorted(times)
            assert sentence.begin_ms <= times[0] and times[-1] < sentence.end_ms
            assert all(word.begin_ms <= word.end_ms <= page.segment.duration_ms for word in sentence.words)


@every
def test_the_pdf_says_the_text_to_who_reads_it_back(language: str, pdfs: dict[str, Path]) -> None:
    pages = [
        record for record in PdfReader(pdfs[language], ReadingLimits()).records() if isinstance(record, PageRecord)
    ]
    if language in READ_BY_PDFIUM:
        with pypdfium2.PdfDocument(pdfs[language]) as document:
            shown = squeezed("".join(page.get_textpage().get_text_range() for page in document))
    else:
        shown = squeezed("".join(page.text for page in pages))
    for paragraph in (one for page in STORIES[language].pages for one in page):
        assert squeezed(" ".join(paragraph)) in shown
    assert "\u25a1" not in shown and "\ufffd" not in shown  # what stands for characters that no font has
    assert [page.trouble for page in pages[1:]] == [None] * (len(pages) - 1)


@every
def test_the_pdf_begins_its_lines_on_the_side_of_its_script(language: str, pdfs: dict[str, Path]) -> None:
    with pypdfium2.PdfDocument(pdfs[language]) as document:
        text = document[FRONT + 1].get_textpage()
        places = [place for place in range(text.count_chars()) if text.get_text_range(place, 1).strip()]
        boxes = sorted((text.get_charbox(place) for place in places), key=lambda box: -box[1] - box[3])
    lines: list[list[tuple[float, ...]]] = [[]]
    for box in boxes:
        if lines[-1] and sum(lines[-1][-1][1::2]) - sum(box[1::2]) > 2 * LEADING:
            lines.append([])
        lines[-1].append(box)
    lefts = [min(box[0] for box in line) for line in lines[:-1]]  # the last line is the page's number
    rights = [max(box[2] for box in line) for line in lines[:-1]]
    assert len(lines) > 3
    ragged_left = max(lefts) - min(lefts) > max(rights) - min(rights)
    assert ragged_left == (direction(language) == "rtl") == (language in RIGHT_TO_LEFT)


@every
def test_the_epub_says_its_language_and_direction(language: str, tmp_path: Path) -> None:
    book, chapter = matter(language)
    target = tmp_path / "book.epub"
    EpubPress().bind(book, [chapter], lambda asset: tmp_path / AssetId(asset), target, lambda pages: None)
    with ZipFile(target) as bound:
        texts = {name: bound.read(name).decode() for name in bound.namelist() if name.endswith((".xhtml", ".opf"))}
    package = next(text for name, text in texts.items() if name.endswith(".opf"))
    assert f"<dc:language>{language}</dc:language>" in package
    progression = re.search(r'page-progression-direction="(\w+)"', package)
    way = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    assert (progression[1] if progression else "ltr") == way
    for name, text in texts.items():
        if name.endswith(".xhtml"):
            assert re.search(rf'<html[^>]* xml:lang="{language}" lang="{language}" dir="{way}"', text), name
    everything = " ".join(texts.values())
    assert wording(language).contents in everything and wording(language).credit in everything
    assert f"{wording(language).chapter} " in everything


@every
def test_numerals_of_pages_are_those_of_its_books(language: str) -> None:
    zero = digits(language)[0]
    assert unicodedata.digit(zero) == 0
    assert zero == {"bn": "০", "mr": "०", "ar": "٠"}.get(language, "0")


def squeezed(text: str) -> str:
    """Composed, without white space and what has no width, and with all quotation marks alike: programs differ in where
    they see a space, and in which way quotation marks stand that are read from the right."""
    text = re.sub(r"[\s\u200b-\u200f\u2060\u00ad]", "", unicodedata.normalize("NFC", text))
    return re.sub("[“”„«»]", '"', text)

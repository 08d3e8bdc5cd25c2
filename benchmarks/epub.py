"""Binding a narrated book of 300 pages as EPUB: CPU seconds from the stored segments to the file, and memory by the
book's length. `python -m benchmarks epub`."""

import io
import re
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from os import getpid
from pathlib import Path

from PIL import Image

from benchmarks.measure import Figure, peak_mb
from benchmarks.narration import pages as page_texts
from bookwright.contracts.book import Clip, Segment, WordTiming
from bookwright.contracts.editions import BookMatter, ChapterMatter, PageAudio, PageMatter
from bookwright.contracts.ids import AssetId, BookId
from bookwright.press.epub import EpubPress
from bookwright.press.segment import SENTENCE_PAUSE_MS
from bookwright.text.sentences import sentences_by_paragraph
from bookwright.text.timing import spoken_sentences

PAGES = 300
ROUNDS = 5
_WORDS_A_PAGE, _PAGES_A_CHAPTER = 250, 25
_MS_A_WORD = 380
_PAGE_BYTES = 800_000
"""Of a page's MP3: 100 s at 64 kbit/s."""
_RATE = 22_050


def segment(number: int, text: str) -> str:
    """How a page sounds, as it is stored: a clip for each sentence, a time for each word."""
    clips, total = [], 0
    for span in (span for paragraph in sentences_by_paragraph(text, "en") for span in paragraph):
        spoken = text[span.start : span.end]
        found = list(re.finditer(r"\w+", spoken))
        words = tuple(
            WordTiming(start=word.start(), length=len(word[0]), at_ms=place * _MS_A_WORD)
            for place, word in enumerate(found)
        )
        length_ms = len(found) * _MS_A_WORD
        clips.append(
            Clip(
                asset=AssetId(f"{number:064x}"), text_start=span.start, text=spoken, sample_rate=_RATE, start_sample=0,
                end_sample=length_ms * _RATE // 1000, pause_ms=SENTENCE_PAUSE_MS, words=words,
            )
        )  # fmt: skip
        total += length_ms + SENTENCE_PAUSE_MS
    made = Segment(
        page=number, sample_rate=_RATE, gain_db=0, loudness_lufs=-18, duration_ms=total, clips=tuple(clips)
    )  # fmt: skip
    return made.model_dump_json()


def chapters(texts: list[str], segments: list[str]) -> Iterator[ChapterMatter]:
    """The chapters as binding reads them, one at a time."""
    for first in range(0, len(texts), _PAGES_A_CHAPTER):
        pages = []
        for place in range(first, min(first + _PAGES_A_CHAPTER, len(texts))):
            sound = Segment.model_validate_json(segments[place])
            pages.append(
                PageMatter(
                    number=place + 1,
                    text=texts[place],
                    sentences=spoken_sentences(sound, texts[place], "en"),
                    audio=PageAudio(asset=AssetId(f"{place:064x}"), begin_ms=0, end_ms=sound.duration_ms),
                )
            )
        number = first // _PAGES_A_CHAPTER + 1
        yield ChapterMatter(number=number, title=f"Chapter {number}", pages=tuple(pages))


def bind(count: int, rounds: int) -> tuple[list[float], float]:
    """CPU seconds of each round of binding a book of so many pages, and this process's peak in MB."""
    texts = page_texts(count * _WORDS_A_PAGE)[:count]
    segments = [segment(number, text) for number, text in enumerate(texts, 1)]
    cover = io.BytesIO()
    Image.new("RGB", (1_400, 1_400), "navy").save(cover, "JPEG")
    book = BookMatter(
        book_id=BookId("00000000-0000-4000-8000-000000000000"), title="Bench", author="Nobody", language="en",
        pages=count, chapters=-(-count // _PAGES_A_CHAPTER), modified=datetime(2026, 1, 1, tzinfo=UTC),
        cover=cover.getvalue(),
    )  # fmt: skip
    took = []
    with tempfile.TemporaryDirectory() as folder:
        sound, target = Path(folder) / "page.mp3", Path(folder) / "book.epub"
        sound.write_bytes(bytes(_PAGE_BYTES))
        for _ in range(rounds):
            began = time.process_time()
            EpubPress().bind(book, chapters(texts, segments), lambda asset: sound, target, lambda pages: None)
            took.append(time.process_time() - began)
    return took, peak_mb(getpid())


async def run() -> list[Figure]:
    """All figures of this section; each book is bound in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        took, small = pool.submit(bind, PAGES, ROUNDS).result()
        _, large = pool.submit(bind, 4 * PAGES, 1).result()
    return [
        Figure(f"EPUB of {PAGES} narrated pages, CPU", took, 5.0, unit="s"),
        Figure(f"peak memory, {PAGES} pages", [small], unit="MB"),
        Figure(f"peak memory, {4 * PAGES} pages / {PAGES} pages", [large / small], 1.5),
    ]

"""A book's M4B against bare PyAV encoding of the same samples, one thread and as many as there are cores; what it costs
to bind a book again after one page changed; and memory by length. `python -m benchmarks.encoding` runs it alone."""

import asyncio
import hashlib
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks.measure import Figure, peak_mb
from benchmarks.narration import pages as page_texts
from bookwright.contracts.book import PlacedClip, Segment
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.audio import AudioTags, EncodedChapter, EncodedPage
from bookwright.press.audio import Press
from bookwright.press.encoding import BIT_RATE
from bookwright.press.render import blocks, page_of
from bookwright.press.wav import Signal
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.text.chunks import chunks
from bookwright.text.measure import expected_speech_ms

WORDS = 4_000
PAGES_A_CHAPTER = 4
ROUNDS = 3
TAGS = AudioTags(title="Bench", language="en", album="Bench")
PRESS = Press(expected_speech_ms)


class Book:
    """Spoken pages in a folder, in chapters."""

    def __init__(self, folder: Path, segments: list[Segment]) -> None:
        self.folder = folder
        self.chapters = [segments[at : at + PAGES_A_CHAPTER] for at in range(0, len(segments), PAGES_A_CHAPTER)]
        self.rate = PRESS.encoding_rate(segment.sample_rate for segment in segments)

    def clip(self, asset: AssetId) -> Path:
        return self.folder / asset

    def encode_chapter(self, index: int) -> EncodedChapter:
        segments, path = self.chapters[index], self.folder / f"{index}.m4a"
        PRESS.encode_chapter(segments, self.rate, self.clip, path, _nothing)
        return EncodedChapter(title=str(index), path=path, duration_ms=sum(page.duration_ms for page in segments))

    def bind(self, threads: int) -> list[EncodedChapter]:
        """The M4B, everything included."""
        with ThreadPoolExecutor(threads) as pool:
            chapters = list(pool.map(self.encode_chapter, range(len(self.chapters))))
        PRESS.join_chapters(chapters, TAGS, self.folder / "book.m4b", _nothing)
        return chapters

    def encode_page(self, segment: Segment) -> EncodedPage:
        path = self.folder / f"{segment.page}.mp3"
        PRESS.encode_page(segment, self.rate, self.clip, path, _nothing)
        return EncodedPage(number=segment.page, path=path, duration_ms=segment.duration_ms)


async def spoken(folder: Path, words: int) -> Book:
    """A book that was read aloud by the engine at hand."""
    engine = EspeakEngine()
    voice = engine.voice("en", None)
    segments = []
    for number, text in enumerate(page_texts(words), 1):
        clips = []
        for part in chunks(text, "en", engine.max_chars):
            clip = await engine.speak(engine.call(part.text, voice), nullcontext())
            asset = AssetId(hashlib.sha256(clip.audio).hexdigest())
            (folder / asset).write_bytes(clip.audio)
            facts = PRESS.examine(part.text, clip)
            clips.append(
                PlacedClip(asset=asset, text_start=part.start, text=part.text, ends_paragraph=False, facts=facts)
            )
        segments.append(PRESS.compose(number, clips))
    await engine.close()
    return Book(folder, segments)


def bare(sounds: Sequence[Signal], rate: int, folder: Path, threads: int) -> None:
    """PyAV alone: AAC with the same settings, from samples in memory."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda index: _bare(sounds[index], rate, folder / f"bare-{index}.m4a"), range(len(sounds))))


def _bare(sound: Signal, rate: int, target: Path) -> None:
    with av.open(str(target), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate, options={"aac_coder": "fast"})
        stream.codec_context.layout = "mono"
        stream.codec_context.bit_rate = BIT_RATE
        stream.codec_context.thread_count = 1
        for begin in range(0, len(sound), 1 << 16):
            part = sound[None, begin : begin + (1 << 16)]
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cpu_seconds(work: Callable[[], object]) -> float:
    """How long it keeps a core busy."""
    began = time.process_time()
    work()
    return time.process_time() - began


def peak_of(words: int) -> float:
    """The most memory, in MB, that a process holds that speaks and binds a book of so many words."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(spoken(Path(folder), words)).bind(os.cpu_count() or 1)
    return peak_mb(os.getpid())


def _apart(words: int) -> float:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(peak_of, words).result()


def _nothing(_done_ms: int) -> None:
    pass


def bind_again(book: Book) -> float:
    """What a chapter's MP3 costs after one of its pages changed, as a share of what it cost before."""
    pages: list[EncodedPage] = []
    target = book.folder / "chapter.mp3"

    def join() -> None:
        PRESS.join_pages(pages, TAGS, target, _nothing)

    first = book.chapters[0]
    whole = cpu_seconds(lambda: pages.extend(map(book.encode_page, first))) + cpu_seconds(join)
    return (cpu_seconds(lambda: book.encode_page(first[3])) + cpu_seconds(join)) / whole


async def run() -> list[Figure]:
    """Rounds in turn of bare encoding and of binding."""
    cores = os.cpu_count() or 1
    one, all_cores, speedup, speeds, again = [], [], [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = await spoken(folder, WORDS)
        sounds = [
            np.concatenate([block for page in pages for block in blocks(page_of(page), book.rate, book.clip)])
            for pages in book.chapters
        ]
        total_s = sum(map(len, sounds)) / book.rate
        for _ in range(ROUNDS):
            alone = cpu_seconds(lambda: bare(sounds, book.rate, folder, 1))
            ours = cpu_seconds(lambda: book.bind(1))
            one.append(alone / ours)
            speeds.append(total_s / ours)
            by_one = seconds(lambda: book.bind(1))
            by_all = seconds(lambda: book.bind(cores))
            all_cores.append(seconds(lambda: bare(sounds, book.rate, folder, cores)) / by_all)
            speedup.append(by_one / by_all)
            again.append(bind_again(book))
    small, large = _apart(4_000), _apart(16_000)
    return [
        Figure("bare PyAV's CPU / ours, M4B", one, 0.8, most=False),
        Figure(f"bare PyAV's time / ours, M4B, {cores} threads", all_cores, 0.8, most=False),
        Figure(f"one thread's time / {cores} threads', {len(book.chapters)} chapters", speedup, 1.5, most=False),
        Figure("seconds of sound encoded in a CPU second", speeds),
        Figure(f"chapter MP3 of {PAGES_A_CHAPTER} pages, one page changed / all", again, 2 / PAGES_A_CHAPTER),
        Figure("peak memory, 4,000 words", [small], unit="MB"),
        Figure("peak memory, 16,000 words / 4,000 words", [large / small], 1.25),
    ]


if __name__ == "__main__":
    figures = asyncio.run(run())
    sys.stdout.write("\n".join(figure.line() for figure in figures) + "\n")
    sys.exit(0 if all(figure.kept for figure in figures) else 1)

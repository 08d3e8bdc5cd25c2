"""Soundscapes: how much faster than they are heard they are synthesized, and mixed under a narration, on one core; and
whether a chapter's mix takes more memory the longer it is. `python -m benchmarks sounds` runs it."""

import multiprocessing
import tempfile
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks import encoding
from benchmarks.measure import Figure
from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.audio import Backdrop
from bookwright.providers.local.sounds.score import Score
from bookwright.providers.local.sounds.server import opus
from bookwright.providers.local.sounds.synthesis import synthesize

SECONDS = 30.0
WORDS = 2_000
ROUNDS = 3
LEAST_SYNTHESIS, LEAST_MIX = 40, 50


async def run() -> list[Figure]:
    """Measure all of it."""
    with tempfile.TemporaryDirectory() as folder:
        book = await encoding.spoken(Path(folder), WORDS)
        # Each in a process of its own: what was measured before changes nothing.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
            speeds = pool.submit(_synthesized).result()
            mixes = pool.submit(_mixed, book).result()
            memory = pool.submit(_memory, book).result()
    return [
        Figure("synthesized and encoded × real time, a core", speeds, LEAST_SYNTHESIS, most=False, unit="×"),
        Figure("the slowest of them", [min(speeds)], LEAST_SYNTHESIS, most=False, unit="×"),
        Figure("mixed and encoded × real time, a core", mixes, LEAST_MIX, most=False, unit="×"),
        Figure("memory, the whole book as a chapter / its half", [memory], 1.25),
    ]


def _synthesized() -> list[float]:
    """The speed of every setting, in turn with all times, weathers and moods."""
    times, weathers, moods = tuple(TimeOfDay), tuple(Weather), tuple(Mood)
    synthesize(Score(), 5, 0)
    speeds = []
    for place, setting in enumerate(Setting):
        score = Score(
            setting=setting,
            time=times[place % len(times)],
            weather=weathers[place % len(weathers)],
            mood=moods[place % len(moods)],
            sounds=("bells", "dogs"),
        )
        speeds.append(SECONDS / encoding.cpu_seconds(partial(_made, score)))
    return speeds


def _made(score: Score) -> None:
    opus(synthesize(score, SECONDS, 1))


def _backdrops(book: encoding.Book, chapters: int) -> tuple[list[Backdrop], int]:
    """A scene every two pages, of three sounds in turn."""
    sounds = []
    for setting in (Setting.FOREST, Setting.BEACH, Setting.VILLAGE):
        path = book.clip(AssetId(f"sound-{setting}"))
        path.write_bytes(opus(synthesize(Score(setting=setting), SECONDS, 1)))
        sounds.append(AssetId(path.name))
    backdrops, at = [], 0
    for place, page in enumerate(page for chapter in book.chapters[:chapters] for page in chapter):
        sound = sounds[place // 2 % len(sounds)]
        backdrops.append(Backdrop(sound=sound, begin_ms=at, end_ms=at + page.duration_ms))
        at += page.duration_ms
    return backdrops, at


def _mix(book: encoding.Book, chapters: int, backdrops: list[Backdrop], duration_ms: int) -> None:
    segments = (page for chapter in book.chapters[:chapters] for page in chapter)
    rate = encoding.PRESS.ambient_rate([book.rate])
    target = book.folder / "ambience.m4a"
    encoding.PRESS.encode_ambient_chapter(segments, backdrops, duration_ms, rate, book.clip, target, _nothing)


def _mixed(book: encoding.Book) -> list[float]:
    backdrops, duration_ms = _backdrops(book, len(book.chapters))
    cost = [encoding.cpu_seconds(lambda: _mix(book, len(book.chapters), backdrops, duration_ms)) for _ in range(ROUNDS)]
    return [duration_ms / 1000 / seconds for seconds in cost]


def _memory(book: encoding.Book) -> float:
    peaks = []
    for chapters in (max(len(book.chapters) // 2, 1), len(book.chapters)):
        backdrops, duration_ms = _backdrops(book, chapters)
        tracemalloc.start()
        _mix(book, chapters, backdrops, duration_ms)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return peaks[1] / peaks[0]


def _nothing(_done: int) -> None:
    """Progress that nobody looks at."""

"""Soundscapes of a book of 300 pages: 150 spreads in 45 scenes, emulated calls of 6 s and 9 s scaled to a twentieth.

The ideal is what the calls alone take at the configured concurrency: analyses in the order of the book, and a scene's
sound as soon as the next scene's first spread is known. In turn is one call after the other, as it was done before.
"""

import asyncio
import heapq
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Figure
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import JobState
from tests.support.emulator import EmulatorProcess
from tests.support.stack import Stack

SPREADS, SCENES, PER_CHAPTER = 150, 45, 30
ANALYSIS_S, SOUND_S, SCALE = 6.0, 9.0, 20
AT_ONCE = 8
PLACES = ("forest", "harbour", "kitchen", "desert", "cave", "market", "river", "mountain", "school")
TIMES = (("day", "clear"), ("night", "clear"), ("day", "rain"), ("night", "rain"), ("day", "snow"))
ENVIRONMENT = {
    "BOOKWRIGHT_TEXT": "gemini",
    "BOOKWRIGHT_SOUNDS": "elevenlabs",
    "GEMINI_CONCURRENCY": str(AT_ONCE),
    "ELEVENLABS_CONCURRENCY": str(AT_ONCE),
}


def scene_of(spread: int) -> int:
    """Which scene (0-based) a spread belongs to."""
    return spread * SCENES // SPREADS


def pages() -> list[str]:
    """The book: each scene in another place than the one before it, no two scenes alike."""
    texts = []
    for page in range(2 * SPREADS):
        scene = scene_of(page // 2)
        place, (time_of_day, weather) = PLACES[scene % len(PLACES)], TIMES[scene // len(PLACES)]
        texts.append(f"zephyrine page {page}: setting={place} weather={weather} time={time_of_day} mood=calm.")
    return texts


def ideal(analysis_s: float, sound_s: float, at_once: int) -> float:
    """Seconds that the calls alone take."""
    analysed = _finished([0.0] * SPREADS, analysis_s, at_once)
    firsts = {scene_of(spread): analysed[spread] for spread in reversed(range(SPREADS))}
    ready = [firsts.get(scene + 1, max(analysed)) for scene in range(SCENES)]
    return max(_finished(ready, sound_s, at_once))


def _finished(ready: Sequence[float], seconds: float, at_once: int) -> list[float]:
    """When each of these calls ends, taken in order by so many at once."""
    free = [0.0] * at_once
    ends = []
    for at in ready:
        begin = max(at, heapq.heappop(free))
        ends.append(begin + seconds)
        heapq.heappush(free, ends[-1])
    return ends


async def scored() -> float:
    """Seconds from the first analysis to the last sound, over a job of the soundscapes alone."""
    with (
        EmulatorProcess("sarvam") as speech,
        EmulatorProcess("gemini", latency_ms=int(1000 * ANALYSIS_S / SCALE)) as gemini,
        EmulatorProcess("elevenlabs", latency_ms=int(1000 * SOUND_S / SCALE)) as sounds,
        tempfile.TemporaryDirectory() as folder,
    ):
        others = {"gemini": gemini, "elevenlabs": sounds}
        async with Stack(Path(folder), speech, others=others, environment=ENVIRONMENT) as stack:
            await gemini.knobs(latency_ms=int(1000 * ANALYSIS_S / SCALE))
            await sounds.knobs(latency_ms=int(1000 * SOUND_S / SCALE))
            await stack.worker()
            tracks = (Track.SOUNDSCAPE,)
            warm = await stack.order(["zephyrine setting=school weather=fog."] * 2, tracks=tracks)
            await stack.closed(warm)
            before = (await gemini.calls())["received"]
            job = await stack.order(pages(), title="Long", per_chapter=PER_CHAPTER, tracks=tracks)
            await gemini.wait_calls(before + 1)
            began = time.perf_counter()
            (row,) = await stack.closed(job)
            took = time.perf_counter() - began
            assert (row.state, row.warning) == (JobState.DONE, None)
            made = (await sounds.calls())["received"]
            assert SCENES - 5 <= made <= SCENES, f"{made} soundscapes for {SCENES} scenes"
            return took


async def run(rounds: int = 1) -> list[Figure]:
    """Bookwright beside the ideal and the sequential way."""
    analysis_s, sound_s = ANALYSIS_S / SCALE, SOUND_S / SCALE
    least = ideal(analysis_s, sound_s, AT_ONCE)
    in_turn = SPREADS * analysis_s + SCENES * sound_s
    walls = [await scored() for _ in range(rounds)]
    return [
        Figure(f"soundscapes, ideal at {AT_ONCE} at once", [least], unit="s"),
        Figure("soundscapes, in turn", [in_turn], unit="s"),
        Figure("soundscapes, Bookwright", walls, unit="s"),
        Figure("soundscapes, Bookwright / ideal", [wall / least for wall in walls], 1.10),
        Figure("soundscapes, in turn / Bookwright", [in_turn / wall for wall in walls]),
    ]


if __name__ == "__main__":
    for figure in asyncio.run(run()):
        print(figure.line())  # noqa: T201

"""The last step before encoding: the limiter, and the gain that makes up for what it takes away."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from bookwright.contracts.ids import AssetId
from bookwright.press import loudness
from bookwright.press.limiter import Limiter
from bookwright.press.render import Page, blocks
from bookwright.press.wav import Signal

_LISTEN_S = 900
"""Pages that make up this much sound are listened to, spread evenly over the book: segments are levelled already, and
the limiter takes about as much from each."""
_CLOSE_ENOUGH_LU = 0.1
_ROUNDS = 3
_MOST_DB = 6.0


def mastered(
    pages: Iterable[Page], rate: int, ceiling_db: float, makeup_db: float, clip_path: Callable[[AssetId], Path]
) -> Iterator[Signal]:
    """The pages' samples, all of them, after gain and limiter: none over `ceiling_db` (dBTP)."""
    limiter = Limiter(rate, ceiling_db)
    gain = np.float32(10 ** (makeup_db / 20))
    end_ms = done = 0
    for page in pages:
        end_ms += page.duration_ms
        end = round(end_ms * rate / 1000)
        for block in blocks(page, rate, clip_path, end - done):
            yield limiter.push(block * gain)
        done = end
    yield limiter.flush()


def makeup_db(
    pages: Sequence[Page],
    rate: int,
    ceiling_db: float,
    clip_path: Callable[[AssetId], Path],
    on_block: Callable[[], None],
) -> float:
    """The gain that brings the limited sound to the set loudness. `on_block` is called regularly and may raise."""
    voiced = [page for page in pages if page.pieces]
    if not voiced:
        return 0.0
    total_s = sum(page.duration_ms for page in voiced) / 1000
    some = voiced[:: max(int(total_s / _LISTEN_S), 1)]
    makeup = 0.0
    for _ in range(_ROUNDS):
        measured = _loudness(mastered(some, rate, ceiling_db, makeup, clip_path), rate, on_block)
        missing = loudness.TARGET_LUFS - measured
        if measured <= loudness.SILENCE_LUFS or abs(missing) <= _CLOSE_ENOUGH_LU:
            break
        # More gain means more limiting, so that a decibel of gain brings less than one of loudness.
        makeup = min(max(makeup + 1.25 * missing, -_MOST_DB), _MOST_DB)
    return round(makeup, 2)


def _loudness(signal: Iterator[Signal], rate: int, on_block: Callable[[], None]) -> float:
    size = loudness.hop_samples(rate)
    rest = np.empty(0, np.float32)
    energies = []
    for block in signal:
        rest = np.concatenate((rest, block))
        whole = len(rest) // size * size
        energies.append(loudness.hops(rest[:whole], rate))
        rest = rest[whole:]
        on_block()
    energies.append(loudness.hops(rest, rate))
    return loudness.integrated(np.concatenate(energies))

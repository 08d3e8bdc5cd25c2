"""The last step before encoding: the limiter, and the gain that makes up for what it takes away, page by page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bookwright.contracts.ids import AssetId
from bookwright.press import loudness
from bookwright.press.limiter import Limiter, PeakMeter, block_gains
from bookwright.press.render import Page, blocks
from bookwright.press.wav import Signal

CEILING_DBTP = -3.0
"""Before encoding. The encoders overshoot; -1.5 dBTP is promised after."""
KEPT_MS = 120_000
"""The sound of a page up to this long is kept between listening to it and encoding it; a longer one is made twice."""
_CLOSE_ENOUGH_LU = 0.03
_ROUNDS = 20
_STEP_DB, _MOST_DB = 6.0, 24.0
_WORTH_WHILE = 0.1
"""Decibels of loudness that one of gain must bring."""
_CERTAIN_DB = 2.0
"""What is limited more than by this gain is listened to again: how its hops were limited is estimated only."""


class Level(NamedTuple):
    """How loud a page is to be."""

    ceiling_db: float
    """The true peak that no sample passes, in dBTP."""
    lufs: float = loudness.TARGET_LUFS


class Heard(NamedTuple):
    """What there is to know of a page's sound to tell how it will be limited."""

    rate: int
    hops: loudness.Energies
    """K-weighted energy of each 100 ms."""
    peaks: Signal
    """True peaks of blocks of PEAK_BLOCK samples, as amplitudes."""
    powers: Signal
    """Mean squares of the same blocks."""

    @property
    def loudness(self) -> float:
        """In LUFS, as it was heard."""
        return loudness.integrated(self.hops)

    def limited(self, ceiling_db: float, makeup_db: float) -> tuple[float, float]:
        """The loudness in LUFS and the mean square after this gain and the limiter."""
        gain = 10 ** (makeup_db / 20)
        gains = gain * block_gains(self.peaks * np.float32(gain), self.rate, ceiling_db)
        powers = self.powers * gains**2
        # A hop loses as much of its K-weighted energy as of its plain energy.
        place = np.arange(len(self.powers)) * loudness.PEAK_BLOCK // loudness.hop_samples(self.rate)
        before = np.bincount(place, self.powers, len(self.hops))
        after = np.bincount(place, powers, len(self.hops))
        share = np.divide(after, before, out=np.zeros(len(before)), where=before > 0)
        return loudness.integrated(self.hops * share), float(powers.mean()) if len(powers) else 0.0

    def makeup_db(self, level: Level) -> float:
        """The gain that brings the limited sound to its level; less where the limiter would take most of it away, as
        it does with a sound that is all peaks."""
        makeup = 0.0
        measured, _ = self.limited(level.ceiling_db, makeup)
        for _ in range(_ROUNDS):
            missing = level.lufs - measured
            if measured <= loudness.SILENCE_LUFS or abs(missing) <= _CLOSE_ENOUGH_LU:
                break
            # More gain means more limiting, so that a decibel of gain brings less than one of loudness.
            step = min(max(1.25 * missing, -_STEP_DB), _STEP_DB)
            trial = min(max(makeup + step, -_MOST_DB), _MOST_DB)
            heard, _ = self.limited(level.ceiling_db, trial)
            if missing > 0 and heard - measured < _WORTH_WHILE * (trial - makeup):
                break
            makeup, measured = trial, heard
        return round(makeup, 2)


def listen(sound: Iterable[Signal], rate: int, ceiling_db: float, on_block: Callable[[], None]) -> Heard:
    """Measure a page's sound before it is limited to about `ceiling_db`."""
    meter = PeakMeter(floor=0.5 * 10 ** (ceiling_db / 20))
    size = loudness.hop_samples(rate)
    rest = np.empty(0, np.float32)
    hops, peaks, powers = [], [], []

    def measure(ready: Signal, their_peaks: Signal) -> None:
        peaks.append(their_peaks)
        parts = ready.reshape(-1, loudness.PEAK_BLOCK)
        powers.append(np.einsum("ij,ij->i", parts, parts) / loudness.PEAK_BLOCK)

    for block in sound:
        measure(*meter.push(block))
        rest = np.concatenate((rest, block))
        whole = len(rest) // size * size
        hops.append(loudness.hops(rest[:whole], rate))
        rest = rest[whole:]
        on_block()
    measure(*meter.flush())
    hops.append(loudness.hops(rest, rate))
    return Heard(rate, np.concatenate(hops), np.concatenate(peaks), np.concatenate(powers))


def levelled(
    pages: Iterable[Page], rate: int, level: Level, clip_path: Callable[[AssetId], Path], on_block: Callable[[], None]
) -> Iterator[Signal]:
    """The pages' samples, each page at its level by its own gain and limiter, so that it sounds the same whatever
    stands beside it. A page begins where its predecessors' durations end: rounding to samples never adds up.
    `on_block` is called regularly and may raise."""
    end_ms = done = 0
    for page in pages:
        end_ms += page.duration_ms
        end = round(end_ms * rate / 1000)
        yield from _levelled(page, rate, end - done, level, clip_path, on_block)
        done = end


def _levelled(
    page: Page,
    rate: int,
    count: int,
    level: Level,
    clip_path: Callable[[AssetId], Path],
    on_block: Callable[[], None],
) -> Iterator[Signal]:
    if not page.pieces:
        yield from blocks(page, rate, clip_path, count)
        return
    kept = list(blocks(page, rate, clip_path, count)) if page.duration_ms <= KEPT_MS else None

    def sound() -> Iterable[Signal]:
        return blocks(page, rate, clip_path, count) if kept is None else kept

    heard = listen(sound(), rate, level.ceiling_db, on_block)
    makeup = heard.makeup_db(level)
    if makeup > _CERTAIN_DB:
        limited = _limited(sound(), rate, level.ceiling_db, makeup)
        measured = listen(limited, rate, level.ceiling_db, on_block).loudness
        estimated, _ = heard.limited(level.ceiling_db, makeup)
        makeup = heard.makeup_db(level._replace(lufs=level.lufs + estimated - measured))
    yield from _limited(sound(), rate, level.ceiling_db, makeup)


def _limited(sound: Iterable[Signal], rate: int, ceiling_db: float, makeup_db: float) -> Iterator[Signal]:
    limiter = Limiter(rate, ceiling_db)
    gain = np.float32(10 ** (makeup_db / 20))
    for block in sound:
        yield limiter.push(block * gain)
    yield limiter.flush()


def mastered(
    pages: Iterable[Page], rate: int, ceiling_db: float, makeup_db: float, clip_path: Callable[[AssetId], Path]
) -> Iterator[Signal]:
    """The pages' samples after gain and limiter."""
    for page in pages:
        yield from _limited(blocks(page, rate, clip_path), rate, ceiling_db, makeup_db)


def makeup_db(
    pages: Sequence[Page],
    rate: int,
    ceiling_db: float,
    clip_path: Callable[[AssetId], Path],
    on_block: Callable[[], None],
) -> float:
    """The gain that brings the limited pages to the set loudness."""
    sound = (block for page in pages if page.pieces for block in blocks(page, rate, clip_path))
    return listen(sound, rate, ceiling_db, on_block).makeup_db(Level(ceiling_db))

"""A look-ahead limiter for true peaks, fed block by block."""

import numpy as np

from bookwright.press.loudness import PEAK_BLOCK, PEAK_TAPS, Energies, block_peaks
from bookwright.press.wav import Signal

_LOOK_AHEAD = 4
"""Blocks over which the gain comes down before a peak: at 22.05 kHz 12 ms."""
_ATTACK = 1 / _LOOK_AHEAD
_RELEASE_S = 0.25
"""The time that the gain would take to come back from nothing."""
_HALF = PEAK_TAPS // 2


class PeakMeter:
    """Cuts a mono signal into blocks of PEAK_BLOCK samples and reads their true peaks, as amplitudes. Samples under
    `floor` count with their own size only."""

    def __init__(self, floor: float) -> None:
        self._floor = floor
        self._incoming = np.zeros(_HALF, np.float32)
        """Context before the next block to measure, then what has come since."""

    def push(self, samples: Signal) -> tuple[Signal, Signal]:
        """Take some samples; give those of the blocks that are ready, shape (n * PEAK_BLOCK,), and their peaks (n,)."""
        self._incoming = np.concatenate((self._incoming, samples))
        size = max(len(self._incoming) - PEAK_TAPS, 0) // PEAK_BLOCK * PEAK_BLOCK
        if not size:
            return self._incoming[:0], self._incoming[:0]
        peaks = block_peaks(self._incoming[: size + PEAK_TAPS], self._floor)
        ready = self._incoming[_HALF : _HALF + size]
        self._incoming = self._incoming[size:]
        return ready, peaks

    def flush(self) -> tuple[Signal, Signal]:
        """The rest, filled up with silence to a whole block."""
        fill = -(len(self._incoming) - _HALF) % PEAK_BLOCK
        return self.push(np.zeros(fill + _HALF, np.float32))


class Limiter:
    """Keeps a mono signal's true peak at or under `ceiling_db` (dBTP). What comes out is what went in, in order and
    in length, a few milliseconds late; blocks may have any size and do not change the result."""

    def __init__(self, rate: int, ceiling_db: float) -> None:
        self._ceiling = float(10 ** (ceiling_db / 20))
        self._release = _release(rate)
        self._ramp = (np.arange(PEAK_BLOCK, dtype=np.float32) / PEAK_BLOCK)[None, :]
        # A peak between samples is taken to be at most 3 dB higher than the samples beside it.
        self._meter = PeakMeter(floor=0.7 * self._ceiling)
        self._waiting = np.empty(0, np.float32)
        self._needed = np.ones(1)
        """The gain each waiting block needs, after that of the block before them."""
        self._gain = 1.0
        self._taken = self._given = 0

    def push(self, block: Signal) -> Signal:
        """Take some samples, give those that are ready."""
        self._taken += len(block)
        return self._advance(*self._meter.push(block), hold=_LOOK_AHEAD + 1)

    def flush(self) -> Signal:
        """Give the rest."""
        left = self._taken - self._given
        return self._advance(*self._meter.flush(), hold=0)[:left]

    def _advance(self, ready: Signal, peaks: Signal, hold: int) -> Signal:
        if len(ready):
            self._needed = np.concatenate((self._needed, self._ceiling / np.maximum(peaks, self._ceiling)))
            self._waiting = np.concatenate((self._waiting, ready))
        count = len(self._needed) - 1 - hold
        return self._limited(count) if count > 0 else np.empty(0, np.float32)

    def _limited(self, count: int) -> Signal:
        """Take the first `count` waiting blocks, with a gain that runs straight from each block's begin to the next."""
        gains = _gains(self._needed, count, self._gain, self._release)
        samples = self._waiting[: count * PEAK_BLOCK]
        self._waiting = self._waiting[count * PEAK_BLOCK :]
        self._needed = self._needed[count:]
        self._gain = min(float(gains[-1]), 1.0)
        self._given += len(samples)
        if gains.min() >= 1.0:
            return samples
        curve = np.minimum(gains, 1.0).astype(np.float32)
        envelope = curve[:-1, None] + np.diff(curve)[:, None] * self._ramp
        return np.asarray(samples * envelope.ravel(), np.float32)


def block_gains(peaks: Signal, rate: int, ceiling_db: float) -> Signal:
    """The mean gain, shape (n,), that a Limiter gives to each of a whole signal's blocks with these peaks (n,)."""
    ceiling = float(10 ** (ceiling_db / 20))
    if not len(peaks) or peaks.max() <= ceiling:
        return np.ones(len(peaks), np.float32)
    needed = np.concatenate((np.ones(1), ceiling / np.maximum(peaks, ceiling)))
    gains = np.minimum(_gains(needed, len(peaks), 1.0, _release(rate)), 1.0)
    return np.asarray((gains[:-1] + gains[1:]) / 2, np.float32)


def _release(rate: int) -> float:
    """By how much the gain comes back in one block."""
    return PEAK_BLOCK / (rate * _RELEASE_S)


def _gains(needed: Energies, count: int, gain: float, release: float) -> Energies:
    """The gain, at times over 1, at the begin of each of `count` blocks and at their end, from what the block before
    them, they and those after them need."""
    needed = needed[: count + 2 + _LOOK_AHEAD]
    needed = np.pad(needed, (0, count + 2 + _LOOK_AHEAD - len(needed)), constant_values=1.0)
    nodes = np.minimum(needed[:-1], needed[1:])
    lowered = nodes[: count + 1].copy()
    for ahead in range(1, _LOOK_AHEAD + 1):
        np.minimum(lowered, nodes[ahead : ahead + count + 1] + _ATTACK * ahead, out=lowered)
    lowered[0] = min(lowered[0], gain)
    rise = release * np.arange(count + 1)
    result: Energies = np.minimum.accumulate(lowered - rise) + rise
    return result

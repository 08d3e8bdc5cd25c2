"""A look-ahead limiter for true peaks, fed block by block."""

import numpy as np

from bookwright.press.loudness import PEAK_BLOCK, PEAK_TAPS, block_peaks
from bookwright.press.wav import Signal

_LOOK_AHEAD = 4
"""Blocks over which the gain comes down before a peak: at 22.05 kHz 12 ms."""
_ATTACK = 1 / _LOOK_AHEAD
_RELEASE_S = 0.25
"""The time that the gain would take to come back from nothing."""
_HALF = PEAK_TAPS // 2


class Limiter:
    """Keeps a mono signal's true peak at or under `ceiling_db` (dBTP). What comes out is what went in, in order and
    in length, a few milliseconds late; blocks may have any size and do not change the result."""

    def __init__(self, rate: int, ceiling_db: float) -> None:
        self._ceiling = float(10 ** (ceiling_db / 20))
        self._release = PEAK_BLOCK / (rate * _RELEASE_S)
        self._ramp = (np.arange(PEAK_BLOCK, dtype=np.float32) / PEAK_BLOCK)[None, :]
        self._incoming = np.zeros(_HALF, np.float32)
        """Context before the next block to measure, then what has come since."""
        self._waiting = np.empty(0, np.float32)
        self._needed = np.ones(1)
        """The gain each waiting block needs, after that of the block before them."""
        self._gain = 1.0
        self._taken = self._given = 0

    def push(self, block: Signal) -> Signal:
        """Take some samples, give those that are ready."""
        self._taken += len(block)
        return self._advance(block, _LOOK_AHEAD + 1)

    def flush(self) -> Signal:
        """Give the rest."""
        fill = -self._taken % PEAK_BLOCK
        left = self._taken - self._given
        ready = self._advance(np.zeros(fill + _HALF, np.float32), 0)
        return ready[:left]

    def _advance(self, block: Signal, hold: int) -> Signal:
        self._incoming = np.concatenate((self._incoming, block))
        measurable = (len(self._incoming) - PEAK_TAPS) // PEAK_BLOCK
        if measurable > 0:
            size = measurable * PEAK_BLOCK
            # A peak between samples is taken to be at most 3 dB higher than the samples beside it.
            peaks = block_peaks(self._incoming[: size + PEAK_TAPS], floor=0.7 * self._ceiling)
            self._needed = np.concatenate((self._needed, self._ceiling / np.maximum(peaks, self._ceiling)))
            self._waiting = np.concatenate((self._waiting, self._incoming[_HALF : _HALF + size]))
            self._incoming = self._incoming[size:]
        count = len(self._needed) - 1 - hold
        return self._limited(count) if count > 0 else np.empty(0, np.float32)

    def _limited(self, count: int) -> Signal:
        """Take the first `count` waiting blocks, with a gain that runs straight from each block's begin to the next."""
        needed = self._needed[: count + 2 + _LOOK_AHEAD]
        needed = np.pad(needed, (0, count + 2 + _LOOK_AHEAD - len(needed)), constant_values=1.0)
        nodes = np.minimum(needed[:-1], needed[1:])
        lowered = nodes[: count + 1].copy()
        for ahead in range(1, _LOOK_AHEAD + 1):
            np.minimum(lowered, nodes[ahead : ahead + count + 1] + _ATTACK * ahead, out=lowered)
        lowered[0] = min(lowered[0], self._gain)
        rise = self._release * np.arange(count + 1)
        gains = np.minimum.accumulate(lowered - rise) + rise
        samples = self._waiting[: count * PEAK_BLOCK]
        self._waiting = self._waiting[count * PEAK_BLOCK :]
        self._needed = self._needed[count:]
        self._gain = min(float(gains[-1]), 1.0)
        self._given += len(samples)
        if gains.min() >= 1.0:
            return samples
        curve = np.minimum(gains, 1.0).astype(np.float32)
        envelope = curve[:-1, None] + np.diff(curve)[:, None] * self._ramp
        limited: Signal = samples * envelope.ravel()
        return limited

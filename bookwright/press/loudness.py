"""Loudness as EBU R 128 defines it: K-weighted, gated, in LUFS. And true peak, in dBTP.

Sources: ITU-R BS.1770-4 (weighting, gating, true peak), EBU R 128 and EBU Tech 3341. BS.1770 gives its two filters as
coefficients at 48 kHz; their analogue prototypes (a shelf and a high pass) are transformed to other rates here.
"""

import functools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from bookwright.press.wav import Samples, Signal

TARGET_LUFS = -18.0
SILENCE_LUFS = -100.0
"""What stands for silence, which has no logarithm."""

_OFFSET = -0.691
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0
_HOP_S, _HOPS_PER_BLOCK = 0.1, 4
_BATCH_HOPS = 32

Energies = npt.NDArray[np.float64]


def _padded(size: int) -> int:
    """The next size that a Fourier transform is quick at."""
    return min(factor << power for factor in (1, 3, 5, 9) for power in range(5, 16) if factor << power >= size)


@functools.cache
def _weights(rate: int, size: int) -> npt.NDArray[np.float32]:
    """What turns the squares of the real and imaginary parts of an rfft of `size` int16 samples, padded with silence,
    into the K-weighted mean square (full scale = 1): Parseval's theorem with the squared response of both filters."""
    length = _padded(size)
    z = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    response = _biquad(z, rate, 1681.974450955533, 0.7071752369554196, shelf_db=3.999843853973347)
    response = response * _biquad(z, rate, 38.13547087602444, 0.5003270373238773, shelf_db=None)
    twice = np.full(len(z), 2.0)
    twice[[0, -1]] = 1.0
    energy = np.abs(response) ** 2 * twice / size / length / 32768.0**2
    return np.repeat(energy, 2).astype(np.float32)


def _biquad(
    z: npt.NDArray[np.complex128], rate: int, hertz: float, q: float, shelf_db: float | None
) -> npt.NDArray[np.complex128]:
    """The response of a bilinear second-order section: a high shelf, or with None a high pass."""
    k = math.tan(math.pi * hertz / rate)
    a0 = 1 + k / q + k * k
    denominator = 1 + 2 * (k * k - 1) / a0 * z + (1 - k / q + k * k) / a0 * z**2
    if shelf_db is None:
        high_pass: npt.NDArray[np.complex128] = (1 - 2 * z + z**2) / denominator
        return high_pass
    high = 10 ** (shelf_db / 20)
    band = high**0.4996667741545416
    b0, b1, b2 = high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k
    shelf: npt.NDArray[np.complex128] = (b0 + b1 * z + b2 * z**2) / a0 / denominator
    return shelf


def hop_samples(rate: int) -> int:
    """The samples in 100 ms."""
    return round(rate * _HOP_S)


def hops(samples: Samples | Signal, rate: int) -> Energies:
    """The K-weighted mean square of each 100 ms of mono samples (int16, or float32 with full scale at 1), shape
    (n/hop,); the last is filled up with silence."""
    size = hop_samples(rate)
    weights = _weights(rate, size)
    if samples.dtype == np.float32:
        weights = weights * np.float32(32768.0**2)
    count = -(-len(samples) // size)
    result = np.empty(count, np.float64)
    rows = np.zeros((_BATCH_HOPS, _padded(size)), np.float32)
    room: Any = np.empty((_BATCH_HOPS, _padded(size) // 2 + 1), np.complex64)  # the stubs know no single precision
    for first in range(0, count, _BATCH_HOPS):
        part = samples[first * size : (first + _BATCH_HOPS) * size]
        whole, rest = divmod(len(part), size)
        rows[:whole, :size] = part[: whole * size].reshape(-1, size)
        if rest:
            rows[whole, :size] = 0
            rows[whole, :rest] = part[whole * size :]
            whole += 1
        parts = np.fft.rfft(rows[:whole], out=room[:whole]).view(np.float32)
        np.multiply(parts, parts, out=parts)
        result[first : first + whole] = parts @ weights
    return result


def lufs(energy: float) -> float:
    """A mean square as LUFS."""
    return max(_OFFSET + 10 * math.log10(energy), SILENCE_LUFS) if energy > 0 else SILENCE_LUFS


def tenths(hop_energies: Energies) -> tuple[int, ...]:
    """Mean squares in tenths of a LUFS, rounded; SILENCE_LUFS stands for silence."""
    least = 10 ** ((SILENCE_LUFS - _OFFSET) / 10)
    levels = _OFFSET + 10 * np.log10(np.maximum(hop_energies, least))
    return tuple(np.rint(10 * levels).astype(int).tolist())


def energies(levels: Iterable[float]) -> Energies:
    """LUFS as mean squares; the inverse of `lufs`."""
    return np.asarray(10 ** ((np.fromiter(levels, np.float64) - _OFFSET) / 10))


def integrated(hop_energies: Energies) -> float:
    """The integrated loudness in LUFS of a run of hops, with both gates. What is shorter than one block of 400 ms
    counts as one block. SILENCE_LUFS when nothing passes the gates."""
    if not len(hop_energies):
        return SILENCE_LUFS
    window = min(_HOPS_PER_BLOCK, len(hop_energies))
    blocks = np.convolve(hop_energies, np.full(window, 1 / window), "valid")
    blocks = blocks[blocks > energies([_ABSOLUTE_GATE])[0]]
    if not len(blocks):
        return SILENCE_LUFS
    relative = blocks.mean() * 10 ** (_RELATIVE_GATE / 10)
    return lufs(float(blocks[blocks > relative].mean()))


PEAK_BLOCK = 64
PEAK_TAPS = 12
"""Samples that a peak between two samples is read from: 6 on each side."""
_HALF = PEAK_TAPS // 2
_PHASES = (-0.75, -0.5, -0.25, 0.25, 0.5, 0.75)


@functools.cache
def _between() -> npt.NDArray[np.float32]:
    """A matrix (PEAK_TAPS + 1, 6) that reads a signal at quarters of a sample around the middle of a window: a
    Kaiser-windowed sinc (BS.1770-4, annex 2, asks for four times oversampling at 48 kHz)."""
    distance = np.arange(-_HALF, _HALF + 1)[:, None] - np.array(_PHASES)[None, :]
    inside = np.clip(1 - (distance / (_HALF + 0.75)) ** 2, 0, None)
    taps = np.sinc(distance) * np.i0(5.0 * np.sqrt(inside))
    return np.asarray(taps / taps.sum(axis=0), np.float32)


def block_peaks(padded: Signal, floor: float) -> Signal:
    """The true peak of each PEAK_BLOCK samples, as an amplitude. `padded` has PEAK_TAPS / 2 samples of context before
    and after a whole number of blocks. Only around samples over `floor` is it looked for between the samples, and
    there only around local maxima, where a true peak lies."""
    blocks = padded[_HALF : len(padded) - _HALF].reshape(-1, PEAK_BLOCK)
    peaks: Signal = np.maximum(blocks.max(axis=1), -blocks.min(axis=1))
    if peaks.max() <= floor:
        return peaks
    size = np.abs(padded)
    places = np.flatnonzero(size[_HALF : len(padded) - _HALF] > floor) + _HALF
    places = places[(size[places] >= size[places - 1]) & (size[places] >= size[places + 1])]
    windows = padded[places[:, None] + np.arange(-_HALF, _HALF + 1)]
    np.maximum.at(peaks, (places - _HALF) // PEAK_BLOCK, np.abs(windows @ _between()).max(axis=1))
    return peaks


def true_peak(samples: Signal) -> float:
    """The true peak of a whole signal in dBTP (0 is full scale)."""
    if not len(samples):
        return SILENCE_LUFS
    fill = -len(samples) % PEAK_BLOCK + _HALF
    floor = float(max(samples.max(), -samples.min())) / 2
    peak = float(block_peaks(np.pad(samples, (_HALF, fill)), floor).max())
    return 20 * math.log10(max(peak, 1e-5))

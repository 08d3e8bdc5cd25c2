"""How single sounds are shaped: tones that glide and ring, bursts of noise, and the distance they are heard from."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bookwright.providers.local.sounds.dsp import RATE, Colour, Sound, band, filtered

Chance = np.random.Generator
Bank = Iterator[Sound]
"""Variants of a sound, made as they are asked for."""
Maker = Callable[[Chance], Bank]
_QUICKEST_S = 0.003
"""The shortest attack and end, so that nothing clicks."""
_EDGE = 960
"""Samples of silence around what is filtered without delay: filters ring to both sides."""


def samples(seconds: float) -> int:
    return max(2, round(seconds * RATE))


def moments(seconds: float) -> Sound:
    """Each sample's time, in seconds."""
    return np.asarray(np.arange(samples(seconds)) / RATE, np.float32)


def curve(seconds: float, *points: tuple[float, float]) -> Sound:
    """Straight lines between points; their times are shares of the whole."""
    times, values = zip(*points, strict=True)
    return np.asarray(np.interp(np.linspace(0, 1, samples(seconds)), times, values), np.float32)


def hump(seconds: float, top: float = 0.4, power: float = 1.0) -> Sound:
    """Softly up until `top` (a share of the whole), and softly down."""
    return np.asarray(np.sin(np.pi / 2 * curve(seconds, (0, 0), (top, 1), (1, 0))) ** (2 * power), np.float32)


def ringing(seconds: float, decay_s: float, attack_s: float = _QUICKEST_S) -> Sound:
    """Up at once and down by 60 dB in `decay_s`; silent at the end."""
    time = moments(seconds)
    shape = np.exp(time * np.float32(-6.9 / decay_s)) * np.minimum(time / max(attack_s, _QUICKEST_S), 1)
    return np.asarray(shape * np.minimum((seconds - time) / min(0.05, seconds / 4), 1).clip(0), np.float32)


def glide(hertz: Sound, size: Sound, partials: Sequence[float] = (1.0,)) -> Sound:
    """A tone that follows a frequency and a size; `partials` are the sizes of its harmonics. None is over 20 kHz."""
    phase = np.cumsum(hertz, dtype=np.float64) * (2 * np.pi / RATE) % (2 * np.pi)
    first = np.sin(phase.astype(np.float32))
    total = np.float32(partials[0]) * first
    if len(partials) > 1:
        # sin(nx) = 2 cos(x) sin((n-1)x) - sin((n-2)x)
        double, before, harmonic = 2 * np.cos(phase.astype(np.float32)), np.zeros_like(first), first
        for part in partials[1 : int(20_000 / float(hertz.max()))]:
            before, harmonic = harmonic, double * harmonic - before
            total += np.float32(part) * harmonic
    return np.asarray(total * size, np.float32)


def partial_tones(seconds: float, tones: Sequence[tuple[float, float, float]]) -> Sound:
    """Tones that ring out, each with a frequency, a size and a decay in seconds: a struck body."""
    time = moments(seconds)
    total = np.zeros(len(time), np.float32)
    for hertz, size, decay in tones:
        part = time[: min(len(time), samples(1.3 * decay))]  # 78 dB down
        total[: len(part)] += (
            np.float32(size) * np.sin(np.float32(2 * np.pi * hertz) * part) * np.exp(part * np.float32(-6.9 / decay))
        )
    return np.asarray(total * ringing(seconds, 1_000), np.float32)


def burst(chance: Chance, size: Sound, colour: Colour) -> Sound:
    """Noise of a colour that follows a size."""
    return filtered(chance.standard_normal(len(size), np.float32), colour) * size


def afar(chance: Chance, sound: Sound, high: float, wet: float = 0.0, tail_s: float = 0.0) -> Sound:
    """The sound as it is heard from a distance: dull above `high` Hz, and with an echo that dies away in `tail_s`;
    `wet` is the echo's share."""
    colour = band(20, high, 1, 2)
    if not tail_s:
        return filtered(np.pad(sound, _EDGE), colour)
    echo = chance.standard_normal(samples(tail_s), np.float32) * ringing(tail_s, tail_s)
    echo *= np.float32(wet / np.sqrt(np.square(echo).sum()))
    echo[0] += np.float32(1 - wet)
    return filtered(np.pad(sound, (_EDGE, len(echo) + _EDGE)), colour, echo)


def together(*parts: tuple[float, Sound]) -> Sound:
    """Sounds that begin at times (seconds)."""
    total = np.zeros(max(samples(at) + len(sound) for at, sound in parts), np.float32)
    for at, sound in parts:
        begin = samples(at) if at else 0
        total[begin : begin + len(sound)] += sound
    return total

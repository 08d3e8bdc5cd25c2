"""How single sounds are shaped: tones that glide and ring, bursts of noise, and the distance they are heard from."""

from collections.abc import Callable, Sequence

import numpy as np

from bookwright.providers.local.sounds.dsp import RATE, Colour, Sound, band, filtered

Chance = np.random.Generator
Bank = Sequence[Sound]
Maker = Callable[[Chance], Bank]
_QUICKEST_S = 0.003
"""The shortest attack and end, so that nothing clicks."""


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
    phase = np.cumsum(hertz.astype(np.float64)) * (2 * np.pi / RATE)
    total = np.zeros(len(hertz), np.float64)
    most = float(hertz.max())
    for number, part in enumerate(partials, 1):
        if part and number * most < 20_000:
            total += part * np.sin(number * phase)
    return np.asarray(total * size, np.float32)


def partial_tones(seconds: float, tones: Sequence[tuple[float, float, float]]) -> Sound:
    """Tones that ring out, each with a frequency, a size and a decay in seconds: a struck body."""
    time = moments(seconds).astype(np.float64)
    total = sum(size * np.sin(2 * np.pi * hertz * time) * np.exp(-6.9 * time / decay) for hertz, size, decay in tones)
    return np.asarray(total * ringing(seconds, 1_000), np.float32)


def burst(chance: Chance, size: Sound, colour: Colour) -> Sound:
    """Noise of a colour that follows a size."""
    return filtered(chance.standard_normal(len(size), np.float32), colour) * size


def afar(chance: Chance, sound: Sound, high: float, wet: float = 0.0, tail_s: float = 0.0) -> Sound:
    """The sound as it is heard from a distance: dull above `high` Hz, and with an echo that dies away in `tail_s`;
    `wet` is the echo's share."""
    if tail_s:
        length = samples(tail_s)
        echo = chance.standard_normal(length, np.float32) * ringing(tail_s, tail_s)
        echo *= np.float32(1 / np.sqrt(np.square(echo).sum()))
        size = 1 << (len(sound) + length - 1).bit_length()
        spectrum = np.fft.rfft(sound, size)
        spectrum *= np.float32(1 - wet) + np.float32(wet) * np.fft.rfft(echo, size)
        sound = np.asarray(np.fft.irfft(spectrum, size)[: len(sound) + length - 1], np.float32)
    quiet = np.zeros(samples(0.02), np.float32)
    return filtered(np.concatenate((quiet, sound, quiet)), band(20, high, 1, 2))


def together(*parts: tuple[float, Sound]) -> Sound:
    """Sounds that begin at times (seconds)."""
    total = np.zeros(max(samples(at) + len(sound) for at, sound in parts), np.float32)
    for at, sound in parts:
        begin = samples(at) if at else 0
        total[begin : begin + len(sound)] += sound
    return total

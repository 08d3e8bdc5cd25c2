"""What soundscapes are made with: coloured noise, slow drifts, grains, and where they are put.

All of it is periodic in the length of the canvas, so that its end leads into its beginning: noise is made by its
spectrum, which has only whole periods; a grain that would pass the end goes on at the beginning. Sounds are float32,
full scale 1; mono has the shape (n,), stereo (2, n).
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
Colour = Callable[[Sound], Sound]
"""The size of a noise's spectrum at frequencies (Hz)."""

RATE = 48_000
HOP = 480
"""Samples between two values of a drift: 10 ms."""
TILE_S = 7.5
"""Noise repeats after about so long, under drifts that don't: nobody hears it, and it is made four times as fast."""


_TURN = np.exp(2j * np.pi * np.arange(256) / 256).astype(np.complex64)


def ear(hertz: Sound) -> Sound:
    """How much is heard of each frequency: about the K-weighting of ITU-R BS.1770-4, as an amplitude."""
    squares = np.square(hertz.astype(np.float64))
    high_pass = squares / (squares + 38.0**2)
    shelf = (squares * 10 ** (4 / 20) + 1_500.0**2) / (squares + 1_500.0**2)
    return np.asarray(high_pass * shelf, np.float32)


def band(low: float, high: float, rise: float = 2, fall: float = 2) -> Colour:
    """What lies between two frequencies; outside it falls by 6 dB an octave times `rise` and `fall`."""

    def colour(hertz: Sound) -> Sound:
        hertz = np.maximum(hertz, 1)
        size = (1 + (low / hertz) ** (2 * rise)) * (1 + (hertz / high) ** (2 * fall))
        return np.asarray(1 / np.sqrt(size), np.float32)

    return colour


def peaks(*centres: tuple[float, float, float]) -> Colour:
    """Resonances: each has a frequency, a width as a share of it, and an amplitude."""

    def colour(hertz: Sound) -> Sound:
        total = np.zeros(len(hertz), np.float32)
        for centre, width, size in centres:
            total += size / (1 + np.square((hertz - centre) / (width * centre / 2)))
        return total

    return colour


def tilted(colour: Colour, db_per_octave: float) -> Colour:
    """The colour, brighter or darker around 1 kHz."""
    if not db_per_octave:
        return colour
    power = np.float32(db_per_octave / 20 / np.log10(2))

    def bent(hertz: Sound) -> Sound:
        return np.asarray(colour(hertz) * np.clip(hertz / 1_000, 0.02, 20) ** power, np.float32)

    return bent


def filtered(sound: Sound, colour: Colour, echo: Sound | None = None) -> Sound:
    """A mono sound in a colour, without any delay, and with an echo; as long as it was."""
    size = _quick(len(sound))
    spectrum = np.fft.rfft(sound, size)
    spectrum *= colour(_frequencies(size))
    if echo is not None:
        spectrum *= np.fft.rfft(echo, size)
    return np.asarray(np.fft.irfft(spectrum, size)[: len(sound)], np.float32)


def _quick(size: int) -> int:
    """The next size that a Fourier transform is quick at."""
    return min(factor << power for factor in (1, 3, 5) for power in range(1, 22) if factor << power >= size)


def _frequencies(size: int) -> Sound:
    return np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)


def decibels(level: float) -> np.float32:
    """Decibels as a factor."""
    return np.float32(10 ** (level / 20))


class Canvas:
    """A stereo loop that sounds are put on. What it is given comes from `chance` alone: equal seeds, equal sounds."""

    def __init__(self, seconds: float, seed: int, tilt: float = 0.0) -> None:
        """`tilt` makes all noise brighter or darker, in decibels an octave."""
        self.tiles = max(1, round(seconds / TILE_S))
        self.tile = max(1, round(seconds * RATE / HOP / self.tiles)) * HOP
        self.size = self.tiles * self.tile
        self.chance = np.random.default_rng(seed)
        self.tilt = tilt
        self.sound: Sound = np.zeros((2, self.size), np.float32)

    @cached_property
    def gust(self) -> Sound:
        """The wind's strength, 0 to 1, which all that it moves follows."""
        return self.drift(0.08, 1, 5)

    @cached_property
    def _hertz(self) -> Sound:
        return _frequencies(self.tile)

    @cached_property
    def _ear(self) -> Sound:
        return ear(self._hertz)

    @property
    def seconds(self) -> float:
        return self.size / RATE

    def drift(self, low: float, high: float, period_s: float) -> Sound:
        """A curve, a value each HOP, that wanders between two values about once in a period. Shape (size / HOP,)."""
        count = self.size // HOP
        most = max(1, min(round(self.seconds / period_s * 2), count // 2))
        spectrum = np.zeros(count // 2 + 1, np.complex128)
        phases = self.chance.uniform(0, 2 * np.pi, most)
        sizes = self.chance.uniform(0.5, 1, most) / np.sqrt(1 + (np.arange(1, most + 1) * period_s / self.seconds) ** 4)
        spectrum[1 : most + 1] = sizes * np.exp(1j * phases)
        curve = np.fft.irfft(spectrum, count)
        curve = 1 / (1 + np.exp(-1.8 * curve / max(float(curve.std()), 1e-12)))
        return np.asarray(low + (high - low) * curve, np.float32)

    def noise(self, colour: Colour, level: float, drift: Sound | None = None, width: float = 0.8) -> None:
        """Put noise on the canvas, at a level in decibels as it is heard (`ear`); `width` is 0 for mono, 1 for two
        independent sides."""
        hertz = self._hertz
        shape = tilted(colour, self.tilt)(hertz)
        shape[0] = shape[-1] = 0
        heard = np.sqrt(np.square(shape * self._ear).sum() * 2)
        shape *= np.float32(decibels(level) * self.tile / max(heard, 1e-9) / np.sqrt(2))
        first, second = (self._side(shape) for _ in range(2))
        share = width / 2
        keep, give = np.float32(np.sqrt(1 - share)), np.float32(np.sqrt(share))
        tile = np.stack((keep * first + give * second, keep * first - give * second))
        self.lay(tile, drift)

    def _side(self, shape: Sound) -> Sound:
        # Of so many waves only the phases need be by chance for their sum to be noise.
        phases = self.chance.integers(0, 256, len(shape), np.uint8)
        return np.asarray(np.fft.irfft(_TURN[phases] * shape, self.tile), np.float32)

    def lay(self, tile: Sound, drift: Sound | None = None) -> None:
        """Put a tile on the canvas, again and again, following a drift."""
        for index in range(self.tiles):
            part = slice(index * self.tile, (index + 1) * self.tile)
            if drift is None:
                self.sound[:, part] += tile
                continue
            hops = self.tile // HOP
            nodes = np.take(drift, np.arange(index * hops, (index + 1) * hops + 1), mode="wrap")
            ramp = (np.arange(HOP, dtype=np.float32) / HOP)[None]
            curve = (nodes[:-1, None] + np.diff(nodes)[:, None] * ramp).ravel()
            self.sound[:, part] += tile * curve

    def shower(self, bank: Iterator[Sound], per_second: float, level: float, drift: Sound | None = None) -> None:
        """Many grains a second, each at a place, size and side of its own: a texture. The level is what is heard of all
        together."""
        grains = list(bank)
        tile = np.zeros((2, self.tile), np.float32)
        count = max(1, round(per_second * self.tile / RATE))
        picks = self.chance.integers(len(grains), size=count)
        places = self.chance.integers(self.tile, size=count)
        sizes = self.chance.lognormal(0, 0.7, count)
        sides = self.chance.uniform(0.15, np.pi / 2 - 0.15, count)
        for pick, place, size, side in zip(picks, places, sizes, sides, strict=True):
            _add(tile, grains[pick], int(place), size * np.cos(side), size * np.sin(side))
        tile *= decibels(level) / max(float(np.sqrt(np.mean(np.square(tile)))), 1e-9)
        self.lay(tile, drift)

    def strew(self, bank: Iterator[Sound], per_minute: float, level: float, near: float = 0.6) -> None:
        """Single sounds, each clear of the others, at least one; `level` is the root mean square of their loudest
        100 ms in decibels, which varies by distance. `near` is how far to the sides they come from."""
        count = max(1, round(per_minute * self.seconds / 60))
        grains = list(islice(bank, count))
        stride = self.size / count
        places = (np.arange(count) + self.chance.uniform(0.1, 0.9, count)) * stride
        for place in places:
            grain = grains[int(self.chance.integers(len(grains)))]
            size = decibels(level - self.chance.uniform(0, 6)) / loudest(grain)
            side = np.pi / 4 * (1 + self.chance.uniform(-near, near))
            _add(self.sound, grain, int(place), size * np.cos(side), size * np.sin(side))


def loudest(grain: Sound) -> float:
    """The root mean square of a grain's loudest 100 ms, as it is."""
    hop = RATE // 10
    squares = np.add.reduceat(np.square(grain), np.arange(0, len(grain), hop)) / min(hop, len(grain))
    return max(float(np.sqrt(squares.max())), 1e-9)


def _add(canvas: Sound, grain: Sound, place: int, left: float, right: float) -> None:
    """Add a mono grain from a place on; what passes the end goes on at the beginning."""
    size = canvas.shape[1]
    sides = np.array([[left], [right]], np.float32)
    while len(grain):
        place %= size
        part = grain[: size - place]
        canvas[:, place : place + len(part)] += sides * part
        place, grain = place + len(part), grain[len(part) :]

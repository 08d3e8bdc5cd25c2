"""Single sounds of water, weather, fire and things. Each function makes a few variants: mono, of any size.

Bubbles are those of K. van den Doel, Physically based models for liquid sounds (2005): short tones that rise. The rest
is noise and tones shaped after what spectrograms of such sounds show.
"""

import numpy as np

from bookwright.providers.local.sounds.dsp import band, filtered, peaks
from bookwright.providers.local.sounds.shapes import (
    Bank,
    Chance,
    afar,
    burst,
    curve,
    glide,
    hump,
    moments,
    partial_tones,
    ringing,
    samples,
    together,
)


def drops(chance: Chance) -> Bank:
    """Drops of rain on leaves and ground: ticks of 2 to 9 ms."""
    for _ in range(24):
        seconds = chance.uniform(0.004, 0.018)
        centre = chance.uniform(1_500, 7_500)
        yield burst(chance, ringing(seconds, seconds / 2, 0.0005), peaks((centre, 0.5, 1.0)))


def bubbles(chance: Chance) -> Bank:
    """Bubbles in running water: short tones that rise as they reach the surface."""
    for _ in range(28):
        hertz = float(np.exp(chance.uniform(np.log(380), np.log(2_600))))
        decay = 28 / hertz + 0.012
        time = moments(decay * 1.2)
        rise = 1 + chance.uniform(0.5, 2.5) * time / decay * 0.25
        yield glide(hertz * rise, ringing(decay * 1.2, decay, 0.004)) * np.float32((600 / hertz) ** 0.6)


def crackles(chance: Chance) -> Bank:
    """Burning wood: snaps of different sizes."""
    for _ in range(20):
        seconds = chance.uniform(0.003, 0.03)
        snap = burst(chance, ringing(seconds, seconds * 0.8, 0.0003), band(chance.uniform(900, 2_500), 11_000, 1, 1))
        yield snap * np.float32(chance.lognormal(0, 0.35))


def drips(chance: Chance) -> Bank:
    """Single drops in a cave, with the cave's echo."""
    for _ in range(4):
        hertz = chance.uniform(900, 2_200)
        rise = hertz * curve(0.09, (0, 1), (1, chance.uniform(1.2, 1.7)))
        drop = glide(rise, ringing(0.09, 0.08, 0.003))
        yield afar(chance, drop, 6_000, 0.75, 1.8)


def splashes(chance: Chance) -> Bank:
    """Something falls into water, oars, fish, feet in a puddle."""
    small = list(bubbles(chance))
    for _ in range(4):
        rush = burst(chance, hump(chance.uniform(0.3, 0.7), 0.12), band(500, 7_000, 1, 1))
        after = [
            (chance.uniform(0.05, 0.7), small[int(chance.integers(len(small)))] * np.float32(0.7)) for _ in range(14)
        ]
        yield afar(chance, together((0, rush), *after), 7_000, 0.25, 0.6)


def rustles(chance: Chance) -> Bank:
    """Something in the undergrowth, pages, cloth, wings that fold."""
    for _ in range(5):
        seconds = chance.uniform(0.4, 1.1)
        flutter = np.interp(moments(seconds), np.linspace(0, seconds, 18), chance.random(18) ** 2).astype(np.float32)
        yield burst(chance, hump(seconds) * flutter, band(1_800, 8_000, 1, 1))


def thunder(chance: Chance) -> Bank:
    """A distant roll: claps that arrive one after the other, each duller than the last."""
    for _ in range(3):
        rolls = []
        at = 0.0
        for number in range(int(chance.integers(5, 9))):
            seconds = chance.uniform(0.8, 2.2)
            shape = hump(seconds, 0.12) * np.float32(chance.uniform(0.4, 1) * 0.88**number)
            rolls.append((at, burst(chance, shape, band(28, 520 * 0.8**number + 60, 1, 1.2))))
            at += chance.uniform(0.15, 0.8)
        yield afar(chance, together(*rolls), 1_600, 0.35, 2.0)


def shimmers(chance: Chance) -> Bank:
    """Glassy, of no melody: magic, stars, ice."""
    for _ in range(5):
        tones = [(chance.uniform(2_400, 7_500), chance.uniform(0.3, 1), chance.uniform(0.5, 1.4)) for _ in range(6)]
        rows = [(chance.uniform(0, 0.5), partial_tones(1.5, [tone])) for tone in tones]
        yield afar(chance, together(*rows), 10_000, 0.5, 1.4)


def snow_steps(chance: Chance) -> Bank:
    """Steps that crunch in snow, gravel or dry leaves: many small breaks."""
    for _ in range(3):
        row = []
        for number in range(int(chance.integers(3, 6))):
            grit = (chance.random(samples(0.3)) < 0.012).astype(np.float32) * chance.exponential(1, samples(0.3))
            row.append((number * 0.7, filtered(grit.astype(np.float32), band(600, 5_000, 1, 1)) * hump(0.3, 0.35)))
        yield afar(chance, together(*row), 6_000)

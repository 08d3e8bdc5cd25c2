"""Single sounds of animals. Each function makes a few variants: mono, of any size."""

import numpy as np

from bookwright.providers.local.sounds.dsp import Sound, band, filtered, peaks
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


def birds(chance: Chance) -> Bank:
    """Songbirds of several kinds: trills, chirps and falling notes, in the distance."""
    for kind in range(9):
        base = chance.uniform(2_600, 5_200)
        notes: list[tuple[float, Sound]] = []
        at = 0.0
        for _ in range(int(chance.integers(3, 9))):
            seconds = chance.uniform(0.035, 0.14) if kind % 3 else chance.uniform(0.02, 0.045)
            top, end = chance.uniform(0.9, 1.35), chance.uniform(0.7, 1.2)
            hertz = base * curve(seconds, (0, chance.uniform(0.85, 1.15)), (0.5, top), (1, end))
            if kind % 3 == 2:  # a warble
                hertz = hertz * (1 + 0.06 * np.sin(2 * np.pi * chance.uniform(28, 55) * moments(seconds)))
            notes.append((at, glide(hertz.astype(np.float32), hump(seconds, 0.3), (1, 0.12, 0.03))))
            at += seconds + (0.015 if kind % 3 == 0 else chance.uniform(0.03, 0.12))
        yield afar(chance, together(*notes), 8_500, 0.35, 0.7)


def gulls(chance: Chance) -> Bank:
    for _ in range(4):
        cries = []
        at = 0.0
        for _ in range(int(chance.integers(2, 5))):
            seconds = chance.uniform(0.22, 0.5)
            hertz = chance.uniform(900, 1_150) * curve(seconds, (0, 0.8), (0.25, 1.35), (1, 0.85))
            cries.append((at, glide(hertz, hump(seconds, 0.3), (0.6, 1, 0.7, 0.5, 0.3, 0.15))))
            at += seconds + chance.uniform(0.08, 0.2)
        yield afar(chance, together(*cries), 5_000, 0.4, 0.9)


def owls(chance: Chance) -> Bank:
    for _ in range(3):
        hertz = chance.uniform(330, 420)
        hoots = []
        for at, seconds in ((0.0, 0.45), (1.1, 0.16), (1.4, 0.7)):
            tone = hertz * curve(seconds, (0, 0.96), (0.3, 1.02), (1, 0.95))
            wobble = 1 + 0.25 * np.sin(2 * np.pi * 11 * moments(seconds))
            hoots.append((at, glide(tone, hump(seconds, 0.35) * wobble.astype(np.float32), (1, 0.1, 0.05))))
        yield afar(chance, together(*hoots), 1_800, 0.5, 1.4)


def crows(chance: Chance) -> Bank:
    for _ in range(3):
        caws = []
        for number in range(int(chance.integers(2, 4))):
            seconds = chance.uniform(0.25, 0.38)
            hertz = chance.uniform(430, 520) * curve(seconds, (0, 0.9), (0.3, 1.05), (1, 0.8))
            rough = hertz * (1 + 0.12 * chance.standard_normal(len(hertz))).astype(np.float32)
            caw = filtered(glide(rough, hump(seconds, 0.3), [1 / n**0.4 for n in range(1, 13)]), peaks((1_500, 0.8, 1)))
            caws.append((number * 0.55, caw))
        yield afar(chance, together(*caws), 4_000, 0.45, 1.0)


def roosters(chance: Chance) -> Bank:
    steps = ((0.0, 0.14, 0.75), (0.2, 0.16, 0.95), (0.42, 0.85, 1.15))
    for _ in range(2):
        base = chance.uniform(640, 760)
        parts = []
        for at, seconds, pitch in steps:
            hertz = base * pitch * curve(seconds, (0, 0.85), (0.25, 1.1), (0.7, 1.0), (1, 0.7))
            parts.append((at, glide(hertz, hump(seconds, 0.4), (0.8, 1, 0.8, 0.6, 0.35, 0.2, 0.1))))
        yield afar(chance, together(*parts), 3_800, 0.5, 1.2)


def dogs(chance: Chance) -> Bank:
    for _ in range(4):
        hertz = chance.uniform(260, 420)
        barks = []
        at = 0.0
        for _ in range(int(chance.integers(1, 4))):
            seconds = chance.uniform(0.14, 0.22)
            pitch = hertz * curve(seconds, (0, 0.85), (0.3, 1.15), (1, 0.7))
            voice = filtered(glide(pitch, hump(seconds, 0.25), [1.0] * 14), peaks((750, 0.7, 1), (1_600, 0.5, 0.5)))
            breath = burst(chance, hump(seconds, 0.2), band(500, 2_500)) * np.float32(0.15 * np.abs(voice).max())
            barks.append((at, voice + breath))
            at += seconds + chance.uniform(0.2, 0.45)
        yield afar(chance, together(*barks), 2_200, 0.55, 1.2)


def wolves(chance: Chance) -> Bank:
    for _ in range(2):
        seconds = chance.uniform(2.4, 3.4)
        hertz = chance.uniform(380, 460) * curve(seconds, (0, 0.7), (0.2, 1.05), (0.7, 1), (1, 0.72))
        yield afar(chance, glide(hertz, hump(seconds, 0.35), (1, 0.25, 0.1)), 1_500, 0.6, 2.0)


def horses(chance: Chance) -> Bank:
    """Hooves, some steps of a walk or a trot."""
    for _ in range(3):
        gap = chance.uniform(0.17, 0.3)
        steps = []
        for number in range(int(chance.integers(6, 11))):
            knock = partial_tones(
                0.09, [(chance.uniform(480, 900), 1, 0.05), (chance.uniform(1_200, 1_700), 0.5, 0.03)]
            )
            grit = burst(chance, ringing(0.06, 0.05), band(1_500, 6_000)) * np.float32(0.2)
            steps.append((number * gap + chance.uniform(0, 0.02), together((0, knock), (0.004, grit))))
        yield afar(chance, together(*steps), 3_500, 0.35, 0.6)


def frogs(chance: Chance) -> Bank:
    for _ in range(4):
        seconds = chance.uniform(0.25, 0.5)
        pulses = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * chance.uniform(28, 45) * moments(seconds)))
        hertz = np.full(samples(seconds), chance.uniform(420, 900), np.float32)
        croak = glide(hertz, hump(seconds) * pulses.astype(np.float32), (1, 0.6, 0.3))
        yield afar(chance, croak, 3_000, 0.4, 0.6)


def bees(chance: Chance) -> Bank:
    """One that comes by."""
    for _ in range(3):
        seconds = chance.uniform(1.6, 3.0)
        wander = 1 + 0.05 * np.sin(2 * np.pi * 1.7 * moments(seconds) + chance.uniform(0, 6))
        hertz = (chance.uniform(170, 230) * wander * curve(seconds, (0, 1.06), (1, 0.95))).astype(np.float32)
        yield filtered(glide(hertz, hump(seconds, 0.5, 1.5), [1 / n**0.6 for n in range(1, 12)]), band(150, 2_500))


def wings(chance: Chance) -> Bank:
    """Wings that beat."""
    for _ in range(3):
        beats = 0.5 + 0.5 * np.sin(2 * np.pi * chance.uniform(5, 9) * moments(1.4))
        yield burst(chance, hump(1.4) * (beats**3).astype(np.float32), band(150, 1_400))


def growls(chance: Chance) -> Bank:
    """A large animal, or a dragon, that breathes out."""
    for _ in range(3):
        seconds = chance.uniform(1.2, 2.2)
        hertz = chance.uniform(46, 70) * curve(seconds, (0, 0.9), (0.4, 1.1), (1, 0.75))
        rough = (hertz * (1 + 0.08 * chance.standard_normal(len(hertz)))).astype(np.float32)
        throat = filtered(glide(rough, hump(seconds), [1.0] * 24), peaks((320, 0.8, 1), (800, 0.6, 0.4)))
        breath = burst(chance, hump(seconds), band(200, 1_600)) * np.float32(0.35 * np.abs(throat).max())
        yield afar(chance, throat + breath, 2_500, 0.4, 1.2)


def whales(chance: Chance) -> Bank:
    for _ in range(3):
        seconds = chance.uniform(2.2, 3.8)
        hertz = chance.uniform(130, 260) * curve(seconds, (0, 0.8), (0.3, 1.25), (0.6, 0.95), (1, 1.3))
        yield afar(chance, glide(hertz, hump(seconds, 0.5), (1, 0.35, 0.15)), 1_200, 0.7, 2.8)
